/** History over HTTP: what was there, what changed, and the way back, which never brings back what was withdrawn. */
import { runDurableObjectAlarm } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { rowKey, TABLE_NAMES } from '../../src/pap/manifest/tables.ts';
import type { TableRows } from '../../src/pap/ports.ts';
import { d1History } from '../../src/storage/d1/history.ts';
import { d1RowWriter } from '../../src/storage/d1/row-writer.ts';
import type { Publisher } from '../../src/storage/publisher/publisher.ts';
import { randomFrom } from '../properties/random.ts';
import { manifest } from './acme.ts';
import { type Answer, call, makeKey, makeOrganization, putManifest, ROOT } from './client.ts';

let organizations = 0;

class Acme {
  readonly id = `acme-${++organizations}`;
  readonly base = `/admin/orgs/${this.id}`;

  async create(): Promise<this> {
    await makeOrganization(this.id, { owner: 'user:owner' });
    await putManifest(this.id, manifest);
    return this;
  }

  get(path: string, token: string = ROOT): Promise<Answer> {
    return call('GET', `${this.base}${path}`, undefined, { token });
  }

  post(path: string, body?: object, token: string = ROOT): Promise<Answer> {
    return call('POST', `${this.base}${path}`, body, { token });
  }

  async revision(): Promise<number> {
    return (await this.get('')).body.revision;
  }

  async assign(subject: string, role: string, scope = 'org'): Promise<Answer> {
    return this.post('/assignments', { subject, role, scope });
  }

  async sql(statement: string): Promise<void> {
    await env.DB.prepare(statement).bind(this.id).run();
    await this.stub().publish({ org: this.id });
  }

  async rollback(revision: number, query = ''): Promise<Answer> {
    return this.post(`/revisions/${revision}/rollback${query}`);
  }

  async pieces(revision: number): Promise<object> {
    const { manifest: _manifest, published_at: _at, ...pieces } = (await this.get(`/revisions/${revision}`)).body.snapshot;
    return pieces;
  }

  async decides(subject: string, action: string): Promise<boolean> {
    return (await call('POST', '/check', { org: this.id, subject, action })).body.decision;
  }

  stub(): DurableObjectStub<Publisher> {
    return env.PUBLISHER.get(env.PUBLISHER.idFromName(this.id)) as DurableObjectStub<Publisher>;
  }

  /** So many days later, when what retention lets go was dropped. */
  async age(days: number): Promise<void> {
    vi.setSystemTime(Date.now() + days * 86_400_000);
    await runDurableObjectAlarm(this.stub());
  }
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() });
});

afterEach(() => {
  vi.useRealTimers();
});

const reasons = (answer: Answer): string[] =>
  answer.body.not_restored.map(({ kind, name, reason }: Record<string, string>) => `${kind} ${name}: ${reason}`);

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

describe('a rollback', () => {
  it('restores the data of a revision as a new one: every piece has the hash that it had then', async () => {
    const acme = await new Acme().create();
    await acme.assign('user:ann', 'Editor', 'project:p1');
    const then = await acme.revision();
    const before = await acme.pieces(then);
    const catalog = { privileges: [{ name: 'view' }, { name: 'added' }] };
    await acme.assign('user:zoe', 'Viewer');
    await acme.sql("DELETE FROM assignments WHERE org = ?1 AND principal = 'user:ann'");
    await acme.sql("UPDATE policies SET effect = 'allow' WHERE org = ?1 AND name = 'Never edit'");
    await acme.sql("UPDATE resources SET access = 'restricted' WHERE org = ?1 AND resource = 'dataset:d1'");
    await acme.sql(`INSERT INTO settings (org, settings) VALUES (?1, '{"closed_types":["dataset"]}')`);
    await call('PATCH', `${acme.base}/manifest`, { bitgate: 1, catalog });
    expect(await acme.pieces(await acme.revision())).not.toEqual(before);
    const dry = await acme.rollback(then, '?dry_run=true');
    expect(dry.body).toMatchObject({ dry_run: true, changed: true, restored: then });
    const now = await acme.revision();
    const answer = await acme.rollback(then);
    expect(answer.status, answer.text).toBe(200);
    expect(answer.body).toMatchObject({ restored: then, not_restored: [], published: true });
    expect(answer.body.plan).toEqual(dry.body.plan);
    expect(answer.body.revision).toBeGreaterThan(now);
    expect(await acme.pieces(answer.body.revision)).toEqual(before);
    expect((await acme.get(`/revisions/diff?from=${then}&to=${answer.body.revision}`)).body.changes).toEqual([]);
    expect((await acme.get('/audit')).body.items[0]).toMatchObject({ action: 'revision.rollback', target: `revision:${then}` });
    const again = await acme.rollback(then);
    expect([again.status, again.body.revision]).toEqual([200, answer.body.revision]);
    // And back again: a rollback can be rolled back.
    const forth = await acme.rollback(now);
    expect(forth.body.not_restored).toEqual([]);
    expect((await acme.get(`/revisions/diff?from=${now}&to=${forth.body.revision}`)).body.changes).toEqual([]);
  });

  it('revives no key: what was deleted, disabled or rotated since stays so, with everything that was theirs', async () => {
    const acme = await new Acme().create();
    const deleted = await makeKey(acme.id, ['Viewer']);
    const disabled = await makeKey(acme.id, ['Viewer']);
    const rotated = await makeKey(acme.id, ['Viewer']);
    const untouched = await makeKey(acme.id, ['Viewer']);
    const then = await acme.revision();
    await call('DELETE', `${acme.base}/api-keys/${deleted.id}`);
    await call('PATCH', `${acme.base}/api-keys/${disabled.id}`, { status: 'disabled' });
    await acme.sql(`DELETE FROM assignments WHERE org = ?1 AND principal = 'api_key:${disabled.id}'`);
    await acme.sql(`DELETE FROM assignments WHERE org = ?1 AND principal = 'api_key:${untouched.id}'`);
    const secret = (await acme.post(`/api-keys/${rotated.id}/rotate`, {})).body.secret;
    const made = await makeKey(acme.id, ['Viewer']);
    const answer = await acme.rollback(then);
    expect(answer.status, answer.text).toBe(200);
    expect(reasons(answer).toSorted()).toEqual(
      [
        `api_key ${deleted.id}: key_deleted`,
        `api_key ${disabled.id}: key_changed`,
        `api_key ${made.id}: key_made_since`,
        `api_key ${rotated.id}: key_changed`,
        `assignment api_key:${deleted.id}: Viewer at org: of_withdrawn_key`,
        `assignment api_key:${disabled.id}: Viewer at org: of_withdrawn_key`,
      ].toSorted(),
    );
    const works = async (token: string): Promise<number> =>
      (await call('POST', '/check', { subject: 'user:x', action: 'view' }, { token })).status;
    expect(await works(deleted.token)).toBe(401);
    expect(await works(disabled.token)).toBe(401);
    expect(await works(rotated.token)).toBe(401);
    expect(await works(secret)).not.toBe(401);
    expect(await works(made.token)).not.toBe(401);
    expect(await acme.decides(`api_key:${untouched.id}`, 'view')).toBe(true);
    expect(await acme.decides(`api_key:${made.id}`, 'view')).toBe(false);
    expect(await acme.decides(`api_key:${deleted.id}`, 'view')).toBe(false);
    expect((await acme.get('/api-keys')).body.items.map(({ id }: { id: string }) => id)).not.toContain(deleted.id);
  });

  it('changes the status of nobody: who was suspended since stays so, and whose suspension was lifted is not suspended again', async () => {
    const acme = await new Acme().create();
    await acme.assign('user:ann', 'Viewer');
    await acme.assign('user:ben', 'Viewer');
    await acme.sql("UPDATE subjects SET status = 'suspended', properties = '{\"a\":1}' WHERE org = ?1 AND subject = 'user:ben'");
    const then = await acme.revision();
    await acme.sql("UPDATE subjects SET status = 'suspended' WHERE org = ?1 AND subject = 'user:ann'");
    await acme.sql("UPDATE subjects SET status = 'active', properties = '{\"a\":2}' WHERE org = ?1 AND subject = 'user:ben'");
    await acme.sql("INSERT INTO subjects (org, subject, status) VALUES (?1, 'user:new', 'suspended'), (?1, 'user:plain', 'active')");
    const answer = await acme.rollback(then);
    expect(reasons(answer).toSorted()).toEqual([
      'subject user:ann: status_kept',
      'subject user:ben: status_kept',
      'subject user:new: status_kept',
    ]);
    const { results } = await env.DB.prepare('SELECT subject, status, properties FROM subjects WHERE org = ?1').bind(acme.id).all();
    expect(results).toContainEqual({ subject: 'user:ann', status: 'suspended', properties: '{}' });
    expect(results).toContainEqual({ subject: 'user:ben', status: 'active', properties: '{"a":1}' });
    expect(results).toContainEqual({ subject: 'user:new', status: 'suspended', properties: '{}' });
    expect(results.map(({ subject }) => subject)).not.toContain('user:plain');
  });

  it('brings back nobody who was removed, nor what was theirs, even if they were registered anew', async () => {
    const acme = await new Acme().create();
    await acme.assign('user:ann', 'Editor');
    await acme.assign('user:ben', 'Editor');
    await acme.sql("INSERT INTO resource_owners (org, resource, owner) VALUES (?1, 'dataset:d1', 'user:ann')");
    const { id } = (await acme.assign('user:cat', 'Editor', 'project:p1')).body;
    const then = await acme.revision();
    for (const name of ['ann', 'ben']) await acme.sql(`DELETE FROM subjects WHERE org = ?1 AND subject = 'user:${name}'`);
    await acme.assign('user:ben', 'Viewer');
    // As the removal of a member of a project tells of itself.
    const removal = JSON.stringify({ scope: 'project:p1', assignments: [{ id }], ownerships: [] });
    const change = {
      insert: [],
      update: [],
      delete: [{ id, principal: 'user:cat', role: null, policy: null, scope: '', not_before: null, expires_at: null }],
    };
    await d1RowWriter(env.DB, acme.id).apply(
      await acme.revision(),
      { assignments: change },
      { actor: 'root', action: 'member.remove', target: 'user:cat', requestId: 'r', before: removal, after: null },
      Date.now(),
    );
    const answer = await acme.rollback(then);
    expect(answer.status, answer.text).toBe(200);
    expect(reasons(answer).toSorted()).toEqual([
      'assignment user:ann: Editor at org: member_removed',
      'assignment user:ben: Editor at org: member_removed',
      'assignment user:cat: Editor at project:p1: member_removed',
      'resource_owner dataset:d1 → user:ann: member_removed',
      'subject user:ann: member_removed',
    ]);
    const members = (await acme.get('/assignments?limit=1000')).body.items.map(({ subject }: { subject: string }) => subject);
    for (const subject of ['user:ann', 'user:ben', 'user:cat']) expect(members).not.toContain(subject);
  });

  it('gives names back to those who had them, also when others have taken them since', async () => {
    const acme = await new Acme().create();
    const then = await acme.revision();
    const before = await acme.pieces(then);
    const rename = (from: string, to: string): Promise<void> =>
      acme.sql(`UPDATE roles SET name = '${to}' WHERE org = ?1 AND project = '' AND name = '${from}'`);
    await rename('Viewer', 'Old');
    await rename('Editor', 'viewer');
    await rename('Old', 'Editor');
    await rename('Manager', 'Former manager');
    await rename('Keeper', 'Manager');
    const answer = await acme.rollback(then);
    expect(answer.status, answer.text).toBe(200);
    expect(await acme.pieces(answer.body.revision)).toEqual(before);
  });

  it('grants nothing that the writer could not grant', async () => {
    const acme = await new Acme().create();
    const rights = ['bitgate:manage_policies', 'bitgate:manage_members', 'bitgate:manage_resources', 'bitgate:manage_settings'];
    await acme.sql(
      `INSERT INTO roles (org, id, name, privileges) VALUES (?1, 'rol_m', 'All managers', '${JSON.stringify([...rights, 'bitgate:read'])}')`,
    );
    const { token } = await makeKey(acme.id, ['All managers']);
    await acme.assign('user:ann', 'Editor');
    const then = await acme.revision();
    await call('DELETE', `${acme.base}/assignments?subject=user:ann&role=Editor&scope=org`);
    const refused = await acme.post(`/revisions/${then}/rollback`, undefined, token);
    expect([refused.status, refused.body.error.code]).toEqual([403, 'escalation']);
    expect(await acme.decides('user:ann', 'view')).toBe(false);
  });

  it('mends an organization that could not be published any more', async () => {
    const acme = await new Acme().create();
    const then = await acme.revision();
    await acme.sql("UPDATE policies SET condition = 'subject.' WHERE org = ?1 AND name = 'Never edit'");
    expect((await acme.stub().publish({ org: acme.id })).behind).toBeDefined();
    const answer = await acme.rollback(then);
    expect([answer.status, answer.body.published], answer.text).toEqual([200, true]);
    expect((await acme.stub().pointer())!.behindSince).toBeNull();
  });

  it('needs the rights to manage everything that it may change', async () => {
    const acme = await new Acme().create();
    const then = await acme.revision();
    await acme.sql("DELETE FROM subjects WHERE org = ?1 AND subject = 'user:gus'");
    const { token } = await makeKey(acme.id, ['Manager']);
    const refused = await acme.post(`/revisions/${then}/rollback`, undefined, token);
    expect([refused.status, refused.body.error.code]).toEqual([403, 'missing_privilege']);
  });

  it('is refused when a key would lose its project', async () => {
    const acme = await new Acme().create();
    const then = await acme.revision();
    await acme.sql("INSERT INTO projects (org, id) VALUES (?1, 'new')");
    await acme.sql(`INSERT INTO api_keys (org, id, project, hash) VALUES (?1, 'k1', 'new', '${'ab'.repeat(32)}')`);
    const answer = await acme.rollback(then);
    expect([answer.status, answer.body.error.code, answer.body.error.details]).toEqual([
      409,
      'project_in_use',
      { api_keys: [{ id: 'k1', project: 'new' }], total: 1 },
    ]);
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
