import { env } from 'cloudflare:workers';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { rowKey, TABLE_NAMES } from '../../src/pap/manifest/tables.ts';
import type { TableRows } from '../../src/pap/ports.ts';
import { d1History } from '../../src/storage/d1/history.ts';
import { d1RowWriter } from '../../src/storage/d1/row-writer.ts';
import { randomFrom } from '../properties/random.ts';
import { manifest } from './acme.ts';
import { call, makeKey, putManifest } from './client.ts';
import { Acme } from './history-acme.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() });
});

afterEach(() => {
  vi.useRealTimers();
});

describe('the list of revisions', () => {
  it('has every write, newest first, with who made it, how much it changed, and whether it is kept', async () => {
    const acme = await new Acme().create();
    const { token, id } = await makeKey(acme.id, ['bitgate:owner']);
    await acme.post('/assignments', { subject: 'user:ann', role: 'Viewer', scope: 'org' }, token);
    await acme.sql("UPDATE subjects SET properties = '{\"x\":1}' WHERE org = ?1 AND subject = 'user:ann'");
    const { body, status } = await acme.get('/revisions');
    expect(status).toBe(200);
    expect(body.items[0]).toMatchObject({ actor: null, action: null, changes: 1, retained: true, tag: null });
    expect(body.items[1]).toMatchObject({ actor: `api_key:${id}`, action: 'assignment.create', changes: 2, retained: true });
    expect(body.items[2]).toMatchObject({ actor: 'root', action: 'api_key.create' });
    expect(body.items.at(-1)).toMatchObject({ actor: 'root', action: 'organization.create' });
    expect(body.total).toBe(body.items.length);
    const revisions = body.items.map(({ revision }: { revision: number }) => revision);
    expect(revisions).toEqual(revisions.toSorted((a: number, b: number) => b - a));
    for (const { at } of body.items) expect(Math.abs(Date.parse(at) - Date.now())).toBeLessThan(60_000);
  });

  it('is paged without gaps', async () => {
    const acme = await new Acme().create();
    for (let i = 0; i < 5; i++) await acme.assign(`user:u${i}`, 'Viewer');
    const whole = (await acme.get('/revisions?limit=1000')).body;
    const found: object[] = [];
    for (let cursor = ''; ; ) {
      const { body } = await acme.get(`/revisions?limit=2${cursor}`);
      found.push(...body.items);
      expect(body.total).toBe(whole.total);
      if (body.next_cursor === null) break;
      cursor = `&cursor=${encodeURIComponent(body.next_cursor)}`;
    }
    expect(found).toEqual(whole.items);
  });

  it('shows one: the tables that it changed, and the hashes of its pieces', async () => {
    const acme = await new Acme().create();
    const { revision } = (await acme.assign('user:ann', 'Viewer')).body;
    const { body } = await acme.get(`/revisions/${revision}`);
    expect(body).toMatchObject({ revision, action: 'assignment.create', retained: true, changes: 2 });
    expect(body.tables).toEqual([
      { table: 'assignments', insert: 1, update: 0, delete: 0 },
      { table: 'subjects', insert: 1, update: 0, delete: 0 },
    ]);
    expect(body.snapshot.manifest).toBe((await acme.stub().pointer())!.manifest);
    expect(body.snapshot.principals).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/)]);
  });

  it('knows a state that was published together with a later one: its rows can be read, a snapshot there is none', async () => {
    const acme = await new Acme().create();
    const audit = { actor: 'root', action: 'test.write', target: 'organization', requestId: 'r', before: null, after: null };
    const write = async (subject: string): Promise<number> => {
      const insert = [{ subject, status: 'active', properties: '{}' } as const];
      const changes = { subjects: { insert, update: [], delete: [] } };
      return (await d1RowWriter(env.DB, acme.id).apply(await acme.revision(), changes, audit, Date.now())).revision;
    };
    const between = await write('user:first');
    const last = await write('user:second');
    await acme.stub().publish({ org: acme.id });
    expect((await acme.get(`/revisions/${between}`)).body).toMatchObject({
      retained: true,
      snapshot: null,
      changes: 1,
      action: 'test.write',
    });
    const diff = (await acme.get(`/revisions/diff?from=${between}&to=${last}`)).body;
    expect(diff).toMatchObject({ access: null, changes: [{ op: 'insert', kind: 'subject', name: 'user:second' }] });
    expect((await acme.rollback(between)).body.plan.changes).toEqual([{ op: 'delete', kind: 'subject', name: 'user:second' }]);
    const { body } = await acme.get('/revisions');
    expect(body.items.map(({ revision }: { revision: number }) => revision)).toEqual(expect.arrayContaining([between, last]));
    expect(body.total).toBe(body.items.length);
  });

  it('is for those who may read, and of one organization alone', async () => {
    const acme = await new Acme().create();
    const { token } = await makeKey(acme.id, ['Viewer']);
    const { token: reader } = await makeKey(acme.id, ['Reader']);
    const n = await acme.revision();
    for (const path of ['/revisions', `/revisions/${n}`, `/revisions/diff?from=${n}&to=${n}`]) {
      expect((await acme.get(path, token)).status, path).toBe(403);
      expect((await acme.get(path, reader)).status, path).toBe(200);
    }
    const other = await new Acme().create();
    expect((await other.get('/revisions', reader)).status).toBe(404);
    const foreign = await other.get(`/revisions/${n}`);
    expect(foreign.status).toBe(404);
    expect(foreign.body.error.code).toBe('unknown_revision');
  });

  it('refuses what is no revision', async () => {
    const acme = await new Acme().create();
    for (const bad of ['0', '-1', '1.5', 'x', '99999999', '9007199254740993', '%00', '1e3']) {
      const answer = await acme.get(`/revisions/${bad}`);
      expect([answer.status, answer.body.error.code], bad).toEqual([404, 'unknown_revision']);
      expect((await acme.rollback(bad as unknown as number)).status, bad).toBe(404);
    }
    expect((await acme.get('/revisions/diff?from=1')).status).toBe(400);
    expect((await acme.get('/revisions/diff?from=x&to=1')).status).toBe(400);
    expect((await acme.get('/revisions/diff?from=99999999&to=99999998')).status).toBe(404);
  });
});

describe('the difference of two revisions', () => {
  it('names what came, went and changed, and is turned round the other way', async () => {
    const acme = await new Acme().create();
    const from = await acme.revision();
    await acme.assign('user:ann', 'Viewer');
    await acme.sql("UPDATE roles SET title = 'Looks' WHERE org = ?1 AND name = 'Viewer'");
    await acme.sql("DELETE FROM resources WHERE org = ?1 AND resource = 'dataset:d1'");
    const to = await acme.revision();
    // After the newer one: a difference is of its two ends alone.
    await acme.sql("UPDATE roles SET name = 'Renamed' WHERE org = ?1 AND name = 'Viewer'");
    await acme.assign('user:ben', 'Editor');
    const { body, status } = await acme.get(`/revisions/diff?from=${from}&to=${to}`);
    expect(status).toBe(200);
    expect(body.changes).toEqual(
      expect.arrayContaining([
        { op: 'update', kind: 'role', name: 'Viewer', fields: { title: { before: '', after: 'Looks' } } },
        { op: 'insert', kind: 'subject', name: 'user:ann' },
        { op: 'insert', kind: 'assignment', name: 'user:ann: Viewer at org' },
        { op: 'delete', kind: 'resource', name: 'dataset:d1' },
        { op: 'delete', kind: 'resource_parent', name: 'dataset:d1 → project:p1' },
      ]),
    );
    expect(body.changes).toHaveLength(5);
    const back = (await acme.get(`/revisions/diff?from=${to}&to=${from}`)).body;
    expect(back.changes).toHaveLength(5);
    expect(back.changes).toContainEqual({ op: 'delete', kind: 'assignment', name: 'user:ann: Viewer at org' });
    expect((await acme.get(`/revisions/diff?from=${to}&to=${to}`)).body).toMatchObject({ summary: {}, changes: [], access: { total: 0 } });
  });

  it('says who gained and who lost what, page by page', async () => {
    const acme = await new Acme().create();
    await acme.assign('user:ann', 'Viewer');
    const from = await acme.revision();
    for (let i = 0; i < 5; i++) await acme.assign(`user:u${i}`, 'Viewer');
    await call('DELETE', `${acme.base}/assignments?subject=user:ann&role=Viewer&scope=org`);
    const to = await acme.revision();
    const whole = (await acme.get(`/revisions/diff?from=${from}&to=${to}&limit=1000`)).body.access;
    expect(whole).toMatchObject({ gained: 5, lost: 1, next_cursor: null, total: 6 });
    expect(whole.items[0]).toEqual({ change: 'lost', principal: 'user:ann', privilege: 'view', scope: 'org', conditional: false });
    const first = (await acme.get(`/revisions/diff?from=${from}&to=${to}&limit=4`)).body.access;
    const cursor = encodeURIComponent(first.next_cursor);
    const second = (await acme.get(`/revisions/diff?from=${from}&to=${to}&limit=4&cursor=${cursor}`)).body.access;
    expect([...first.items, ...second.items]).toEqual(whole.items);
    expect((await acme.get(`/revisions/diff?from=${to}&to=${from}&cursor=${cursor}`)).body.error.code).toBe('invalid_cursor');
    expect((await acme.get(`/revisions/diff?from=${to}&to=${from}`)).body.access).toMatchObject({ gained: 1, lost: 5 });
  });

  it('never shows the hash of a key', async () => {
    const acme = await new Acme().create();
    const { id } = await makeKey(acme.id, ['Viewer']);
    const from = await acme.revision();
    await acme.post(`/api-keys/${id}/rotate`, {});
    const { text, body } = await acme.get(`/revisions/diff?from=${from}&to=${await acme.revision()}`);
    expect(body.changes).toContainEqual(expect.objectContaining({ op: 'update', kind: 'api_key', name: id }));
    expect(text).not.toMatch(/[0-9a-f]{64}/);
  });
});

describe('a tag', () => {
  it('keeps its revision for ever, until it is taken', async () => {
    const acme = await new Acme().create();
    const kept = await acme.revision();
    await acme.assign('user:ann', 'Viewer');
    const gone = await acme.revision();
    await acme.assign('user:ann', 'Editor');
    const put = await call('PUT', `${acme.base}/revisions/${kept}/tag`, { tag: 'Release 1' });
    expect([put.status, put.body]).toEqual([200, { tagged: kept, tag: 'Release 1', revision: await acme.revision(), published: true }]);
    expect((await acme.get(`/revisions/${kept}`)).body).toMatchObject({ tag: 'Release 1', actor: 'root', action: 'manifest.put' });
    await acme.age(1_000);
    expect((await acme.get(`/revisions/${kept}`)).body).toMatchObject({ retained: true });
    const diff = await acme.get(`/revisions/diff?from=${kept}&to=${await acme.revision()}`);
    expect(diff.body.changes).toHaveLength(3);
    const dropped = await acme.get(`/revisions/diff?from=${gone}&to=${kept}`);
    expect([dropped.status, dropped.body.error.code]).toEqual([410, 'revision_dropped']);
    expect((await acme.rollback(gone)).status).toBe(410);
    expect((await call('PUT', `${acme.base}/revisions/${gone}/tag`, { tag: 'late' })).status).toBe(410);
    expect((await acme.get(`/revisions/${gone}`)).body).toMatchObject({ retained: false, snapshot: null, action: 'assignment.create' });
    const removed = await call('DELETE', `${acme.base}/revisions/${kept}/tag`);
    expect([removed.status, removed.body.deleted]).toEqual([200, { tagged: kept, tag: 'Release 1' }]);
    expect((await call('DELETE', `${acme.base}/revisions/${kept}/tag`)).body.error.code).toBe('unknown_tag');
    await acme.age(1);
    expect((await acme.rollback(kept)).body.error.code).toBe('revision_dropped');
  });

  it('is given by those who manage settings, tried without being given, and told in the audit', async () => {
    const acme = await new Acme().create();
    const n = await acme.revision();
    const { token } = await makeKey(acme.id, ['Reader']);
    const path = `${acme.base}/revisions/${n}/tag`;
    expect((await call('PUT', path, { tag: 'x' }, { token })).body.error.code).toBe('missing_privilege');
    expect((await call('PUT', `${path}?dry_run=true`, { tag: 'x' })).body).toMatchObject({ dry_run: true, changed: true });
    expect((await acme.get(`/revisions/${n}`)).body.tag).toBeNull();
    for (const bad of [{}, { tag: '' }, { tag: 'a'.repeat(129) }, { tag: 'a\u0000' }, { tag: 'a', more: 1 }, { tag: 7 }, 'x']) {
      expect([400, 422]).toContain((await call('PUT', path, bad)).status);
    }
    await call('PUT', path, { tag: 'x' });
    await call('PUT', path, { tag: 'x' });
    await call('PUT', path, { tag: 'y' });
    const lines = (await acme.get('/audit?action=revision.tag')).body.items;
    expect(lines.map(({ target, before, after }: Record<string, unknown>) => [target, before, after])).toEqual([
      [`revision:${n}`, 'x', 'y'],
      [`revision:${n}`, null, 'x'],
    ]);
    expect((await acme.get('/audit/verify')).body.valid).toBe(true);
  });
});

describe('rows of the past', () => {
  it('are those that were there, whether the API or SQL changed them', async () => {
    const acme = await new Acme().create();
    const random = randomFrom(11);
    const dump = (tables: TableRows): object =>
      Object.fromEntries(TABLE_NAMES.map((table) => [table, Object.fromEntries(tables[table].map((row) => [rowKey(table, row), row]))]));
    const states = new Map<number, object>();
    const note = async (): Promise<void> => {
      const { revision, tables } = await d1RowWriter(env.DB, acme.id).load();
      states.set(revision, dump(tables));
    };
    const roles = ['Viewer', 'Editor', 'Manager', 'Reader'];
    const keys: string[] = [];
    for (let i = 0; i < 45; i++) {
      const subject = `user:u${random.below(4)}`;
      const steps: (() => Promise<unknown>)[] = [
        () => acme.assign(subject, random.pick(roles), random.pick(['org', 'project:p1'])),
        () => call('DELETE', `${acme.base}/assignments?subject=${subject}&role=${random.pick(roles)}&scope=org`),
        async () => keys.push((await makeKey(acme.id, [random.pick(roles)])).id),
        async () => keys.length > 0 && (await call('DELETE', `${acme.base}/api-keys/${keys.pop()}`)),
        () => acme.sql(`DELETE FROM subjects WHERE org = ?1 AND subject = '${subject}'`),
        () => acme.sql(`INSERT OR REPLACE INTO subjects (org, subject, properties) VALUES (?1, '${subject}', '{"n":${i}}')`),
        () => putManifest(acme.id, { ...manifest, groups: [{ name: `g${i}`, members: [subject] }] }),
        () => acme.rollback(random.pick([...states.keys()])),
      ];
      await note();
      await random.pick(steps)();
    }
    await note();
    expect(states.size).toBeGreaterThan(20);
    for (const [revision, state] of states) {
      expect(dump((await d1History(env.DB, acme.id).rowsAt(revision))!.tables), `revision ${revision}`).toEqual(state);
    }
  }, 60_000);
});
