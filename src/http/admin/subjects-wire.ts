/** The wire form of subjects. */

import * as z from 'zod';
import { lazy } from '../../core/terms/lazy.ts';
import type { SubjectRow } from '../../core/terms/rows.ts';
import type { PrincipalUse } from '../../pap/groups/ports.ts';
import { subjectSchema as manifestSubject } from '../../pap/manifest/schema.ts';
import { described } from './route.ts';
import { partsOf, propertiesAnswer, propertiesBody, referenceFields, searchQuery } from './things-wire.ts';

export const subjectChangeSchema = lazy(() => {
  const { status, properties } = manifestSubject.shape;
  return z.strictObject({ status, properties });
});
export const subjectSchema = lazy(() => subjectChangeSchema.extend({ subject: z.string().optional(), ...referenceFields }));

export const subjectFilter = lazy(() =>
  z.strictObject({
    ...searchQuery,
    type: z.string().min(1).optional(),
    status: z.enum(['active', 'suspended']).optional(),
  }),
);

export const subjectShape = described(() => ({
  subject: z.string(),
  type: z.string(),
  id: z.string(),
  status: z.enum(['active', 'suspended']),
  properties: propertiesAnswer,
}));

export const subjectAnswer = described(() => z.strictObject(subjectShape));

export function subjectBody({ subject, status: present, properties: json }: SubjectRow): z.output<typeof subjectAnswer> {
  return { subject, ...partsOf(subject), status: present, properties: propertiesBody(json) };
}

export const subjectDetailShape = described(() => ({
  ...subjectShape,
  groups: z
    .array(z.strictObject({ id: z.string(), name: z.string() }))
    .meta({ description: 'that it is a direct member of, the first hundred' }),
  group_count: z.int().min(0),
  assignment_count: z.int().min(0).meta({ description: 'its own, without those of its groups' }),
  ownership_count: z.int().min(0),
}));

export function subjectDetail(row: SubjectRow, { groups, assignments, ownerships }: PrincipalUse): object {
  return {
    ...subjectBody(row),
    groups: groups.first.map(({ id, name }) => ({ id, name })),
    group_count: groups.total,
    assignment_count: assignments.total,
    ownership_count: ownerships.total,
  };
}

export const subjectExample = described(() => ({
  subject: 'user:alice',
  type: 'user',
  id: 'alice',
  status: 'active',
  properties: { department: 'research' },
}));
