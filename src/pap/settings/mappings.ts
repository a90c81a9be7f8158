/** The claim mappings of stored settings that give a group. */
import { canonicalJson } from '../../core/sets/canonical-json.ts';
import type { Json, JsonObject } from '../../core/terms/json.ts';
import type { SettingsRow } from '../../core/terms/rows.ts';

/** None when the settings can't be read: then they give nobody anything either. */
export function mappingsTo(row: SettingsRow, group: string): readonly Json[] {
  return mappingsOf(read(row)).filter((mapping) => givesGroup(mapping, group));
}

export function withoutMappingsTo(row: SettingsRow, group: string): SettingsRow {
  const { claim_mappings: _all, ...rest } = read(row);
  const left = mappingsOf(read(row)).filter((mapping) => !givesGroup(mapping, group));
  return { settings: canonicalJson({ ...rest, ...(left.length === 0 ? {} : { claim_mappings: left }) }) };
}

function read({ settings }: SettingsRow): JsonObject {
  try {
    const value: Json = JSON.parse(settings);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {}; // an object, as just asked
  } catch {
    return {};
  }
}

function mappingsOf({ claim_mappings: mappings }: JsonObject): readonly Json[] {
  return Array.isArray(mappings) ? mappings : [];
}

function givesGroup(mapping: Json, group: string): boolean {
  return typeof mapping === 'object' && mapping !== null && 'group' in mapping && mapping.group === group;
}
