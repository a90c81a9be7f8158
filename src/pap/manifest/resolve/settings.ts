/** `settings` → the row of `settings`: what differs from the defaults, roles and groups by id. No row when nothing does. */

import { canonicalJson } from '../../../core/sets/canonical-json.ts';
import { compareCodePoints } from '../../../core/sets/compare.ts';
import { FORWARD_AUTH_DEFAULTS } from '../../../core/terms/forward-auth.ts';
import type { Json, JsonObject } from '../../../core/terms/json.ts';
import { RETENTION_DEFAULTS } from '../../history/retention.ts';
import type { Named, NameIndex } from '../name-index.ts';
import { quote } from '../problems.ts';
import type { ManifestDocument } from '../schema.ts';
import { FRESHNESS_DEFAULTS, type SettingsItem } from '../settings-schema.ts';
import { claimMappingsValue } from './claim-mappings.ts';
import type { Resolution } from './context.ts';
import { checkForwardAuth } from './forward-auth.ts';
import { checkIssuers } from './issuers.ts';
import { findNamed } from './references.ts';
import { checkTypes } from './types.ts';

export function resolveSettings(document: ManifestDocument, resolution: Resolution): void {
  const settings = canonicalJson(settingsValue(document.settings ?? {}, resolution));
  const [present] = resolution.present.settings;
  if (present !== undefined && meaningOf(present.settings) === settings) resolution.tables.settings.push(present);
  else if (settings !== '{}') resolution.tables.settings.push({ settings });
}

/** A stored row may spell out defaults: it means what it means without them. */
export function meaningOf(json: string): string {
  try {
    return canonicalJson(withoutDefaults(JSON.parse(json)));
  } catch {
    return '';
  }
}

function withoutDefaults(settings: JsonObject): JsonObject {
  const { role_cardinality, ...rest } = settings;
  const single = Object.entries(role_cardinality ?? {}).filter(([, cardinality]) => cardinality !== 'multiple');
  const entries = Object.entries({ ...rest, role_cardinality: Object.fromEntries(single) });
  return Object.fromEntries(entries.filter(([, value]) => value !== null && (typeof value !== 'object' || Object.keys(value).length > 0)));
}

/** What the names in settings are looked up in. */
export type SettingsReferences = Pick<Resolution, 'problems' | 'projects' | 'parents'> & {
  readonly roles: NameIndex<Named>;
  readonly groups: NameIndex<Named>;
  /** those that the catalog has, at whatever level */
  readonly privileges: { has(name: string): boolean };
};

/** As they are stored: `{}` when nothing differs from the defaults. */
export function settingsValue(item: SettingsItem, resolution: SettingsReferences): JsonObject {
  const { problems } = resolution;
  const value: Record<string, Json> = {};
  if (item.default_role !== undefined && item.default_role !== null) {
    const role = findNamed(resolution.roles, 'role', item.default_role, '', 'settings.default_role', resolution);
    if (role !== null && role.project !== '') {
      problems.add(
        'wrong_project',
        'settings.default_role',
        `${quote(item.default_role)} belongs to a project: the default role holds everywhere`,
      );
    }
    if (role !== null) value.default_role = role.id;
  }
  checkTypes(item.closed_types ?? [], 'settings.closed_types', problems);
  if (item.closed_types?.length) value.closed_types = [...new Set(item.closed_types)].sort(compareCodePoints);
  const single = Object.entries(item.role_cardinality ?? {}).filter(([, cardinality]) => cardinality === 'single');
  if (single.length > 0) value.role_cardinality = Object.fromEntries(single) as JsonObject; // of two keys with texts
  checkIssuers(item.issuers ?? [], problems);
  if (item.issuers?.length) value.issuers = item.issuers.map((issuer) => definedOnly(issuer));
  const mappings = claimMappingsValue(item, resolution);
  if (mappings.length > 0) value.claim_mappings = mappings;
  const freshness = freshnessValue(item.freshness ?? {}, resolution);
  if (Object.keys(freshness).length > 0) value.freshness = freshness;
  const retention = withoutDefault(RETENTION_DEFAULTS, item.retention ?? {});
  if (Object.keys(retention).length > 0) value.retention = retention;
  if (item.blast_radius) value.blast_radius = blastRadiusValue(item.blast_radius, resolution);
  checkForwardAuth(item.forward_auth ?? {}, problems);
  const forwardAuth = withoutDefault(FORWARD_AUTH_DEFAULTS, item.forward_auth ?? {});
  if (Object.keys(forwardAuth).length > 0) value.forward_auth = forwardAuth;
  return value;
}

function blastRadiusValue(item: NonNullable<SettingsItem['blast_radius']>, { problems, privileges }: SettingsReferences): JsonObject {
  item.sensitive_privileges.forEach((name, i) => {
    if (privileges.has(name)) return;
    problems.add('unknown_privilege', `settings.blast_radius.sensitive_privileges[${i}]`, `there is no privilege ${quote(name)}`);
  });
  return { sensitive_privileges: [...new Set(item.sensitive_privileges)].sort(compareCodePoints), lost_percent: item.lost_percent };
}

function definedOnly(item: Readonly<Record<string, unknown>>): JsonObject {
  return Object.fromEntries(Object.entries(item).filter(([, each]) => each !== undefined)) as JsonObject; // parsed from JSON or YAML
}

function freshnessValue(item: NonNullable<SettingsItem['freshness']>, { problems }: Pick<Resolution, 'problems'>): JsonObject {
  const all = { ...FRESHNESS_DEFAULTS, ...definedOnly(item) } as Record<keyof typeof FRESHNESS_DEFAULTS, number>; // the schema's numbers
  if (all.refresh_after_ms > all.max_age_ms || all.max_age_ms > all.max_stale_ms) {
    problems.add('invalid_value', 'settings.freshness', 'expected `refresh_after_ms` ≤ `max_age_ms` ≤ `max_stale_ms`');
  }
  return withoutDefault(FRESHNESS_DEFAULTS, item);
}

function withoutDefault<Key extends string>(
  defaults: { readonly [key in Key]: Json },
  item: { readonly [key in Key]?: Json | undefined },
): JsonObject {
  return Object.fromEntries(
    Object.entries<Json>(defaults).flatMap(([key, value]) => {
      const given = item[key as Key]; // a key of the defaults
      return given === undefined || given === value ? [] : [[key, given]];
    }),
  );
}
