import { describe, expect, it } from 'vitest';
import { exportManifest } from '../../../src/pap/manifest/export/export.ts';
import { parseManifest } from '../../../src/pap/manifest/parse.ts';
import { planChanges } from '../../../src/pap/manifest/plan.ts';
import type { ManifestDocument } from '../../../src/pap/manifest/schema.ts';
import { rowKey, TABLE_NAMES } from '../../../src/pap/manifest/tables.ts';
import { toYaml } from '../../../src/pap/manifest/yaml-write.ts';
import type { TableRows } from '../../../src/pap/ports.ts';
import { randomFrom } from '../../properties/random.ts';
import { randomManifest } from './random-manifest.ts';
import { organization, RICH, refusal, resolved } from './support.ts';

/** Rows in key order, ids of assignments left out. */
function comparable(tables: TableRows): Record<string, string[]> {
  const { assignments, ...rest } = tables;
  const rows: Record<string, string[]> = { assignments: assignments.map(({ id: _, ...row }) => JSON.stringify(row)).sort() };
  for (const table of TABLE_NAMES) {
    if (table !== 'assignments') rows[table] = rest[table].map((row) => `${rowKey(table, row)} ${JSON.stringify(row)}`).sort();
  }
  return rows;
}

function roundTrip(tables: TableRows): void {
  const document = exportManifest(tables);
  expect(planChanges(tables, resolved(document, tables)).plan.changes).toEqual([]);
  expect(comparable(resolved(document, organization()))).toEqual(comparable(tables));
  const reversed = Object.entries(tables).map(([table, rows]) => [table, rows.toReversed()]);
  const shuffled = Object.fromEntries(reversed) as unknown as TableRows; // the same tables
  expect(exportManifest(shuffled)).toEqual(document);
  expect(parseManifest(toYaml(document), 'yaml')).toEqual(document);
  expect(parseManifest(JSON.stringify(document), 'json')).toEqual(document);
}

describe('an export', () => {
  it('resolved again gives the same rows, in an organization that was wiped too', () => {
    roundTrip(resolved(RICH, organization()));
    roundTrip(organization());
  });

  it('does so for random organizations', () => {
    for (let seed = 1; seed <= 60; seed++) roundTrip(resolved(randomManifest(randomFrom(seed)), organization()));
  });

  it('is the document that a person would have written', () => {
    const document = exportManifest(resolved(RICH, organization()));
    expect(document.roles).toEqual([
      {
        name: 'Data Scientist',
        title: 'Scientist',
        policies: ['Dataset Viewer', 'Not archived'],
        inherits: ['Reader'],
        privileges: ['bitgate:check'],
      },
      { name: 'Head', inherits: ['Data Scientist'], all_privileges: true, reaches_restricted: true },
    ]);
    expect(document.groups?.map(({ name, id, members }) => [name, id, members])).toEqual([
      ['annotators', undefined, ['group:leads', 'user:alice']],
      ['leads', 'grp_byhand1', ['user:bob']],
    ]);
    expect(document.subjects).toEqual([
      { type: 'service', id: 'a:b/c' },
      { type: 'user', id: 'bob', status: 'suspended', properties: RICH.subjects[0]?.properties },
    ]);
    expect(document.settings).toEqual({
      ...RICH.settings,
      closed_types: ['dataset', 'secret'],
      role_cardinality: { org: 'single' },
      freshness: { max_age_ms: 5_000 },
      retention: { daily_days: 30 },
      forward_auth: { cookie: 'session', sign_in_url: 'https://login.example.com/start' },
    });
    expect(document.catalog?.privileges?.map(({ name }) => name)).not.toContain('bitgate:check');
  });

  it('leaves out empty sections', () => {
    expect(exportManifest(organization())).toEqual({ bitgate: 1 });
  });

  it('writes an id where a name has more than one meaning', () => {
    const document = {
      bitgate: 1,
      roles: [{ name: 'p/R', id: 'rol_org' }, { name: 'R' }],
      projects: [
        {
          id: 'p',
          roles: [
            { name: 'R', id: 'rol_own', inherits: ['rol_org'] },
            { name: 'S', inherits: ['R'] },
          ],
        },
      ],
      assignments: [{ subject: 'user:x', role: 'rol_own', scope: 'project:p' }],
    };
    const tables = resolved(document, organization());
    expect(exportManifest(tables).assignments).toEqual([{ subject: 'user:x', role: 'rol_own', scope: 'project:p' }]);
    roundTrip(tables);
  });

  it('says which rows typed by hand cannot be read', () => {
    const tables = resolved(RICH, organization());
    const broken: TableRows = {
      ...tables,
      roles: tables.roles.map((row) => (row.name === 'Head' ? { ...row, privileges: '{"a":1}' } : row)),
      subjects: [{ subject: 'user:x', status: 'active', properties: '[]' }],
      routes: [{ position: 0, route: '{"hosts":[]}' }],
      settings: [{ settings: '{"closed_types":5}' }],
    };
    const error = refusal(() => exportManifest(broken));
    expect(error).toMatchObject({ code: 'unreadable_rows', status: 409 });
    const problems = (error.details?.problems ?? []) as { path: string }[]; // what the code promises
    expect(problems.map(({ path }) => path)).toEqual([
      expect.stringMatching(/^roles\/rol_\w+\/privileges$/),
      'routes/0',
      'settings',
      'subjects/user:x/properties',
    ]);
  });
});

describe('YAML', () => {
  it('has an item on a line where it fits, and spreads it out where it does not', () => {
    const document: ManifestDocument = {
      bitgate: 1,
      roles: [
        { name: 'Viewer', policies: ['A: b', 'no'] },
        { name: 'Long', description: 'x'.repeat(100), policies: ['P', 'Q'] },
      ],
      subjects: [{ type: 'user', id: '1', properties: { note: 'two\nlines' } }],
      settings: { default_role: 'Viewer' },
    };
    expect(toYaml(document)).toBe(`bitgate: 1
roles:
  - {name: Viewer, policies: ["A: b", no]}
  - name: Long
    description: ${'x'.repeat(100)}
    policies: [P, Q]
subjects:
  - type: user
    id: "1"
    properties:
      note: |-
        two
        lines
settings:
  default_role: Viewer
`);
  });
});
