/** A small organization made from a preset as production makes it, asked through the compiler, the bytes and the evaluator. */
import type { Decision } from '../../src/core/terms/decision.ts';
import { parseRef } from '../../src/core/terms/ref.ts';
import type { OrganizationRows } from '../../src/core/terms/rows.ts';
import { presetRows } from '../../src/pap/manifest/preset.ts';
import type { ManifestProblem } from '../../src/pap/manifest/problems.ts';
import type { TableRows } from '../../src/pap/ports.ts';
import type { Manifest, Preset } from '../../src/presets/manifest.ts';
import { refusal } from '../core/manifest/support.ts';
import { oracle } from '../oracle/oracle.ts';
import { ask, snapshotOf } from '../support/memory-snapshot.ts';

/** 2027-01-01, in ms */
const NOW = Date.UTC(2027, 0, 1);

export interface PresetWorld {
  readonly rows: OrganizationRows;
  /** Decides, and fails if the naive implementation of the rule decides otherwise. @param resource absent: the organization itself */
  decide(subject: string, action: string, resource?: string): Decision;
  may(subject: string, action: string, resource?: string): boolean;
}

/** @param more sections beside the preset's own; its catalog and settings stay */
export function presetWorld(preset: Preset, more: Omit<Manifest, 'bitgate' | 'catalog' | 'settings'>): Promise<PresetWorld> {
  let ids = 0;
  const tables = presetRows({ system: preset.system, manifest: { ...preset.manifest, ...more } }, () => `asg_${++ids}`);
  return worldOf(organizationRows(tables));
}

/** `code path` of everything that such an organization is refused for. */
export function refusedFor(preset: Preset, more: Parameters<typeof presetWorld>[1]): string[] {
  const problems = refusal(() => presetWorld(preset, more)).details?.problems as readonly ManifestProblem[]; // what `invalid_manifest` promises
  return problems.map(({ code, path }) => `${code} ${path}`);
}

export async function worldOf(rows: OrganizationRows): Promise<PresetWorld> {
  const { snapshot, pieces } = await snapshotOf(rows);
  const decide = (subject: string, action: string, resource?: string): Decision => {
    const place = resource === undefined ? {} : { resource: parseRef(resource) };
    const request = { subject: parseRef(subject), action: { name: action }, ...place };
    const decision = ask(snapshot, pieces, request, NOW);
    const expected = oracle(rows, request, NOW);
    if (decision.reason !== expected.reason)
      throw new Error(`${subject} ${action} ${resource}: ${decision.reason}, not ${expected.reason}`);
    return decision;
  };
  return { rows, decide, may: (...question) => decide(...question).decision };
}

export function organizationRows(tables: TableRows): OrganizationRows {
  const isGroup = ({ member }: { member: string }): boolean => member.startsWith('group:');
  return {
    privileges: [...tables.privileges],
    policies: [...tables.policies],
    roles: [...tables.roles],
    role_policies: [...tables.role_policies],
    role_inherits: [...tables.role_inherits],
    groups: [...tables.groups],
    group_nesting: tables.group_members.filter(isGroup),
    memberships: tables.group_members.filter((row) => !isGroup(row)),
    routes: [...tables.routes],
    settings: [...tables.settings],
    subjects: [...tables.subjects],
    assignments: [...tables.assignments],
    api_keys: [...tables.api_keys],
    resources: [...tables.resources],
    resource_parents: [...tables.resource_parents],
    resource_owners: [...tables.resource_owners],
  };
}
