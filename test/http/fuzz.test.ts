/**
 * Malformed requests over every address and field, from a seed: none is a 5xx, each refusal has the one shape of errors, and what is
 * refused writes nothing: not to D1, not to KV.
 */
import { env, exports } from 'cloudflare:workers';
import { beforeAll, describe, expect, it } from 'vitest';
import { randomFrom } from '../properties/random.ts';
import { makeKey, makeOrganization, putManifest, ROOT } from './client.ts';

const SEED = 20_261;
const REQUESTS = 3_200;
const CHUNK = 250;

const { pick, chance, below } = randomFrom(SEED);

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

const document: Json = {
  bitgate: 1,
  catalog: { privileges: [{ name: 'view', levels: ['org'], resource_types: ['dataset'], implies: ['bitgate:read'] }] },
  policies: [{ name: 'P', privileges: ['view'], effect: 'deny', condition: 'context.x == 1', resource_types: ['dataset'] }],
  roles: [{ name: 'R', policies: ['P'], privileges: ['view'], inherits: ['bitgate:checker'], reaches_restricted: true }],
  projects: [{ id: 'p1', nickname: 'n', roles: [{ name: 'Own' }], properties: { a: { b: [1] } } }],
  subjects: [{ type: 'user', id: 'bob', status: 'active', properties: { role: 'admin' } }],
  groups: [{ name: 'staff', members: ['user:gus'] }],
  resources: [{ type: 'dataset', id: 'd', parents: ['project:p1'], access: 'restricted', owners: [{ subject: 'user:bob', kind: 'T' }] }],
  assignments: [{ subject: 'user:owner', role: 'bitgate:owner', scope: 'org', not_before: '2020-01-01T00:00:00Z', expires_at: null }],
  routes: [{ hosts: ['a.example'], methods: ['GET'], path: '/x/:id', action: 'bitgate:read', resource: 'dataset:{id}' }],
  settings: { default_role: null, closed_types: ['t'], role_cardinality: { org: 'multiple' }, issuers: [], claim_mappings: [] },
};
const entity: Json = { type: 'user', id: 'a', properties: { x: [1, { y: null }] } };
const question: Json = { subject: entity, action: { name: 'view', properties: {} }, resource: 'dataset:d', context: { x: 1 } };

interface Base {
  readonly method: string;
  readonly path: string;
  readonly body?: Json;
  readonly query?: Readonly<Record<string, string>>;
}

const freshness = { min_revision: 1, max_age_ms: 5_000 };
const ORG = '/admin/orgs/fuzz';
const BASES: readonly Base[] = [
  { method: 'POST', path: '/check', body: { ...question, org: 'fuzz', ...freshness } },
  { method: 'POST', path: '/orgs/fuzz/check', body: question },
  { method: 'GET', path: '/check', query: { subject: 'user:a', action: 'view', resource: 'dataset:d', org: 'fuzz', min_revision: '1' } },
  { method: 'GET', path: '/orgs/fuzz/check', query: { subject: 'user:a', action: 'view', max_age_ms: '9000' } },
  {
    method: 'POST',
    path: '/check/batch',
    body: { org: 'fuzz', defaults: { subject: 'user:a', context: {} }, checks: [question, { action: 'view' }] },
  },
  { method: 'POST', path: '/orgs/fuzz/check/batch', body: { checks: [question], ...freshness } },
  { method: 'GET', path: '/readyz' },
  { method: 'GET', path: '/healthz' },
  { method: 'GET', path: '/orgs/fuzz/readyz' },
  { method: 'POST', path: '/admin/orgs', body: { id: 'Fuzz 2', name: 'n', preset: 'blank', owner: 'user:o' }, query: { publish: 'async' } },
  { method: 'GET', path: '/admin/orgs', query: { limit: '5', cursor: 'a.b' } },
  { method: 'POST', path: '/admin/recompile', query: { full: 'false' } },
  { method: 'GET', path: ORG },
  { method: 'POST', path: `${ORG}/recompile`, query: { full: 'false' } },
  { method: 'GET', path: `${ORG}/privileges`, query: { q: 'vi', limit: '3', cursor: 'x' } },
  { method: 'GET', path: `${ORG}/projects/p1/privileges`, query: { q: 'vi' } },
  { method: 'GET', path: `${ORG}/manifest` },
  { method: 'PUT', path: `${ORG}/manifest`, body: document, query: { dry_run: 'true' } },
  { method: 'PUT', path: `${ORG}/manifest`, body: document, query: { dry_run: 'true', publish: 'async' } },
  { method: 'GET', path: `${ORG}/assignments`, query: { subject: 'user:a', role: 'R', scope: 'org', limit: '1' } },
  {
    method: 'POST',
    path: `${ORG}/assignments`,
    body: { subject: 'user:a', role: 'None', scope: 'org', not_before: '2020-01-01T00:00:00Z', expires_at: '2030-01-01T00:00:00Z' },
  },
  { method: 'POST', path: `${ORG}/assignments`, body: { subject: 'group:none', policy: 'P', scope: 'dataset:d' } },
  { method: 'DELETE', path: `${ORG}/assignments`, query: { subject: 'user:none', role: 'R', scope: 'org' } },
  { method: 'DELETE', path: `${ORG}/assignments/asg_none`, query: { publish: 'async' } },
  { method: 'POST', path: `${ORG}/projects/p1/assignments`, body: { subject: 'user:a', role: 'None', scope: 'project:p1' } },
  {
    method: 'POST',
    path: `${ORG}/assignments/batch`,
    body: {
      role: 'None',
      subjects: ['user:a', 'group:none'],
      scope: 'org',
      atomic: true,
      must_exist: true,
      not_before: '2020-01-01T00:00:00Z',
    },
  },
  { method: 'GET', path: `${ORG}/members`, query: { q: 'a', role: 'R', limit: '2' } },
  { method: 'GET', path: `${ORG}/projects/p1/members/user:bob` },
  { method: 'PUT', path: `${ORG}/members/user:a`, body: { roles: ['None', { role: 'R', expires_at: '2030-01-01T00:00:00Z' }] } },
  { method: 'DELETE', path: `${ORG}/members/user:none`, query: { dry_run: 'true' } },
  { method: 'POST', path: `${ORG}/members/user:owner/transfer-ownership`, body: { to: 'user:none', role: 'R', demote_to: 'R' } },
  { method: 'GET', path: `${ORG}/invitations`, query: { state: 'pending', limit: '2' } },
  {
    method: 'POST',
    path: `${ORG}/invitations`,
    body: { roles: ['None'], scope: 'org', emails: ['a@example.com'], expires_at: '2099-01-01T00:00:00Z', max_uses: 2 },
  },
  { method: 'POST', path: `${ORG}/invitations/none/resend` },
  { method: 'POST', path: '/invitations/accept', body: { token: 'bgi_fuzz_aaaa_aaaaaaaaaaaaaaaaaaaa', subject: 'user:a', replace: true } },
  { method: 'POST', path: '/invitations/decline', body: { token: 'bgi_fuzz_aaaa_aaaaaaaaaaaaaaaaaaaa', subject: 'user:a' } },
  { method: 'GET', path: `${ORG}/api-keys`, query: { limit: '2' } },
  {
    method: 'POST',
    path: `${ORG}/api-keys`,
    body: { name: 'k', roles: [{ role: 'None', scope: 'org' }], expires_at: '2030-01-01T00:00:00Z', forward_auth: 'nginx' },
  },
  { method: 'GET', path: `${ORG}/api-keys/none` },
  {
    method: 'PATCH',
    path: `${ORG}/api-keys/none`,
    body: { name: 'k', status: 'active', expires_at: '2030-01-01T00:00:00Z', forward_auth: 'nginx' },
  },
  { method: 'POST', path: `${ORG}/api-keys/none/rotate`, body: { overlap_ms: 1 }, query: { publish: 'async' } },
  { method: 'DELETE', path: `${ORG}/api-keys/none`, query: { publish: 'async' } },
];

const WITH_BODY = BASES.filter(({ body }) => body !== undefined);

/** JSON as text, so that what no serializer writes can be written as well. */
const ODD_JSON: readonly string[] = [
  ...['null', 'true', '0', '-0', '-1', '1.5', '1e21', '1e400', '-1e400', '9007199254740993', `${'9'.repeat(400)}`, '01', '+1', 'NaN'],
  ...['""', '" "', '"a"', '":"', '":x"', '"x:"', '"a:b:c"', '"org"', '"group:"', '"group:everyone"', '"group:owner:"', '"api_key:x"'],
  ...[
    '"\\u0000"',
    '"user:\\u0000"',
    '"user:\\u0000x"',
    '"\\ud800"',
    '"user:\\udfff"',
    '"\\ud83d\\ude00"',
    '"\u202e"',
    '"\u{10ffff}"',
    '"\\u"',
  ],
  ...['"__proto__"', '"constructor"', '"toString"', '"../../x"', '"%00"', `"'; DROP TABLE assignments; --"`, '"user:%2e%2e/"', '"*"'],
  ...['"2027-13-01T00:00:00Z"', '"2027-01-01"', '"275760-09-13T00:00:00Z"', '"-271821-04-20T00:00:00Z"', '"0000-00-00T00:00:00Z"'],
  ...['"9999-12-31T23:59:60Z"', '"2027-01-01T00:00:00.123456789+99:99"', '"now"'],
  ...['[]', '[[]]', '{}', '{"a":1}', '[null]', '["org","org"]', '{"__proto__":{"parents":["project:p1"]}}', '{"constructor":{"name":1}}'],
  ...['{"a":1,"a":2}', '{"type":"user"}', '{"type":"user","id":""}', '{"type":"a:b","id":"c"}', '{"type":1,"id":2}', '{"name":""}'],
  ...[`"${'x'.repeat(600)}"`, `"user:${'ü'.repeat(300)}"`, `"${'y'.repeat(70_000)}"`, `"${'\\u0001'.repeat(500)}"`],
  ...['['.repeat(40) + ']'.repeat(40), '['.repeat(10_000), `${'{"a":'.repeat(33)}1${'}'.repeat(33)}`, `[${'"a",'.repeat(2_000)}"a"]`],
  ...['undefined', "'a'", '/* c */ 1', '{a:1}', '"a\nb"', '', ','],
];

const ODD_TEXT: readonly string[] = [
  ...[
    '',
    ' ',
    '%00',
    '%',
    '%zz',
    '%ff',
    '%c0%af',
    '%ed%a0%80',
    '%e2%80%ae',
    '%2e%2e%2f',
    '..%2f..',
    '%252e',
    '+',
    '%2B',
    'a%20b',
    '%0d%0aX: y',
  ],
  ...[
    'null',
    'undefined',
    '-1',
    '0',
    '1e3',
    '1.0',
    '0x10',
    '99999999999999999999',
    '9999',
    'true',
    'TRUE',
    '[]',
    '{}',
    '*',
    "'",
    '"',
    '%27%20OR%201=1--',
  ],
  ...[
    '__proto__',
    'constructor',
    'user:',
    ':a',
    'user:a%00b',
    'group:everyone',
    'group:',
    'org',
    'x'.repeat(3_000),
    '%F0%9F%98%80',
    'ü',
    '😀',
    '\ud800',
  ],
  ...[
    'a.b',
    `${'A'.repeat(60)}.${'A'.repeat(43)}`,
    `W10.${'A'.repeat(43)}`,
    'fuzz',
    'FUZZ',
    'other',
    '-',
    'a_b',
    'a'.repeat(64),
    'async',
    'asg_none',
  ],
];

/** Every place of a value, as a path of keys. */
function places(value: Json, at: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [at];
  return [at, ...Object.entries(value).flatMap(([key, each]: [string, Json]) => places(each, [...at, key]))];
}

type Edit = (written: string, inObject: boolean, key: string) => string;

/** The value as JSON text, edited at one place. */
function write(value: Json, place: readonly string[], edit: Edit): string {
  const [next, ...rest] = place;
  if (typeof value !== 'object' || value === null || next === undefined) return JSON.stringify(value);
  const list = Array.isArray(value);
  const parts = Object.entries(value).map(([key, each]: [string, Json]) => {
    const own = (text: string): string => (list ? text : `${JSON.stringify(key)}:${text}`);
    if (key !== next) return own(JSON.stringify(each));
    return rest.length > 0 ? own(write(each, rest, edit)) : edit(own(JSON.stringify(each)), !list, key);
  });
  const text = parts.filter((part) => part !== '').join(',');
  return list ? `[${text}]` : `{${text}}`;
}

function oddBody(body: Json): string | Uint8Array {
  if (chance(0.1)) return oddBytes(JSON.stringify(body));
  const place = pick(places(body));
  if (place.length === 0) return pick(ODD_JSON);
  const odd = pick(ODD_JSON);
  return write(body, place, (written, inObject, key) => {
    const replaced = inObject ? `${JSON.stringify(key)}:${odd}` : odd;
    switch (below(8)) {
      case 0:
        return '';
      case 1:
        return `${written},${written}`;
      case 2:
        return inObject
          ? `${written},${JSON.stringify(pick(['__proto__', 'constructor', 'x', '', key.toUpperCase()]))}:${odd}`
          : `${written},${odd}`;
      default:
        return replaced;
    }
  });
}

function oddBytes(text: string): string | Uint8Array {
  const bytes = new TextEncoder().encode(text);
  switch (below(6)) {
    case 0:
      return text.slice(0, below(text.length));
    case 1:
      return `\ufeff${text}`;
    case 2:
      return Uint8Array.from(bytes, (byte, i) => (i === Math.floor(bytes.length / 2) ? 0xff : byte));
    case 3:
      return new Uint8Array(new Uint16Array([...text].map((letter) => letter.charCodeAt(0))).buffer);
    case 4:
      return `${text}${text}`;
    default:
      return `"${'z'.repeat(1_100_000)}"`;
  }
}

function oddQuery(query: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(query).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  const at = below(pairs.length + 1);
  const name = pairs[at]?.split('=')[0] ?? pick(['x', '', '__proto__', '%ff', 'limit', 'publish', 'dry_run']);
  const odd = `${name}=${pick(ODD_TEXT)}`;
  if (chance(0.3)) pairs.push(odd);
  else pairs[at] = odd;
  return `?${pairs.join(pick(['&', '&', '&&']))}${chance(0.1) ? '#f' : ''}`;
}

function oddPath(path: string): string {
  const parts = path.split('/');
  const at = 1 + below(parts.length - 1);
  if (chance(0.2)) return `${path}${pick(['/', '//', '/x', '%2f', ';a', '/..%2f', '/%00', '/.'])}`;
  parts[at] = pick(ODD_TEXT).replaceAll('#', '').replaceAll('?', '');
  return parts.join('/');
}

interface Sent {
  readonly method: string;
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly body: string | Uint8Array | undefined;
}

function makeRequest(tokens: readonly string[]): Sent {
  const base = chance(0.4) ? pick(WITH_BODY) : pick(BASES);
  const { method, path, body, query = {} } = base;
  const where = below(100) / 100;
  const headers: Record<string, string> = { authorization: `Bearer ${pick(tokens)}`, 'content-type': 'application/json' };
  let sent: Sent = {
    method,
    url: path + (Object.keys(query).length === 0 ? '' : `?${new URLSearchParams(query)}`),
    headers,
    body: body === undefined ? undefined : JSON.stringify(body),
  };
  if (body !== undefined && where < 0.6) sent = { ...sent, body: oddBody(body) };
  else if (where < 0.75) sent = { ...sent, url: path + oddQuery(query) };
  else if (where < 0.85) sent = { ...sent, url: oddPath(path) };
  else if (where < 0.93) Object.assign(headers, pick(ODD_HEADERS));
  else sent = { ...sent, method: pick(['PATCH', 'OPTIONS', 'HEAD', 'DELETE', 'PUT', 'POST', 'GET', 'PROPFIND']) };
  return sent.method === 'GET' || sent.method === 'HEAD' ? { ...sent, body: undefined } : sent;
}

const ODD_HEADERS: readonly Record<string, string>[] = [
  ...[
    '',
    'text/plain',
    'application/json; charset=utf-16',
    'application/JSON;charset="utf-8"',
    'application/yaml',
    'application/json,text/plain',
  ].map((type) => ({ 'content-type': type })),
  { 'content-type': 'multipart/form-data; boundary=x' },
  { 'content-encoding': 'gzip' },
  { 'transfer-encoding': 'chunked' },
  ...['x'.repeat(10_000), ' ', '\t', '{}'].map((id) => ({ 'x-request-id': id })),
  ...[
    '',
    'Bearer',
    'Bearer ',
    'Bearer  x',
    'bearer x',
    'Basic',
    'Basic !!!',
    'Basic Og==',
    `Basic ${btoa('a:b:c')}`,
    'Digest x',
    'Bearer a, Bearer b',
  ].map((authorization) => ({ authorization })),
  ...[`Bearer bg_fuzz_x_${'a'.repeat(300)}`, `Bearer bg_nowhere_x_${'a'.repeat(30)}`, `Bearer ${'x'.repeat(20_000)}`].map(
    (authorization) => ({
      authorization,
    }),
  ),
  { accept: 'application/yaml;q=x,,,' },
  { accept: '*/*, application/yaml' },
  { host: 'evil.test', 'x-forwarded-host': 'evil.test', 'x-forwarded-uri': '/admin' },
  { range: 'bytes=0-1', 'if-match': '*', cookie: 'a=b', origin: 'null', 'x-http-method-override': 'DELETE' },
];

/** All that a write leaves behind. */
async function traces(): Promise<string> {
  const rows = await env.DB.prepare(
    'SELECT (SELECT max(seq) FROM changes) AS changes, (SELECT count(*) FROM audit) AS audit, (SELECT count(*) FROM organizations) AS organizations',
  ).first();
  return JSON.stringify(rows);
}

async function kvTraces(): Promise<string> {
  const { keys } = await env.KV.list();
  const pointers = keys.filter(({ name }) => name.endsWith('/pointer'));
  return JSON.stringify([keys, await Promise.all(pointers.map(({ name }) => env.KV.get(name)))]);
}

/** The Publisher gives KV the pointer once a second at most, the last one by an alarm. */
function pointersCopied(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1_500));
}

describe('SEC-48 malformed requests', () => {
  const tokens: string[] = [];
  beforeAll(async () => {
    await makeOrganization('fuzz', { owner: 'user:owner' });
    await makeOrganization('other');
    await putManifest('fuzz', document as object);
    const owner = await makeKey('fuzz', ['bitgate:owner']);
    const checker = await makeKey('fuzz');
    const stranger = await makeKey('other', ['bitgate:owner']);
    tokens.push(ROOT, ROOT, owner.token, owner.token, checker.token, stranger.token);
    await pointersCopied();
  });

  it('are never a 5xx, are refused in one shape, and write nothing', async () => {
    const counts = new Map<string, number>();
    let accepted = 0;
    for (let done = 0; done < REQUESTS; ) {
      const kv = await kvTraces();
      let writes = 0;
      for (const end = done + CHUNK; done < end; done++) {
        const sent = makeRequest(tokens);
        const before = await traces();
        const response = await exports.default.fetch(`https://bitgate.test${sent.url}`, {
          method: sent.method,
          headers: new Headers(sent.headers),
          ...(sent.body === undefined ? {} : { body: sent.body }),
          redirect: 'manual',
        });
        const text = new TextDecoder().decode(await response.arrayBuffer());
        const { status } = response;
        const shown = JSON.stringify({
          seed: SEED,
          n: done,
          ...sent,
          body: `${sent.body}`.slice(0, 2_000),
          status,
          text: text.slice(0, 500),
        });
        const body = parse(text);
        if (status >= 400 && sent.method !== 'HEAD') {
          expect(body?.error?.code, shown).toMatch(/^[a-z][a-z_]+$/);
          expect(body.error.message, shown).toMatch(/\S/);
          expect(response.headers.get('content-type'), shown).toContain('application/json');
          if (status === 401) expect(response.headers.get('www-authenticate'), shown).toContain('Bearer');
        }
        // The one 503 that a caller may ask for: a revision that isn't there.
        const asked = status === 503 && body?.error?.code === 'stale' && /min_revision/.test(`${sent.url}${sent.body}`);
        expect(status < 500 || asked, shown).toBe(true);
        counts.set(`${status} ${body?.error?.code ?? ''}`, (counts.get(`${status} ${body?.error?.code ?? ''}`) ?? 0) + 1);
        const wrote = (await traces()) !== before;
        if (wrote) {
          expect([status, sent.url.includes('dry_run=true')], shown).toEqual([expect.any(Number), false]);
          expect([200, 201, 202], shown).toContain(status);
          writes++;
        }
      }
      if (writes === 0) expect(await kvTraces()).toBe(kv);
      else await pointersCopied();
      accepted += writes;
    }
    const table = [...counts].sort((a, b) => b[1] - a[1]).map(([what, n]) => `${n} × ${what}`);
    console.log(`fuzz: seed ${SEED}, ${REQUESTS} requests, ${accepted} of them writes after all; ${table.join(', ')}`);
    // Otherwise the requests weren't malformed, or all of them in the same way.
    expect(accepted).toBeLessThan(REQUESTS / 20);
    expect(counts.size).toBeGreaterThan(15);
  }, 120_000);
});

// biome-ignore lint/suspicious/noExplicitAny: answers of many shapes
function parse(text: string): any {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
