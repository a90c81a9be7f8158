/** The wire form of bulk imports and exports: lines of JSON, and how far an import has come. */

import * as z from 'zod';
import { lazy } from '../../core/terms/lazy.ts';
import { KINDS, lineSchema } from '../../pap/import/items.ts';
import type { ImportRow } from '../../pap/import/ports.ts';
import { revisionNumber, timeText } from './answer-wire.ts';
import { described } from './route.ts';
import { pageQuery, timeBody } from './wire.ts';

/** beyond that no file goes */
const LINE = lazy(() =>
  z
    .string()
    .regex(/^[1-9]\d{0,11}$/, 'expected a whole number from 1')
    .transform(Number),
);

export const importLinesQuery = lazy(() =>
  z.strictObject({
    import: z
      .string()
      .optional()
      .meta(described(() => ({ description: 'the import that goes on; absent: a new one begins' }))),
    from_line: LINE.optional().meta(
      described(() => ({ description: 'number of the body’s first line in the whole file; 1 when it isn’t said' })),
    ),
    more: z
      .enum(['true', 'false'])
      .optional()
      .meta(described(() => ({ description: '`true`: further lines follow in another request' }))),
  }),
);

export const importsQuery = lazy(() => z.strictObject(pageQuery));
export const exportQuery = lazy(() =>
  z.strictObject({
    cursor: z
      .string()
      .optional()
      .meta(described(() => ({ description: '`next` of the line `end`, when it isn’t null' }))),
  }),
);

/** One line of the body. */
export const importLine = described(() => lineSchema.meta({ description: 'one line: one thing' }));

const count = described(() => z.strictObject({ created: z.int().min(0), updated: z.int().min(0), unchanged: z.int().min(0) }));

export const importAnswer = described(() =>
  z.strictObject({
    id: z.string(),
    actor: z.string().meta({ description: 'who began it' }),
    state: z.enum(['running', 'done', 'failed']),
    created_at: timeText,
    updated_at: timeText,
    lines: z.int().min(0).meta({ description: 'every line up to this one is applied, none behind it' }),
    next_line: z.int().min(1),
    counts: z.partialRecord(z.enum(KINDS), count),
    error: z
      .strictObject({ code: z.string(), message: z.string(), details: z.record(z.string(), z.unknown()) })
      .nullable()
      .meta({ description: 'of a failed one: what the last request was refused with' }),
  }),
);

export const importResult = described(() =>
  z.strictObject({
    import: importAnswer.nullable().meta({ description: 'null when no line said anything' }),
    next_line: z.int().min(1),
    revision: revisionNumber,
    published: z.boolean(),
  }),
);

export function importBody(row: ImportRow): object {
  return {
    id: row.id,
    actor: row.actor,
    state: row.state,
    created_at: timeBody(row.created_at),
    updated_at: timeBody(row.updated_at),
    lines: row.line,
    next_line: row.line + 1,
    counts: JSON.parse(row.counts),
    error: row.error === null ? null : JSON.parse(row.error),
  };
}

export const importExample = described(() => ({
  id: 'imp_5f0c2b8a9d3e4f17',
  actor: 'root',
  state: 'done' as const,
  created_at: '2027-01-31T00:00:00Z',
  updated_at: '2027-01-31T00:02:00Z',
  lines: 100_000,
  next_line: 100_001,
  counts: { assignment: { created: 99_998, updated: 0, unchanged: 2 } },
  error: null,
}));

export const lineExample = described(() => ({ kind: 'assignment' as const, subject: 'user:alice', role: 'Viewer', scope: 'org' }));
