/** A preset that changes, and organizations that were made from what it was before. */
import { describe, expect, it } from 'vitest';
import { exportManifest } from '../../../src/pap/manifest/export/export.ts';
import { resolvePatch } from '../../../src/pap/manifest/patch.ts';
import { planChanges } from '../../../src/pap/manifest/plan.ts';
import { presetRows } from '../../../src/pap/manifest/preset.ts';
import type { TableRows } from '../../../src/pap/ports.ts';
import { type PresetPart, partsOf } from '../../../src/pap/preset/parts.ts';
import { type Upgrade, upgraded } from '../../../src/pap/preset/upgrade.ts';
import { PRESET_NAMES, presets } from '../../../src/presets/index.ts';
import type { Manifest, ManifestPolicy, Preset } from '../../../src/presets/manifest.ts';
import { organizationSystem } from '../../../src/presets/system.ts';
import { countingIds, refusal } from './support.ts';

const PRIVILEGES = [{ name: 'view' }, { name: 'edit' }];
const POLICIES: ManifestPolicy[] = [{ name: 'Everybody views', privileges: ['view'] }];

function preset(more: Partial<Manifest> = {}, system: Partial<Preset['system']> = {}): Preset {
  return {
    name: 'test',
    title: 'Test',
    description: 'For tests.',
    system: {
      ...organizationSystem,
      policies: [{ name: 'Boss - Policy', privileges: ['view'] }],
      roles: [...organizationSystem.roles, { name: 'Boss', policies: ['Boss - Policy'] }],
      ...system,
    },
    manifest: {
      bitgate: 1,
      catalog: { privileges: PRIVILEGES },
      policies: POLICIES,
      assignments: [{ subject: 'group:everyone', policy: 'Everybody views', scope: 'org' }],
      ...more,
    },
  };
}

const made = (from: Preset): TableRows => presetRows(from, countingIds());
const givenBy = (from: Preset): PresetPart[] => partsOf(exportManifest(made(from)));
const patched = (tables: TableRows, sections: object): TableRows =>
  resolvePatch({ bitgate: 1, ...sections }, { present: tables, newId: countingIds() });
const upgrade = (tables: TableRows, to: Preset, given = givenBy(preset())): Upgrade => upgraded(tables, to, given, countingIds());
const changes = (before: TableRows, { tables }: Upgrade): string[] =>
  planChanges(before, tables).plan.changes.map(({ op, kind, name }) => `${op} ${kind} ${name}`);

describe('an upgrade', () => {
  it.each(PRESET_NAMES)('to what the preset is already changes nothing: %s', (name) => {
    const tables = made(presets[name]);
    const done = upgrade(tables, presets[name], givenBy(presets[name]));
    expect([changes(tables, done), done.kept]).toEqual([[], []]);
  });

  it('makes system things what they are now, and adds what is new', () => {
    const tables = made(preset());
    const to = preset(
      { catalog: { privileges: [...PRIVILEGES, { name: 'fly' }] }, policies: [...POLICIES, { name: 'New', privileges: ['fly'] }] },
      {
        policies: [{ name: 'Boss - Policy', privileges: ['view', 'fly'] }],
        roles: [...organizationSystem.roles, { name: 'Boss', policies: ['Boss - Policy'] }, { name: 'Guest', privileges: ['view'] }],
      },
    );
    const done = upgrade(tables, to);
    expect(changes(tables, done)).toEqual([
      'insert privilege fly',
      'update policy Boss - Policy',
      'insert policy New',
      'insert role Guest',
    ]);
    expect(done.tables.roles.find(({ name }) => name === 'Guest')?.system).toBe(1);
    expect(done.tables.policies.find(({ name }) => name === 'New')?.system).toBe(0);
  });

  it('brings what nobody edited up to date, and leaves alone what somebody did', () => {
    const to = preset({ policies: [{ name: 'Everybody views', privileges: ['view', 'edit'] }] });
    const untouched = made(preset());
    expect(changes(untouched, upgrade(untouched, to))).toEqual(['update policy Everybody views']);
    const edited = patched(untouched, { policies: [{ name: 'Everybody views', state: 'INACTIVE', privileges: ['view'] }] });
    const done = upgrade(edited, to);
    expect([changes(edited, done), done.kept]).toEqual([[], [{ kind: 'policy', name: 'Everybody views', reason: 'edited' }]]);
    expect(done.given.map(({ kind, key }) => `${kind} ${key}`)).not.toContain('policy ["everybody views"]');
  });

  it('never brings back what was deleted, assignments of it included', () => {
    const tables = patched(made(preset()), { policies: [], assignments: [] });
    const done = upgrade(tables, preset({ policies: [{ name: 'Everybody views', privileges: ['view', 'edit'] }] }));
    expect([changes(tables, done), done.kept.map(({ kind, reason }) => `${kind} ${reason}`)]).toEqual([[], ['policy deleted']]);
    const unassigned = patched(made(preset()), { assignments: [] });
    expect(upgrade(unassigned, preset()).kept.map(({ kind, reason }) => `${kind} ${reason}`)).toEqual(['assignment deleted']);
  });

  it('brings a deleted privilege back if a system thing needs it now', () => {
    const tables = patched(made(preset()), { catalog: { privileges: [{ name: 'view' }] } });
    const to = preset({}, { policies: [{ name: 'Boss - Policy', privileges: ['view', 'edit'] }] });
    expect(changes(tables, upgrade(tables, to))).toEqual(['insert privilege edit', 'update policy Boss - Policy']);
    expect(changes(tables, upgrade(tables, preset()))).toEqual([]);
  });

  it('keeps a system role that the preset no longer has: somebody may hold it', () => {
    const tables = made(preset());
    expect(changes(tables, upgrade(tables, preset({}, { policies: [], roles: organizationSystem.roles })))).toEqual([]);
  });

  it('is refused, with the place, where a new system role has the name of one that people made', () => {
    const tables = patched(made(preset()), { roles: [{ name: 'guest', privileges: ['view'] }] });
    const to = preset({}, { roles: [...preset().system.roles, { name: 'Guest', privileges: ['view'] }] });
    const error = refusal(() => upgrade(tables, to));
    expect([error.code, error.details?.problems]).toEqual(['invalid_manifest', [expect.objectContaining({ code: 'system_name' })]]);
  });

  it('of an organization of which nothing is remembered adds what it lacks, and overwrites nothing', () => {
    const tables = patched(made(preset()), { policies: [{ name: 'Everybody views', privileges: [] }], assignments: [] });
    const done = upgrade(tables, preset(), []);
    expect(changes(tables, done)).toEqual(['insert assignment group:everyone: Everybody views at org']);
    expect(done.kept).toEqual([{ kind: 'policy', name: 'Everybody views', reason: 'edited' }]);
  });
});
