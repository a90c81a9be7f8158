/** Shapes that answers share: what a write adds to what it made, the page of a list, times, what was found wrong. */

import * as z from 'zod';
import { described } from './route.ts';

/** RFC 3339 with zone, or further away than RFC 3339 goes, with a signed year of six digits. */
export const timeText = described(() => z.string().meta({ format: 'date-time', examples: ['2027-01-31T00:00:00Z'] }));

/** null: there is none */
export const timeOrNull = described(() => timeText.nullable());

export const revisionNumber = described(() => z.int().min(0).meta({ description: 'revision of the organization that shows it' }));

export const problemAnswer = described(() =>
  z.strictObject({
    code: z.string(),
    message: z.string(),
    path: z.string(),
  }),
);

const accessChange = described(() =>
  z.strictObject({
    change: z.enum(['gained', 'lost']),
    principal: z.string().meta({ description: 'subject, `group:<name>` or reserved group' }),
    privilege: z.string(),
    scope: z.string().meta({ description: '`org` or a resource' }),
    conditional: z.boolean().meta({ description: 'only under a condition, or for some types or in a window' }),
  }),
);

/** Why a change waits for a second administrator. */
export const gateReason = described(() =>
  z.strictObject({
    code: z.enum(['sensitive_privilege', 'many_lose', 'gate_loosened', 'claims_give', 'issuer_changed']),
    message: z.string(),
  }),
);

/** A page of who would gain and lose what. */
export const accessPage = described(() =>
  z.strictObject({
    gained: z.int().min(0),
    lost: z.int().min(0),
    items: z.array(accessChange),
    next_cursor: z.string().nullable(),
    total: z.int().min(0),
  }),
);

/**
 * @param shape what the write made or changed. Of a thing that has an `access` of its own (a project, a resource) a dry run shows the page of
 * who would gain and lose what instead
 */
export function writtenAnswer<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.strictObject({
    ...shape,
    revision: revisionNumber,
    published: z.boolean().meta({ description: 'that revision, or a later one, is what is served now' }),
    dry_run: z.boolean().optional().meta({ description: '`true`: nothing was written' }),
    changed: z.boolean().optional().meta({ description: 'of a dry run: whether the write would change anything' }),
    access_diff: accessPage.optional().meta({ description: 'of a dry run: who would gain and lose what' }),
    gated: z.boolean().optional().meta({ description: 'of a dry run, `true`: it would wait for a second administrator' }),
    reasons: z.array(gateReason).optional().meta({ description: 'of a dry run: why it would wait' }),
  });
}

/** @param item one row of the list */
export function pageAnswer<Item extends z.ZodType>(item: Item) {
  return z.strictObject({
    items: z.array(item),
    next_cursor: z.string().nullable().meta({ description: 'for `cursor`; null on the last page' }),
    total: z.int().min(0).meta({ description: 'rows of the whole list, as filtered' }),
  });
}
