/** The wire form of the change feed. */

import * as z from 'zod';
import { lazy } from '../../core/terms/lazy.ts';
import type { FeedPage, LoggedChange } from '../../pap/changes/ports.ts';
import { formatTime } from '../../pap/manifest/times.ts';
import { described } from './route.ts';
import { pageQuery } from './wire.ts';

/** a Worker's caller, and what lies between, keeps a silent connection for half a minute at least */
export const LONGEST_WAIT_MS = 25_000;

export const revisionNumber = lazy(() =>
  z
    .string()
    .regex(/^\d{1,15}$/, 'expected the number of a revision')
    .transform(Number),
);

export const changesQuery = lazy(() =>
  z.strictObject({
    after: revisionNumber.optional(),
    limit: pageQuery.limit,
    wait_ms: z
      .string()
      .regex(/^\d{1,6}$/, 'expected a whole number')
      .transform(Number)
      .refine((ms) => ms <= LONGEST_WAIT_MS, `must not be more than ${LONGEST_WAIT_MS}`)
      .optional(),
  }),
);

const changeAnswer = described(() =>
  z.strictObject({
    revision: z.int(),
    at: z.string(),
    table: z.string(),
    key: z.array(z.string()),
    op: z.enum(['insert', 'update', 'delete', 'replace', 'restore']),
    actor: z.string().nullable(),
    request_id: z.string().nullable(),
  }),
);

export const changesAnswer = described(() => z.strictObject({ items: z.array(changeAnswer), next_after: z.int(), revision: z.int() }));

export function changeBody({ revision, at, table, key, op, actor, requestId }: LoggedChange): z.output<typeof changeAnswer> {
  return { revision, at: formatTime(at), table, key: [...key], op, actor, request_id: requestId };
}

/** @param after what the page was asked for */
export function changesBody({ items, revision }: FeedPage, after: number): z.output<typeof changesAnswer> {
  return { items: items.map(changeBody), next_after: items.at(-1)?.revision ?? after, revision };
}

export const changesExample: z.output<typeof changesAnswer> = described(() => ({
  items: [
    {
      revision: 42,
      at: '2027-01-31T12:00:00.000Z',
      table: 'assignments',
      key: ['asg_0123456789abcdef'],
      op: 'insert',
      actor: 'api_key:abcdefgh23456723',
      request_id: 'b5a2c1d0-0000-4000-8000-000000000000',
    },
  ],
  next_after: 42,
  revision: 42,
}));
