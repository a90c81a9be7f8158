/** Whatever is asked, by whomever, and whatever fails: nothing that is secret gets into the log, an answer that isn't its own, or a metric. */
import type { env } from 'cloudflare:workers';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { log } from '../../src/log.ts';
import { bound } from '../rpc/face.ts';
import { type Call, call, makeKey, ROOT } from './client.ts';
import { isolateWith } from './isolate.ts';
import { idp, makeTokenAcme } from './token-acme.ts';

const METHODS = ['debug', 'log', 'info', 'warn', 'error'] as const;
const lines: string[] = [];
const spies = METHODS.map((method) => vi.spyOn(console, method).mockImplementation((...given) => void lines.push(textOf(given))));
afterAll(() => {
  for (const spy of spies) spy.mockRestore();
});

function textOf(given: readonly unknown[]): string {
  return given.map((each) => (each instanceof Error ? `${each.message} ${each.stack}` : JSON.stringify(each))).join(' ');
}

const METRICS = 'test-metrics-token-of-at-least-32-characters';
const GARBAGE = 'bg_tokens_abcdefgh_a-secret-that-nobody-may-ever-read';
let key = '';
let jwt = '';
let invitation = '';

beforeAll(async () => {
  await makeTokenAcme();
  key = (await makeKey('tokens')).token;
  jwt = await idp.sign('bob', { groups: ['idp-owners'] });
  invitation = (await call('POST', '/admin/orgs/tokens/invitations', { role: 'Viewer' })).body.token;
  expect(invitation).toMatch(/^bgi_/);
});

const secrets = (): readonly string[] => [ROOT, METRICS, key, key.split('_').at(-1)!, jwt, jwt.split('.')[2]!, invitation, GARBAGE];

describe('SEC-20, SEC-49 what is logged', () => {
  it('holds no token, wherever it is sent and whatever becomes of it', async () => {
    const question = { subject: 'user:bob', action: 'view' };
    for (const token of [ROOT, key, jwt, invitation, GARBAGE, METRICS]) {
      const by: Call = { token, headers: { 'x-request-id': 'req-1' } };
      await call('POST', '/orgs/tokens/check', question, by);
      await call('POST', '/orgs/tokens/check', { ...question, subject_token: token, min_revision: 1e9 }, by);
      await call('POST', '/orgs/tokens/check', { ...question, [token]: token, action: token }, by);
      await call('POST', '/orgs/tokens/check', `{"${token}`, by);
      await call('GET', `/orgs/tokens/check?subject=user:${token}&action=${token}`, undefined, by);
      await call('POST', '/orgs/tokens/check/batch', { checks: [question, { subject: token }] }, by);
      await call('POST', '/invitations/accept', { token, subject: 'user:new' }, by);
      await call('POST', '/admin/orgs/tokens/assignments', { subject: token, role: token, scope: token }, by);
      await call('PUT', '/admin/orgs/tokens/manifest', { bitgate: 1, [token]: token }, by);
      await call('GET', '/metrics', undefined, by);
      await call('GET', '/forward-auth', undefined, {
        token: null,
        headers: { 'x-bitgate-key': token, 'x-original-url': `https://a.example/${token}` },
      });
      await bound().check(question, { key: token });
    }
    for (const secret of secrets()) for (const line of lines) expect(line).not.toContain(secret);
  });

  it('says of a failure of ours once what it was, with the request’s id, and no token that a message of others holds', async () => {
    const prepare = (): never => {
      throw new Error(`D1_ERROR: near "${key}" and ${jwt}: Bearer ${invitation}`);
    };
    // `as`: what is called of it
    const isolate = await isolateWith({ DB: { prepare, batch: prepare } as unknown as typeof env.DB });
    lines.length = 0;
    const answer = await isolate.fetch('/admin/orgs', { headers: { 'x-request-id': 'req-42' } });
    expect(answer.status).toBe(503);
    const told = lines.filter((line) => line.includes('req-42'));
    expect(told).toHaveLength(1);
    expect(JSON.parse(told[0]!)).toMatchObject({
      event: 'unexpected_error',
      request_id: 'req-42',
      message: 'D1_ERROR: near "[token]" and [token]: [token]',
    });
    lines.length = 0;
    const stale = await isolate.fetch('/orgs/tokens/check', {
      ...{ method: 'POST', token: key, headers: { 'x-request-id': 'req-43' } },
      body: { subject: 'user:bob', action: 'view', min_revision: 1_000_000 },
    });
    expect(stale.status).toBe(503);
    expect(lines.map((line) => JSON.parse(line)).filter(({ request_id }) => request_id === 'req-43')).toEqual([
      expect.objectContaining({ event: 'request_failed', code: 'stale' }),
    ]);
    for (const secret of secrets()) for (const line of lines) expect(line).not.toContain(secret);
  });

  it('is an object with an event, always', () => {
    lines.length = 0;
    log('warn', 'something', { organization: 'acme', request_id: null, message: `Basic ${btoa('acme:secret')} stays here`, count: 3 });
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { event: 'something', organization: 'acme', request_id: null, message: '[token] stays here', count: 3 },
    ]);
  });

  it('holds no token where it stands deeper, either', () => {
    lines.length = 0;
    log('warn', 'something', { parents: [`doc:${key}`, 7], answered: { reason: 'none', roles: [{ scope: jwt }], [key]: null } });
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      {
        event: 'something',
        parents: ['doc:[token]', 7],
        answered: { reason: 'none', roles: [{ scope: '[token]' }], '[token]': null },
      },
    ]);
  });

  it('no metric holds one', async () => {
    const { text } = await call('GET', '/metrics');
    for (const secret of secrets()) expect(text).not.toContain(secret);
  });
});
