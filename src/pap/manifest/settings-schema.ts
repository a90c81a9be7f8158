/** The settings of an organization as a document writes them: roles and groups by name. */

import * as z from 'zod';
import { ALGORITHMS, MOST_ISSUERS, MOST_KEYS } from '../../core/terms/issuer.ts';
import type { JsonObject } from '../../core/terms/json.ts';
import { lazy } from '../../core/terms/lazy.ts';

/** a day: nobody means longer, and a slip of three digits is found */
const MAX_FRESHNESS_MS = 86_400_000;

/** each text of a claim is looked up among them */
const MAX_MAPPINGS = 10_000;

const cardinality = lazy(() => z.enum(['single', 'multiple']));

/** Whether exactly one source of keys is given, and each key can verify for one of the algorithms, is told by `resolve/issuers.ts`. */
const issuer = lazy(() =>
  z.strictObject({
    issuer: z.string().min(1),
    audience: z.string().min(1),
    algorithms: z.array(z.enum(ALGORITHMS)).min(1),
    jwks_uri: z.string().optional(),
    jwks: z
      .strictObject({
        keys: z
          .array(
            z.custom<JsonObject>((value) => typeof value === 'object' && value !== null && !Array.isArray(value), 'expected an object'),
          )
          .max(MOST_KEYS),
      })
      .optional(),
    subject_type: z.string().min(1),
    subject_prefix: z.string().optional(),
    /** the claim that names the subject, as claim mappings name claims; `sub`. `email` counts only when `email_verified` is true */
    subject_claim: z.string().min(1).optional(),
  }),
);

/**
 * `value` or `pattern`; `role` with `scope`, or `group`: for the request that brings the claim, never written down. That exactly one of each is given is
 * told by `resolve/claim-mappings.ts`.
 */
const claimMapping = lazy(() =>
  z.strictObject({
    issuer: z.string().min(1).optional(),
    /** a member of the token by its whole name, else a path of dots */
    claim: z.string().min(1),
    /** the claim's text, or one of its list; numbers and booleans as JSON writes them. Of `scope` each word is one */
    value: z.string().optional(),
    /** `*` stands for any characters, also none */
    pattern: z.string().optional(),
    role: z.string().optional(),
    scope: z.string().optional(),
    group: z.string().optional(),
  }),
);

const milliseconds = lazy(() => z.number().int().min(0).max(MAX_FRESHNESS_MS));

/** ten years of days, a year of hours: more is meant as "for ever", and that is what tags are for */
const MAX_RETENTION_DAYS = 3_660;
const MAX_RETENTION_HOURS = 8_784;

/** How long revisions are kept; what is absent is as by default: 24, 30, 400. An hour at least: readers hold what was the newest a while ago. */
export const retentionSchema = lazy(() =>
  z.strictObject({
    all_hours: z.int().min(1).max(MAX_RETENTION_HOURS).optional(),
    hourly_days: z.int().min(0).max(MAX_RETENTION_DAYS).optional(),
    daily_days: z.int().min(0).max(MAX_RETENTION_DAYS).optional(),
  }),
);

/** enough for every privilege that matters, and few enough to look up */
const MAX_SENSITIVE = 1_000;

/** From which change on a second administrator has to confirm: one that gives anybody a sensitive privilege, or takes from more than so many. */
export const blastRadiusSchema = lazy(() =>
  z.strictObject({
    sensitive_privileges: z.array(z.string().min(1)).max(MAX_SENSITIVE),
    /** of the active registered subjects; 100: any number may lose */
    lost_percent: z.int().min(1).max(100),
  }),
);

/** What forward-auth knows of browsers; its parts are judged by `resolve/forward-auth.ts`. */
export const forwardAuthSchema = lazy(() =>
  z.strictObject({
    /** name of the cookie that holds the end user's credential */
    cookie: z.string().nullish(),
    /** where a browser is sent that brings no credential */
    sign_in_url: z.string().nullish(),
    /** name of the query parameter that tells the page where to return to; `rd` */
    return_parameter: z.string().optional(),
  }),
);

export const settingsSchema = lazy(() =>
  z.strictObject({
    default_role: z.string().nullish(),
    closed_types: z.array(z.string()).optional(),
    role_cardinality: z.strictObject({ org: cardinality.optional(), project: cardinality.optional() }).optional(),
    issuers: z.array(issuer).max(MOST_ISSUERS).optional(),
    claim_mappings: z.array(claimMapping).max(MAX_MAPPINGS).optional(),
    freshness: z
      .strictObject({
        /** age from which an answer is refreshed in the background; 2,000 */
        refresh_after_ms: milliseconds.optional(),
        /** age from which a check waits for a refresh; 10,000 */
        max_age_ms: milliseconds.optional(),
        /** age past which answers are 503; 300,000 */
        max_stale_ms: milliseconds.optional(),
      })
      .optional(),
    retention: retentionSchema.optional(),
    blast_radius: blastRadiusSchema.nullish(),
    forward_auth: forwardAuthSchema.optional(),
  }),
);

export type SettingsItem = z.infer<typeof settingsSchema>;
export type IssuerItem = z.infer<typeof issuer>;
export type ClaimMappingItem = z.infer<typeof claimMapping>;

export const FRESHNESS_DEFAULTS = { refresh_after_ms: 2_000, max_age_ms: 10_000, max_stale_ms: 300_000 } as const;
