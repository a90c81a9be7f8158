/** The wire form of the settings: as a manifest writes them, with every default spelt out when they are shown. */

import * as z from 'zod';
import { lazy } from '../../core/terms/lazy.ts';
import type { SettingsItem } from '../../pap/manifest/settings-schema.ts';
import { settingsSchema } from '../../pap/manifest/settings-schema.ts';
import type { WholeSettings } from '../../pap/settings/stored-settings.ts';
import { described } from './route.ts';

export { settingsSchema };

const shape = lazy(() => settingsSchema.shape);

/** As RFC 7396 has it, on the keys that there are: what isn't named stays, `null` brings the default back, objects are merged, lists replaced. */
export const settingsChangeSchema = lazy(() =>
  z.strictObject({
    default_role: shape.default_role,
    closed_types: shape.closed_types.nullable(),
    role_cardinality: shape.role_cardinality.nullable(),
    issuers: shape.issuers.nullable(),
    claim_mappings: shape.claim_mappings.nullable(),
    freshness: shape.freshness.nullable(),
    retention: shape.retention.nullable(),
    blast_radius: shape.blast_radius,
    forward_auth: shape.forward_auth.nullable(),
  }),
);

export function changedSettings(current: WholeSettings, change: z.output<typeof settingsChangeSchema>): SettingsItem {
  const value = <T>(present: T, wanted: T | null | undefined): T | undefined => (wanted === undefined ? present : (wanted ?? undefined));
  const merged = <T extends object>(present: T, wanted: T | null | undefined): T | undefined =>
    wanted === null ? undefined : { ...present, ...wanted };
  return {
    default_role: value<string | null>(current.default_role, change.default_role),
    closed_types: value([...current.closed_types], change.closed_types),
    role_cardinality: merged<NonNullable<SettingsItem['role_cardinality']>>(current.role_cardinality, change.role_cardinality),
    issuers: value(current.issuers, change.issuers),
    claim_mappings: value(current.claim_mappings, change.claim_mappings),
    freshness: merged<NonNullable<SettingsItem['freshness']>>(current.freshness, change.freshness),
    retention: merged<NonNullable<SettingsItem['retention']>>(current.retention, change.retention),
    // Its parts are needed together: they are replaced together.
    blast_radius: value(current.blast_radius, change.blast_radius),
    forward_auth: merged<NonNullable<SettingsItem['forward_auth']>>(current.forward_auth, change.forward_auth),
  };
}

const cardinality = described(() => z.enum(['single', 'multiple']));

export const settingsShape = described(() => ({
  default_role: z.string().nullable(),
  closed_types: z.array(z.string()),
  role_cardinality: z.strictObject({ org: cardinality, project: cardinality }),
  issuers: shape.issuers.unwrap(),
  claim_mappings: shape.claim_mappings.unwrap(),
  freshness: z.strictObject({ refresh_after_ms: z.int(), max_age_ms: z.int(), max_stale_ms: z.int() }),
  retention: z.strictObject({ all_hours: z.int(), hourly_days: z.int(), daily_days: z.int() }),
  blast_radius: shape.blast_radius.unwrap().unwrap().nullable(),
  forward_auth: z.strictObject({ cookie: z.string().nullable(), sign_in_url: z.string().nullable(), return_parameter: z.string() }),
}));

export const settingsAnswer = described(() => z.strictObject(settingsShape));

export function settingsBody(settings: WholeSettings): object {
  return settings;
}

export const settingsExample = described(() => ({
  default_role: 'Reader',
  closed_types: ['dataset'],
  role_cardinality: { org: 'multiple', project: 'single' },
  issuers: [
    {
      issuer: 'https://login.example.com',
      audience: 'acme-api',
      algorithms: ['RS256'],
      jwks_uri: 'https://login.example.com/.well-known/jwks.json',
      subject_type: 'user',
    },
  ],
  claim_mappings: [
    { claim: 'groups', value: 'idp-admins', role: 'Admin', scope: 'org' },
    { issuer: 'https://login.example.com', claim: 'realm_access.roles', pattern: 'annotator-*', group: 'Annotators' },
  ],
  freshness: { refresh_after_ms: 2_000, max_age_ms: 10_000, max_stale_ms: 300_000 },
  retention: { all_hours: 24, hourly_days: 30, daily_days: 400 },
  blast_radius: { sensitive_privileges: ['bitgate:escalate'], lost_percent: 20 },
  forward_auth: { cookie: 'session', sign_in_url: 'https://login.example.com/start', return_parameter: 'rd' },
}));
