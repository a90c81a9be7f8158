/** Every preset's roles are protected from being edited or shadowed; and equal grants are equal rows, however they are written. */
import { describe, expect, it } from 'vitest';
import { compileCatalog } from '../../src/core/compile/catalog.ts';
import { blank } from '../../src/presets/blank.ts';
import { PRESET_NAMES, type PresetName, presets } from '../../src/presets/index.ts';
import { presetWorld, refusedFor } from './preset-world.ts';

const ownRoles = (name: PresetName): string[] =>
  presets[name].system.roles.map((role) => role.name).filter((role) => !role.startsWith('bitgate:'));
const system = PRESET_NAMES.flatMap((name) => ownRoles(name).map((role) => [name, role] as const));

describe('system roles', () => {
  it('are those that each system has', () => {
    expect(ownRoles('blank')).toEqual([]);
    expect(ownRoles('datahub')).toEqual(['Admin', 'Editor', 'Reader']);
    expect(ownRoles('diffgram')).toEqual([
      'admin',
      'editor',
      'annotator',
      'viewer',
      ...['dataset_viewer', 'dataset_editor', 'dataset_admin', 'file_viewer', 'file_editor', 'file_admin'],
    ]);
    expect(ownRoles('confident-ai')).toEqual(['Owner', 'Admin', 'Member', 'Project Owner', 'Project Manager', 'Project Member']);
  });

  it.each(system)('can’t be shadowed in any letter case, by the organization or a project: %s, %s', (preset, name) => {
    for (const shadow of [name, name.toUpperCase(), name.toLowerCase()]) {
      const roles = [{ name: shadow, privileges: [] }];
      expect(refusedFor(presets[preset], { roles })).toContain('system_name roles[0].name');
      expect(refusedFor(presets[preset], { projects: [{ id: 'p', roles }] })).toContain('system_name projects[0].roles[0].name');
    }
  });
});

describe('the same grants', () => {
  it('are one row, written as a policy, as a flat list of a role, or as policies of a role', async () => {
    const manifest = { ...blank.manifest, catalog: { privileges: ['a', 'b', 'c', 'd'].map((name) => ({ name })) } };
    const { rows } = await presetWorld(
      { ...blank, manifest },
      {
        policies: [
          { name: 'all three', privileges: ['c', 'a', 'b'] },
          { name: 'two', privileges: ['a', 'b'] },
          { name: 'one more', privileges: ['b', 'c'] },
        ],
        roles: [
          { name: 'by policy', policies: ['all three'] },
          { name: 'flat', privileges: ['a', 'b', 'c'] },
          { name: 'bundles', policies: ['one more', 'two'] },
        ],
      },
    );
    const { model } = compileCatalog(rows);
    const allowed = ['by policy', 'flat', 'bundles'].map((name) => model.roles.find((role) => role.name === name)?.allow);
    expect(allowed[0]).toHaveLength(3);
    expect(allowed[1]).toEqual(allowed[0]);
    expect(allowed[2]).toEqual(allowed[0]);
    expect(model.policies.find((policy) => policy.name === 'all three')?.bits).toEqual(allowed[0]);
  });
});
