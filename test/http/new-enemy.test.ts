/**
 * The new enemy over HTTP: somebody's right is taken, something is put where they could have seen it, and the check gives the revision that
 * the administration answered. The isolate's clock stands still, so that what it knows stays young: without the revision it says the old.
 */
import { env } from 'cloudflare:workers';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { publisherHandle } from '../../src/storage/publisher-handle.ts';
import { type Answer, call, makeKey, makeOrganization, putManifest } from './client.ts';
import { sql } from './sql.ts';

const manifest = {
  bitgate: 1,
  catalog: { privileges: [{ name: 'view' }] },
  roles: [{ name: 'Viewer', privileges: ['view'] }],
  groups: [{ name: 'team', members: ['user:eve'] }],
  resources: [
    { type: 'folder', id: 'f' },
    { type: 'folder', id: 'g' },
    { type: 'doc', id: 'kept', parents: ['folder:f'] },
    { type: 'doc', id: 'moved' },
  ],
  assignments: [{ subject: 'group:team', role: 'Viewer', scope: 'folder:f' }],
};

interface Asked {
  readonly reason: string;
  readonly revision: number;
}

let key: string;

async function asked(doc: string, minRevision?: number): Promise<Asked> {
  const question = { subject: 'user:eve', action: 'view', resource: `doc:${doc}`, min_revision: minRevision };
  const answer = await call('POST', '/check', question, { token: key });
  expect(answer.status).toBe(200);
  return answer.body;
}

async function done(answer: Promise<Answer>): Promise<number> {
  const { status, body } = await answer;
  expect([status, body.published]).toEqual([status === 201 ? 201 : 200, true]);
  return body.revision;
}

const ADMIN = '/admin/orgs/enemy';
const revoke = (): Promise<number> => done(call('DELETE', `${ADMIN}/groups/team/members/user:eve`));
/** Eve's right is taken as by another isolate: the one that writes knows at once, all others when they ask. @returns the revision */
async function revokedElsewhere(): Promise<number> {
  await sql("DELETE FROM group_members WHERE org = 'enemy' AND member = 'user:eve'");
  return (await publisherHandle(env.PUBLISHER, 'enemy').publish()).revision;
}
const restore = (): Promise<number> => done(call('PUT', `${ADMIN}/groups/team/members/user:eve`));
const put = (parent: string): Promise<number> => done(call('PUT', `${ADMIN}/resources/doc:moved`, { parents: [parent] }));

beforeAll(async () => {
  await makeOrganization('enemy');
  await putManifest('enemy', manifest);
  key = (await makeKey('enemy')).token;
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() });
});
afterAll(() => {
  vi.useRealTimers();
});

/** Eve may see what is in the folder, and the isolate knows it; `moved` lies elsewhere. @returns the revision */
async function known(): Promise<number> {
  await restore();
  const before = await put('folder:g');
  expect(await asked('kept', before)).toMatchObject({ reason: 'granted', revision: before });
  return before;
}

describe('revoked, then changed', () => {
  it('is asked with the revision of the answer, and decided at it; without it the isolate says what it knew', async () => {
    const before = await known();
    const revoked = await revokedElsewhere();
    // The application writes the new content now. The enemy is real: what the isolate knows is young, and from before.
    expect(await asked('kept')).toMatchObject({ reason: 'granted', revision: before });
    expect(await asked('kept', revoked)).toMatchObject({ reason: 'no_grant', revision: revoked });
    expect(await asked('kept')).toMatchObject({ reason: 'no_grant', revision: revoked });
  });

  it('is decided at the revision of what came after it as well', async () => {
    await known();
    await revoke();
    const changed = await put('folder:f');
    for (const doc of ['kept', 'moved']) expect(await asked(doc, changed)).toMatchObject({ reason: 'no_grant', revision: changed });
  });

  it('is kept out of GET and of batches alike', async () => {
    const before = await known();
    const revoked = await revokedElsewhere();
    const search = new URLSearchParams({ subject: 'user:eve', action: 'view', resource: 'doc:kept' });
    const got = async (more: string): Promise<Asked> => (await call('GET', `/check?${search}${more}`, undefined, { token: key })).body;
    expect(await got('')).toMatchObject({ reason: 'granted', revision: before });
    expect(await got(`&min_revision=${revoked}`)).toMatchObject({ reason: 'no_grant', revision: revoked });

    await known();
    const again = await revokedElsewhere();
    const checks = ['kept', 'moved'].map((doc) => ({ subject: 'user:eve', action: 'view', resource: `doc:${doc}` }));
    const batch = async (more: object): Promise<string[]> => {
      const { body } = await call('POST', '/check/batch', { checks, ...more }, { token: key });
      return body.results.map(({ reason }: Asked) => reason);
    };
    expect(await batch({})).toEqual(['granted', 'no_grant']);
    expect(await batch({ min_revision: again })).toEqual(['no_grant', 'no_grant']);
  });

  it('a revision that is not there yet is refused, never answered with less', async () => {
    const { body } = await call('GET', ADMIN);
    const question = { subject: 'user:eve', action: 'view', resource: 'doc:kept', min_revision: body.revision + 1 };
    const answer = await call('POST', '/check', question, { token: key });
    expect([answer.status, answer.body]).toMatchObject([503, { error: { code: 'stale' } }]);
  });
});
