/**
 * SEC-46: every write operation, tried by writers who are one right short of what it takes, and by one who holds exactly that. Writers are keys, users
 * who hold the same, and users who hold nothing but what their token gives: all are answered alike.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { OPERATIONS } from '../../src/http/admin/routes.ts';
import { type Answer, call, codeOf, makeKey, makeOrganization, putManifest } from './client.ts';
import { BY_INVITATION, BY_LINES, BY_PROPOSAL, CASES, type Case, ROOT_ONLY, type WorldIds } from './escalation-cases/index.ts';
import {
  AT,
  addHistory,
  keyMaker,
  makeGrid,
  nameOf,
  oneShort,
  PRIVILEGES,
  type Right,
  rightsOf,
  tokenWith,
  userWith,
} from './escalation-world.ts';
import { traces } from './fuzz/world.ts';

const INVITING: readonly string[] = ['createInvitation', 'resendInvitation'].flatMap((id) => [id, `${id}InProject`]);
const NONE: readonly string[] = [];
const WRITES = OPERATIONS.filter(({ method }) => method !== 'GET');
const keyOf = keyMaker();
const everything = PRIVILEGES.map((privilege) => ({ privilege, scope: 'org' }));
let world: WorldIds;

beforeAll(async () => {
  world = await makeGrid();
  // Keys first: a new one is a change that a rollback would meet.
  for (const each of CASES) {
    const rights = rightsOf(each);
    await keyOf(rights);
    for (const right of rights) for (const short of oneShort(rights, right)) await keyOf(short);
  }
  await keyOf(everything);
  await addHistory(world.names as Record<string, string>); // made as one
}, 300_000);

function send({ operation, path, body }: Omit<Case, 'rights' | 'gives'>, token: string, dry = false): Promise<Answer> {
  const { method, query } = WRITES.find(({ id }) => id === operation)!;
  const named = path.replace(/\{(\w+)\}/g, (_, name: string) => world.names[name] ?? 'none');
  const asked = dry && query !== undefined && 'dry_run' in query.shape ? `${named}${named.includes('?') ? '&' : '?'}dry_run=true` : named;
  const address = asked.startsWith('/admin') ? asked : `${AT}${asked}`;
  return call(method, address, typeof body === 'function' ? body(world) : body, { token });
}

const refusals = new Map<string, Answer>();

/** What the key with these rights is answered, who is one short; asked once. */
async function byKey(each: Case, short: readonly Right[]): Promise<Answer> {
  const name = `${CASES.indexOf(each)} ${short.map(nameOf).join(' ')}`;
  const answer = refusals.get(name) ?? (await send(each, await keyOf(short)));
  refusals.set(name, answer);
  return answer;
}

describe('SEC-46 the grid', () => {
  it('has a row for every write operation, and none besides', () => {
    const rows = new Set([...CASES, ...ROOT_ONLY].map(({ operation }) => operation).concat(BY_INVITATION, BY_PROPOSAL, BY_LINES));
    expect([...rows].toSorted()).toEqual(WRITES.map(({ id }) => id).toSorted());
  });

  const titled = CASES.map((each) => [`${each.operation} ${each.path}: ${each.gives}`, each] as const);

  it.each(titled)('refuses one right short: %s', async (_title, each) => {
    const before = await traces();
    const rights = rightsOf(each);
    for (const missing of rights) {
      for (const short of oneShort(rights, missing)) {
        const answer = await byKey(each, short);
        expect(codeOf(answer), `without ${nameOf(missing)}`).toMatch(/^403 (missing_privilege|escalation)$/);
      }
    }
    expect(await traces()).toBe(before);
  });

  it.each(titled)('lets exactly that through: %s', async (_title, each) => {
    const answer = await send(each, await keyOf(rightsOf(each)), true);
    expect(answer.status, answer.text).toBeLessThan(300);
    if ('dry_run' in answer.body) expect(answer.body.changed).toBe(true);
  });

  it.each([
    ['a user who holds the same', userWith, NONE],
    // Whoever sent an invitation is judged again when it is accepted, without the token: see test/http/token-invitations.test.ts.
    ['a user by its token alone', tokenWith, INVITING],
  ])(
    'answers %s as the key',
    async (_who, writerWith, otherwise) => {
      for (const each of CASES) {
        const rights = rightsOf(each);
        const what = `${each.operation} ${each.path}: ${each.gives}`;
        const before = await traces();
        for (const missing of rights) {
          for (const short of oneShort(rights, missing)) {
            const [expected, answer] = [await byKey(each, short), await send(each, await writerWith(short))];
            expect(codeOf(answer), `${what}, without ${nameOf(missing)}`).toBe(codeOf(expected));
            expect(answer.body.error.details).toEqual(expected.body.error.details);
          }
        }
        expect(await traces()).toBe(before);
        // The one that has no trial run, and can be done once.
        if (each.operation === 'untagRevision') await call('PUT', `${AT}/revisions/${world.names.tagged}/tag`, { tag: 'tagged' });
        const exact = await send(each, await writerWith(rights), true);
        expect(`${what}: ${codeOf(exact)}`).toBe(`${what}: ${otherwise.includes(each.operation) ? '403 token_rights' : exact.status}`);
        if (!otherwise.includes(each.operation)) expect(exact.status, exact.text).toBeLessThan(300);
      }
    },
    600_000,
  );

  it.each(ROOT_ONLY.map((each) => [each.operation, each] as const))('leaves to root alone: %s', async (_title, each) => {
    const token = await keyOf(everything);
    const before = await traces();
    expect(codeOf(await send(each, token))).toBe('403 missing_privilege');
    expect(await traces()).toBe(before);
  });

  it.each([
    ['the right to manage members', 'bitgate:manage_members'],
    ['what it offers', 'view'],
  ])('refuses to accept what is offered by who lacks, by now, %s', async (_title, lost) => {
    const inviter = await makeKey('grid', ['only bitgate:manage_members', 'only view']);
    const invitee = await makeKey('grid', ['only old']);
    const { token } = (await call('POST', `${AT}/invitations`, { role: 'Viewer' }, { token: inviter.token })).body;
    const accept = (dry: string): Promise<Answer> => call('POST', `/invitations/accept${dry}`, { token }, { token: invitee.token });
    expect(codeOf(await accept('?dry_run=true'))).toBe('200');
    await call('DELETE', `${AT}/assignments?subject=api_key:${inviter.id}&role=only+${lost}&scope=org`);
    const before = await traces();
    expect(codeOf(await accept(''))).toBe('403 inviter_lacks_rights');
    expect(await traces()).toBe(before);
  });

  it('refuses to accept or decline what is offered to somebody else', async () => {
    const { token } = (await call('POST', `${AT}/invitations`, { role: 'Viewer', subject: 'user:idle' })).body;
    const by = await keyOf(everything);
    const before = await traces();
    for (const answer of ['accept', 'decline']) {
      expect(codeOf(await call('POST', `/invitations/${answer}`, { token }, { token: by }))).toBe('403 not_invited');
    }
    expect(await traces()).toBe(before);
  });
});

describe('SEC-46 a proposal', () => {
  const at = '/admin/orgs/gated';
  const needed = ['bitgate:read', 'bitgate:manage_members', 'view'];
  const keys = new Map<string, string>();
  let proposal = '';

  beforeAll(async () => {
    await makeOrganization('gated');
    const roles = needed.map((name) => ({ name: `only ${name}`, privileges: [name] }));
    const subjects = ['idle', 'author', 'decider'].map((id) => ({ type: 'user', id }));
    await putManifest('gated', { bitgate: 1, catalog: { privileges: [{ name: 'view' }] }, roles, subjects });
    const keyWith = async (names: readonly string[], owner: string): Promise<string> =>
      (
        await makeKey(
          'gated',
          names.map((name) => `only ${name}`),
          { owner },
        )
      ).token;
    for (const missing of needed) {
      keys.set(
        missing,
        await keyWith(
          needed.filter((each) => each !== missing),
          'user:decider',
        ),
      );
    }
    keys.set('none', await keyWith(needed, 'user:decider'));
    const author = await keyWith(needed, 'user:author');
    await call('PATCH', `${at}/settings`, { blast_radius: { sensitive_privileges: ['view'], lost_percent: 50 } });
    const proposed = await call('POST', `${at}/assignments`, { subject: 'user:idle', role: 'only view', scope: 'org' }, { token: author });
    proposal = `${at}/proposals/${proposed.body.proposal.id}`;
  });

  const decide = (method: string, path: string, missing: string, query = ''): Promise<Answer> =>
    call(method, `${proposal}${path}${query}`, undefined, { token: keys.get(missing) ?? '' });

  it.each([
    ['confirmed', 'POST', '/confirm', needed],
    ['withdrawn', 'DELETE', '', ['bitgate:read', 'bitgate:manage_members']],
  ])('is not %s by who is one right short of what it does', async (_how, method, path, rights) => {
    const before = await traces();
    for (const missing of rights) {
      expect(codeOf(await decide(method, path, missing)), `without ${missing}`).toMatch(/^403 (missing_privilege|escalation)$/);
    }
    expect(await traces()).toBe(before);
    expect(codeOf(await decide(method, path, 'none', '?dry_run=true'))).toBe('200');
  });
});
