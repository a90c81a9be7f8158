/** The wire form of roles: the vocabulary of the manifest, with ids beside the names of what a role bundles. */

import * as z from 'zod';
import { lazy } from '../../core/terms/lazy.ts';
import { textsOf } from '../../pap/bundles/json-texts.ts';
import type { ListedRole } from '../../pap/bundles/ports.ts';
import type { ShownRole } from '../../pap/bundles/role-state.ts';
import { roleSchema as manifestRole } from '../../pap/manifest/schema.ts';
import { listFilters, usersBody, usersShape } from './bundles-wire.ts';
import { described } from './route.ts';

export const roleSchema = lazy(() => manifestRole.omit({ id: true }));
export const roleChangeSchema = lazy(() => roleSchema.partial());
export const roleFilter = lazy(() => z.strictObject(listFilters));

const named = described(() => z.array(z.string()));

export const roleShape = described(() =>
  z.strictObject({
    id: z.string(),
    project: z.string().nullable(),
    name: z.string(),
    title: z.string(),
    description: z.string(),
    policies: named,
    policy_ids: named,
    inherits: named,
    inherit_ids: named,
    privileges: named,
    all_privileges: z.boolean(),
    reaches_restricted: z.boolean(),
    system: z.boolean(),
  }),
);

export const listedRoleShape = described(() => roleShape.extend({ assignments: usersShape }));

/** What its `ETag` is made of: who holds it isn't part of it. */
export function roleBody({ row, policies, inherits }: ShownRole): z.output<typeof roleShape> {
  return {
    id: row.id,
    project: row.project || null,
    name: row.name,
    title: row.title,
    description: row.description,
    policies: policies.map(({ name }) => name),
    policy_ids: policies.map(({ id }) => id),
    inherits: inherits.map(({ name }) => name),
    inherit_ids: inherits.map(({ id }) => id),
    privileges: [...textsOf(row.privileges)],
    all_privileges: row.all_privileges === 1,
    reaches_restricted: row.reaches_restricted === 1,
    system: row.system === 1,
  };
}

export function listedRoleBody(role: ListedRole): z.output<typeof listedRoleShape> {
  return { ...roleBody(role), assignments: usersBody(role.assignments) };
}

export const roleExample = described(() => ({
  name: 'Data Scientist',
  title: 'Data scientist',
  policies: ['Dataset Viewer'],
  privileges: ['dataset:export'],
}));

export const roleBodyExample = described(() => ({
  id: 'rol_x2b7tqz4me',
  project: null,
  description: '',
  policy_ids: ['pol_k5mzq3w2ya'],
  inherits: [],
  inherit_ids: [],
  all_privileges: false,
  reaches_restricted: false,
  system: false,
  ...roleExample,
}));

export const listedRoleExample = described(() => ({
  ...roleBodyExample,
  assignments: { total: 1, first: [{ id: 'asg_1f2e3d4c5b6a7980', subject: 'user:alice', scope: 'project:sleetduke' }] },
}));
