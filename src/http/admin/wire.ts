/** The wire form of administration: what comes in, as schemas that refuse unknown keys; what goes out, as functions of rows. */

import * as z from 'zod';
import { described, lazy } from '../../core/terms/lazy.ts';
import { LIMITS } from '../../core/terms/limits.ts';
import { BitgateError } from '../../core/terms/problem.ts';
import { formatRef, GROUP_TYPE, isWellFormed, parseRef } from '../../core/terms/ref.ts';
import type { AssignmentRow } from '../../core/terms/rows.ts';
import { formatTime } from '../../pap/manifest/times.ts';

/** Titles of organizations and keys: for people, no ids. */
export const title = lazy(() =>
  z
    .string()
    .refine((text) => [...text].length <= LIMITS.nameChars, `must not be longer than ${LIMITS.nameChars} characters`)
    .refine((text) => isWellFormed(text) && !/\p{Cc}/u.test(text), 'must not hold control characters'),
);

/** A person or service by `type:id`; groups own nothing as such. */
export const ownerReference = lazy(() =>
  z.string().superRefine((text, context) => {
    try {
      const { type, id } = parseRef(text);
      if (type === GROUP_TYPE || type === 'api_key')
        context.addIssue({ code: 'custom', message: 'the owner must be a subject, neither a group nor a key' });
      formatRef(type, id);
    } catch (error) {
      if (!(error instanceof BitgateError)) throw error;
      context.addIssue({ code: 'custom', message: error.message });
    }
  }),
);

/** How many rows a page may have, as an address says it. */
export const rowLimit = (max: number) =>
  z
    .string()
    .regex(/^[1-9]\d{0,4}$/, 'expected a whole number from 1')
    .transform(Number)
    .refine((limit) => limit <= max, `must not be more than ${max}`)
    .optional();

/** Of lists; further filters are added by each. */
export const pageQuery = lazy(() => ({
  limit: rowLimit(LIMITS.pageMax).meta(
    described(() => ({
      description: `rows of a page, up to ${LIMITS.pageMax}; ${LIMITS.pageDefault} when it isn't said`,
    })),
  ),
  cursor: z
    .string()
    .optional()
    .meta(described(() => ({ description: '`next_cursor` of the page before' }))),
}));

/** What every write takes in its query; the page is that of a dry run's access diff. */
export const writeQuery = lazy(() => ({
  publish: z
    .literal('async')
    .optional()
    .meta(described(() => ({ description: 'answered when it is written, before it is served' }))),
  dry_run: z
    .enum(['true', 'false'])
    .optional()
    .meta(described(() => ({ description: '`true`: what would come of it, and nothing is written' }))),
  ...pageQuery,
}));

/** For writes whose query holds nothing of their own. */
export const writeQuerySchema = lazy(() => z.strictObject(writeQuery));

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

/** A point in time as it is shown. */
export function timeBody(ms: number | null): string | null {
  return ms === null ? null : formatTime(ms);
}
