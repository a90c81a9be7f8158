/** The audit over HTTP: one line for each change and none for anything else, read by those who may, and proved whole. */
import { env } from 'cloudflare:workers';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Answer, call, makeKey, makeOrganization, putManifest, ROOT } from './client.ts';

interface Line {
  readonly id: number;
  readonly at: string;
  readonly revision: number;
  readonly actor: string;
  readonly action: string;
  readonly target: string;
  readonly request_id: string;
}

const manifest = {
  bitgate: 1,
  catalog: { privileges: [{ name: 'view' }] },
  roles: [
    { name: 'Viewer', privileges: ['view'] },
    { name: 'Auditor', privileges: ['bitgate:audit'] },
    { name: 'Reader', privileges: ['bitgate:read'] },
  ],
  projects: [{ id: 'p1' }],
  assignments: [{ subject: 'user:owner', role: 'bitgate:owner', scope: 'org' }],
};

const audit = (org: string, query = '', token: string | null = ROOT): Promise<Answer> =>
  call('GET', `/admin/orgs/${org}/audit${query}`, undefined, { token });
const verify = (org: string, query = '', token: string = ROOT): Promise<Answer> =>
  call('GET', `/admin/orgs/${org}/audit/verify${query}`, undefined, { token });
const linesOf = async (org: string): Promise<Line[]> => (await audit(org, '?limit=1000')).body.items;

/** Does it, with a request id of its own. @returns the answer and the lines that came of it */
async function linesBy(org: string, id: string, method: string, path: string, body?: object, token: string = ROOT) {
  const before = (await audit(org)).body.total ?? 0;
  const answer = await call(method, path, body, { token, headers: { 'x-request-id': id } });
  const all = await linesOf(org);
  return { answer, lines: all.slice(0, all.length - before) };
}

beforeAll(async () => {
  await makeOrganization('acme', { owner: 'user:owner' });
  await putManifest('acme', manifest);
});

describe('each write', () => {
  it('has exactly one line, with who, when, which request, what, and the revision that it made', async () => {
    const base = '/admin/orgs/lines';
    const started = Date.now();
    const made = await linesBy('lines', 'r-1', 'POST', '/admin/orgs', { id: 'lines', owner: 'user:owner' });
    const put = await linesBy('lines', 'r-2', 'PUT', `${base}/manifest`, manifest);
    const { token, id } = await makeKey('lines', ['bitgate:owner']);
    const wanted = { subject: 'user:a', role: 'Viewer', scope: 'org' };
    const assigned = await linesBy('lines', 'r-3', 'POST', `${base}/assignments`, wanted, token);
    const deleted = await linesBy('lines', 'r-4', 'DELETE', `${base}/assignments/${assigned.answer.body.id}`, undefined, token);
    const again = await linesBy('lines', 'r-5', 'POST', `${base}/assignments`, wanted);
    const byWords = await linesBy('lines', 'r-6', 'DELETE', `${base}/assignments?subject=user:a&role=Viewer&scope=org`);
    const key = await linesBy('lines', 'r-7', 'POST', `${base}/api-keys`, { name: 'k', roles: [{ role: 'Viewer', scope: 'org' }] });

    const expected = [
      [made, 'r-1', 'root', 'organization.create', 'organization:lines'],
      [put, 'r-2', 'root', 'manifest.put', 'organization'],
      [assigned, 'r-3', `api_key:${id}`, 'assignment.create', `assignment:${assigned.answer.body.id}`],
      [deleted, 'r-4', `api_key:${id}`, 'assignment.delete', `assignment:${assigned.answer.body.id}`],
      [again, 'r-5', 'root', 'assignment.create', `assignment:${again.answer.body.id}`],
      [byWords, 'r-6', 'root', 'assignment.delete', `assignment:${again.answer.body.id}`],
      [key, 'r-7', 'root', 'api_key.create', `api_key:${key.answer.body.id}`],
    ] as const;
    for (const [{ answer, lines }, request_id, actor, action, target] of expected) {
      const { revision } = answer.body;
      expect(answer.status).toBeLessThan(300);
      expect(lines).toEqual([expect.objectContaining({ request_id, actor, action, target, revision })]);
      const at = Date.parse(lines[0]?.at ?? '');
      expect(at >= started && at <= Date.now()).toBe(true);
    }
    expect(assigned.lines[0]).toMatchObject({ before: null, after: { principal: 'user:a', scope: 'org' } });
    expect(deleted.lines[0]).toMatchObject({ before: [{ principal: 'user:a', scope: 'org' }], after: null });
    expect((await linesOf('lines')).map((line) => line.id)).toEqual([8, 7, 6, 5, 4, 3, 2, 1]);
    const head = await verify('lines');
    expect(head.body).toEqual({ valid: true, rows: 8, head_hash: expect.stringMatching(/^[0-9a-f]{64}$/), next: null });
  });

  it('that fails or changes nothing has none', async () => {
    const { token } = await makeKey('acme', ['Reader']);
    const base = '/admin/orgs/acme';
    const head = (await verify('acme')).body;
    const wanted = { subject: 'user:owner', role: 'bitgate:owner', scope: 'org' };
    const tries: readonly [number, string, string, object?, string?][] = [
      [200, 'PUT', `${base}/manifest`, manifest],
      [200, 'PUT', `${base}/manifest?dry_run=true`, { ...manifest, groups: [{ name: 'staff' }] }],
      [200, 'POST', `${base}/assignments`, wanted],
      [422, 'PUT', `${base}/manifest`, { bitgate: 1, nonsense: true }],
      [422, 'POST', `${base}/assignments`, { ...wanted, role: 'Nobody' }],
      [400, 'POST', `${base}/assignments`, { nonsense: true }],
      [403, 'POST', `${base}/assignments`, { ...wanted, subject: 'user:b' }, token],
      [403, 'POST', `${base}/api-keys`, { name: 'x' }, token],
      [404, 'DELETE', `${base}/assignments/asg_none`],
      [409, 'DELETE', `${base}/assignments?subject=user:owner&role=bitgate:owner&scope=org`],
      [409, 'POST', '/admin/orgs', { id: 'acme' }],
      [200, 'POST', `${base}/recompile?full=true`],
    ];
    for (const [status, method, path, body, by = ROOT] of tries) {
      const answer = await call(method, path, body, { token: by });
      expect([method, path, answer.status]).toEqual([method, path, status]);
    }
    expect((await verify('acme')).body).toEqual(head);
  });

  it('that meets others leaves one chain', async () => {
    await makeOrganization('meeting');
    await putManifest('meeting', manifest);
    const post = (i: number): Promise<Answer> =>
      call('POST', '/admin/orgs/meeting/assignments', { subject: `user:${i}`, role: 'Viewer', scope: 'org' });
    const answers = await Promise.all([1, 2, 3, 4].map(post));
    const done = answers.filter(({ status }) => status === 201);
    expect((await verify('meeting')).body).toMatchObject({ valid: true, rows: 2 + done.length });
    const revisions = (await linesOf('meeting')).slice(0, done.length).map(({ revision }) => revision);
    expect(revisions).toEqual(done.map(({ body }) => body.revision).sort((a, b) => b - a));
  });
});

describe('the list', () => {
  beforeAll(async () => {
    await makeOrganization('paged');
    await putManifest('paged', manifest);
    for (let i = 0; i < 6; i++) await makeKey('paged', i % 2 === 0 ? ['Viewer'] : []);
    for (const subject of ['user:a', 'user:b', 'user:c'])
      await call('POST', '/admin/orgs/paged/assignments', { subject, role: 'Viewer', scope: 'org' });
  });

  async function walk(query: string): Promise<number[]> {
    const ids: number[] = [];
    const totals = new Set<number>();
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page: Answer = await audit('paged', `?limit=2${query}${cursor === '' ? '' : `&cursor=${cursor}`}`);
      ids.push(...page.body.items.map(({ id }: Line) => id));
      totals.add(page.body.total);
      cursor = page.body.next_cursor;
    }
    expect([...totals]).toEqual([ids.length]);
    return ids;
  }

  it('SEC-08 comes whole in pages, newest first, each line once, with its total on each', async () => {
    expect(await walk('')).toEqual([11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
    expect(await walk('&action=api_key.create')).toEqual([8, 7, 6, 5, 4, 3]);
    expect(await walk('&actor=root&action=assignment.create')).toEqual([11, 10, 9]);
    expect(await walk('&actor=nobody')).toEqual([]);
  });

  it('is of one target, and of a time from which on and before which', async () => {
    const all = await linesOf('paged');
    for (const line of all) expect((await audit('paged', `?target=${line.target}`)).body.items).toEqual([line]);
    const { at } = all[4]!;
    const ids = (test: (line: Line) => boolean): number[] => all.filter(test).map(({ id }) => id);
    expect(await walk(`&from=${at}`)).toEqual(ids((line) => Date.parse(line.at) >= Date.parse(at)));
    expect(await walk(`&to=${at}`)).toEqual(ids((line) => Date.parse(line.at) < Date.parse(at)));
    expect(await walk(`&from=${at}&to=${at}`)).toEqual([]);
  });

  it.each(['from=yesterday', 'to=2026-01-01', 'limit=0', 'limit=1001', 'subject=user:a', 'actor='])('refuses ?%s', async (query) => {
    const answer = await audit('paged', `?${query}`);
    expect([answer.status, answer.body.error.code]).toEqual([400, 'invalid_query']);
  });

  it('SEC-21 takes no cursor of another filter, organization or list', async () => {
    const cursor: string = (await audit('paged', '?limit=2')).body.next_cursor;
    const step: string = (await verify('paged', '?limit=2')).body.next;
    const filtered: string = (await audit('paged', '?limit=2&action=api_key.create')).body.next_cursor;
    const wrong = [
      await audit('paged', `?limit=2&actor=root&cursor=${cursor}`),
      await audit('paged', `?limit=2&cursor=${filtered}`),
      await audit('acme', `?limit=2&cursor=${cursor}`),
      await audit('paged', `?cursor=${step}`),
      await verify('paged', `?cursor=${cursor}`),
      await verify('acme', `?cursor=${step}`),
    ];
    for (const answer of wrong) expect([answer.status, answer.body.error.code]).toEqual([400, 'invalid_cursor']);
  });

  it('SEC-47 holds no line of another organization', async () => {
    await makeOrganization('neighbour');
    const own = await env.DB.prepare("SELECT request_id FROM audit WHERE org = 'paged'").all<{ request_id: string }>();
    const known = new Set(own.results.map(({ request_id }) => request_id));
    for (const line of await linesOf('paged')) expect(known.has(line.request_id)).toBe(true);
    expect((await audit('neighbour')).body).toMatchObject({ total: 1, items: [{ id: 1, target: 'organization:neighbour' }] });
    expect((await audit('neighbour', '?action=api_key.create')).body).toMatchObject({ total: 0, items: [] });
  });

  it('SEC-49 holds no secret, neither a token nor its hash', async () => {
    const { token } = await makeKey('paged');
    const hashes = await env.DB.prepare("SELECT hash FROM api_keys WHERE org = 'paged'").all<{ hash: string }>();
    const { text } = await audit('paged', '?limit=1000');
    for (const secret of [token, token.split('_').at(-1) ?? token, ROOT, ...hashes.results.map(({ hash }) => hash)])
      expect(text).not.toContain(secret);
  });
});

describe('who may read it', () => {
  it('is root, and who has bitgate:audit at the organization', async () => {
    const { token } = await makeKey('acme', ['Auditor']);
    const owner = await makeKey('acme', ['bitgate:owner']);
    for (const by of [ROOT, token, owner.token]) {
      expect((await audit('acme', '?limit=1', by)).status).toBe(200);
      expect((await verify('acme', '', by)).body.valid).toBe(true);
    }
  });

  it('is nobody else', async () => {
    const keys = [
      await makeKey('acme', []),
      await makeKey('acme', ['Reader']),
      await makeKey('acme', [{ role: 'Auditor', scope: 'project:p1' }]),
    ];
    for (const { token } of keys) {
      for (const answer of [await audit('acme', '', token), await verify('acme', '', token)]) {
        expect([answer.status, answer.body.error.code]).toEqual([403, 'missing_privilege']);
      }
    }
    await makeOrganization('stranger');
    const stranger = await makeKey('stranger', ['bitgate:owner']);
    expect((await audit('acme', '', stranger.token)).body.error.code).toBe('unknown_organization');
    expect((await verify('acme', '', stranger.token)).body.error.code).toBe('unknown_organization');
    expect((await audit('acme', '', null)).status).toBe(401);
    expect((await audit('nowhere')).status).toBe(404);
  });

  it('changes nothing by it', async () => {
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
      for (const path of ['audit', 'audit/verify']) expect((await call(method, `/admin/orgs/acme/${path}`, {})).status).toBe(405);
    }
  });
});

describe('the proof', () => {
  it('comes in steps, each with how many rows were good so far, to the same head', async () => {
    const whole = (await verify('acme')).body;
    const rows: number[] = [];
    let last: Answer['body'];
    for (let cursor: string | null = ''; cursor !== null; cursor = last.next) {
      last = (await verify('acme', `?limit=3${cursor === '' ? '' : `&cursor=${cursor}`}`)).body;
      rows.push(last.rows);
    }
    expect(last).toEqual(whole);
    expect(rows).toEqual(rows.map((_, i) => Math.min(3 * (i + 1), whole.rows)));
  });

  it('names the line that was changed', async () => {
    await makeOrganization('broken');
    for (let i = 0; i < 3; i++) await makeKey('broken', []);
    const { results } = await env.DB.prepare("SELECT sql FROM sqlite_master WHERE name = 'audit_no_update'").all<{ sql: string }>();
    await env.DB.prepare('DROP TRIGGER audit_no_update').run();
    await env.DB.prepare("UPDATE audit SET actor = 'nobody' WHERE org = 'broken' AND id = 2").run();
    await env.DB.prepare(results[0]?.sql ?? '').run();
    expect((await verify('broken')).body).toEqual({ valid: false, first_bad: 2 });
    expect((await verify('acme')).body.valid).toBe(true);
  });
});
