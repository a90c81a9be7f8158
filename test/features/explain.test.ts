/** What the seeds ask of explanations and of "who can": F36, F37. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { Explanation } from '../../src/core/terms/explanation.ts';
import { type Answer, call, codeOf, makeKey, makeOrganization, putManifest } from '../http/client.ts';

const post = async (path: string, body: object): Promise<Answer['body']> => {
  const answer = await call('POST', path, body);
  if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${answer.text}`);
  return answer.body;
};

describe('F36 explain', () => {
  const ACTORS = ['user:admin', 'user:editor', 'user:reader', 'user:odd', 'user:nobody', 'user:gone'];
  const RESOURCES = ['dataset:orders', 'domain:finance', undefined];
  let privileges: readonly string[] = [];

  beforeAll(async () => {
    await makeOrganization('f36', { preset: 'datahub', owner: 'user:root' });
    const { body: whole } = await call('GET', '/admin/orgs/f36/manifest');
    await putManifest('f36', {
      ...whole,
      policies: [
        ...(whole.policies ?? []),
        { name: 'Tags at work', privileges: ['EDIT_ENTITY_TAGS'], condition: 'context.place == "work"' },
        { name: 'Tags of charts', privileges: ['EDIT_ENTITY_TAGS'], resource_types: ['chart'] },
        { name: 'Tags, off', privileges: ['EDIT_ENTITY_TAGS'], state: 'INACTIVE' },
      ],
      subjects: [...(whole.subjects ?? []), { type: 'user', id: 'gone', status: 'suspended' }, { type: 'user', id: 'nobody' }],
      groups: [{ name: 'readers', members: ['user:reader'] }],
      assignments: [
        { subject: 'user:root', role: 'bitgate:owner', scope: 'org' },
        { subject: 'user:admin', role: 'Admin', scope: 'org' },
        { subject: 'user:editor', role: 'Editor', scope: 'org' },
        { subject: 'group:readers', role: 'Reader', scope: 'org' },
        ...['Tags at work', 'Tags of charts', 'Tags, off'].map((policy) => ({ subject: 'user:odd', policy, scope: 'org' })),
        { subject: 'user:odd', role: 'Editor', scope: 'org', expires_at: '2020-01-31T00:00:00Z' },
      ],
    });
    const { catalog } = (await call('GET', '/admin/orgs/f36/manifest')).body;
    privileges = catalog.privileges.map(({ name }: { name: string }) => name);
  });

  it('F36 decides as a check for every actor, privilege and resource of the DataHub preset, and its grants agree', async () => {
    expect(privileges.length).toBeGreaterThanOrEqual(102);
    let allowed = 0;
    for (const subject of ACTORS) {
      for (const resource of RESOURCES) {
        const { results } = await post('/orgs/f36/check/batch', {
          defaults: { subject, resource },
          checks: privileges.map((action) => ({ action })),
        });
        for (let start = 0; start < privileges.length; start += 100) {
          const any_of = privileges.slice(start, start + 100);
          const { actions } = await post('/orgs/f36/check', { subject, resource, any_of, explain: true });
          for (const [i, each] of actions.entries()) {
            const { decision, reason, grants }: Explanation = each.explanation;
            expect([subject, any_of[i], resource, { decision, reason }]).toEqual([subject, any_of[i], resource, results[start + i]]);
            expect(grants.some(({ outcome }) => outcome === 'applies')).toBe(decision);
            if (decision) allowed++;
          }
        }
      }
    }
    expect(allowed).toBeGreaterThan(300);
  });

  it('F36 names group, role and policy of the path that allows, and of a deny the reason of each candidate', async () => {
    const why = async (body: object): Promise<Explanation> => (await post('/orgs/f36/check', { ...body, explain: true })).explanation;
    const { grants } = await why({ subject: 'user:reader', action: 'VIEW_ENTITY_PAGE', resource: 'dataset:orders' });
    expect(grants.find(({ outcome }) => outcome === 'applies')).toMatchObject({
      principal: 'group:readers',
      principal_id: expect.stringMatching(/^group:grp_/),
      role: 'Reader',
      role_id: expect.stringMatching(/^rol_/),
      policy: 'Reader - Metadata Privileges',
      policy_id: expect.stringMatching(/^pol_/),
    });
    const denied = await why({ subject: 'user:odd', action: 'EDIT_ENTITY_TAGS', resource: 'dataset:orders', context: { place: 'home' } });
    expect(denied.reason).toBe('condition_false');
    expect(denied.grants.map(({ role, policy, outcome }) => [role ?? policy, outcome])).toEqual([
      ['Tags at work', 'condition_false'],
      ['Editor', 'expired'],
      ['Tags, off', 'inactive'],
      ['Tags of charts', 'type'],
    ]);
  });

  it('F36 is for those who hold `bitgate:explain`, and for anybody about themselves', async () => {
    const { token, id } = await makeKey('f36');
    const ask = (subject: string): Promise<Answer> =>
      call('POST', '/check', { subject, action: 'bitgate:check', explain: true }, { token });
    expect(codeOf(await ask('user:admin'))).toBe('403 missing_privilege');
    expect((await ask(`api_key:${id}`)).body.explanation.decision).toBe(true);
  });
});

describe('F37 who can', () => {
  const SIZE = 50;
  const subjects = Array.from({ length: SIZE }, (_, i) => `user:u${i}`);
  const resources = Array.from({ length: SIZE }, (_, i) => `dataset:d${i}`);
  /** Who is in which group, what lies where and who holds what: by the remainders of their numbers. */
  const every = <T>(items: readonly T[], n: number, rest: number): T[] => items.filter((_, i) => i % n === rest);

  beforeAll(async () => {
    await makeOrganization('f37', { owner: 'user:u0' });
    await putManifest('f37', {
      bitgate: 1,
      catalog: { privileges: [{ name: 'view' }, { name: 'edit' }, { name: 'share' }] },
      policies: [
        { name: 'Never edit', effect: 'deny', privileges: ['edit'] },
        { name: 'Own level', privileges: ['edit'], condition: 'subject.properties.level >= resource.properties.level' },
      ],
      roles: [
        { name: 'Viewer', privileges: ['view'] },
        { name: 'Editor', privileges: ['view', 'edit'], reaches_restricted: true },
        { name: 'Sharer', privileges: ['share'] },
      ],
      projects: [{ id: 'p' }, { id: 'q' }],
      groups: [
        { name: 'all', members: ['group:thirds'] },
        { name: 'thirds', members: every(subjects, 3, 0) },
        { name: 'fifths', members: every(subjects, 5, 1) },
      ],
      subjects: subjects.map((subject, i) => ({
        type: 'user',
        id: subject.slice(5),
        properties: { level: i % 7 },
        ...(i % 17 === 3 ? { status: 'suspended' } : {}),
      })),
      resources: resources.map((resource, i) => ({
        type: 'dataset',
        id: resource.slice(8),
        parents: [i % 2 === 0 ? 'project:p' : 'project:q'],
        properties: { level: i % 9 },
        ...(i % 8 === 1 ? { access: 'restricted' } : {}),
        owners: [{ subject: subjects[(i * 7) % SIZE], kind: 'TECHNICAL' }],
      })),
      assignments: [
        { subject: 'user:u0', role: 'bitgate:owner', scope: 'org' },
        { subject: 'group:all', role: 'Viewer', scope: 'project:p' },
        { subject: 'group:fifths', role: 'Editor', scope: 'project:q' },
        { subject: 'group:everyone', role: 'Viewer', scope: 'dataset:d7' },
        { subject: 'group:anyone', role: 'Sharer', scope: 'dataset:d9' },
        { subject: 'group:owner', role: 'Editor', scope: 'org' },
        ...every(subjects, 4, 2).map((subject) => ({ subject, policy: 'Own level', scope: 'org' })),
        ...every(subjects, 10, 6).map((subject) => ({ subject, policy: 'Never edit', scope: 'project:q' })),
      ],
    });
  });

  it(`F37 is exactly who a check allows, on ${SIZE} subjects and ${SIZE} resources; everyone and anyone are told as such`, async () => {
    let allowed = 0;
    const told = new Map<string, unknown>();
    for (const action of ['view', 'edit', 'share']) {
      const checks = resources.flatMap((resource) => subjects.map((subject) => ({ subject, action, resource })));
      const { results } = await post('/orgs/f37/check/batch', { checks });
      for (const [at, resource] of resources.entries()) {
        const expected = subjects.filter((_, i) => results[at * SIZE + i].decision).sort();
        const { items, total, everyone, anyone } = await post('/orgs/f37/list/subjects', { action, resource, type: 'user' });
        expect([action, resource, items]).toEqual([action, resource, expected]);
        expect(total).toBe(expected.length);
        allowed += expected.length;
        if (everyone === 'yes' || anyone === 'yes') told.set(`${action} ${resource}`, { everyone, anyone });
      }
    }
    expect(allowed).toBeGreaterThan(700);
    expect(Object.fromEntries(told)).toEqual({
      'view dataset:d7': { everyone: 'yes', anyone: 'no' },
      'share dataset:d9': { everyone: 'yes', anyone: 'yes' },
    });
  });
});
