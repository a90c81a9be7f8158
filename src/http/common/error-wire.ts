/** The one shape of errors, as a schema. */

import * as z from 'zod';
import { REASONS } from '../../core/terms/decision.ts';
import { lazy } from '../../core/terms/lazy.ts';

export const errorAnswer = lazy(() =>
  z
    .strictObject({
      error: z.strictObject({
        code: z
          .string()
          .regex(/^[a-z][a-z_]*$/)
          .meta({ description: 'stable, for programs' }),
        message: z.string().min(1).meta({ description: 'for people' }),
        details: z.record(z.string(), z.unknown()).meta({ description: 'by code; `problems` lists every bad field with its `path`' }),
      }),
      decision: z.literal(false).optional().meta({ description: 'of a check: who reads only that is told no' }),
      reason: z.enum(REASONS).optional(),
    })
    .meta({ id: 'Error' }),
);
