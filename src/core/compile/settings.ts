/** The settings row → canonical JSON without defaults. It may hold `closed_types`, which denies: unreadable settings are fatal. */
import { canonicalJson } from '../sets/canonical-json.ts';
import type { Json } from '../terms/json.ts';
import type { SettingsRow } from '../terms/rows.ts';
import { readObject, textsOf } from './read.ts';
import { quote, type Report } from './report.ts';

/** @param roles ids of the roles that there are */
export function compileSettings(rows: readonly SettingsRow[], roles: ReadonlySet<string>, report: Report): string {
  if (rows.length > 1) report.fatal('duplicate_settings', 'settings', 'there is more than one row of settings');
  const row = rows[0];
  if (row === undefined) return '{}';
  const settings = readObject(row.settings);
  if (settings === undefined) {
    report.fatal('unreadable_json', 'settings', 'expected a JSON object');
    return '{}';
  }
  const kept = new Map<string, Json>(Object.entries(settings));
  keepUnlessDefault(kept, 'default_role', readDefaultRole(settings.default_role ?? null, roles, report));
  const closed = readClosedTypes(settings.closed_types ?? [], report);
  keepUnlessDefault(kept, 'closed_types', closed.length === 0 ? null : closed);
  return canonicalJson(Object.fromEntries(kept));
}

function keepUnlessDefault(settings: Map<string, Json>, key: string, value: Json): void {
  if (value === null) settings.delete(key);
  else settings.set(key, value);
}

/** A role that isn't there bundles nothing. */
function readDefaultRole(value: Json, roles: ReadonlySet<string>, report: Report): string | null {
  if (value === null || (typeof value === 'string' && roles.has(value))) return value;
  report.problem(
    'unknown_role',
    'settings/default_role',
    `there is no role ${quote(typeof value === 'string' ? value : canonicalJson(value))}`,
  );
  return null;
}

function readClosedTypes(value: Json, report: Report): string[] {
  const types = textsOf(value);
  if (types === undefined) report.fatal('unreadable_closed_types', 'settings/closed_types', 'expected an array of texts');
  return types ?? [];
}
