/** The wire form of policies: the vocabulary of the manifest. */

import * as z from 'zod';
import { lazy } from '../../core/terms/lazy.ts';
import type { PolicyRow } from '../../core/terms/rows.ts';
import { textsOf } from '../../pap/bundles/json-texts.ts';
import type { ListedPolicy } from '../../pap/bundles/ports.ts';
import { policySchema as manifestPolicy } from '../../pap/manifest/schema.ts';
import { listFilters, usersBody, usersShape } from './bundles-wire.ts';
import { described } from './route.ts';

export const policySchema = lazy(() => manifestPolicy.omit({ id: true }));
export const policyChangeSchema = lazy(() => policySchema.partial());

export const policyFilter = lazy(() =>
  z.strictObject({
    ...listFilters,
    state: z.enum(['ACTIVE', 'INACTIVE', 'DRAFT']).optional(),
    effect: z.enum(['allow', 'deny']).optional(),
  }),
);

export const policyShape = described(() =>
  z.strictObject({
    id: z.string(),
    project: z.string().nullable(),
    name: z.string(),
    description: z.string(),
    effect: z.string(),
    state: z.string(),
    privileges: z.array(z.string()),
    resource_types: z.array(z.string()),
    condition: z.string().nullable(),
    system: z.boolean(),
  }),
);

export const listedPolicyShape = described(() =>
  policyShape.extend({
    roles: z.strictObject({ total: z.int(), first: z.array(z.strictObject({ id: z.string(), name: z.string() })) }),
    assignments: usersShape,
  }),
);

/** What its `ETag` is made of: who uses it isn't part of it. */
export function policyBody(row: PolicyRow): z.output<typeof policyShape> {
  return {
    id: row.id,
    project: row.project || null,
    name: row.name,
    description: row.description,
    effect: row.effect,
    state: row.state,
    privileges: [...textsOf(row.privileges)],
    resource_types: [...textsOf(row.resource_types)],
    condition: row.condition,
    system: row.system === 1,
  };
}

export function listedPolicyBody({ row, roles, assignments }: ListedPolicy): z.output<typeof listedPolicyShape> {
  return { ...policyBody(row), roles: { total: roles.total, first: [...roles.first] }, assignments: usersBody(assignments) };
}

export const policyExample = described(() => ({
  name: 'Dataset Viewer',
  description: 'Look at datasets that are not archived',
  privileges: ['dataset:view'],
  condition: 'resource.properties.status != "archived"',
}));

export const policyBodyExample = described(() => ({
  id: 'pol_k5mzq3w2ya',
  project: null,
  effect: 'allow',
  state: 'ACTIVE',
  resource_types: [],
  system: false,
  ...policyExample,
}));

export const listedPolicyExample = described(() => ({
  ...policyBodyExample,
  roles: { total: 1, first: [{ id: 'rol_x2b7tqz4me', name: 'Data Scientist' }] },
  assignments: { total: 1, first: [{ id: 'asg_1f2e3d4c5b6a7980', subject: 'group:annotators', scope: 'org' }] },
}));
