/** The one shape of errors, as a schema. */

import * as z from 'zod';
import { REASONS } from '../../core/terms/decision.ts';
import { described, lazy } from '../../core/terms/lazy.ts';

export const errorAnswer = lazy(() =>
  z
    .strictObject({
      error: z.strictObject({
        code: z
          .string()
          .regex(/^[a-z][a-z_]*$/)
          .meta(described(() => ({ description: 'stable, for programs' }))),
        message: z
          .string()
          .min(1)
          .meta(described(() => ({ description: 'for people' }))),
        details: z
          .record(z.string(), z.unknown())
          .meta(described(() => ({ description: 'by code; `problems` lists every bad field with its `path`' }))),
      }),
      decision: z
        .literal(false)
        .optional()
        .meta(described(() => ({ description: 'of a check: who reads only that is told no' }))),
      reason: z.enum(REASONS).optional(),
    })
    .meta(described(() => ({ id: 'Error' }))),
);
