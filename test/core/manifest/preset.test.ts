import { describe, expect, it } from 'vitest';
import { exportManifest } from '../../../src/pap/manifest/export/export.ts';
import { planChanges } from '../../../src/pap/manifest/plan.ts';
import { presetRows } from '../../../src/pap/manifest/preset.ts';
import { blank } from '../../../src/presets/blank.ts';
import { organizationSystem } from '../../../src/presets/system.ts';
import { countingIds, resolved } from './support.ts';

const preset = {
  system: {
    ...organizationSystem,
    policies: [{ name: 'Viewers', privileges: ['VIEW'] }],
    roles: [...organizationSystem.roles, { name: 'Reader', policies: ['Viewers'] }],
  },
  manifest: {
    bitgate: 1 as const,
    catalog: { privileges: [{ name: 'VIEW' }, { name: 'EDIT', implies: ['VIEW'] }] },
    policies: [{ name: 'Everybody views', privileges: ['VIEW'] }],
    roles: [{ name: 'Writer', inherits: ['Reader'], privileges: ['EDIT'] }],
    assignments: [{ subject: 'group:everyone', policy: 'Everybody views', scope: 'org' }],
  },
};

describe('the rows of a new organization', () => {
  const rows = presetRows(preset, countingIds());

  it('hold the system part as such, and the rest as what may be edited', () => {
    expect(rows.roles.map(({ name, system }) => [name, system])).toEqual([
      ['bitgate:owner', 1],
      ['bitgate:checker', 1],
      ['Reader', 1],
      ['Writer', 0],
    ]);
    expect(rows.policies.map(({ name, system }) => [name, system])).toEqual([
      ['Viewers', 1],
      ['Everybody views', 0],
    ]);
    expect(rows.privileges.filter(({ name }) => name.startsWith('bitgate:'))).toHaveLength(organizationSystem.catalog.privileges.length);
    expect(rows.roles[0]).toMatchObject({ all_privileges: 1, reaches_restricted: 1, title: 'Owner' });
  });

  it('are what putting the preset’s own manifest leaves', () => {
    expect(planChanges(rows, resolved(preset.manifest, rows)).plan.changes).toEqual([]);
    expect(planChanges(rows, resolved(exportManifest(rows), rows)).plan.changes).toEqual([]);
  });

  it('of a blank preset are the reserved parts alone', () => {
    expect(exportManifest(presetRows(blank, countingIds()))).toEqual({ bitgate: 1 });
  });
});
