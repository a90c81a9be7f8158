/** Bitmap documents over HTTP: who gets one, what it says beside `/check`, when its bytes change, and how it ends. */
import { env, exports } from 'cloudflare:workers';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Bitmap, type BitmapOptions, openBitmap } from '../../src/client/bitmap.ts';
import { assign, makeAcme } from './acme.ts';
import { type Answer, type Call, call, codeOf, makeKey, makeOrganization, putManifest } from './client.ts';

const TYPE = 'bitgate-bitmap+jwt';
const ISSUER = 'https://bitgate.test/orgs/acme';

let token: string;

const get = (query: Record<string, string>, more: Call = {}, path = '/bitmap'): Promise<Answer> =>
  call('GET', `${path}?${new URLSearchParams(query)}`, undefined, { token, ...more });

/** As anybody gets them. */
const publicKeys = async (): Promise<{ keys: Record<string, unknown>[] }> =>
  (await call('GET', '/.well-known/jwks.json', undefined, { token: null })).body;

const openText = async (text: string, options: Partial<BitmapOptions> = {}): Promise<Bitmap> =>
  openBitmap(text, { keys: await publicKeys(), issuer: ISSUER, ...options });

async function open(query: Record<string, string>, options: Partial<BitmapOptions> = {}): Promise<Bitmap> {
  const answer = await get(query);
  if (answer.status !== 200) throw new Error(`${answer.status} ${answer.text}`);
  return openText(answer.text, options);
}

const rejection = (opened: Promise<Bitmap>): Promise<unknown> =>
  opened.then(
    () => 'opened',
    ({ code }) => code,
  );

beforeAll(async () => {
  await makeAcme();
  await call('POST', '/admin/orgs/acme/roles', { name: 'Only check', privileges: ['bitgate:check'] });
  await call('POST', '/admin/orgs/acme/roles', { name: 'Only list', privileges: ['bitgate:list'] });
  ({ token } = await makeKey('acme'));
  await assign({ subject: 'user:vera', role: 'Viewer', scope: 'project:p1' });
});

afterEach(() => {
  vi.useRealTimers();
});

/** The clock stands still. A new document may begin here. */
function freeze(): number {
  const now = Math.ceil(Date.now() / 300_000) * 300_000;
  vi.useFakeTimers({ toFake: ['Date'], now });
  return now;
}

describe('a bitmap document', () => {
  it.each(['user:owner', 'user:vera', 'user:nobody'])('of %s answers as `/check` does', async (subject) => {
    const bitmap = await open({ subject });
    const actions = ['view', 'edit', 'org_only', 'typed', 'in_project', 'bitgate:read', 'unheard'];
    const resources = [undefined, 'project:p1', 'dataset:d1', 'project:new', 'dataset:new', 'report:new'];
    const checks = actions.flatMap((action) => resources.map((resource) => ({ subject, action, ...(resource ? { resource } : {}) })));
    const { body } = await call('POST', '/check/batch', { checks }, { token });
    const expected = body.results.map(({ decision }: { decision: boolean }) => (decision ? 'allow' : 'deny'));
    expect(checks.map(({ action, resource }) => bitmap.decide(action, resource))).toEqual(expected);
  });

  it('answers of what is not registered by the parents that are claimed', async () => {
    const bitmap = await open({ subject: 'user:vera' });
    const check = async (action: string, parents: string[]): Promise<string> => {
      const resource = { type: 'dataset', id: 'new', properties: { parents } };
      const { body } = await call('POST', '/check', { subject: 'user:vera', action, resource }, { token });
      return body.decision ? 'allow' : 'deny';
    };
    for (const parents of [['project:p1'], ['dataset:d1'], ['project:p2'], ['folder:x'], []]) {
      for (const action of ['view', 'edit', 'typed']) {
        expect(bitmap.decide(action, 'dataset:new', parents), `${action} ${parents}`).toBe(await check(action, parents));
      }
    }
    expect(bitmap.decide('view', 'dataset:new', ['project:p1', 'folder:x'])).toBe('ask');
    expect(bitmap.decide('edit', 'dataset:new', ['project:p1', 'project:p2'])).toBe('deny');
  });

  it('says what it is, of whom, of which revision and for whom', async () => {
    const answer = await get({ subject: 'user:vera', audience: 'app' });
    const { alg, typ, kid } = decodeProtectedHeader(answer.text);
    expect([alg, typ, kid]).toEqual(['EdDSA', TYPE, (await publicKeys()).keys[0]?.kid]);
    const claims = decodeJwt(answer.text);
    expect(claims).toMatchObject({ iss: ISSUER, sub: 'user:vera', aud: 'app', bitgate: { version: 1, organization: 'acme' } });
    expect(answer.headers.get('content-type')).toBe('application/jwt');
    expect(answer.headers.get('cache-control')).toBe('private, no-cache');
    const bitmap = await openText(answer.text, { audience: 'app' });
    expect([bitmap.subject, bitmap.organization, String(bitmap.revision)]).toEqual([
      'user:vera',
      'acme',
      answer.headers.get('x-bitgate-revision'),
    ]);
  });

  it('has for issuer what the metadata call this PDP, also where TLS ended before the Worker', async () => {
    for (const scheme of ['http', 'https']) {
      const headers = { authorization: `Bearer ${token}` };
      const document = await exports.default.fetch(`${scheme}://bitgate.test/bitmap?subject=user:vera`, { headers });
      const metadata = await exports.default.fetch(`${scheme}://bitgate.test/.well-known/authzen-configuration/orgs/acme`);
      const named: unknown = await metadata.json();
      expect(named).toMatchObject({ policy_decision_point: decodeJwt(await document.text()).iss });
    }
  });

  it('denies everything to whoever is suspended', async () => {
    await assign({ subject: 'user:sue', role: 'Editor', scope: 'org' });
    await call('PATCH', '/admin/orgs/acme/subjects/user:sue', { status: 'suspended' });
    const bitmap = await open({ subject: 'user:sue' });
    expect([bitmap.decide('view'), bitmap.decide('view', 'a:b', ['c:d'])]).toEqual(['deny', 'deny']);
  });

  it('of some privileges asks about all others', async () => {
    const bitmap = await open({ subject: 'user:vera', privileges: 'view,edit' });
    const answers = ['view', 'edit', 'typed', 'unheard'].map((action) => bitmap.decide(action, 'dataset:d1'));
    expect(answers).toEqual(['allow', 'deny', 'ask', 'ask']);
  });

  it('asks where a condition, or the end of a grant while it lasts, may change the answer', async () => {
    await assign({ subject: 'user:carl', role: 'Conditional', scope: 'org' });
    await assign({ subject: 'user:carl', role: 'Viewer', scope: 'org', expires_at: new Date(Date.now() + 20_000).toISOString() });
    await assign({ subject: 'user:carl', role: 'Typist', scope: 'org', expires_at: new Date(Date.now() + 600_000).toISOString() });
    const bitmap = await open({ subject: 'user:carl' });
    expect([bitmap.decide('org_only'), bitmap.decide('view'), bitmap.decide('typed')]).toEqual(['ask', 'ask', 'allow']);
  });
});

describe('who gets a bitmap document', () => {
  it.each<[string, string[], string]>([
    ['may check and list', ['bitgate:checker'], '200'],
    ['may only check', ['Only check'], '403 missing_privilege'],
    ['may only list', ['Only list'], '403 missing_privilege'],
    ['may neither', ['Viewer'], '403 missing_privilege'],
  ])('a key that %s', async (_name, roles, expected) => {
    const key = await makeKey('acme', roles);
    expect(codeOf(await get({ subject: 'user:vera' }, { token: key.token }))).toBe(expected);
    expect(codeOf(await get({ subject: `api_key:${key.id}` }, { token: key.token }))).toBe('200');
  });

  it('nobody without credentials, or of another organization', async () => {
    await makeOrganization('other', { owner: 'user:owner' });
    const other = await makeKey('other', ['bitgate:owner']);
    expect(codeOf(await get({ subject: 'user:vera' }, { token: null }))).toBe('401 missing_credentials');
    expect(codeOf(await get({ subject: 'user:vera' }, { token: other.token }, '/orgs/acme/bitmap'))).toBe('404 unknown_organization');
    expect(codeOf(await get({ subject: 'user:vera', org: 'acme' }, { token: other.token }))).toBe('404 unknown_organization');
    const theirs = await get({ subject: 'user:vera' }, { token: other.token });
    expect(await rejection(openText(theirs.text))).toBe('invalid_bitmap');
    expect((await openText(theirs.text, { issuer: 'https://bitgate.test/orgs/other' })).decide('view', 'project:p1')).toBe('deny');
  });

  it('root, which names the organization', async () => {
    const root = env.BITGATE_ROOT_TOKEN ?? '';
    expect(codeOf(await get({ subject: 'user:vera' }, { token: root }))).toBe('400 missing_organization');
    expect(codeOf(await get({ subject: 'user:vera', org: 'acme' }, { token: root }))).toBe('200');
    expect(codeOf(await get({ subject: 'user:vera' }, { token: root }, '/orgs/acme/bitmap'))).toBe('200');
  });
});

describe('the bytes of a bitmap document', () => {
  it('are the same for half of `ttl`, then others; `ETag` says so', async () => {
    const start = freeze();
    const query = { subject: 'user:vera', ttl: '60' };
    const first = await get(query);
    vi.setSystemTime(start + 29_999);
    const second = await get(query);
    expect([second.text, second.headers.get('etag')]).toEqual([first.text, first.headers.get('etag')]);
    expect(decodeJwt(first.text)).toMatchObject({ iat: start / 1_000, exp: start / 1_000 + 90 });
    vi.setSystemTime(start + 30_000);
    const third = await get(query);
    expect(third.text).not.toBe(first.text);
    expect(third.headers.get('etag')).not.toBe(first.headers.get('etag'));
  });

  it('are not sent to whoever has them', async () => {
    const start = freeze();
    const query = { subject: 'user:vera' };
    const etag = (await get(query)).headers.get('etag') ?? '';
    for (const held of [etag, `W/${etag}`, `"x", ${etag}`, '*']) {
      const answer = await get(query, { headers: { 'if-none-match': held } });
      expect([answer.status, answer.text, answer.headers.get('etag')]).toEqual([304, '', etag]);
    }
    expect((await get(query, { headers: { 'if-none-match': '"x"' } })).status).toBe(200);
    expect((await get({ ...query, audience: 'a' }, { headers: { 'if-none-match': etag } })).status).toBe(200);
    expect((await get(query, { token: null, headers: { 'if-none-match': etag } })).status).toBe(401);
    vi.setSystemTime(start + 30_000);
    expect((await get(query, { headers: { 'if-none-match': etag } })).status).toBe(200);
  });

  it('last for `ttl` at least, whenever they are asked for, and then say nothing', async () => {
    const start = freeze();
    for (const [ttl, later] of [
      [10, 4_999],
      [61, 30_999],
      [300, 149_999],
    ] as const) {
      vi.setSystemTime(start + later);
      const bitmap = await open({ subject: 'user:vera', ttl: String(ttl) });
      vi.setSystemTime(start + later + ttl * 1_000);
      expect(bitmap.decide('view', 'project:p1')).toBe('allow');
      vi.setSystemTime(bitmap.expiresAt - 1);
      expect(bitmap.decide('view', 'project:p1')).toBe('allow');
      vi.setSystemTime(bitmap.expiresAt);
      expect([bitmap.decide('view', 'project:p1'), bitmap.decide('unheard')]).toEqual(['ask', 'ask']);
      expect(bitmap.expiresAt - start - later).toBeLessThanOrEqual(1_500 * ttl + 1_000);
    }
  });
});

describe('a right that was taken away', () => {
  it('is gone from the next document, and when the one before is over', async () => {
    await assign({ subject: 'user:rob', role: 'Viewer', scope: 'project:p1' });
    let now = Date.now();
    const before = await open({ subject: 'user:rob', ttl: '10' }, { now: () => now });
    expect(before.decide('view', 'project:p1')).toBe('allow');
    await call('DELETE', '/admin/orgs/acme/assignments?subject=user:rob&role=Viewer&scope=project:p1');
    expect(before.decide('view', 'project:p1')).toBe('allow');
    const { revision } = (await call('GET', '/admin/orgs/acme')).body;
    const after = await open({ subject: 'user:rob', min_revision: String(revision) });
    expect([after.decide('view', 'project:p1'), after.revision]).toEqual(['deny', revision]);
    now += 16_000;
    expect(before.decide('view', 'project:p1')).toBe('ask');
  });
});

describe('questions that are refused', () => {
  it.each<[string, Record<string, string>, string]>([
    ['no subject', {}, 'subject'],
    ['a subject that is none', { subject: 'vera' }, 'subject'],
    ['an unknown parameter', { subject: 'user:v', action: 'view' }, 'action'],
    ['too short a time', { subject: 'user:v', ttl: '9' }, 'ttl'],
    ['too long a time', { subject: 'user:v', ttl: '301' }, 'ttl'],
    ['a time that is none', { subject: 'user:v', ttl: '60s' }, 'ttl'],
    ['an empty audience', { subject: 'user:v', audience: '' }, 'audience'],
    ['no privilege', { subject: 'user:v', privileges: '' }, 'privileges'],
    ['an empty privilege', { subject: 'user:v', privileges: 'view,' }, 'privileges[1]'],
    ['a resource that is none', { subject: 'user:v', resources: 'a:b,c' }, 'resources[1]'],
    ['too many resources', { subject: 'user:v', resources: Array.from({ length: 201 }, (_, i) => `a:${i}`).join() }, 'resources'],
  ])('%s', async (_name, query, path) => {
    const answer = await get(query);
    expect(codeOf(answer)).toBe('400 invalid_query');
    expect(answer.body.error.details.problems.map((problem: { path: string }) => problem.path)).toContain(path);
  });

  it('other methods', async () => {
    expect(codeOf(await call('POST', '/bitmap', {}, { token }))).toBe('405 method_not_allowed');
  });

  it('more than fits, unless the privileges are named', async () => {
    await makeOrganization('wide', { owner: 'user:owner' });
    const names = Array.from({ length: 600 }, (_, i) => `${i}`.padStart(120, 'x'));
    const owner = { subject: 'user:owner', role: 'bitgate:owner', scope: 'org' };
    await putManifest('wide', { bitgate: 1, catalog: { privileges: names.map((name) => ({ name })) }, assignments: [owner] });
    const wide = await makeKey('wide', ['bitgate:owner']);
    const answer = await get({ subject: 'user:owner' }, { token: wide.token });
    expect([codeOf(answer), answer.body.error.details.limit_bytes]).toEqual(['422 bitmap_too_large', 49_152]);
    expect((await get({ subject: 'user:nobody' }, { token: wide.token })).status).toBe(200);
    const named = await get({ subject: 'user:owner', privileges: names[3] ?? '' }, { token: wide.token });
    expect((await openText(named.text, { issuer: undefined })).decide(names[3] ?? '')).toBe('allow');
  });
});
