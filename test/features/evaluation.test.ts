/** Feature rows about deciding that need the whole Worker: F39, F59, F60, F64, and F65 on a controlled clock. */
import { describe, expect, it } from 'vitest';
import { call, makeKey, makeOrganization, putManifest } from '../http/client.ts';
import { flipped, World } from '../support/data-plane.ts';
import { roleBits } from './published.ts';

const allowed = async (org: string, subject: string, action: string, resource?: string): Promise<boolean> =>
  (await call('POST', '/check', { org, subject, action, resource })).body.decision;
const assign = (org: string, body: object) => call('POST', `/admin/orgs/${org}/assignments`, body);

describe('F39 audit log', () => {
  it('F39 every write is logged with actor, time, before, after and revision', async () => {
    await makeOrganization('f39', { owner: 'user:owner' });
    const { token, id } = await makeKey('f39', ['bitgate:owner']);
    const body = { subject: 'user:a', role: 'bitgate:checker', scope: 'org' };
    const made = (await call('POST', '/admin/orgs/f39/assignments', body, { token, headers: { 'x-request-id': 'req-f39' } })).body;
    await call('DELETE', `/admin/orgs/f39/assignments/${made.id}`, undefined, { token });
    const { items } = (await call('GET', '/admin/orgs/f39/audit?limit=2')).body;
    expect(items[1]).toMatchObject({
      ...{ actor: `api_key:${id}`, action: 'assignment.create', target: `assignment:${made.id}`, revision: made.revision },
      ...{ request_id: 'req-f39', before: null },
    });
    expect(items[1].after.principal).toBe('user:a');
    expect(items[0]).toMatchObject({ actor: `api_key:${id}`, action: 'assignment.delete', after: null });
    expect(items[0].before[0].principal).toBe('user:a');
    expect(Math.abs(Date.parse(items[0].at) - Date.now())).toBeLessThan(60_000);
    expect(items[0].revision).toBeGreaterThan(items[1].revision);
  });
});

describe('F59 implied privileges', () => {
  it('F59 `x:manage` holds create, update and delete where that is declared, and no more', async () => {
    await makeOrganization('f59', { preset: 'confident-ai', owner: 'user:owner' });
    await putManifestPart('f59', [{ name: 'Keeper', privileges: ['dataset:manage'] }]);
    await assign('f59', { subject: 'user:keeper', role: 'p/Keeper', scope: 'project:p' });
    for (const action of ['dataset:manage', 'dataset:create', 'dataset:update', 'dataset:delete']) {
      expect(await allowed('f59', 'user:keeper', action, 'project:p'), action).toBe(true);
    }
    expect(await allowed('f59', 'user:keeper', 'metric:create', 'project:p')).toBe(false);
    // found when it is compiled, not when it is asked: the bits are in the row
    const { bytes, privileges } = await roleBits('f59', 'Keeper');
    const set = new Set(privileges.filter((_, bit) => ((bytes[bit >> 3] ?? 0) >> (bit & 7)) & 1));
    for (const name of ['manage', 'create', 'update', 'delete']) expect([name, set.has(`dataset:${name}`)]).toEqual([name, true]);
    expect(set.has('metric:create')).toBe(false);
  });

  it('F59 `project:manage` at the organization reaches every project, and no longer when it is taken', async () => {
    await makeOrganization('f59b', { preset: 'confident-ai', owner: 'user:owner' });
    await putManifestPart('f59b', []);
    const policies = [{ name: 'All projects', privileges: ['project:manage'] }];
    await call('PATCH', '/admin/orgs/f59b/manifest', { bitgate: 1, policies });
    const { id } = (await assign('f59b', { subject: 'user:chief', policy: 'All projects', scope: 'org' })).body;
    for (const project of ['project:p', 'project:q']) expect(await allowed('f59b', 'user:chief', 'dataset:delete', project)).toBe(true);
    await call('DELETE', `/admin/orgs/f59b/assignments/${id}`);
    for (const project of ['project:p', 'project:q']) expect(await allowed('f59b', 'user:chief', 'dataset:delete', project)).toBe(false);
  });
});

/** Two projects, the first with roles of its own; what the preset gave stays. */
async function putManifestPart(org: string, roles: readonly object[]): Promise<void> {
  const document = (await call('GET', `/admin/orgs/${org}/manifest`)).body;
  await putManifest(org, { ...document, projects: [{ id: 'p', roles }, { id: 'q' }] });
}

describe('F60 the super user', () => {
  it('F60 root is always allowed to administer and can not be removed: it is in no organization', async () => {
    await makeOrganization('f60', { owner: 'user:owner' });
    await putManifest('f60', {
      bitgate: 1,
      policies: [{ name: 'Nobody', effect: 'deny', privileges: ['bitgate:read', 'bitgate:manage_members', 'bitgate:list'] }],
      assignments: [
        { subject: 'user:owner', role: 'bitgate:owner', scope: 'org' },
        { subject: 'group:anyone', policy: 'Nobody', scope: 'org' },
      ],
    });
    expect((await call('GET', '/admin/orgs/f60/assignments')).status).toBe(200);
    expect((await assign('f60', { subject: 'user:a', role: 'bitgate:checker', scope: 'org' })).status).toBe(201);
    const manifest = (await call('GET', '/admin/orgs/f60/manifest')).text;
    expect(manifest).not.toContain('"root"');
  });
});

describe('F64 freshness', () => {
  it('F64 a write answers with its revision, and no check that asks for it is answered from an older one', async () => {
    await makeOrganization('f64', { owner: 'user:owner' });
    const check = { org: 'f64', subject: 'user:a', action: 'bitgate:check' };
    for (let round = 0; round < 20; round++) {
      const made = (await assign('f64', { subject: 'user:a', role: 'bitgate:checker', scope: 'org' })).body;
      const after = await call('POST', '/check', { ...check, min_revision: made.revision });
      expect([after.body.decision, after.body.revision >= made.revision]).toEqual([true, true]);
      const gone = (await call('DELETE', `/admin/orgs/f64/assignments/${made.id}?publish=async`)).body;
      const then = await call('POST', '/check', { ...check, min_revision: gone.revision });
      // It waits and reads through, or refuses: never an older answer.
      expect(then.status === 200 ? then.body.decision : then.body.error.code).toBe(then.status === 200 ? false : 'stale');
    }
    const beyond = await call('POST', '/check', { ...check, min_revision: 1_000_000_000 });
    expect([beyond.status, beyond.body.error.code]).toEqual([503, 'stale']);
  });

  it('F64 without asking, no answer rests on knowledge older than 10 s', async () => {
    const world = new World();
    await world.publish({ revision: 7 });
    await world.open();
    await world.publish({ revision: 8 });
    for (let second = 0; second < 60; second++) {
      await world.clock.advance(1_000);
      const session = await world.open();
      expect(session.ageMs).toBeLessThanOrEqual(10_000);
      if (second >= 10) expect(session.revision).toBe(8);
    }
  });
});

describe('F65 stores that fail', () => {
  it('F65 the last good snapshot answers for a stated time, then nothing is allowed', async () => {
    const world = new World();
    await world.publish({ revision: 7 });
    expect(await world.decide(await world.open())).toEqual({ decision: true, reason: 'granted' });
    world.publisher = 'down';
    world.kv = 'down';
    await world.clock.advance(299_000);
    expect(await world.decide(await world.open())).toEqual({ decision: true, reason: 'granted' });
    await world.clock.advance(2_000);
    await expect(world.open()).rejects.toMatchObject({ code: 'stale', status: 503 });
  });

  it('F65 a cold start without a snapshot denies with a code of its own', async () => {
    const world = new World();
    await expect(world.open()).rejects.toMatchObject({ code: 'unknown_organization', status: 404 });
    world.publisher = 'down';
    world.kv = 'down';
    await expect(new World().open()).rejects.toMatchObject({ code: 'unknown_organization' });
    await world.clock.advance(10_000);
    await expect(world.open()).rejects.toMatchObject({ code: 'stale', status: 503 });
  });

  it('F65 a torn or corrupt piece never allows: any byte flipped is found', async () => {
    const built = await new World().publish({ revision: 7 });
    for (const [hash, bytes] of built.blobs) {
      for (let at = 0; at < bytes.length; at++) {
        const world = new World();
        await world.publish({ revision: 7 });
        world.publisherBlobs.set(hash, flipped(bytes, at));
        world.kvBlobs.set(hash, flipped(bytes, at));
        await expect(world.open().then((session) => world.decide(session))).rejects.toMatchObject({ code: 'stale' });
      }
    }
  });
});
