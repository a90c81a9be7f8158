import { createExecutionContext, createScheduledController, waitOnExecutionContext } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import worker from '../../src/worker.ts';
import { call, makeOrganization } from './client.ts';

beforeAll(() => makeOrganization('acme'));

const assignByHand = (subject: string): Promise<unknown> =>
  env.DB.prepare(
    "INSERT INTO assignments (org, principal, role, scope) SELECT 'acme', ?1, id, 'org' FROM roles WHERE org = 'acme' AND name = 'bitgate:owner'",
  )
    .bind(subject)
    .run();

interface Listed {
  readonly org: string;
  readonly revision: number;
  readonly published: number;
}

/** What `/readyz` lists when it is so: what it says may be a second old. */
const behindOnce = (is: (list: readonly Listed[]) => boolean): Promise<Listed[]> =>
  vi.waitFor(
    async () => {
      const { behind } = (await call('GET', '/readyz')).body;
      if (!is(behind)) throw new Error(`not yet: ${JSON.stringify(behind)}`);
      return behind;
    },
    { timeout: 10_000, interval: 200 },
  );

describe('readiness', () => {
  it('/healthz answers anybody', async () => {
    const answer = await call('GET', '/healthz', undefined, { token: null });
    expect([answer.status, answer.body]).toEqual([200, { status: 'ok' }]);
  });

  it('/readyz says that the bindings answer, and which organizations are behind', async () => {
    const ready = { status: 'ready', bindings: { DB: 'ok', KV: 'ok', PUBLISHER: 'ok' } };
    expect((await call('GET', '/readyz')).body).toEqual({ ...ready, organizations_behind: 0, behind: [] });
    await assignByHand('user:hand');
    const behind = (await behindOnce((list) => list.length > 0))[0]!;
    expect(behind).toEqual({
      org: 'acme',
      revision: expect.any(Number),
      published: expect.any(Number),
      since: expect.any(String),
      why: 'unpublished',
    });
    expect(behind.revision).toBeGreaterThan(behind.published);
    expect((await call('GET', '/orgs/acme/readyz')).body.behind).toEqual(behind);
    const metrics = (await call('GET', '/metrics')).text;
    expect(metrics).toContain('\nbitgate_organizations_behind 1\n');
    expect(metrics).toMatch(/\nbitgate_oldest_unpublished_seconds [\d.]+\n/);
  });

  it.each([null, 'no-such-token-but-long-enough-to-be-one'])(
    '/readyz tells strangers how many, and of none its name: %s',
    async (token) => {
      const { status, body } = await call('GET', '/readyz', undefined, { token });
      expect([status, Object.keys(body)]).toEqual([200, ['status', 'bindings', 'organizations_behind']]);
      expect(body.organizations_behind).toEqual(expect.any(Number));
    },
  );

  it('/orgs/{org}/readyz tells strangers whether it is ready, and not what it waits for', async () => {
    const { status, body } = await call('GET', '/orgs/acme/readyz', undefined, { token: null });
    expect([status, Object.keys(body)]).toEqual([200, ['status', 'revision', 'age_ms']]);
  });

  it('says of rows that stop the publish that they do, and since when', async () => {
    await makeOrganization('stuck');
    const made = await call('POST', '/admin/orgs/stuck/policies', { name: 'No', effect: 'deny', privileges: ['bitgate:read'] });
    expect(made.status).toBe(201);
    await env.DB.prepare("UPDATE policies SET condition = 'subject.' WHERE org = 'stuck' AND name = 'No'").run();
    await call('POST', '/admin/orgs/stuck/recompile');
    const list = await behindOnce((all) => all.some((each) => each.org === 'stuck'));
    expect(list).toContainEqual(expect.objectContaining({ org: 'stuck', why: 'unreadable_rows' }));
    await env.DB.prepare("UPDATE policies SET condition = NULL WHERE org = 'stuck'").run();
  });

  it('the sweep brings them up to date', async () => {
    const context = createExecutionContext();
    await worker.scheduled(createScheduledController({ cron: '* * * * *' }), env);
    await waitOnExecutionContext(context);
    expect(await behindOnce((list) => list.length === 0)).toEqual([]);
    const { revision } = (await call('GET', '/admin/orgs/acme')).body;
    const answer = await call('POST', '/check', { org: 'acme', subject: 'user:hand', action: 'bitgate:read', min_revision: revision });
    expect(answer.body.reason).toBe('granted');
  });

  it('/orgs/{org}/readyz is of one organization', async () => {
    expect((await call('GET', '/orgs/acme/readyz')).body).toEqual({
      status: 'ready',
      revision: expect.any(Number),
      age_ms: expect.any(Number),
      behind: null,
    });
    expect((await call('GET', '/orgs/nowhere/readyz')).status).toBe(404);
    expect((await call('POST', '/readyz')).status).toBe(405);
  });
});
