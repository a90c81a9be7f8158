import { createExecutionContext, createScheduledController, waitOnExecutionContext } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { beforeAll, describe, expect, it } from 'vitest';
import worker from '../../src/worker.ts';
import { call, makeOrganization } from './client.ts';

beforeAll(() => makeOrganization('acme'));

const assignByHand = (subject: string): Promise<unknown> =>
  env.DB.prepare(
    "INSERT INTO assignments (org, principal, role, scope) SELECT 'acme', ?1, id, 'org' FROM roles WHERE org = 'acme' AND name = 'bitgate:owner'",
  )
    .bind(subject)
    .run();

describe('readiness', () => {
  it('/healthz answers anybody', async () => {
    const answer = await call('GET', '/healthz', undefined, { token: null });
    expect([answer.status, answer.body]).toEqual([200, { status: 'ok' }]);
  });

  it('/readyz says that the bindings answer, and which organizations are behind', async () => {
    expect((await call('GET', '/readyz', undefined, { token: null })).body).toEqual({
      status: 'ready',
      bindings: { DB: 'ok', KV: 'ok' },
      behind: [],
    });
    await assignByHand('user:hand');
    const behind = (await call('GET', '/readyz')).body.behind;
    expect(behind).toEqual([{ org: 'acme', revision: expect.any(Number), published: expect.any(Number), since: expect.any(String) }]);
    expect(behind[0].revision).toBeGreaterThan(behind[0].published);
    expect((await call('GET', '/orgs/acme/readyz')).body.behind).toEqual(behind[0]);
  });

  it('the sweep brings them up to date', async () => {
    const context = createExecutionContext();
    await worker.scheduled(createScheduledController({ cron: '* * * * *' }), env);
    await waitOnExecutionContext(context);
    expect((await call('GET', '/readyz')).body.behind).toEqual([]);
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
