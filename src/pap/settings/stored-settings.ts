/** The settings as people write them, roles and groups by name, from their row and back. Every key that can be set is shown, with its default. */
import { canonicalJson } from '../../core/sets/canonical-json.ts';
import { FORWARD_AUTH_DEFAULTS, type ForwardAuth } from '../../core/terms/forward-auth.ts';
import type { Json, JsonObject } from '../../core/terms/json.ts';
import { ORG_SCOPE } from '../../core/terms/ref.ts';
import type { SettingsRow } from '../../core/terms/rows.ts';
import type { ControlTools, Found } from '../control-ports.ts';
import { RETENTION_DEFAULTS } from '../history/retention.ts';
import { exportSettings } from '../manifest/export/settings.ts';
import { StoredJson } from '../manifest/export/stored.ts';
import { type Named, NameIndex } from '../manifest/name-index.ts';
import { Problems } from '../manifest/problems.ts';
import { settingsValue } from '../manifest/resolve/settings.ts';
import { FRESHNESS_DEFAULTS, type SettingsItem } from '../manifest/settings-schema.ts';
import type { ConfigurationLookup } from './ports.ts';

/** Everything that can be set. */
export interface WholeSettings {
  readonly default_role: string | null;
  readonly closed_types: readonly string[];
  readonly role_cardinality: { readonly org: 'single' | 'multiple'; readonly project: 'single' | 'multiple' };
  readonly issuers: NonNullable<SettingsItem['issuers']>;
  readonly claim_mappings: NonNullable<SettingsItem['claim_mappings']>;
  readonly freshness: { readonly refresh_after_ms: number; readonly max_age_ms: number; readonly max_stale_ms: number };
  readonly retention: { readonly all_hours: number; readonly hourly_days: number; readonly daily_days: number };
  /** null: no change waits for a second administrator */
  readonly blast_radius: NonNullable<SettingsItem['blast_radius']> | null;
  readonly forward_auth: ForwardAuth;
}

export function withDefaults(item: SettingsItem): WholeSettings {
  return {
    default_role: item.default_role ?? null,
    closed_types: item.closed_types ?? [],
    role_cardinality: { org: 'multiple', project: 'multiple', ...definedOnly(item.role_cardinality ?? {}) },
    issuers: item.issuers ?? [],
    claim_mappings: item.claim_mappings ?? [],
    freshness: { ...FRESHNESS_DEFAULTS, ...definedOnly(item.freshness ?? {}) },
    retention: { ...RETENTION_DEFAULTS, ...definedOnly(item.retention ?? {}) },
    blast_radius: item.blast_radius ?? null,
    forward_auth: { ...FORWARD_AUTH_DEFAULTS, ...definedOnly(item.forward_auth ?? {}) },
  };
}

function definedOnly<T extends object>(item: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  // `as`: what is left has no undefined.
  return Object.fromEntries(Object.entries(item).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}

/** @throws BitgateError `unreadable_rows` (409) when somebody typed what is no setting */
export async function readSettings(lookup: ConfigurationLookup, row: SettingsRow | null): Promise<WholeSettings> {
  const stored = new StoredJson();
  const { roles, groups } = row === null ? noNames() : await namesOf(lookup, idsIn(row));
  const item = exportSettings({ tables: { settings: row === null ? [] : [row] }, stored, roles, groups });
  stored.throwIfUnreadable();
  return withDefaults(item ?? {});
}

/**
 * @returns the row; null when all is as by default
 * @throws BitgateError `invalid_settings` (422)
 */
export async function resolveSettings({ configuration, resources }: ControlTools, item: SettingsItem): Promise<SettingsRow | null> {
  const problems = new Problems();
  const mappings = item.claim_mappings ?? [];
  const roles = [item.default_role, ...mappings.map(({ role }) => role)];
  const names = await namesOf(configuration, { roles: textsOf(roles), groups: textsOf(mappings.map(({ group }) => group)) });
  const scopes = textsOf(mappings.map(({ scope }) => scope)).filter((scope) => scope !== ORG_SCOPE);
  const above = scopes.length === 0 ? [] : await resources.above(scopes);
  const parents = new Map<string, string[]>();
  for (const { resource, parent } of above) parents.set(resource, [...(parents.get(resource) ?? []), parent]);
  const sensitive = [...new Set(item.blast_radius?.sensitive_privileges)];
  const privileges = new Set(sensitive.length === 0 ? [] : await configuration.privileges(sensitive));
  const settings = canonicalJson(settingsValue(item, { problems, parents, privileges, ...names }));
  problems.throwIfAny('invalid_settings', 'the settings', 'settings.');
  return settings === '{}' ? null : { settings };
}

interface Names {
  readonly roles: NameIndex<Named>;
  readonly groups: NameIndex<Named>;
  readonly projects: Set<string>;
}

function noNames(): Names {
  return { roles: new NameIndex(), groups: new NameIndex(), projects: new Set() };
}

/** Everything that the references may mean, and everything that the names of those may mean: so a name given for an id is not ambiguous. */
async function namesOf(lookup: ConfigurationLookup, { roles, groups }: References): Promise<Names> {
  const names = noNames();
  if (roles.length + groups.length === 0) return names;
  const first = await lookup.named(roles, groups);
  const second = await lookup.named(first.roles.flatMap(referencesTo), first.groups.flatMap(referencesTo));
  const add = (index: NameIndex<Named>, found: readonly Found[]): void => {
    for (const each of found) if (index.byId(each.id) === undefined) index.add(each);
  };
  add(names.roles, [...first.roles, ...second.roles]);
  add(names.groups, [...first.groups, ...second.groups]);
  for (const id of first.projects) names.projects.add(id);
  return names;
}

function referencesTo({ project, name }: Found): string[] {
  return project === '' ? [name] : [name, `${project}/${name}`];
}

interface References {
  readonly roles: readonly string[];
  readonly groups: readonly string[];
}

/** None in settings that can't be read: whoever reads them says so. */
function idsIn({ settings }: SettingsRow): References {
  const { default_role: role, claim_mappings: mappings }: JsonObject = parsed(settings);
  const all: readonly Json[] = Array.isArray(mappings) ? mappings : [];
  const objects = all.filter((each): each is JsonObject => typeof each === 'object' && each !== null && !Array.isArray(each));
  return { roles: textsOf([role, ...objects.map((each) => each.role)]), groups: textsOf(objects.map((each) => each.group)) };
}

function parsed(json: string): JsonObject {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null ? (value as JsonObject) : {}; // parsed from JSON
  } catch {
    return {};
  }
}

/** Each text once. */
function textsOf(values: readonly (Json | undefined)[]): string[] {
  return [...new Set(values.filter((value): value is string => typeof value === 'string'))];
}
