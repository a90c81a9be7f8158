/** What a caller without credentials can make bitgate do: nothing that stays. */
import { listDurableObjectIds, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { call, makeKey, makeOrganization } from './client.ts';

const SECRET = 'a'.repeat(52);

async function tablesOf(organization: string): Promise<number> {
  return runInDurableObject(
    env.PUBLISHER.get(env.PUBLISHER.idFromName(organization)),
    (_instance, state) => state.storage.sql.exec("SELECT name FROM sqlite_schema WHERE name NOT LIKE '\\_%' ESCAPE '\\'").toArray().length,
  );
}

describe('names that somebody made up', () => {
  const strangers = Array.from({ length: 20 }, (_, i) => `stranger-${i}`);

  it('leave nothing in storage: no row, no key, no table of a Publisher', async () => {
    await makeOrganization('real');
    const before = await env.DB.prepare(
      'SELECT (SELECT max(seq) FROM changes) AS c, (SELECT count(*) FROM audit) AS a, (SELECT count(*) FROM published) AS p',
    ).first();
    const keys = (await env.KV.list()).keys.length;
    for (const name of strangers) {
      const answers = await Promise.all([
        call('POST', '/check', { subject: 'u:a', action: 'x' }, { token: `bg_${name}_abc_${SECRET}` }),
        call('POST', `/admin/orgs/${name}/recompile`, undefined, { token: `bg_${name}_abc_${SECRET}` }),
        call('GET', `/orgs/${name}/readyz`, undefined, { token: null }),
        call('POST', `/orgs/${name}/check`, { subject: 'u:a', action: 'x' }, { token: null }),
      ]);
      expect(answers.map(({ status }) => status)).toEqual([401, 401, 404, 401]);
      expect((await call('POST', `/admin/orgs/${name}/recompile`)).status).toBe(404);
    }
    for (const name of strangers) expect(await tablesOf(name)).toBe(0);
    expect(await tablesOf('real')).toBeGreaterThan(0);
    console.log(`Publishers awake: ${(await listDurableObjectIds(env.PUBLISHER)).length}`);
    expect((await env.KV.list()).keys.length).toBe(keys);
    expect(
      await env.DB.prepare(
        'SELECT (SELECT max(seq) FROM changes) AS c, (SELECT count(*) FROM audit) AS a, (SELECT count(*) FROM published) AS p',
      ).first(),
    ).toEqual(before);
  });

  it('can be given to an organization afterwards, which then works', async () => {
    const [name = ''] = strangers;
    await makeOrganization(name);
    const { token } = await makeKey(name);
    const answer = await call('POST', '/check', { subject: 'user:a', action: 'bitgate:read' }, { token });
    expect([answer.status, answer.body.reason]).toEqual([200, 'no_grant']);
  });

  it('as ids of keys of a real organization ask its Publisher no more than once a second', async () => {
    await makeOrganization('asked');
    const { token } = await makeKey('asked');
    expect((await call('POST', '/check', { subject: 'u:a', action: 'x' }, { token })).status).toBe(200);
    const started = Date.now();
    let asked = 0;
    await runInDurableObject(env.PUBLISHER.get(env.PUBLISHER.idFromName('asked')), (instance) => {
      const original = instance.pointer.bind(instance);
      instance.pointer = () => {
        asked++;
        return original();
      };
    });
    for (let i = 0; i < 100; i++) {
      const answer = await call('POST', '/check', { subject: 'u:a', action: 'x' }, { token: `bg_asked_k${i}_${SECRET}` });
      expect(answer.status).toBe(401);
    }
    expect(asked).toBeLessThanOrEqual(2 + (Date.now() - started) / 1_000);
  });
});
