/** The operator's face as the description of the API tells it. */
import * as z from 'zod';
import type { Operation } from '../common/operation.ts';

const behind = z.strictObject({
  org: z.string(),
  revision: z.int().min(0),
  published: z.int().min(0),
  since: z.string().meta({ format: 'date-time' }),
});

const state = z.enum(['ok', 'unreachable']);

const shared = { method: 'GET', tag: 'readiness', open: true } as const;

export const OPS_OPERATIONS: readonly Operation[] = [
  {
    ...shared,
    path: '/healthz',
    id: 'health',
    summary: 'Does the Worker run?',
    answer: z.strictObject({ status: z.literal('ok') }),
    answerExample: { status: 'ok' },
  },
  {
    ...shared,
    path: '/readyz',
    id: 'ready',
    summary: 'Do the bindings answer, and which organizations are behind?',
    alsoStatus: [503],
    answer: z.strictObject({
      status: z.enum(['ready', 'not_ready']),
      bindings: z.strictObject({ DB: state, KV: state }),
      behind: z.array(behind).meta({ description: 'organizations with changes that are not published' }),
    }),
    answerExample: { status: 'ready', bindings: { DB: 'ok', KV: 'ok' }, behind: [] },
  },
  {
    ...shared,
    path: '/orgs/:org/readyz',
    id: 'organizationReady',
    summary: 'Has the organization a snapshot that may answer?',
    answer: z.strictObject({
      status: z.literal('ready'),
      revision: z.int().min(0),
      age_ms: z.int().min(0).meta({ description: 'since it was known to be the newest' }),
      behind: behind.nullable(),
    }),
    answerExample: { status: 'ready', revision: 42, age_ms: 120, behind: null },
  },
];
