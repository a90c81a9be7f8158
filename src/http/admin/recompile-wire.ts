/** The wire form of publishing on demand. */

import * as z from 'zod';
import { lazy } from '../../core/terms/lazy.ts';
import { problemAnswer } from './answer-wire.ts';
import { described } from './route.ts';

export const recompileQuery = lazy(() =>
  z.strictObject({
    full: z
      .enum(['true', 'false'])
      .optional()
      .meta(described(() => ({ description: '`true`: from scratch, whatever is known to be unchanged' }))),
  }),
);

const report = described(() => ({
  revision: z.int().min(0).meta({ description: 'revision that is served now' }),
  changed: z.boolean(),
  blobs_written: z.int().min(0),
  bytes_written: z.int().min(0),
  ms: z.number().min(0),
  full: z.boolean(),
  problems: z.array(problemAnswer).meta({ description: 'rows that were left out, since they can not be read; the first ones' }),
  problem_count: z.int().min(0),
  behind: z
    .strictObject({ since: z.number().meta({ description: 'milliseconds since 1970' }), problems: z.array(problemAnswer) })
    .optional()
    .meta({ description: 'present when what is committed can not be published' }),
  compiling: z
    .strictObject({ full: z.boolean(), keys_read: z.int().min(0), leaves_written: z.int().min(0) })
    .optional()
    .meta({ description: 'present while a long compile goes on by itself: how far it is; what is committed is served when it is done' }),
}));

export const recompileAnswer = described(() => z.strictObject(report));

export const reportExample = described(() => ({
  revision: 42,
  changed: true,
  blobs_written: 3,
  bytes_written: 5120,
  ms: 18,
  full: false,
  problems: [],
  problem_count: 0,
}));

const organization = lazy(() => z.string());

export const recompileAllAnswer = described(() =>
  z.strictObject({
    organizations: z.array(
      z.union([
        z.strictObject({ organization, ...report }),
        z.strictObject({
          organization,
          error: z.strictObject({ code: z.string(), message: z.string(), details: z.record(z.string(), z.unknown()) }),
        }),
      ]),
    ),
  }),
);
