/**
 * An organization and the newest state of its preset → what the organization shall have. System things become what the preset says. What the preset
 * gave besides follows it as long as nobody has edited it; what was edited stays as it is, what was deleted stays deleted.
 */
import type { Preset } from '../../presets/manifest.ts';
import { exportManifest } from '../manifest/export/export.ts';
import { everything } from '../manifest/patch.ts';
import { presetRows, systemRows } from '../manifest/preset.ts';
import { Problems } from '../manifest/problems.ts';
import { resolveDocument } from '../manifest/resolve/resolve.ts';
import type { AssignmentItem, ManifestDocument, PolicyItem, PrivilegeItem } from '../manifest/schema.ts';
import { RESERVED_PREFIX } from '../manifest/tables.ts';
import type { TableRows } from '../ports.ts';
import { type Found, type Item, type PresetPart, partId, partsOf } from './parts.ts';

/** What the preset has and the organization keeps otherwise. */
export interface KeptPart {
  readonly kind: string;
  readonly name: string;
  readonly reason: 'edited' | 'deleted';
}

export interface Upgrade {
  readonly tables: TableRows;
  /** to remember: what is given by this upgrade, or was given before and is known to be so now */
  readonly given: readonly PresetPart[];
  readonly kept: readonly KeptPart[];
}

/** @throws BitgateError `invalid_manifest` (422) when the organization has something in the way, as a role of a new system role's name */
export function upgraded(present: TableRows, preset: Preset, given: readonly PresetPart[], newId: () => string): Upgrade {
  const base = withSystem(present, systemRows(preset, newId));
  const offered = partsOf(exportManifest(presetRows(preset, newId)));
  const document = everything(present);
  const judged = judge(offered, partsOf(document), given, neededBySystem(preset));
  const tables = resolveDocument(laidOver(document, judged.put), { present: base, newId }, new Problems());
  return { tables, given: judged.given, kept: judged.kept };
}

/** System rows as the preset has them. One that the preset has no longer stays: somebody may hold it. */
function withSystem(present: TableRows, system: TableRows): TableRows {
  const roles = new Set(system.roles.map(({ id }) => id));
  const policies = new Set(system.policies.map(({ id }) => id));
  const reserved = system.privileges.filter(({ name }) => name.startsWith(RESERVED_PREFIX));
  return {
    ...present,
    privileges: [...present.privileges.filter(({ name }) => !name.startsWith(RESERVED_PREFIX)), ...reserved],
    policies: [...present.policies.filter(({ id }) => !policies.has(id)), ...system.policies],
    roles: [...present.roles.filter(({ id }) => !roles.has(id)), ...system.roles],
    role_policies: [...present.role_policies.filter(({ role }) => !roles.has(role)), ...system.role_policies],
    role_inherits: [...present.role_inherits.filter(({ role }) => !roles.has(role)), ...system.role_inherits],
  };
}

/** Privileges that system things name: they have to be there. */
function neededBySystem({ system }: Preset): ReadonlySet<string> {
  return new Set([
    ...system.policies.flatMap(({ privileges }) => privileges),
    ...system.roles.flatMap(({ privileges = [] }) => privileges),
  ]);
}

interface Judged {
  readonly put: readonly Found[];
  readonly given: readonly PresetPart[];
  readonly kept: readonly KeptPart[];
}

function judge(offered: readonly Found[], present: readonly Found[], given: readonly PresetPart[], needed: ReadonlySet<string>): Judged {
  const there = new Map(present.map((part) => [partId(part), part]));
  const before = new Map(given.map((part) => [partId(part), part]));
  const put: Found[] = [];
  const remember: PresetPart[] = [];
  const kept: KeptPart[] = [];
  for (const part of offered) {
    const now = there.get(partId(part));
    const then = before.get(partId(part));
    const missed = part.kind === 'privilege' && needed.has(part.name);
    // Of a policy that stays deleted there is nothing to assign.
    if (part.kind === 'assignment' && now === undefined && isOrphan(part.item, kept)) continue;
    if (now === undefined && then !== undefined && !missed) {
      kept.push({ kind: part.kind, name: part.name, reason: 'deleted' });
    } else if (now === undefined || now.hash === then?.hash) {
      if (now?.hash !== part.hash) put.push(part);
      remember.push(part);
    } else if (now.hash === part.hash) {
      remember.push(part);
    } else {
      kept.push({ kind: part.kind, name: part.name, reason: 'edited' });
    }
  }
  return { put, given: remember, kept };
}

function isOrphan(item: Item, kept: readonly KeptPart[]): boolean {
  const policy = 'policy' in item ? item.policy : undefined;
  return kept.some(({ kind, name, reason }) => kind === 'policy' && reason === 'deleted' && name === policy);
}

/** What is put, in the place of what is there of the same key. */
function laidOver(document: ManifestDocument, put: readonly Found[]): ManifestDocument {
  const ids = new Set(put.map(partId));
  const others = partsOf(document).filter((part) => !ids.has(partId(part)));
  const items = <T extends Item>(kind: Found['kind']): T[] =>
    [...others, ...put].filter((part) => part.kind === kind).map(({ item }) => item as T); // parts of a kind hold items of that kind
  return {
    ...document,
    catalog: { privileges: items<PrivilegeItem>('privilege') },
    policies: items<PolicyItem>('policy'),
    assignments: items<AssignmentItem>('assignment'),
  };
}
