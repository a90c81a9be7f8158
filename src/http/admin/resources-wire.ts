/** The wire form of resources. */

import * as z from 'zod';
import { lazy } from '../../core/terms/lazy.ts';
import { ownerSchema as manifestOwner, resourceSchema as manifestResource } from '../../pap/manifest/schema.ts';
import type { PlacedResource } from '../../pap/resources/ports.ts';
import { described } from './route.ts';
import { partsOf, propertiesAnswer, propertiesBody, referenceFields, searchQuery } from './things-wire.ts';
import { writeQuery } from './wire.ts';

export const resourceChangeSchema = lazy(() => manifestResource.omit({ type: true, id: true }));
export const resourceSchema = lazy(() => resourceChangeSchema.extend({ resource: z.string().optional(), ...referenceFields }));

export const resourceFilter = lazy(() =>
  z.strictObject({
    ...searchQuery,
    type: z.string().min(1).optional(),
    parent: z.string().min(1).optional(),
    access: z.enum(['inherit', 'restricted']).optional(),
    owner: z.string().min(1).optional(),
  }),
);

export const ownerSchema = manifestOwner;
export const ownerQuery = lazy(() => z.strictObject({ ...writeQuery, subject: z.string(), kind: z.string().min(1).optional() }));

const ownerAnswer = described(() =>
  z.strictObject({
    subject: z.string().meta({ description: 'a subject, or `group:<name>`' }),
    kind: z.string().nullable(),
  }),
);

export const resourceShape = described(() => ({
  resource: z.string(),
  type: z.string(),
  id: z.string(),
  parents: z.array(z.string()),
  access: z.enum(['inherit', 'restricted']),
  owners: z.array(ownerAnswer),
  properties: propertiesAnswer,
}));

export const resourceAnswer = described(() => z.strictObject(resourceShape));

export function resourceBody({ row, parents, owners }: PlacedResource): z.output<typeof resourceAnswer> {
  return {
    resource: row.resource,
    ...partsOf(row.resource),
    parents: [...parents],
    access: row.access,
    owners: owners.map(({ subject, kind }) => ({ subject, kind: kind || null })),
    properties: propertiesBody(row.properties),
  };
}

export const resourceExample = described(() => ({
  resource: 'dataset:hidden-1',
  type: 'dataset',
  id: 'hidden-1',
  parents: ['project:sleetduke'],
  access: 'restricted',
  owners: [{ subject: 'user:alice', kind: 'TECHNICAL' }],
  properties: {},
}));
