/** Where a question is asked, how fresh the answer must be, or of when: on the wire, and as the data plane takes it. */

import * as z from 'zod';
import { described, lazy } from '../../../core/terms/lazy.ts';
import { BitgateError } from '../../../core/terms/problem.ts';
import type { Want, WantedPast } from '../../../pdp/pdp.ts';
import { organizationId } from '../organization.ts';
import { time } from '../time.ts';
import { wholeNumber } from './parts.ts';

const AT_REVISION = 'asks this revision, as long as it is kept; at the present time, or at `at_time`';
const AT_TIME =
  'asks as of this time in the past: grants that held then, by the revision that was the newest then (or `at_revision`). Neither goes with `min_revision` or `max_age_ms`';

export const wants = lazy(() => ({
  org: organizationId.optional().meta(described(() => ({ description: 'for the root token: the organization that is asked' }))),
  min_revision: z
    .int()
    .min(0)
    .optional()
    .meta(described(() => ({ description: 'not answered from an older one' }))),
  max_age_ms: z
    .int()
    .min(0)
    .optional()
    .meta(described(() => ({ description: 'how old the knowledge may be that this is the newest revision' }))),
  at_revision: z
    .int()
    .min(0)
    .optional()
    .meta(described(() => ({ description: AT_REVISION }))),
  at_time: time.optional().meta(described(() => ({ description: AT_TIME }))),
}));

/** The same in a query. */
export const queryWants = lazy(() => ({
  org: organizationId.optional(),
  min_revision: wholeNumber.optional(),
  max_age_ms: wholeNumber.optional(),
  at_revision: wholeNumber.optional().meta(described(() => ({ description: AT_REVISION }))),
  at_time: time.optional().meta(described(() => ({ description: AT_TIME }))),
}));

/** The part of a question that says where, how fresh, or of when. */
export interface Wanted {
  readonly org?: string | undefined;
  readonly min_revision?: number | undefined;
  readonly max_age_ms?: number | undefined;
  readonly at_revision?: number | undefined;
  /** ms since 1970 */
  readonly at_time?: number | undefined;
}

/**
 * Which revision of the past is asked; null: the present.
 * @param now ms since 1970
 * @throws BitgateError `invalid_check` (400)
 */
export function pastOf({ min_revision, max_age_ms, at_revision, at_time }: Wanted, now: number): WantedPast | null {
  if (at_revision === undefined && at_time === undefined) return null;
  if (min_revision !== undefined || max_age_ms !== undefined)
    throw new BitgateError(
      'invalid_check',
      400,
      'ask of the past (`at_revision`, `at_time`) or for freshness (`min_revision`, `max_age_ms`), not both',
    );
  if (at_time !== undefined && at_time > now) throw new BitgateError('invalid_check', 400, '`at_time` lies in the future');
  if (at_revision === undefined) return at_time === undefined ? null : { time: at_time };
  return at_time === undefined ? { revision: at_revision } : { revision: at_revision, time: at_time };
}

/** Null when the caller takes what is at hand. */
export function wantOf({ min_revision, max_age_ms }: Wanted): Want | null {
  if (min_revision === undefined && max_age_ms === undefined) return null;
  return {
    ...(min_revision === undefined ? {} : { minRevision: min_revision }),
    ...(max_age_ms === undefined ? {} : { maxAgeMs: max_age_ms }),
  };
}
