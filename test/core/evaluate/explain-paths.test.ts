/** What an explanation says of the ways: from the resource up to a scope, and from the subject to a principal. */
import { describe, expect, it } from 'vitest';
import type { RowsLiteral } from '../../scenarios/rows.ts';
import { explained } from './explained.ts';

const ways = async (resources: NonNullable<RowsLiteral['resources']>, asked: Parameters<typeof explained>[1] = {}): Promise<string[]> =>
  (await explained({ resources }, asked)).scopes.map(
    ({ path, reaches, cut_at, unregistered }) =>
      `${path.join(' > ')}${reaches ? '' : ` cut at ${cut_at}`}${unregistered ? ' (unregistered)' : ''}`,
  );

describe('scopes', () => {
  it('are the resource, what lies above it, nearest first, and the organization', async () => {
    expect(await ways({ 'doc:a': { parents: ['box:b'] }, 'box:b': { parents: ['project:p'] }, 'project:p': {} })).toEqual([
      'doc:a',
      'doc:a > box:b',
      'doc:a > box:b > project:p',
      'doc:a > box:b > project:p > org',
    ]);
  });

  it('are the organization alone without a resource', async () => {
    expect(await ways({}, { resource: undefined })).toEqual(['org']);
  });

  it('are those that a request claims of a resource that isn’t registered', async () => {
    const resource = { type: 'doc', id: 'x', properties: { parents: ['box:b', 7, 'box:none'], project: 'p' } };
    expect(await ways({ 'box:b': { restricted: true } }, { resource })).toEqual([
      'doc:x (unregistered)',
      'doc:x > box:b',
      'doc:x > box:none (unregistered)',
      'doc:x > project:p (unregistered)',
      'doc:x > box:none > org',
    ]);
  });

  it('are cut at the resource itself when that is restricted', async () => {
    expect(await ways({ 'doc:a': { parents: ['box:b'], restricted: true }, 'box:b': { restricted: true } })).toEqual([
      'doc:a',
      'doc:a > box:b cut at doc:a',
      'doc:a > box:b > org cut at doc:a',
    ]);
    expect(await ways({ 'doc:a': { restricted: true } })).toEqual(['doc:a', 'doc:a > org cut at doc:a']);
  });

  it('take the way that nothing cuts, though it is longer', async () => {
    const resources = {
      'doc:a': { parents: ['box:shut', 'box:open'] },
      'box:shut': { parents: ['project:p'], restricted: true },
      'box:open': { parents: ['box:more'] },
      'box:more': { parents: ['project:p'] },
      'project:p': {},
    };
    expect((await ways(resources)).slice(-2)).toEqual([
      'doc:a > box:open > box:more > project:p',
      'doc:a > box:open > box:more > project:p > org',
    ]);
  });
});

describe('principals', () => {
  const principals = async (literal: RowsLiteral, asked: Parameters<typeof explained>[1] = {}): Promise<string[]> =>
    (await explained(literal, asked)).principals.map(({ principal, as, path }) => `${principal} as ${as}: ${path.join(' > ')}`);

  it('are found among thousands of ways, in each of which every group has a row', { timeout: 10_000 }, async () => {
    const [levels, width] = [30, 40];
    const groups: Record<string, string[]> = {};
    for (let i = 0; i < levels * width; i++) {
      const below = Math.floor(i / width) * width - width;
      groups[`g${i}`] = below < 0 ? ['user:ann'] : Array.from({ length: width }, (_, w) => `group:g${below + w}`);
    }
    // half a minute where each group's path was looked for by itself
    const { principals } = await explained({ groups });
    expect(principals).toHaveLength(1_000);
    for (const { path } of principals) {
      for (let i = 2; i < path.length; i++) expect(groups[path[i]!.slice(6)], path.join(' > ')).toContain(path[i - 1]);
    }
  });

  it('are the subject, its groups and theirs, each over its path, everyone and anyone', async () => {
    const groups = { low: ['user:ann'], mid: ['group:low'], side: ['group:low', 'user:ann'], top: ['group:mid', 'group:side'] };
    expect(await principals({ groups })).toEqual([
      'user:ann as itself: user:ann',
      'group:low as member: user:ann > group:low',
      'group:mid as member: user:ann > group:low > group:mid',
      'group:side as member: user:ann > group:side',
      'group:top as member: user:ann > group:low > group:mid > group:top',
      'group:everyone as registered: user:ann > group:everyone',
      'group:anyone as anybody: user:ann > group:anyone',
    ]);
  });

  it('are anyone alone for what is not registered, and for a subject of type group', async () => {
    expect(await principals({}, { subject: 'user:new' })).toEqual([
      'user:new as itself: user:new',
      'group:anyone as anybody: user:new > group:anyone',
    ]);
    const asked = { subject: 'group:low' };
    expect(await principals({ groups: { low: ['user:ann'] } }, asked)).toEqual(['group:anyone as anybody: group:low > group:anyone']);
    expect((await explained({}, asked)).blocked_by).toBe('group_subject');
  });

  it('are groups that a token proves, and those above them', async () => {
    expect(
      (await principals({ groups: { low: [], top: ['group:low'] } }, { subject: 'user:new', options: { groups: ['grp_low'] } })).slice(
        1,
        3,
      ),
    ).toEqual(['group:low as token: user:new > group:low', 'group:top as token: user:new > group:low > group:top']);
  });

  it('are owners, each kind once, over the group that owns', async () => {
    const literal: RowsLiteral = {
      groups: { low: ['user:ann'], top: ['group:low'] },
      resources: { 'doc:a': { owners: [['group:top', 'TECHNICAL'], ['user:ann', 'TECHNICAL'], 'user:ann', 'user:bob'] } },
    };
    expect((await principals(literal)).slice(-2)).toEqual([
      'group:owner as owner: user:ann > group:low > group:top',
      'group:owner:TECHNICAL as owner: user:ann > group:low > group:top',
    ]);
  });

  it('hold what owners hold past restrictions, and the default role as nobody’s assignment', async () => {
    const { grants } = await explained({
      roles: { reader: { privileges: ['read'] } },
      resources: { 'doc:a': { owners: ['user:ann'], restricted: true } },
      assignments: [['group:owner', 'reader', 'org']],
      settings: { default_role: 'reader' },
    });
    expect(grants).toMatchObject([
      { principal: 'group:owner', outcome: 'applies', scope: 'org' },
      { principal: 'user:ann', default_role: true, outcome: 'restricted', cut_at: 'doc:a' },
    ]);
  });

  it('have no default role beside a role of their own at the organization', async () => {
    const literal: RowsLiteral = {
      roles: { reader: { privileges: ['read'] }, other: {} },
      assignments: [['user:ann', 'other', 'org']],
      settings: { default_role: 'reader' },
    };
    expect((await explained(literal)).grants).toEqual([]);
    const assumed = { principal: 'user:bob', target: 'rol_other', scope: 'org', notBefore: null, expiresAt: null };
    const asked = { subject: 'user:bob', options: { assume: [assumed] } };
    expect((await explained({ ...literal, subjects: { 'user:bob': {} } }, asked)).grants).toEqual([]);
    expect((await explained({ ...literal, subjects: { 'user:bob': {} } }, { subject: 'user:bob' })).grants).toHaveLength(1);
  });
});
