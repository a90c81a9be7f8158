/** What a role holds at `org`, by naive union over the preset's documents: no compiler, no evaluator. */
import type { ManifestPrivilege, Preset } from '../../src/presets/manifest.ts';

/** Every privilege that a preset knows: the reserved ones and its catalog. */
export function allPrivileges(preset: Preset): ManifestPrivilege[] {
  return [...preset.system.catalog.privileges, ...(preset.manifest.catalog?.privileges ?? [])];
}

/** Names of what the system role holds: inline, through its policies, and implied by either. */
export function privilegesOf(preset: Preset, roleName: string): Set<string> {
  const role = preset.system.roles.find((candidate) => candidate.name === roleName);
  if (role === undefined) throw new Error(`no role \`${roleName}\``);
  const held = new Set(role.privileges);
  for (const policy of preset.system.policies) {
    if (role.policies?.includes(policy.name)) for (const privilege of policy.privileges) held.add(privilege);
  }
  const implying = Map.groupBy(allPrivileges(preset), (privilege) => privilege.name);
  // A set that grows while it is walked is visited to its end; a name may have an entry at each level.
  for (const name of held) for (const { implies = [] } of implying.get(name) ?? []) for (const implied of implies) held.add(implied);
  return held;
}
