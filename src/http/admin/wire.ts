/** The wire form of administration: what comes in, as schemas that refuse unknown keys; what goes out, as functions of rows. */
import { z } from 'zod';
import { LIMITS } from '../../core/terms/limits.ts';
import { BitgateError } from '../../core/terms/problem.ts';
import { formatRef, GROUP_TYPE, isWellFormed, parseRef } from '../../core/terms/ref.ts';
import type { ApiKeyRow, AssignmentRow } from '../../core/terms/rows.ts';
import type { NamedAssignment } from '../../pap/control-ports.ts';
import { formatTime, parseTime } from '../../pap/manifest/times.ts';
import type { OrganizationRecord } from '../../pap/ports.ts';
import { PRESET_NAMES } from '../../presets/index.ts';
import { organizationId } from '../common/organization.ts';

/** Titles of organizations and keys: for people, no ids. */
const title = z
  .string()
  .refine((text) => [...text].length <= LIMITS.nameChars, `must not be longer than ${LIMITS.nameChars} characters`)
  .refine((text) => isWellFormed(text) && !/\p{Cc}/u.test(text), 'must not hold control characters');

/** A person or service by `type:id`; groups own nothing as such. */
const ownerReference = z.string().superRefine((text, context) => {
  try {
    const { type, id } = parseRef(text);
    if (type === GROUP_TYPE || type === 'api_key')
      context.addIssue({ code: 'custom', message: 'the owner must be a subject, neither a group nor a key' });
    formatRef(type, id);
  } catch (error) {
    if (!(error instanceof BitgateError)) throw error;
    context.addIssue({ code: 'custom', message: error.message });
  }
});

export const organizationSchema = z.strictObject({
  id: organizationId,
  name: title.optional(),
  preset: z.enum(PRESET_NAMES).optional(),
  owner: ownerReference.optional(),
});

const forwardAuth = z.enum(['nginx', 'forwarded', 'envoy']);

export const apiKeySchema = z.strictObject({
  name: title,
  roles: z
    .array(z.strictObject({ role: z.string().min(1), scope: z.string() }))
    .max(100)
    .optional(),
  expires_at: z.string().nullish(),
  forward_auth: forwardAuth.optional(),
});

/** What isn't named stays. */
export const apiKeyChangeSchema = z.strictObject({
  name: title.optional(),
  status: z.enum(['active', 'disabled']).optional(),
  expires_at: z.string().nullish(),
  forward_auth: forwardAuth.nullish(),
});

export const rotationSchema = z.strictObject({ overlap_ms: z.int().min(0).max(LIMITS.rotationOverlapMs).optional() });

/** How many rows a page may have, as an address says it. */
export const rowLimit = (max: number) =>
  z
    .string()
    .regex(/^[1-9]\d{0,4}$/, 'expected a whole number from 1')
    .transform(Number)
    .refine((limit) => limit <= max, `must not be more than ${max}`)
    .optional();

/** Of lists; further filters are added by each. */
export const pageQuery = { limit: rowLimit(LIMITS.pageMax), cursor: z.string().optional() };

/** What every write takes in its query; the page is that of a dry run's access diff. */
export const writeQuery = { publish: z.literal('async').optional(), dry_run: z.enum(['true', 'false']).optional(), ...pageQuery };

/** For writes whose query holds nothing of their own. */
export const writeQuerySchema = z.strictObject(writeQuery);

/** A point in time, as milliseconds since 1970. */
export const time = z
  .string()
  .meta({ format: 'date-time' })
  .transform((text, context) => {
    const ms = parseTime(text);
    if (ms !== null) return ms;
    context.addIssue({ code: 'custom', message: 'expected a time with zone, as `2027-01-31T00:00:00Z`' });
    return z.NEVER;
  });

export function organizationBody({ id, name, preset, createdAt }: OrganizationRecord): object {
  return { id, name, preset, created_at: formatTime(createdAt) };
}

/** @param names references that can be sent back */
export function assignmentBody(
  row: AssignmentRow,
  { subject, target: name }: { readonly subject: string; readonly target: string },
): object {
  return {
    id: row.id,
    subject,
    ...(row.role === null ? { policy: name, policy_id: row.policy } : { role: name, role_id: row.role }),
    scope: row.scope,
    not_before: timeBody(row.not_before),
    expires_at: timeBody(row.expires_at),
  };
}

/** Never its hash. */
export function apiKeyBody(row: ApiKeyRow): object {
  return {
    id: row.id,
    name: row.name,
    subject: `api_key:${row.id}`,
    status: row.status,
    expires_at: timeBody(row.expires_at),
    forward_auth: row.forward_auth || null,
  };
}

/** One key by itself. @param grants what it was assigned */
export function apiKeyDetail(row: ApiKeyRow, grants: readonly NamedAssignment[]): object {
  return { ...apiKeyBody(row), previous_until: timeBody(row.previous_until), roles: grants.map((grant) => assignmentBody(grant, grant)) };
}

export function rotatedBody(row: ApiKeyRow, token: string): object {
  return { ...apiKeyBody(row), previous_until: timeBody(row.previous_until), secret: token };
}

/** A point in time as it is shown. */
export function timeBody(ms: number | null): string | null {
  return ms === null ? null : formatTime(ms);
}
