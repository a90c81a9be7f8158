import { describe, expect, it } from 'vitest';
import { planChanges } from '../../../src/pap/manifest/plan.ts';
import { type MutableTables, rowKey, TABLE_NAMES } from '../../../src/pap/manifest/tables.ts';
import type { RowChanges, TableRows } from '../../../src/pap/ports.ts';
import { organization, RICH, refusal, resolved } from './support.ts';

const present = resolved(RICH, organization());

/** The document with one section replaced. */
function edited(changes: Partial<Record<keyof typeof RICH, unknown>>): ReturnType<typeof planChanges> {
  return planChanges(present, resolved({ ...RICH, ...changes }, present));
}

/** What the storage does, in memory. */
function applied(tables: TableRows, changes: RowChanges): TableRows {
  const after: Record<string, unknown[]> = {};
  for (const table of TABLE_NAMES) {
    const rows = new Map<string, unknown>(tables[table].map((row) => [rowKey(table, row), row]));
    for (const row of changes[table]?.delete ?? []) rows.delete(rowKey(table, row));
    const updated = (changes[table]?.update ?? []).map(({ after }) => after);
    for (const row of [...(changes[table]?.insert ?? []), ...updated]) rows.set(rowKey(table, row), row);
    after[table] = [...rows.values()];
  }
  return after as unknown as MutableTables; // each table from rows of its own
}

describe('a plan', () => {
  it('of an equal document is empty', () => {
    expect(edited({})).toEqual({ changes: {}, plan: { summary: {}, changes: [] } });
  });

  it('of an equal document in another order is empty', () => {
    const reversed = Object.fromEntries(
      Object.entries(RICH).map(([key, value]) => [key, Array.isArray(value) && key !== 'routes' ? value.toReversed() : value]),
    );
    expect(planChanges(present, resolved(reversed, present)).plan.changes).toEqual([]);
  });

  it('is empty where a row typed by hand means the same', () => {
    const loose: TableRows = {
      ...present,
      policies: present.policies.map((row) => ({ ...row, privileges: JSON.stringify(JSON.parse(row.privileges).reverse(), null, 1) })),
      subjects: present.subjects.map((row) => ({
        ...row,
        properties: JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(row.properties)).reverse()), null, 2),
      })),
      settings: [
        {
          settings: JSON.stringify({
            ...JSON.parse(present.settings[0]?.settings ?? ''),
            claimed: undefined,
            closed_types: ['dataset', 'secret'],
            role_cardinality: { project: 'multiple', org: 'single' },
          }),
        },
      ],
    };
    expect(planChanges(loose, resolved(RICH, loose)).plan.changes).toEqual([]);
    const spelled: TableRows = { ...organization(), settings: [{ settings: '{"default_role": null, "closed_types": []}' }] };
    expect(planChanges(spelled, resolved({ bitgate: 1 }, spelled)).plan.changes).toEqual([]);
  });

  it('names what is made, changed and removed, with what differs', () => {
    const { plan } = edited({
      roles: [
        { ...RICH.roles[0], policies: ['Dataset Viewer', 'No interns'], privileges: ['bitgate:check', 'dataset:view'], title: 'Sage' },
        RICH.roles[1],
        { name: 'New' },
      ],
      assignments: RICH.assignments.map((item, i) => (i === 0 ? { ...item, expires_at: '2028-01-01T00:00:00Z' } : item)).slice(0, -1),
    });
    expect(plan).toEqual({
      summary: {
        roles: { insert: 1, update: 1, delete: 0 },
        role_policies: { insert: 1, update: 0, delete: 1 },
        subjects: { insert: 0, update: 0, delete: 1 },
        assignments: { insert: 0, update: 1, delete: 1 },
      },
      changes: [
        {
          op: 'update',
          kind: 'role',
          name: 'Data Scientist',
          fields: { title: { before: 'Scientist', after: 'Sage' }, privileges: { added: ['dataset:view'], removed: [] } },
        },
        { op: 'insert', kind: 'role', name: 'New' },
        { op: 'insert', kind: 'role_policy', name: 'Data Scientist → No interns' },
        { op: 'delete', kind: 'role_policy', name: 'Data Scientist → Not archived' },
        { op: 'delete', kind: 'subject', name: 'user:root' },
        {
          op: 'update',
          kind: 'assignment',
          name: 'user:alice: Data Scientist at project:sleetduke until 2028-01-01T00:00:00Z',
          fields: { expires_at: { before: '2027-01-01T00:00:00Z', after: '2028-01-01T00:00:00Z' } },
        },
        { op: 'delete', kind: 'assignment', name: 'user:root: bitgate:owner at org' },
      ],
    });
  });

  it('applied gives exactly the rows that were wanted', () => {
    const desired = resolved({ ...RICH, projects: [], resources: [], assignments: [], groups: [{ name: 'leads' }] }, present);
    const after = applied(present, planChanges(present, desired).changes);
    expect(planChanges(after, desired).changes).toEqual({});
    for (const table of TABLE_NAMES) expect(after[table]).toHaveLength(desired[table].length);
  });

  it('refuses more rows than one write may change', () => {
    const many = resolved({ bitgate: 1, subjects: Array.from({ length: 50_001 }, (_, i) => ({ type: 'user', id: `${i}` })) });
    expect(refusal(() => planChanges(resolved({ bitgate: 1 }), many))).toMatchObject({
      code: 'too_many_rows',
      status: 413,
      details: { rows: 50_001 },
    });
  });
});

describe('what lies outside a manifest', () => {
  const before: TableRows = {
    ...present,
    group_members: [...present.group_members, { group_id: 'grp_byhand1', member: 'api_key:k1' }],
    resource_owners: [...present.resource_owners, { resource: 'domain:north', owner: 'api_key:k1', kind: '' }],
  };

  it('stays when an empty manifest is put', () => {
    const after = applied(before, planChanges(before, resolved({ bitgate: 1 }, before)).changes);
    expect(after).toEqual(organization());
  });

  it('stays in groups and as owner while these stay', () => {
    expect(planChanges(before, resolved(RICH, before)).plan.changes).toEqual([]);
  });

  it('may be named: a key can be given a role, and equal grants are one', () => {
    const holds = { subject: 'api_key:k1', role: 'Reader', scope: 'org' };
    const { plan } = planChanges(
      before,
      resolved({ ...RICH, assignments: [...RICH.assignments, holds, { ...holds, role: 'Head' }] }, before),
    );
    expect(plan.changes).toEqual([{ op: 'insert', kind: 'assignment', name: 'api_key:k1: Head at org' }]);
  });

  const refused = (change: Partial<MutableTables>, document: object): string[] => {
    const tables = { ...before, ...change };
    const { details } = refusal(() => resolved(document, tables));
    const problems = details?.problems as { code: string; path: string }[]; // what the code promises
    return problems.map(({ code, path }) => `${code} ${path}`);
  };

  it('is not broken: what a key holds or a system bundle names must stay', () => {
    const held = { id: 'asg_2', principal: 'api_key:k1', policy: null, scope: 'project:sleetduke', not_before: null, expires_at: null };
    const reviewer = present.roles.find(({ name }) => name === 'Reviewer')?.id ?? '';
    const assignments = [...before.assignments, { ...held, role: reviewer }];
    expect(refused({ assignments }, { bitgate: 1 })).toEqual(['held_by_api_key roles']);
    expect(refused({ api_keys: before.api_keys.map((row) => ({ ...row, project: 'sleetduke' })) }, { bitgate: 1 })).toEqual([
      'held_by_api_key projects',
    ]);
    const policies = before.policies.map((row) => (row.system === 1 ? { ...row, privileges: '["dataset:view"]' } : row));
    expect(refused({ policies }, { bitgate: 1 })).toEqual(['used_by_system catalog.privileges']);
    const role_policies = [...before.role_policies, { role: 'rol_reader', policy: 'pol_byhand1' }];
    expect(refused({ role_policies }, { bitgate: 1 })).toEqual(['used_by_system policies']);
  });
});
