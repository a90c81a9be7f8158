/** The wire form of history. */

import * as z from 'zod';
import { lazy } from '../../core/terms/lazy.ts';
import { LIMITS } from '../../core/terms/limits.ts';
import { isWellFormed } from '../../core/terms/ref.ts';
import type { ListedRevision } from '../../pap/history/kept.ts';
import type { NotRestored, NotRestoredReason } from '../../pap/history/restorable.ts';
import type { Rollback } from '../../pap/history/rollback.ts';
import type { ManifestPlan } from '../../pap/manifest/plan.ts';
import { formatTime } from '../../pap/manifest/times.ts';
import { accessPage, revisionNumber, timeOrNull, timeText, writtenAnswer } from './answer-wire.ts';
import { described } from './route.ts';
import { pageQuery } from './wire.ts';

const number = lazy(() =>
  z
    .string()
    .regex(/^[1-9]\d{0,15}$/, 'expected the number of a revision')
    .transform(Number)
    .refine(Number.isSafeInteger, 'expected the number of a revision'),
);

export const revisionsQuery = lazy(() => z.strictObject(pageQuery));

export const diffQuery = lazy(() =>
  z.strictObject({
    ...pageQuery,
    from: number.meta(described(() => ({ description: 'number of a revision' }))),
    to: number.meta(described(() => ({ description: 'number of a revision; may be the older one' }))),
  }),
);

export const tagSchema = lazy(() =>
  z.strictObject({
    tag: z
      .string()
      .min(1)
      .refine((text) => [...text].length <= LIMITS.nameChars, `must not be longer than ${LIMITS.nameChars} characters`)
      .refine((text) => isWellFormed(text) && !/\p{Cc}/u.test(text), 'must not hold control characters'),
  }),
);

const listed = described(() => ({
  revision: revisionNumber,
  at: timeOrNull.meta({ description: 'when it was committed' }),
  changes: z.int().min(0).nullable().meta({ description: 'rows that changed; null: the log does not reach back to it' }),
  actor: z.string().nullable().meta({ description: '`root` or a subject; null: it was changed by SQL' }),
  action: z.string().nullable(),
  target: z.string().nullable(),
  request_id: z.string().nullable(),
  retained: z.boolean().meta({ description: 'it can still be compared with, and rolled back to' }),
  tag: z.string().nullable().meta({ description: 'what has a tag is kept for ever' }),
}));

export const revisionAnswer = described(() => z.strictObject(listed));

export const revisionExample = described(() => ({
  revision: 42,
  at: '2027-01-31T00:00:00Z',
  changes: 3,
  actor: 'api_key:key_1',
  action: 'manifest.put',
  target: 'organization',
  request_id: 'c1f0',
  retained: true,
  tag: 'release 7',
}));

const hashes = described(() => z.array(z.string()));
const count = described(() => z.int().min(0));

export const revisionDetailAnswer = described(() =>
  z.strictObject({
    ...listed,
    tables: z.array(z.strictObject({ table: z.string(), insert: count, update: count, delete: count })),
    snapshot: z
      .strictObject({
        published_at: timeText,
        manifest: z.string(),
        catalog: z.string(),
        principals: hashes,
        resources: hashes,
        keys: hashes,
      })
      .nullable()
      .meta({ description: 'SHA-256 of its pieces; null: it is dropped, or was published together with a later one' }),
  }),
);

export const revisionDetailExample = described(() => ({
  ...revisionExample,
  tables: [{ table: 'roles', insert: 1, update: 2, delete: 0 }],
  snapshot: {
    published_at: '2027-01-31T00:00:00Z',
    manifest: 'ab'.repeat(32),
    catalog: 'cd'.repeat(32),
    principals: ['ef'.repeat(32)],
    resources: [],
    keys: ['01'.repeat(32)],
  },
}));

const plan = described(() => ({
  summary: z.record(z.string(), z.strictObject({ insert: count, update: count, delete: count })),
  changes: z.array(
    z.strictObject({
      op: z.enum(['insert', 'update', 'delete']),
      kind: z.string(),
      name: z.string(),
      fields: z.record(z.string(), z.unknown()).optional(),
    }),
  ),
}));

const planExample: ManifestPlan = described(() => ({
  summary: { roles: { insert: 0, update: 0, delete: 1 } },
  changes: [{ op: 'delete', kind: 'role', name: 'Viewer' }],
}));

export const diffAnswer = described(() =>
  z.strictObject({
    from: revisionNumber,
    to: revisionNumber,
    ...plan,
    access: accessPage.nullable().meta({
      description: 'who gained and who lost what; null: one of the two was published together with a later one, so it has no snapshot',
    }),
  }),
);

export const diffExample = described(() => ({
  from: 41,
  to: 42,
  ...planExample,
  access: {
    gained: 0,
    lost: 1,
    items: [{ change: 'lost', principal: 'user:ann', privilege: 'view', scope: 'org', conditional: false }],
    next_cursor: null,
    total: 1,
  },
}));

export const tagAnswer = described(() => writtenAnswer({ tagged: revisionNumber, tag: z.string() }));
export const tagExample = described(() => ({ tagged: 42, tag: 'release 7', revision: 45, published: true }));

export const untagAnswer = described(() => writtenAnswer({ deleted: z.strictObject({ tagged: revisionNumber, tag: z.string() }) }));
export const untagExample = described(() => ({ deleted: { tagged: 42, tag: 'release 7' }, revision: 45, published: true }));

/** Complete by type: a new reason doesn't compile until it is named here. */
const REASONS = described(
  () =>
    ({
      key_deleted: 0,
      key_changed: 0,
      key_made_since: 0,
      of_withdrawn_key: 0,
      member_removed: 0,
      status_kept: 0,
      reserved: 0,
    }) as const satisfies Readonly<Record<NotRestoredReason, 0>>,
);

export const rollbackAnswer = described(() =>
  writtenAnswer({
    restored: revisionNumber.meta({ description: 'whose rows these are' }),
    plan: z.strictObject(plan),
    not_restored: z.array(
      // `as`: the keys of the literal above, of which there is one at least.
      z.strictObject({ kind: z.string(), name: z.string(), reason: z.enum(Object.keys(REASONS) as [NotRestoredReason]) }),
    ),
  }),
);

export const rollbackExample = described(() => ({
  restored: 42,
  plan: planExample,
  not_restored: [{ kind: 'api_key', name: 'key_1', reason: 'key_deleted' } satisfies NotRestored],
  revision: 45,
  published: true,
}));

export function revisionBody({ revision, at, changes, actor, action, target, request_id, retained, tag }: ListedRevision): object {
  return { revision, at: at === null ? null : formatTime(at), changes, actor, action, target, request_id, retained, tag };
}

export function rollbackBody({ restored, plan: planned, notRestored }: Rollback): object {
  return { restored, plan: planned, not_restored: notRestored };
}
