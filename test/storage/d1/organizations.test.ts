/** Organizations come and go, are listed, and the sweep sees which are behind; a database set back to an older state is mended. */
import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import type { OrganizationRecord } from '../../../src/pap/ports.ts';
import { createOrganization, getOrganization, listOrganizations } from '../../../src/storage/d1/organizations.ts';
import { behind, ensureRevisionAbove, markPublished } from '../../../src/storage/d1/published.ts';
import { d1RowReader } from '../../../src/storage/d1/row-reader.ts';
import { d1RowWriter } from '../../../src/storage/d1/row-writer.ts';
import { AUDIT, BELIEVABLE, insertAll, role } from './believable.ts';
import { freshOrganization, logAfter, revisionOf, run, select } from './by-hand.ts';

const record = (id: string): OrganizationRecord => ({ id, name: `Name of ${id}`, preset: 'datahub', createdAt: 1234 });

const isBehind = async (org: string) => (await behind(env.DB)).find((each) => each.org === org);

describe('organizations', () => {
  it('are made with their first rows and an audit line, in one transaction', async () => {
    const { revision } = await createOrganization(env.DB, record('made'), insertAll(BELIEVABLE), AUDIT, 5);
    expect(revision).toBe(await revisionOf('made'));
    expect(await getOrganization(env.DB, 'made')).toEqual(record('made'));
    expect((await d1RowWriter(env.DB, 'made').load()).tables.roles).toHaveLength(3);
    expect(await select("SELECT revision, at FROM audit WHERE org = 'made'")).toEqual([{ revision, at: 5 }]);
  });

  it('are refused when the id is taken, also by one that is being deleted', async () => {
    await createOrganization(env.DB, record('taken'), {}, AUDIT, 5);
    const again = createOrganization(env.DB, { ...record('taken'), name: 'Other' }, insertAll(BELIEVABLE), AUDIT, 5);
    await expect(again).rejects.toMatchObject({ code: 'organization_exists', status: 409 });
    expect(await getOrganization(env.DB, 'taken')).toEqual(record('taken'));
    expect((await d1RowWriter(env.DB, 'taken').load()).tables.roles).toEqual([]);
    await run("UPDATE organizations SET state = 'deleting' WHERE id = 'taken'");
    await expect(createOrganization(env.DB, record('taken'), {}, AUDIT, 5)).rejects.toMatchObject({ code: 'organization_exists' });
  });

  it('are not made at all when one of their rows is refused', async () => {
    const roles = { insert: [role({ id: 'a', name: 'Same' }), role({ id: 'b', name: 'SAME' })], update: [], delete: [] };
    await expect(createOrganization(env.DB, record('unmade'), { roles }, AUDIT, 5)).rejects.toMatchObject({ code: 'conflict' });
    expect(await getOrganization(env.DB, 'unmade')).toBeNull();
    expect(await revisionOf('unmade')).toBe(0);
  });

  it('are listed in pages, with their number, without those that are being deleted', async () => {
    const { total } = await listOrganizations(env.DB, { after: '', limit: 1, search: '' });
    for (const id of ['zz-1', 'zz-2', 'zz-3', 'zz-4']) await createOrganization(env.DB, record(id), {}, AUDIT, 5);
    await run("UPDATE organizations SET state = 'deleting' WHERE id = 'zz-3'");
    const first = await listOrganizations(env.DB, { after: 'zz-', limit: 2, search: '' });
    expect(first).toEqual({ items: [record('zz-1'), record('zz-2')], next: 'zz-2', total: total + 3 });
    expect(await listOrganizations(env.DB, { after: 'zz-2', limit: 2, search: '' })).toEqual({
      items: [record('zz-4')],
      next: null,
      total: total + 3,
    });
    expect(await getOrganization(env.DB, 'zz-3')).toBeNull();
    expect(await getOrganization(env.DB, 'ZZ-1')).toBeNull();
  });

  it('have higher revisions when they come back after a deletion', async () => {
    const org = await freshOrganization();
    const first = await revisionOf(org);
    await run('DELETE FROM organizations WHERE id = ?1', org);
    const { revision } = await createOrganization(env.DB, record(org), {}, AUDIT, 5);
    expect(revision).toBeGreaterThan(first + 1);
  });
});

describe('what is behind', () => {
  it('is an organization from its oldest change that is not published until that is', async () => {
    const org = await freshOrganization();
    const made = await revisionOf(org);
    const [first] = await select<{ at: number }>('SELECT at FROM changes WHERE org = ?1', org);
    expect(await isBehind(org)).toEqual({ org, revision: made, published: 0, since: first?.at });
    await markPublished(env.DB, org, made, 1);
    expect(await isBehind(org)).toBeUndefined();

    await run("INSERT INTO subjects (org, subject) VALUES (?1, 'user:a')", org);
    await run(
      "INSERT INTO changes (org, tbl, key, area, touches, op, at) VALUES (?1, 'x', 'x', 'principal', 'x', 'insert', 9999999999999)",
      org,
    );
    const [oldest] = await select<{ at: number }>('SELECT at FROM changes WHERE org = ?1 AND seq > ?2 ORDER BY seq LIMIT 1', org, made);
    expect(await isBehind(org)).toEqual({ org, revision: await revisionOf(org), published: made, since: oldest?.at });
    await markPublished(env.DB, org, await revisionOf(org), 2);
    expect(await isBehind(org)).toBeUndefined();
  });

  it('never learns of an older revision than it knows, and marking is no change', async () => {
    const org = await freshOrganization();
    const revision = await revisionOf(org);
    await markPublished(env.DB, org, revision, 1);
    await markPublished(env.DB, org, revision - 1, 2);
    expect(await select('SELECT revision, at FROM published WHERE org = ?1', org)).toEqual([{ revision, at: 1 }]);
    expect(await revisionOf(org)).toBe(revision);
  });

  it('has an organization that was published and then deleted', async () => {
    const org = await freshOrganization();
    await markPublished(env.DB, org, await revisionOf(org), 1);
    await run('DELETE FROM organizations WHERE id = ?1', org);
    expect(await isBehind(org)).toMatchObject({ org, revision: await revisionOf(org) });
  });
});

describe('a database set back to an older state', () => {
  it('is lifted above the revision seen before, in the log, and cannot be published from it step by step', async () => {
    const org = await freshOrganization();
    const stale = await revisionOf(org);
    const seen = stale + 1000;
    const reader = d1RowReader(env.DB, org);
    const lifted = await ensureRevisionAbove(env.DB, org, seen, 77);
    expect(lifted).toBe(seen + 1);
    expect(await reader.revision()).toBe(lifted);
    expect(await logAfter(org, stale)).toEqual([
      { tbl: 'organizations', key: org, area: 'organization', touches: '', op: 'restore', before: null },
    ]);
    for (const revision of [0, stale, seen]) expect(await reader.changedSince(revision, 100)).toBeNull();
    expect(await reader.changedSince(lifted, 100)).toMatchObject({ revision: lifted, changes: 0 });
    await run("INSERT INTO subjects (org, subject) VALUES (?1, 'user:after')", org);
    expect(await revisionOf(org)).toBe(lifted + 1);
    expect((await reader.changedSince(lifted, 100))?.principals.keys).toEqual(['user:after']);
  });

  it('is left alone when it is not behind', async () => {
    const org = await freshOrganization();
    const revision = await revisionOf(org);
    expect(await ensureRevisionAbove(env.DB, org, revision, 77)).toBe(revision);
    expect(await ensureRevisionAbove(env.DB, org, 0, 77)).toBe(revision);
    expect(await d1RowReader(env.DB, org).changedSince(0, 100)).toMatchObject({ revision, changes: 1 });
  });

  it('is lifted although another organization has taken the number', async () => {
    const org = await freshOrganization();
    const seen = await revisionOf(org);
    const other = await freshOrganization();
    await run("INSERT INTO subjects (org, subject) VALUES (?1, 'user:a'), (?1, 'user:b'), (?1, 'user:c')", other);
    const newest = await revisionOf(other);
    expect(await ensureRevisionAbove(env.DB, org, seen + 1, 77)).toBe(newest + 1);
    expect(await revisionOf(other)).toBe(newest);
  });
});
