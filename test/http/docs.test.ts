/** The description of the API, where it is served. */
import { createExecutionContext } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { type Env, parseEnv } from '../../src/env.ts';
import { describeApi } from '../../src/http/docs/document.ts';
import { ALL_OPERATIONS } from '../support/operations.ts';
import { call, makeOrganization } from './client.ts';

/** A Worker of its own, as a new isolate with these variables would be. */
async function statusWith(variables: Partial<Env>, path: string): Promise<number> {
  vi.resetModules();
  const { default: worker } = await import('../../src/worker.ts');
  const request = new Request(`https://bitgate.test${path}`);
  const answer = await worker.fetch(request as Parameters<typeof worker.fetch>[0], { ...env, ...variables }, createExecutionContext());
  await answer.arrayBuffer();
  return answer.status;
}

beforeAll(() => makeOrganization('acme'));

describe('/openapi.json', () => {
  it('is the description of what the faces declare', async () => {
    const answer = await call('GET', '/openapi.json', undefined, { token: null });
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual(JSON.parse(JSON.stringify(describeApi(ALL_OPERATIONS))));
  });

  it('tells of every method that an address takes, and of no other', async () => {
    const { paths } = (await call('GET', '/openapi.json')).body;
    const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];
    for (const [template, operations] of Object.entries<object>(paths)) {
      const path = template.replace('{org}', 'acme').replace(/\{[^}]+\}/g, 'none');
      const taken = Object.keys(operations).map((method) => method.toUpperCase());
      for (const method of methods.filter((each) => !taken.includes(each))) {
        const answer = await call(method, path);
        if (path.endsWith('/forward-auth')) {
          // A proxy is told 200, 401 or 403, whatever it does (SEC-35).
          expect([method, path, answer.status]).toEqual([method, path, 403]);
          continue;
        }
        expect([method, path, answer.status]).toEqual([method, path, 405]);
        expect(answer.headers.get('allow')?.split(', ').sort()).toEqual(taken.sort());
      }
    }
  });
});

describe('/docs', () => {
  it('is a page that may load and run nothing but its own style and script', async () => {
    const answer = await call('GET', '/docs', undefined, { token: null });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    const policy = answer.headers.get('content-security-policy') ?? '';
    expect(policy).toMatch(
      /^default-src 'none'; style-src 'sha256-[^']+'; script-src 'sha256-[^']+'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'$/,
    );
    for (const [kind, name] of [
      ['style', 'style-src'],
      ['script', 'script-src'],
    ] as const) {
      const sources = [...answer.text.matchAll(new RegExp(`<${kind}>([^]*?)</${kind}>`, 'g'))].map(([, source = '']) => source);
      expect(sources).toHaveLength(1);
      const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(sources[0])));
      expect(policy).toContain(`${name} 'sha256-${btoa(String.fromCharCode(...hash))}'`);
    }
    expect((await call('POST', '/docs')).status).toBe(405);
    expect((await call('HEAD', '/docs')).text).toBe('');
  });
});

describe('SEC-22', () => {
  it.each(['/openapi.json', '/docs'])('%s is not there unless it is asked for', async (path) => {
    const { BITGATE_DOCS: _docs, ...production } = env as Env;
    for (const variables of [{}, { BITGATE_DOCS: '' }, { BITGATE_DOCS: '0' }]) {
      expect(await statusWith({ ...production, BITGATE_DOCS: undefined, ...variables } as Partial<Env>, path)).toBe(404);
    }
    expect(await statusWith({ BITGATE_DOCS: '1' }, path)).toBe(200);
    expect(await statusWith({ BITGATE_DOCS: '1', ADMIN_HOST: 'admin.test' }, path)).toBe(404);
    expect(await statusWith({ BITGATE_DOCS: '1', ADMIN_HOST: 'bitgate.test' }, path)).toBe(200);
  });

  it('the variable is told by name when it is wrong', () => {
    expect(parseEnv({ ...env, BITGATE_DOCS: 'yes' } as Env)).toEqual({ problem: expect.stringContaining('`BITGATE_DOCS`') });
  });
});
