/** The change feed: in order, complete, waiting, as events, and never with a secret in it. */
import { env, exports } from 'cloudflare:workers';
import { beforeAll, describe, expect, it } from 'vitest';
import { changesAnswer, changesExample } from '../../src/http/admin/changes-wire.ts';
import { assign, makeAcme, revision } from './acme.ts';
import { type Answer, call, makeKey, makeOrganization, ROOT } from './client.ts';

interface Item {
  readonly revision: number;
  readonly table: string;
  readonly key: string[];
  readonly op: string;
  readonly actor: string | null;
  readonly request_id: string | null;
}

const feed = (query = '', token = ROOT, org = 'acme'): Promise<Answer> =>
  call('GET', `/admin/orgs/${org}/changes${query}`, undefined, { token });

/** Until `enough` characters came, or the end. */
async function events(query: string, enough: (text: string) => boolean, headers: Record<string, string> = {}): Promise<string> {
  const response = await exports.default.fetch(`https://bitgate.test/admin/orgs/acme/changes${query}`, {
    headers: { authorization: `Bearer ${ROOT}`, accept: 'text/event-stream', ...headers },
  });
  if (response.status !== 200) return `${response.status} ${await response.text()}`;
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  const reader = response.body!.getReader();
  const decoder = new TextDecoder();
  let text = '';
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    text += decoder.decode(part.value);
    if (enough(text)) break;
  }
  await reader.cancel();
  return text;
}

const ids = (text: string): number[] => [...text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id));

beforeAll(makeAcme);

describe('the change feed', () => {
  it('tells every change once and in order, page by page, up to the revision', async () => {
    const items: Item[] = [];
    for (let after = 0; ; ) {
      const page = await feed(`?after=${after}&limit=7`);
      expect(changesAnswer.parse(page.body)).toEqual(page.body);
      items.push(...page.body.items);
      if (page.body.items.length === 0) {
        expect([page.body.next_after, page.body.revision]).toEqual([after, await revision()]);
        break;
      }
      expect(page.body.next_after).toBe(page.body.items.at(-1).revision);
      after = page.body.next_after;
    }
    const { results } = await env.DB.prepare("SELECT seq FROM changes WHERE org = 'acme' ORDER BY seq").all<{ seq: number }>();
    expect(items.map((item) => item.revision)).toEqual(results.map(({ seq }) => seq));
  });

  it('names table, key and operation, and at the end of a write who made it', async () => {
    const before = await revision();
    const made = await call(
      'POST',
      '/admin/orgs/acme/assignments',
      { subject: 'user:new', role: 'Viewer', scope: 'org' },
      { headers: { 'x-request-id': 'feed-1' } },
    );
    const { items } = (await feed(`?after=${before}`)).body as { items: Item[] };
    expect(items.map(({ table, key, op }) => [table, key, op])).toEqual(
      expect.arrayContaining([
        ['subjects', ['user:new'], 'insert'],
        ['assignments', [made.body.id], 'insert'],
      ]),
    );
    expect(items.map(({ actor, request_id }) => [actor, request_id])).toEqual([
      ...items.slice(1).map(() => [null, null]),
      ['root', 'feed-1'],
    ]);
  });

  it('shows keys of several columns as several texts, and what SQL by hand did without an author', async () => {
    const before = await revision();
    await env.DB.prepare("INSERT INTO resource_owners (org, resource, owner, kind) VALUES ('acme', 'dataset:d1', 'user:o\"1', 'x')").run();
    const { items } = (await feed(`?after=${before}`)).body as { items: Item[] };
    expect(items.find(({ table }) => table === 'resource_owners')).toMatchObject({
      key: ['dataset:d1', 'user:o"1', 'x'],
      actor: null,
      request_id: null,
    });
  });

  it('puts no change by hand down to whoever did something beside the model afterwards', async () => {
    const before = await revision();
    await env.DB.prepare("INSERT INTO resources (org, resource) VALUES ('acme', 'dataset:by-hand')").run();
    await call('PUT', `/admin/orgs/acme/revisions/${before}/tag`, { tag: 'by hand' });
    await call('POST', '/admin/orgs/acme/invitations', { roles: ['Viewer'], scope: 'org', emails: ['a@example.org'] });
    const { items } = (await feed(`?after=${before}`)).body as { items: Item[] };
    expect(items.map(({ table, actor }) => [table, actor])).toEqual([['resources', null]]);
    const [newest] = (await call('GET', '/admin/orgs/acme/revisions?limit=1')).body.items;
    expect([newest.revision, newest.actor]).toEqual([items[0]!.revision, null]);
  });

  it('holds no secret and no hash of one', async () => {
    const before = await revision();
    const { token, id } = await makeKey('acme', ['Viewer']);
    await call('POST', `/admin/orgs/acme/api-keys/${id}/rotate`, {});
    const { text } = await feed(`?after=${before}&limit=1000`);
    expect(text).toContain(id);
    const { results } = await env.DB.prepare('SELECT hash FROM api_keys WHERE id = ?1').bind(id).all<{ hash: string }>();
    for (const secret of [token, token.split('_')[3]!, results[0]!.hash]) expect(text).not.toContain(secret);
  });

  it('answers a poll that waits as soon as something is written', async () => {
    const before = await revision();
    const began = Date.now();
    const waiting = feed(`?after=${before}&wait_ms=20000`);
    await new Promise((resolve) => setTimeout(resolve, 700));
    const written = await assign({ subject: 'user:woken', role: 'Viewer', scope: 'org' });
    const { body } = await waiting;
    expect(Date.now() - began).toBeLessThan(10_000);
    expect(body.items.map(({ table }: Item) => table)).toContain('assignments');
    expect(body.next_after).toBe(written.body.revision);
  });

  it('answers a poll with nothing when nothing came in its time', async () => {
    const before = await revision();
    const began = Date.now();
    const { status, body } = await feed(`?after=${before}&wait_ms=400`);
    expect([status, body]).toEqual([200, { items: [], next_after: before, revision: before }]);
    expect(Date.now() - began).toBeGreaterThanOrEqual(380);
  });

  it.each([
    ['after=-1', 400, 'invalid_query'],
    ['after=x', 400, 'invalid_query'],
    ['after=1.5', 400, 'invalid_query'],
    ['after=999999999', 422, 'after_too_high'],
    ['limit=0', 400, 'invalid_query'],
    ['wait_ms=25001', 400, 'invalid_query'],
    ['since=1', 400, 'invalid_query'],
  ])('refuses %s', async (query, status, code) => {
    const answer = await feed(`?${query}`);
    expect([answer.status, answer.body.error.code]).toEqual([status, code]);
  });

  it('says when the log was pruned past the place, and from where on it is whole', async () => {
    await makeOrganization('pruned');
    const newest = (await feed('?limit=1000', ROOT, 'pruned')).body.revision;
    await env.DB.prepare("DELETE FROM changes WHERE org = 'pruned' AND seq < ?1").bind(newest).run();
    const answer = await feed('?after=0', ROOT, 'pruned');
    expect([answer.status, answer.body.error]).toMatchObject([410, { code: 'changes_pruned', details: { revision: newest } }]);
    const { oldest_after: oldest } = answer.body.error.details;
    expect((await feed(`?after=${oldest}`, ROOT, 'pruned')).body.items).toHaveLength(1);
  });

  it('is for auditors: no other right of reading opens it, and a key of another organization finds nothing', async () => {
    const reader = await makeKey('acme', ['Reader']);
    expect((await feed('', reader.token)).body.error).toMatchObject({ code: 'missing_privilege', details: { privilege: 'bitgate:audit' } });
    const owner = await makeKey('acme', ['bitgate:owner']);
    expect((await feed('', owner.token)).status).toBe(200);
    await makeOrganization('other');
    expect((await feed('', owner.token, 'other')).status).toBe(404);
    expect((await feed('', ROOT, 'nowhere')).status).toBe(404);
  });

  it('tells nothing to who lost the right while waiting', async () => {
    const { token, id } = await makeKey('acme', ['bitgate:owner']);
    const waiting = feed(`?after=${await revision()}&wait_ms=20000`, token);
    await new Promise((resolve) => setTimeout(resolve, 300));
    await call('PATCH', `/admin/orgs/acme/api-keys/${id}`, { status: 'disabled' });
    expect((await waiting).status).toBe(401);
  });
});

describe('the change feed as events', () => {
  it('begins with the pause before coming again, then gives each change with its revision as id', async () => {
    const { items } = (await feed('?limit=1000')).body as { items: Item[] };
    const text = await events('?after=0', (so) => ids(so).length >= items.length);
    expect(text.startsWith('retry: 1000\n\n')).toBe(true);
    expect(ids(text)).toEqual(items.map((item) => item.revision));
    const [first] = text.split('\n\n').filter((block) => block.startsWith('id: '));
    expect(first?.split('\n').map((line) => line.split(': ')[0])).toEqual(['id', 'event', 'data']);
    expect(JSON.parse(first!.split('data: ')[1]!)).toEqual(items[0]);
  });

  it('goes on behind the last id that the client has seen, whatever its address says', async () => {
    const { items } = (await feed('?limit=1000')).body as { items: Item[] };
    const seen = items[4]!.revision;
    const text = await events('?after=0', (so) => ids(so).length >= items.length - 5, { 'last-event-id': String(seen) });
    expect(ids(text)).toEqual(items.slice(5).map((item) => item.revision));
  });

  it('sends what is written while the stream is open', async () => {
    const before = await revision();
    const coming = events(`?after=${before}`, (so) => so.includes('assignments') && so.endsWith('\n\n'));
    await new Promise((resolve) => setTimeout(resolve, 300));
    const written = await assign({ subject: 'user:streamed', role: 'Viewer', scope: 'org' });
    expect(ids(await coming).at(-1)).toBe(written.body.revision);
  });

  it('refuses a place that is none before it begins', async () => {
    expect(await events('', () => true, { 'last-event-id': 'x' })).toMatch(/^400 .*invalid_last_event_id/);
    expect(await events('?after=999999999', () => true)).toMatch(/^422 .*after_too_high/);
  });
});

it('the example of the description is an answer', () => {
  expect(changesAnswer.parse(changesExample)).toEqual(changesExample);
});
