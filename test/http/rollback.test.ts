import { env } from 'cloudflare:workers';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { d1RowWriter } from '../../src/storage/d1/row-writer.ts';
import { type Answer, call, makeKey } from './client.ts';
import { Acme } from './history-acme.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() });
});

afterEach(() => {
  vi.useRealTimers();
});

const reasons = (answer: Answer): string[] =>
  answer.body.not_restored.map(({ kind, name, reason }: Record<string, string>) => `${kind} ${name}: ${reason}`);

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
