/** Where the settings name a role: as the default role, and in claim mappings. */
import { canonicalJson } from '../../core/sets/canonical-json.ts';
import type { Json, JsonObject } from '../../core/terms/json.ts';
import type { SettingsRow } from '../../core/terms/rows.ts';
import type { RowChanges } from '../ports.ts';

/** @returns `default_role`, `claim_mappings[2]` … */
export function settingsNaming(rows: readonly SettingsRow[], roles: ReadonlySet<string>): readonly string[] {
  const settings = settingsOf(rows);
  const mappings = mappingsOf(settings).flatMap((mapping, i) => (names(mapping, roles) ? [`claim_mappings[${i}]`] : []));
  return isOneOf(settings.default_role, roles) ? ['default_role', ...mappings] : mappings;
}

/** The settings without what names one of the roles. */
export function settingsWithout(rows: readonly SettingsRow[], roles: ReadonlySet<string>): RowChanges {
  const [before] = rows;
  if (before === undefined || settingsNaming(rows, roles).length === 0) return {};
  const { default_role, claim_mappings: _mappings, ...rest } = settingsOf(rows);
  const kept = mappingsOf(settingsOf(rows)).filter((mapping) => !names(mapping, roles));
  const settings = {
    ...rest,
    ...(default_role === undefined || isOneOf(default_role, roles) ? {} : { default_role }),
    ...(kept.length === 0 ? {} : { claim_mappings: kept }),
  };
  return { settings: { insert: [], update: [{ before, after: { settings: canonicalJson(settings) } }], delete: [] } };
}

function settingsOf([row]: readonly SettingsRow[]): JsonObject {
  if (row === undefined) return {};
  try {
    const value: Json = JSON.parse(row.settings);
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}

function mappingsOf({ claim_mappings: mappings }: JsonObject): readonly Json[] {
  return Array.isArray(mappings) ? mappings : [];
}

function names(mapping: Json, roles: ReadonlySet<string>): boolean {
  return isObject(mapping) && isOneOf(mapping.role, roles);
}

function isOneOf(value: Json | undefined, roles: ReadonlySet<string>): boolean {
  return typeof value === 'string' && roles.has(value);
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
