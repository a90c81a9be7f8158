/** Every preset is a whole: its names are unique and every name that it uses exists. */
import { describe, expect, it } from 'vitest';
import { PRESET_NAMES, presets } from '../../src/presets/index.ts';
import type { ManifestPrivilege } from '../../src/presets/manifest.ts';
import { organizationSystem } from '../../src/presets/system.ts';
import { allPrivileges } from './privilege-sets.ts';

const lowerCase = (things: readonly { name: string }[]): string[] => things.map((thing) => thing.name.toLowerCase());

/** A privilege once for each level that it can be asked at. */
const atLevels = (things: readonly ManifestPrivilege[]): { name: string }[] =>
  things.flatMap(({ name, levels = ['org', 'project'] }) => levels.map((level) => ({ name: `${level} ${name}` })));

describe.each(PRESET_NAMES)('the preset %s', (name) => {
  const preset = presets[name];
  const privileges = allPrivileges(preset);
  const policies = [...preset.system.policies, ...(preset.manifest.policies ?? [])];
  const roles = [...preset.system.roles, ...(preset.manifest.roles ?? [])];

  it('is registered under its own name and says what it is', () => {
    expect(preset.name).toBe(name);
    expect(preset.title).not.toBe('');
    expect(preset.description).not.toBe('');
  });

  it('gives every privilege, policy and role a name of its own, whatever the letter case', () => {
    for (const things of [atLevels(privileges), policies, roles]) expect(new Set(lowerCase(things)).size).toBe(things.length);
  });

  it('gives every privilege a title and a description of one sentence', () => {
    for (const privilege of privileges) {
      expect(privilege.title, privilege.name).toMatch(/\S/);
      expect(privilege.description, privilege.name).toMatch(/^[A-Z][^.]{5,138}\.$/);
    }
    const described = privileges.filter((privilege) => privilege.name.startsWith('bitgate:') === false);
    expect(new Set(described.map((privilege) => privilege.description)).size).toBe(described.length);
  });

  it('names only privileges, policies and roles that exist', () => {
    const known = new Set(privileges.map((privilege) => privilege.name));
    const used = [...privileges.map((p) => p.implies ?? []), ...policies.map((p) => p.privileges), ...roles.map((r) => r.privileges ?? [])];
    for (const privilege of used.flat()) expect(known).toContain(privilege);
    for (const policy of roles.flatMap((role) => role.policies ?? [])) expect(policies.map((p) => p.name)).toContain(policy);
    for (const role of roles.flatMap((each) => each.inherits ?? [])) expect(roles.map((r) => r.name)).toContain(role);
  });

  it('has what every organization has', () => {
    expect(preset.system.catalog).toBe(organizationSystem.catalog);
    expect(preset.system.roles).toEqual(expect.arrayContaining(organizationSystem.roles));
  });
});

describe('what every organization has', () => {
  it('reserves thirteen privileges, each at both levels', () => {
    const { privileges } = organizationSystem.catalog;
    expect(privileges.map((privilege) => privilege.name)).toEqual([
      'bitgate:read',
      'bitgate:manage_policies',
      'bitgate:manage_members',
      'bitgate:manage_resources',
      'bitgate:manage_keys',
      'bitgate:manage_settings',
      'bitgate:audit',
      'bitgate:check',
      'bitgate:list',
      'bitgate:explain',
      'bitgate:assert',
      'bitgate:fresh',
      'bitgate:escalate',
    ]);
    for (const privilege of privileges) expect(privilege.levels).toEqual(['org', 'project']);
  });

  it('has an owner who holds everything everywhere', () => {
    const owner = organizationSystem.roles.find((role) => role.name === 'bitgate:owner');
    expect(owner).toMatchObject({ title: 'Owner', all_privileges: true, reaches_restricted: true });
  });
});

describe('the blank preset', () => {
  it('adds nothing', () => {
    expect(presets.blank.system).toBe(organizationSystem);
    expect(allPrivileges(presets.blank)).toEqual(organizationSystem.catalog.privileges);
  });
});
