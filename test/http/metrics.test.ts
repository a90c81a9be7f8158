/** `/metrics`: what an isolate has counted, in a form that every scraper reads. */
import { beforeAll, describe, expect, it } from 'vitest';
import { Exposition } from '../../src/http/ops/exposition.ts';
import { bound } from '../rpc/face.ts';
import { type Family, parseExposition, sampleOf } from '../support/exposition.ts';
import { makeAcme } from './acme.ts';
import { call, makeKey } from './client.ts';

const METRICS = 'test-metrics-token-of-at-least-32-characters';
const scrape = async (): Promise<Map<string, Family>> =>
  parseExposition((await call('GET', '/metrics', undefined, { token: METRICS })).text);

const NAMES = [
  'isolate_info',
  'isolate_start_time_seconds',
  'decisions_total',
  'requests_total',
  'errors_total',
  'answer_age_seconds',
  'refreshes_total',
  'refresh_failures_total',
  'evictions_total',
  'alarms_total',
  'double_compared_total',
  'double_skipped_total',
  'double_mismatched_total',
  'double_failed_total',
  'pieces_loaded_total',
  'cached_bytes',
  'decision_log_written_total',
  'decision_log_lost_total',
  'organizations_behind',
  'oldest_unpublished_seconds',
];

let key = '';
beforeAll(async () => {
  await makeAcme();
  key = (await makeKey('acme')).token;
});

describe('who may read /metrics', () => {
  it('root, and whoever has the token for it, which opens nothing else', async () => {
    const answer = await call('GET', '/metrics', undefined, { token: METRICS });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8']);
    expect((await call('GET', '/metrics')).status).toBe(200);
    expect((await call('GET', '/readyz', undefined, { token: METRICS })).body).toHaveProperty('behind');
    expect((await call('GET', '/admin/orgs', undefined, { token: METRICS })).status).toBe(401);
    expect((await call('POST', '/orgs/acme/check', { subject: 'user:a', action: 'view' }, { token: METRICS })).status).toBe(401);
  });

  it('nobody else', async () => {
    for (const token of [null, key, 'x'.repeat(44), `${METRICS}x`, METRICS.slice(0, -1)])
      expect((await call('GET', '/metrics', undefined, { token })).status, String(token)).toBe(401);
  });
});

describe('what is counted', () => {
  const question = { subject: 'user:owner', action: 'bitgate:read' };
  const denied = { subject: 'user:nobody', action: 'view' };

  it('decisions by face and reason, whatever they are asked by', async () => {
    const before = await scrape();
    await call('POST', '/check', question, { token: key });
    await call('POST', '/check', denied, { token: key });
    await call('POST', '/check', { ...denied, action: undefined, any_of: ['view', 'edit'] }, { token: key });
    await call('POST', '/check/batch', { checks: [question, denied, denied, { subject: 1 }] }, { token: key });
    const entity = { subject: { type: 'user', id: 'owner' }, action: { name: 'bitgate:read' }, resource: { type: 'dataset', id: 'd1' } };
    await call('POST', '/access/v1/evaluation', entity, { token: key });
    await call('POST', '/access/v1/evaluations', { ...entity, evaluations: [{}, {}] }, { token: key });
    await bound().check(question, { key });
    const after = await scrape();
    const added = (face: string, reason: string): number => {
      const labels = { face, reason, outcome: reason === 'granted' ? 'allow' : 'deny' };
      return sampleOf(after, 'bitgate_decisions_total', labels) - sampleOf(before, 'bitgate_decisions_total', labels);
    };
    expect([added('check', 'granted'), added('check', 'no_grant')]).toEqual([1, 3]);
    expect([added('batch', 'granted'), added('batch', 'no_grant')]).toEqual([1, 2]);
    expect(added('authzen', 'granted') + added('authzen', 'no_grant')).toBe(3);
    expect(added('rpc', 'granted')).toBe(1);
    const ages = (families: Map<string, Family>): number =>
      sampleOf(families, 'bitgate_answer_age_seconds', {}, 'bitgate_answer_age_seconds_count');
    expect(ages(after) - ages(before)).toBe(7);
  });

  it('answers by face and status, refusals by code', async () => {
    const before = await scrape();
    await call('POST', '/check', question, { token: key });
    await call('POST', '/check', { subject: 1 }, { token: key });
    await call('POST', '/check', question, { token: null });
    await call('GET', '/nowhere');
    await call('GET', '/admin/orgs/nowhere');
    await call('POST', '/list/actions', { subject: 'user:owner' }, { token: null });
    await call('GET', '/forward-auth', undefined, { token: null });
    const after = await scrape();
    const added = (family: string, labels: Readonly<Record<string, string>>): number =>
      sampleOf(after, family, labels) - sampleOf(before, family, labels);
    const requests = (face: string, status: string): number => added('bitgate_requests_total', { face, status });
    expect([requests('check', '2xx'), requests('check', '4xx'), requests('other', '4xx'), requests('admin', '4xx')]).toEqual([1, 2, 1, 1]);
    expect([requests('list', '4xx'), requests('forward-auth', '4xx'), requests('ops', '2xx')]).toEqual([1, 1, 1]);
    const errors = (code: string): number => added('bitgate_errors_total', { code });
    expect([errors('invalid_check'), errors('missing_credentials'), errors('missing_proxy_key')]).toEqual([1, 2, 1]);
    expect([errors('not_found'), errors('unknown_organization')]).toEqual([1, 1]);
  });

  it('what the data plane counts, and which isolate it is; neither organizations nor subjects', async () => {
    const text = (await call('GET', '/metrics')).text;
    const families = parseExposition(text);
    expect([...families.keys()]).toEqual(NAMES.map((name) => `bitgate_${name}`));
    expect(sampleOf(families, 'bitgate_isolate_info')).toBe(1);
    expect(sampleOf(families, 'bitgate_cached_bytes', { of: 'newest' })).toBeGreaterThan(0);
    expect(sampleOf(families, 'bitgate_refreshes_total')).toBeGreaterThan(0);
    expect(text).not.toMatch(/acme|owner|nobody/);
  });
});

describe('the text form', () => {
  it('is read as what was written, whatever a label holds', () => {
    const odd = 'a\\b"c\nd,e="f"}';
    const text = new Exposition({ isolate: odd });
    text.family('some_total', 'counter', 'Back\\slash\nand line.', [{ value: 1, labels: { odd } }, { value: 2.5 }]);
    text.histogram('took_seconds', 'Time.', [0.1, 1], [3, 0, 2], 7.25);
    const families = parseExposition(text.text);
    expect(sampleOf(families, 'some_total', { isolate: odd, odd })).toBe(1);
    expect(sampleOf(families, 'took_seconds', { le: '1' }, 'took_seconds_bucket')).toBe(3);
    expect(sampleOf(families, 'took_seconds', { le: '+Inf' }, 'took_seconds_bucket')).toBe(5);
    expect(sampleOf(families, 'took_seconds', {}, 'took_seconds_sum')).toBe(7.25);
  });
});
