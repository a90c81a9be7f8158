import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { type Env, parseEnv } from '../../src/env.ts';
import { isolateWith } from './isolate.ts';

async function fetchWith(variables: Partial<Env>, path: string): Promise<Response> {
  return (await isolateWith(variables)).fetch(path);
}

describe('SEC-18 without a root token of 32 characters', () => {
  it.each(['', 'short', 'x'.repeat(31)])('nothing is served but /healthz: %j', async (token) => {
    for (const path of ['/check', '/admin/orgs', '/readyz', '/nowhere']) {
      const answer = await fetchWith({ BITGATE_ROOT_TOKEN: token }, path);
      expect([path, answer.status]).toEqual([path, 503]);
      const text = await answer.text();
      expect(JSON.parse(text).error).toMatchObject({ code: 'not_configured', message: expect.stringContaining('`BITGATE_ROOT_TOKEN`') });
    }
    expect((await fetchWith({ BITGATE_ROOT_TOKEN: token }, '/healthz')).status).toBe(200);
  });
});

describe('the variables', () => {
  it('are told by name when they are wrong', () => {
    expect(parseEnv({ ...env, BITGATE_SIGNING_KEY: 'short' })).toEqual({ problem: expect.stringContaining('`BITGATE_SIGNING_KEY`') });
    const previous = { ...env, BITGATE_SIGNING_KEY_PREVIOUS: 'short' };
    expect(parseEnv(previous)).toEqual({ problem: expect.stringContaining('`BITGATE_SIGNING_KEY_PREVIOUS`') });
    expect(parseEnv({ ...previous, BITGATE_SIGNING_KEY: '', BITGATE_SIGNING_KEY_PREVIOUS: 'x'.repeat(32) })).toHaveProperty('problem');
    expect(parseEnv({ ...env, METRICS_TOKEN: 'short' })).toEqual({ problem: expect.stringContaining('`METRICS_TOKEN`') });
    expect(parseEnv({ ...env, METRICS_TOKEN: '' })).toMatchObject({ configuration: { metricsToken: null } });
    for (const unsendable of [' ', ',', 'é', '\n']) {
      const token = `${'x'.repeat(40)}${unsendable}y`;
      expect(parseEnv({ ...env, BITGATE_ROOT_TOKEN: token }), unsendable).toEqual({
        problem: expect.stringContaining('`BITGATE_ROOT_TOKEN`'),
      });
    }
    expect(parseEnv({ ...env, DB: undefined } as unknown as Env)).toEqual({ problem: expect.stringContaining('`DB`') });
  });
});

describe('SEC-23 with ADMIN_HOST', () => {
  it('administration is there on that host alone', async () => {
    expect((await fetchWith({ ADMIN_HOST: 'admin.test' }, '/admin/orgs')).status).toBe(404);
    expect((await fetchWith({ ADMIN_HOST: 'bitgate.test' }, '/admin/orgs')).status).toBe(200);
    expect((await fetchWith({ ADMIN_HOST: 'admin.test' }, '/readyz')).status).toBe(200);
  });
});
