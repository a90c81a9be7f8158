/** The query of a bitmap document. */

import * as z from 'zod';
import { described, lazy } from '../../core/terms/lazy.ts';
import { LIMITS } from '../../core/terms/limits.ts';
import { actionName, reference, wholeNumber } from '../common/checks/parts.ts';
import { organizationId } from '../common/organization.ts';

/** seconds. Shorter ones are asked for again as often as checks; longer ones let what was taken away live on */
const TTL = { least: 10, default: 60, most: 300 } as const;

/** Separated by commas: what holds one can't be named. */
const listed = lazy(() =>
  z
    .string()
    .min(1, 'expected at least one')
    .transform((text) => [...new Set(text.split(','))]),
);

const privileges = lazy(() =>
  listed.pipe(z.array(actionName).max(LIMITS.bitmapPrivileges, `at most ${LIMITS.bitmapPrivileges} privileges can be named`)),
);

const resources = lazy(() =>
  listed
    .pipe(z.array(reference).max(LIMITS.bitmapResources, `at most ${LIMITS.bitmapResources} resources can be named`))
    .transform((entities) => entities.map(({ type, id }) => `${type}:${id}`)),
);

export const bitmapQuery = lazy(() =>
  z.strictObject({
    subject: reference,
    privileges: privileges
      .optional()
      .meta(described(() => ({ description: 'names of actions, separated by commas; absent: all that the subject might do' }))),
    resources: resources.optional().meta(described(() => ({ description: '`type:id`, separated by commas: listed before others' }))),
    audience: z
      .string()
      .min(1)
      .max(LIMITS.idUtf8Bytes)
      .optional()
      .meta(described(() => ({ description: 'whom the document is for: its `aud`' }))),
    ttl: wholeNumber
      .refine((seconds) => seconds >= TTL.least && seconds <= TTL.most, `expected ${TTL.least} to ${TTL.most} seconds`)
      .default(TTL.default)
      .meta(described(() => ({ description: 'seconds that it holds for at least; at most half as long again' }))),
    org: organizationId.optional().meta(described(() => ({ description: 'for the root token: the organization that is asked' }))),
    min_revision: wholeNumber.optional(),
    max_age_ms: wholeNumber.optional(),
  }),
);

export type BitmapQuery = z.output<typeof bitmapQuery>;
