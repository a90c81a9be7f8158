/** The wire form of organizations. */

import * as z from 'zod';
import { lazy } from '../../core/terms/lazy.ts';
import { LIMITS } from '../../core/terms/limits.ts';
import { formatTime } from '../../pap/manifest/times.ts';
import type { OrganizationRecord } from '../../pap/ports.ts';
import { PRESET_NAMES } from '../../presets/index.ts';
import { organizationId } from '../common/organization.ts';
import { pageAnswer, timeText, writtenAnswer } from './answer-wire.ts';
import { described } from './route.ts';
import { ownerReference, pageQuery, title, writeQuery } from './wire.ts';

export const organizationSchema = lazy(() =>
  z.strictObject({
    id: organizationId,
    name: title.optional(),
    preset: z.enum(PRESET_NAMES).optional(),
    owner: ownerReference.optional(),
  }),
);

/** What isn't named stays. */
export const organizationChangeSchema = lazy(() => z.strictObject({ name: title.optional() }));

export const organizationListQuery = lazy(() => z.strictObject({ ...pageQuery, q: z.string().max(LIMITS.nameChars).optional() }));

export const organizationCreateQuery = lazy(() =>
  z.strictObject({ publish: writeQuery.publish, if_exists: z.literal('return').optional() }),
);

export const organizationDeleteQuery = lazy(() =>
  z.strictObject({
    ...writeQuery,
    confirm: z
      .string()
      .optional()
      .meta(described(() => ({ description: 'the id of the organization once more' }))),
  }),
);

const organizationShape = described(() => ({
  id: z.string(),
  name: z.string(),
  preset: z.string(),
  created_at: timeText,
}));

export const organizationPage = described(() => pageAnswer(z.strictObject(organizationShape)));
export const organizationAnswer = described(() => z.strictObject({ ...organizationShape, revision: z.int().min(0) }));
export const organizationWritten = described(() => writtenAnswer(organizationShape));
export const organizationDeleted = described(() => writtenAnswer({ deleted: z.strictObject(organizationShape) }));

export function organizationBody({ id, name, preset, createdAt }: OrganizationRecord): object {
  return { id, name, preset, created_at: formatTime(createdAt) };
}

const example = described(() => ({ id: 'acme', name: 'Acme', preset: 'datahub', created_at: '2027-01-31T00:00:00Z' }));
const written = described(() => ({ revision: 42, published: true }));

export const EXAMPLES = described(() => ({
  wanted: { id: 'acme', name: 'Acme', preset: 'datahub' as const, owner: 'user:alice' },
  change: { name: 'Acme' },
  page: { items: [example], next_cursor: null, total: 1 },
  one: { ...example, revision: 42 },
  written: { ...example, ...written },
  deleted: { deleted: example, ...written },
}));
