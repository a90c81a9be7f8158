/** Completed changes say all that the database does: the rows after them are those of the incomplete ones, and nothing but them differs from before. */
import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import type { TableName } from '../../../src/core/terms/rows.ts';
import type { RowChanges, TableRows } from '../../../src/pap/ports.ts';
import { changeOf, completeChanges } from '../../../src/pap/write/complete.ts';
import { d1Companions } from '../../../src/storage/d1/companions.ts';
import { d1RowWriter } from '../../../src/storage/d1/row-writer.ts';
import { PARENTS_FIRST, TABLES } from '../../../src/storage/d1/tables.ts';
import { AUDIT, assignment, BELIEVABLE, writeBelievable } from './believable.ts';
import { freshOrganization, revisionOf } from './by-hand.ts';
import { strict } from './strict-db.ts';

const byId = <T extends TableName>(table: T, at: number) => ({ [table]: { insert: [], update: [], delete: [BELIEVABLE[table][at]!] } });
const made = (changes: { readonly [T in TableName]?: readonly object[] }): RowChanges =>
  Object.fromEntries(Object.entries(changes).map(([table, insert]) => [table, { insert, update: [], delete: [] }])) as RowChanges;

const CHANGES: readonly (readonly [string, RowChanges])[] = [
  ['a subject goes', byId('subjects', 6)],
  ['a key goes', byId('api_keys', 0)],
  ["a key's subject goes", byId('subjects', 0)],
  ['a group goes that is in another, holds and owns', byId('groups', 1)],
  ['a group goes that others are in', byId('groups', 0)],
  ['a resource goes', byId('resources', 2)],
  ['a role goes that nobody holds', { ...byId('roles', 1), role_policies: { insert: [], update: [], delete: [] } }],
  ['somebody new is assigned', made({ assignments: [assignment({ id: 'new', principal: 'user:new', role: 'rol_editor' })] })],
  ['somebody new is a member', made({ group_members: [{ group_id: 'grp_all', member: 'user:new' }] })],
  ['somebody new owns something new', made({ resource_owners: [{ resource: 'file:new', owner: 'user:new', kind: '' }] })],
  ['something new has a parent', made({ resource_parents: [{ resource: 'file:new', parent: 'file:unknown' }] })],
  ['a project comes', made({ projects: [{ id: 'new', nickname: '' }] })],
  ['a key comes', made({ api_keys: [{ ...BELIEVABLE.api_keys[0]!, id: 'new' }] })],
];

function rowsOf(tables: TableRows, table: TableName): string[] {
  const { columns } = TABLES[table];
  // `as`: columns are those of the table.
  return tables[table]
    .map((row) => JSON.stringify(columns.map((column) => (row as unknown as Record<string, unknown>)[column])))
    .toSorted();
}

function asRows(table: TableName, rows: readonly object[]): string[] {
  return rowsOf({ [table]: rows } as unknown as TableRows, table);
}

describe('completed changes', () => {
  it.each(CHANGES)('when %s', async (_name, given) => {
    const org = await freshOrganization();
    const revision = await writeBelievable(org, await revisionOf(org));
    const writer = d1RowWriter(env.DB, org);
    const { tables: before } = await writer.load();
    const complete = await completeChanges(d1Companions(env.DB, org), given);
    // Written as they were given: what the triggers do then is what the completed ones must have said.
    await writer.apply(revision, given, AUDIT, 1);
    const { tables: after } = await writer.load();
    for (const table of PARENTS_FIRST) {
      const [old, young] = [rowsOf(before, table), rowsOf(after, table)];
      const { insert, update, delete: gone } = changeOf(complete, table);
      expect(update, table).toEqual([]);
      expect(asRows(table, insert), table).toEqual(young.filter((row) => !old.includes(row)));
      expect(asRows(table, gone), table).toEqual(old.filter((row) => !young.includes(row)));
    }
  });

  it('can be written themselves, with the same outcome', async () => {
    for (const [name, given] of CHANGES) {
      const [one, other] = [await freshOrganization(), await freshOrganization()];
      const outcomes: string[][] = [];
      for (const [org, complete] of [
        [one, false],
        [other, true],
      ] as const) {
        const revision = await writeBelievable(org, await revisionOf(org));
        const writer = d1RowWriter(env.DB, org);
        await writer.apply(revision, complete ? await completeChanges(d1Companions(env.DB, org), given) : given, AUDIT, 1);
        const { tables } = await writer.load();
        outcomes.push(PARENTS_FIRST.flatMap((table) => rowsOf(tables, table)));
      }
      expect(outcomes[1], name).toEqual(outcomes[0]);
    }
  });

  it('leave alone what moves elsewhere in the same change', async () => {
    const org = await freshOrganization();
    await writeBelievable(org, await revisionOf(org));
    const moving = BELIEVABLE.assignments.find(({ id }) => id === 'asg_2')!;
    const moved = { ...moving, principal: 'user:ann' };
    const complete = await completeChanges(d1Companions(env.DB, org), {
      ...byId('groups', 1),
      assignments: { insert: [], update: [{ before: moving, after: moved }], delete: [] },
    });
    expect(changeOf(complete, 'assignments')).toEqual({ insert: [], update: [{ before: moving, after: moved }], delete: [] });
  });
});

describe('more keys than a parameter of D1 holds', () => {
  const many = (prefix: string): string[] => Array.from({ length: 4_500 }, (_, i) => `${prefix}${i}-${'x'.repeat(480)}`);
  const around = (prefix: string, first: string, last: string): string[] => [first, ...many(prefix), last];

  it('are asked for in parts, and what hangs on keys of several is found once', async () => {
    const org = await freshOrganization();
    await writeBelievable(org, await revisionOf(org));
    const [companions, plain] = [d1Companions(strict(env.DB), org), d1Companions(env.DB, org)];
    const few = {
      subjects: ['user:Ann', 'user:gone'],
      groups: ['grp_leads'],
      roles: ['rol_local'],
      resources: ['dataset:1'],
      apiKeys: ['k1'],
    };
    const going = { ...few, subjects: around('user:none', 'user:gone', 'user:Ann'), resources: around('doc:none', 'dataset:1', 'doc:x') };
    expect(await companions.hangingOn(going)).toEqual(await plain.hangingOn(few));
    const [subjects, resources] = [many('user:none'), many('doc:none')];
    const missing = await companions.unregistered(['user:Ann', ...subjects, 'user:gone'], ['dataset:1', ...resources, 'dataset:2']);
    expect([new Set(missing.subjects), new Set(missing.resources)]).toEqual([new Set(subjects), new Set(resources)]);
    expect([missing.subjects.length, missing.resources.length]).toEqual([subjects.length, resources.length]);
  });

  it('are none when nothing is asked for', async () => {
    const companions = d1Companions(env.DB, await freshOrganization());
    expect(await companions.unregistered([], [])).toEqual({ subjects: [], resources: [] });
  });
});
