/** Settings and the catalog of privileges: what they give to everybody, or to whoever brings a claim. */
import { ORG_SCOPE } from '../../../core/terms/ref.ts';
import type { SettingsRow } from '../../../core/terms/rows.ts';
import { changeOf } from '../../write/complete.ts';
import type { Needs } from './context.ts';

/** Settings that say who may stand for whom, what is decided at all, what a second administrator sees first, or who is given people's credentials. */
const BEYOND_PRIVILEGES = ['issuers', 'closed_types', 'blast_radius', 'forward_auth'] as const;

interface Mapping {
  readonly role?: string;
  readonly scope?: string;
  readonly group?: string;
}

export async function settingsNeeds(needs: Needs): Promise<void> {
  const { insert, update, delete: gone } = changeOf(needs.changes, 'settings');
  const before = read([...update.map((row) => row.before), ...gone][0]);
  const after = read([...update.map((row) => row.after), ...insert][0]);
  for (const name of BEYOND_PRIVILEGES) {
    if (JSON.stringify(before[name] ?? null) !== JSON.stringify(after[name] ?? null))
      needs.beyond(`it changes the setting \`${name}\``, []);
  }
  for (const role of new Set([before.default_role, after.default_role])) {
    if (before.default_role !== after.default_role && typeof role === 'string') needs.targets([always(role, ORG_SCOPE)]);
  }
  const mappings = differing(mappingsOf(before), mappingsOf(after));
  needs.targets(mappings.flatMap(({ role, scope }) => (role === undefined ? [] : [always(role, scope ?? ORG_SCOPE)])));
  const groups = mappings.flatMap(({ group }) => (group === undefined ? [] : [`group:${group}`]));
  if (groups.length === 0) return;
  const above = await needs.lookup.withGroups(groups);
  needs.targets(await needs.lookup.heldBy(above, needs.now, 5_001));
}

/** @param until when whoever gets it ends, ms */
export function defaultRoleNeeds(needs: Needs, until: number | null): void {
  for (const role of defaultRoles(needs)) needs.targets([{ ...role, until }]);
}

/** The default role, as it is and as it will be: as if it were assigned. */
export function defaultRoles({ before, after }: Needs): ReturnType<typeof always>[] {
  const roles = [before, after].map(({ settings }) => read({ settings: settings === '' ? '{}' : settings }).default_role);
  return [...new Set(roles)].flatMap((role) => (typeof role === 'string' ? [always(role, ORG_SCOPE)] : []));
}

/** Roles that claims map to, with their scopes: as if they were assigned. */
export function mappedRoles({
  after,
}: Needs): { readonly target: string; readonly scope: string; readonly since: number; readonly until: null }[] {
  const mappings = mappingsOf(read({ settings: after.settings === '' ? '{}' : after.settings }));
  return mappings.flatMap(({ role, scope }) => (role === undefined ? [] : [always(role, scope ?? ORG_SCOPE)]));
}

export function catalogNeeds(needs: Needs): void {
  const { insert, update, delete: gone } = changeOf(needs.changes, 'privileges');
  if (insert.length + update.length + gone.length > 0) needs.beyond('it changes the privileges themselves', []);
}

function always(target: string, scope: string): { target: string; scope: string; since: number; until: null } {
  return { target, scope, since: 0, until: null };
}

/** What is there in one of them only. */
function differing(before: readonly Mapping[], after: readonly Mapping[]): Mapping[] {
  const texts = (mappings: readonly Mapping[]): Set<string> => new Set(mappings.map((each) => JSON.stringify(each)));
  const [old, young] = [texts(before), texts(after)];
  return [...before.filter((each) => !young.has(JSON.stringify(each))), ...after.filter((each) => !old.has(JSON.stringify(each)))];
}

function mappingsOf(settings: Readonly<Record<string, unknown>>): readonly Mapping[] {
  return Array.isArray(settings.claim_mappings) ? settings.claim_mappings : [];
}

/** Settings typed by hand may hold anything. */
function read(row: SettingsRow | undefined): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(row?.settings ?? '{}');
    // `as`: an object whose members are looked at one by one.
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
