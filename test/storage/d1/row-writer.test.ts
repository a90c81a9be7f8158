/** What the writer is given is what is stored, all of it or nothing, and only on the revision it was decided on. */
import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import type { TableName } from '../../../src/core/terms/rows.ts';
import type { RowChanges, TableRows } from '../../../src/pap/ports.ts';
import { jsonChunks } from '../../../src/storage/d1/row-statements.ts';
import { d1RowWriter } from '../../../src/storage/d1/row-writer.ts';
import { AUDIT, assignment, BELIEVABLE, insertAll, privilege, role, writeBelievable } from './believable.ts';
import { freshOrganization, logAfter, revisionOf, run, select } from './by-hand.ts';

/** Rows as sets: each table sorted by its rows' JSON. */
function sorted(tables: TableRows): Record<string, string[]> {
  const entries = Object.entries(tables).map(([table, rows]) => [table, rows.map((row) => canonical(row)).toSorted()]);
  return Object.fromEntries(entries);
}

const canonical = (row: object): string => JSON.stringify(Object.entries(row).toSorted(([a], [b]) => (a < b ? -1 : 1)));

async function stocked() {
  const org = await freshOrganization();
  const revision = await writeBelievable(org, await revisionOf(org));
  return { org, revision, writer: d1RowWriter(env.DB, org) };
}

const subjects = (...names: string[]): RowChanges => ({
  subjects: { insert: names.map((subject) => ({ subject, status: 'active', properties: '{}' })), update: [], delete: [] },
});

describe('the row writer', () => {
  it('gives back exactly what it was given, column for column', async () => {
    const { writer, revision } = await stocked();
    const loaded = await writer.load();
    expect(loaded.revision).toBe(revision);
    expect(sorted(loaded.tables)).toEqual(sorted(BELIEVABLE));
  });

  it('updates every column by primary key', async () => {
    const { org, revision, writer } = await stocked();
    const update = {
      projects: { id: 'atlas', nickname: 'New' },
      resources: { resource: 'dataset:1', access: 'inherit', properties: '{"a":"b"}' },
      privileges: privilege({ name: 'own', levels: 'org', title: 'T', description: 'D', implies: '["x"]', resource_types: '["y"]' }),
      policies: {
        ...{ id: 'pol_b', project: 'atlas', name: 'Renamed', description: 'D', effect: 'allow', state: 'INACTIVE', privileges: '["own"]' },
        ...{ resource_types: '[]', condition: 'true', system: 0 },
      },
      roles: role({ id: 'rol_editor', name: 'EDITOR', title: 'T', description: 'D', privileges: '[]', all_privileges: 1, system: 1 }),
      groups: { id: 'grp_all', name: 'Nobody', description: 'D' },
      subjects: { subject: 'user:gone', status: 'active', properties: '{}' },
      assignments: assignment({
        id: 'asg_1',
        principal: 'user:ann',
        policy: 'pol_a',
        scope: 'project:atlas',
        not_before: 3,
        expires_at: 4,
      }),
      api_keys: {
        ...{ id: 'k2', project: '', name: 'N', hash: 'f'.repeat(64), previous_hash: null, previous_until: null },
        ...{ status: 'active', expires_at: 9, forward_auth: 'envoy' },
      },
      routes: { position: 1, route: '{"path":"/"}' },
      settings: { settings: '{}' },
    } as const;
    const changes = Object.fromEntries(
      Object.entries(update).map(([table, row]) => [table, { insert: [], update: [{ before: row, after: row }], delete: [] }]),
    );
    const outcome = await writer.apply(revision, changes as RowChanges, AUDIT, 1);
    // the assignment moved: it is logged for both principals
    expect(outcome).toEqual({ revision: await revisionOf(org), rows: 12 });
    const { tables } = await writer.load();
    // `as`: the keys of `update` are table names.
    for (const table of Object.keys(update) as (keyof typeof update)[]) expect(tables[table]).toContainEqual(update[table]);
    const untouched = (all: TableRows) => Object.values(all).flat().length;
    expect(untouched(tables)).toBe(untouched(BELIEVABLE));
  });

  it('deletes everything by primary key, in whatever order the tables are given', async () => {
    const { org, revision, writer } = await stocked();
    const changes = Object.fromEntries(
      Object.entries(BELIEVABLE)
        .toReversed()
        .map(([table, rows]) => [table, { insert: [], update: [], delete: rows }]),
    );
    const outcome = await writer.apply(revision, changes as RowChanges, AUDIT, 1);
    const { tables } = await writer.load();
    expect(Object.values(tables).flat()).toEqual([]);
    await run('DELETE FROM organizations WHERE id = ?1', org);
    await run('INSERT INTO organizations (id) VALUES (?1)', org);
    expect(await revisionOf(org)).toBeGreaterThan(outcome.revision);
    await writeBelievable(org, await revisionOf(org));
    expect(sorted((await writer.load()).tables)).toEqual(sorted(BELIEVABLE));
  });

  it('frees names before it takes them, and moves assignments from what goes to what comes', async () => {
    const { revision, writer } = await stocked();
    await writer.apply(
      revision,
      {
        roles: { insert: [role({ id: 'rol_new', name: 'editor' })], update: [], delete: [role({ id: 'rol_editor', name: 'Editor' })] },
        role_policies: { insert: [], update: [], delete: [{ role: 'rol_editor', policy: 'pol_a' }] },
        role_inherits: {
          insert: [{ role: 'rol_local', parent: 'rol_new' }],
          update: [],
          delete: [{ role: 'rol_local', parent: 'rol_editor' }],
        },
        groups: { insert: [], update: [], delete: [{ id: 'grp_leads', name: '', description: '' }] },
        assignments: {
          insert: [],
          update: [
            ...BELIEVABLE.assignments
              .filter((row) => row.role === 'rol_editor')
              .map((row) => ({ before: row, after: { ...row, role: 'rol_new' } })),
            {
              before: BELIEVABLE.assignments.find(({ id }) => id === 'asg_2')!,
              after: assignment({ id: 'asg_2', principal: 'group:grp_all', policy: 'pol_a' }),
            },
          ],
          delete: [],
        },
      },
      AUDIT,
      1,
    );
    const { tables } = await writer.load();
    expect(tables.assignments.map((row) => row.role)).toEqual(['rol_owner', null, 'rol_new', 'rol_new', 'rol_new', 'rol_new']);
    expect(tables.assignments[1]).toMatchObject({ id: 'asg_2', principal: 'group:grp_all' });
  });

  it('writes one line of audit with the revision it made, even when no row changes', async () => {
    const { org, revision, writer } = await stocked();
    expect(await writer.apply(revision, {}, { ...AUDIT, action: 'nothing' }, 2000)).toEqual({ revision, rows: 0 });
    expect(await select('SELECT at, revision, actor, action, target, request_id, before, after FROM audit WHERE org = ?1', org)).toEqual([
      {
        at: 1000,
        revision,
        actor: 'root',
        action: 'manifest.put',
        target: 'organization',
        request_id: 'req-1',
        before: null,
        after: '{"rows":1}',
      },
      {
        at: 2000,
        revision,
        actor: 'root',
        action: 'nothing',
        target: 'organization',
        request_id: 'req-1',
        before: null,
        after: '{"rows":1}',
      },
    ]);
  });

  it('writes nothing, neither rows nor audit, when somebody wrote in between', async () => {
    const { org, revision, writer } = await stocked();
    await run("INSERT INTO subjects (org, subject) VALUES (?1, 'user:by-hand')", org);
    const now = await revisionOf(org);
    await expect(writer.apply(revision, subjects('user:late'), AUDIT, 1)).rejects.toMatchObject({ code: 'revision_moved', status: 409 });
    await expect(writer.apply(now + 1, subjects('user:early'), AUDIT, 1)).rejects.toMatchObject({ code: 'revision_moved' });
    expect(await logAfter(org, now)).toEqual([]);
    expect(await select('SELECT count(*) AS n FROM audit WHERE org = ?1', org)).toEqual([{ n: 1 }]);
    expect(await select("SELECT subject FROM subjects WHERE org = ?1 AND subject IN ('user:late', 'user:early')", org)).toEqual([]);
  });

  it('lets one of many concurrent writers win', async () => {
    const { org, revision, writer } = await stocked();
    const names = Array.from({ length: 10 }, (_, i) => `user:racer-${i}`);
    const outcomes = await Promise.allSettled(names.map((name) => writer.apply(revision, subjects(name), AUDIT, 1)));
    expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(1);
    for (const outcome of outcomes) if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'revision_moved' });
    expect(await select("SELECT count(*) AS n FROM subjects WHERE org = ?1 AND subject GLOB 'user:racer-*'", org)).toEqual([{ n: 1 }]);
  });

  it('is not held up by writes to other organizations', async () => {
    const { revision, writer } = await stocked();
    await stocked();
    await expect(writer.apply(revision, subjects('user:new'), AUDIT, 1)).resolves.toMatchObject({ rows: 1 });
  });

  const nobody = { id: 'x', name: 'X', description: '' };
  const refused: readonly (readonly [string, RowChanges, string])[] = [
    ['a name taken in other letter case', { roles: inserted(role({ id: 'x', name: 'EDITOR' })) }, 'roles.name: taken by another one'],
    ['an id taken', { groups: inserted({ id: 'grp_all', name: 'Other', description: '' }) }, 'groups.org, groups.id'],
    ['a CHECK', { subjects: inserted({ subject: 'nobody', status: 'active', properties: '{}' }) }, 'subject_reference'],
    ['a foreign key', { role_policies: inserted({ role: 'rol_editor', policy: 'nope' }) }, 'foreign_key'],
    ['a role in use', { roles: { insert: [], update: [], delete: [role({ id: 'rol_owner', name: '' })] } }, 'foreign_key'],
    [
      'a group that is not there',
      { assignments: inserted(assignment({ id: 'x', principal: 'group:x', role: 'rol_editor' })) },
      'assignments.principal: no such group',
    ],
    ['an update of no row', { groups: { insert: [], update: [{ before: nobody, after: nobody }], delete: [] } }, 'row_missing'],
  ];

  function inserted<Row>(row: Row) {
    return { insert: [row], update: [], delete: [] };
  }

  for (const [name, changes, constraint] of refused) {
    it(`refuses ${name} as a conflict, and writes nothing`, async () => {
      const { org, revision, writer } = await stocked();
      const all: RowChanges = { ...changes, routes: { insert: [{ position: 99, route: '{}' }], update: [], delete: [] } };
      await expect(writer.apply(revision, all, AUDIT, 1)).rejects.toMatchObject({ code: 'conflict', status: 409, details: { constraint } });
      expect(await revisionOf(org)).toBe(revision);
      expect(await select('SELECT count(*) AS n FROM audit WHERE org = ?1', org)).toEqual([{ n: 1 }]);
      await expect(writer.apply(revision, subjects('user:after'), AUDIT, 1)).resolves.toMatchObject({ rows: 1 });
    });
  }

  it('passes on errors that are no constraint', async () => {
    const broken = { ...env.DB, prepare: env.DB.prepare.bind(env.DB), batch: () => Promise.reject(new Error('D1_ERROR: overloaded')) };
    // `as`: a database of which only the methods that the writer calls are there.
    await expect(d1RowWriter(broken as unknown as D1Database, 'x').apply(0, {}, AUDIT, 1)).rejects.toThrow('overloaded');
  });

  it('writes 2,500 roles with 165,000 privileges of 14,000, and 2,500 assignments, in one batch of at most 90 statements', async () => {
    const org = await freshOrganization();
    const names = Array.from({ length: 14_000 }, (_, i) => `application-${i % 140}:privilege-${i}`);
    const ids = Array.from({ length: 2_500 }, (_, i) => i);
    const big: TableRows = {
      ...(Object.fromEntries(Object.keys(BELIEVABLE).map((table) => [table, []])) as unknown as Record<TableName, never[]>),
      privileges: names.map((name) => privilege({ name })),
      roles: ids.map((i) => role({ id: `rol_${i}`, name: `Role ${i}`, privileges: JSON.stringify(names.slice(i * 5, i * 5 + 66)) })),
      assignments: ids.map((i) => assignment({ id: `asg_${i}`, principal: `user:u${i}`, role: `rol_${i}` })),
    };
    let statements = 0;
    const counting = {
      prepare: env.DB.prepare.bind(env.DB),
      batch: (list: D1PreparedStatement[]) => {
        statements = list.length;
        return env.DB.batch(list);
      },
    };
    // `as`: a database of which only the methods that the writer calls are there.
    const writer = d1RowWriter(counting as unknown as D1Database, org);
    const started = Date.now();
    const outcome = await writer.apply(await revisionOf(org), insertAll(big), AUDIT, 1);
    const written = Date.now() - started;
    expect(statements).toBeLessThanOrEqual(90);
    expect(outcome.rows).toBe(14_000 + 2_500 + 2_500 * 2);
    expect(written).toBeLessThan(15_000);
    const { tables } = await writer.load();
    expect(tables.roles.map((row) => JSON.parse(row.privileges).length).reduce((sum, n) => sum + n, 0)).toBe(165_000);
    expect(tables.subjects).toHaveLength(2_500);

    const again = Date.now();
    const update = {
      privileges: { insert: [], update: big.privileges.map((row) => ({ before: row, after: { ...row, title: 'T' } })), delete: [] },
      assignments: { insert: [], update: [], delete: big.assignments },
      roles: { insert: [], update: [], delete: big.roles },
    };
    expect((await writer.apply(outcome.revision, update, AUDIT, 1)).rows).toBe(14_000 + 2_500 + 2_500);
    expect(Date.now() - again).toBeLessThan(15_000);
  });
});

describe('chunks of JSON', () => {
  it('hold every row once, in order, and at most so many bytes, or one row', () => {
    const rows = ['a', 'éé', 'x'.repeat(50), 'b', '\u{1F600}', 'c'].map((text) => [text]);
    const chunks = jsonChunks(rows, 20);
    expect(chunks.flatMap((chunk) => JSON.parse(chunk))).toEqual(rows);
    for (const chunk of chunks) {
      expect(JSON.parse(chunk).length === 1 || new TextEncoder().encode(chunk).length <= 21).toBe(true);
    }
    expect(chunks.length).toBe(4);
    expect(jsonChunks([], 20)).toEqual([]);
  });
});
