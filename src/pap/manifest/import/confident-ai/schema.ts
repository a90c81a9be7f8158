/** Policies, roles and members as Confident AI's API lists them, for the organization and for each project. */

import * as z from 'zod';
import { lazy } from '../../../../core/terms/lazy.ts';
import { anyId, listOf, maybeText } from '../read.ts';

const optionalId = lazy(() => anyId.nullish().transform((id) => id ?? undefined));

/** By name, or as an object with an id and, mostly, a name. */
const reference = lazy(() =>
  z.union([
    z.string().transform((name) => ({ id: name, name })),
    z.looseObject({ id: optionalId, name: maybeText }).transform(({ id, name }) => ({ id, name })),
  ]),
);

const policy = lazy(() =>
  z.looseObject({
    id: optionalId,
    name: z.string(),
    description: maybeText,
    projectId: optionalId,
    permissions: listOf(reference),
    permissionIds: listOf(anyId),
  }),
);

const role = lazy(() =>
  z.looseObject({
    id: optionalId,
    name: z.string(),
    description: maybeText,
    projectId: optionalId,
    policies: listOf(reference),
    policyIds: listOf(anyId),
  }),
);

const member = lazy(() =>
  z.looseObject({
    id: optionalId,
    email: maybeText,
    user: z.looseObject({ id: optionalId, email: maybeText }).nullish(),
    role: reference.nullish(),
    roleId: optionalId,
  }),
);

const level = lazy(() => ({ permissions: listOf(reference), policies: listOf(policy), roles: listOf(role), members: listOf(member) }));

export const confidentSchema = lazy(() =>
  z.looseObject({
    ...level,
    projects: listOf(z.looseObject({ id: anyId, name: maybeText, ...level })),
  }),
);

export type ConfidentReference = z.output<typeof reference>;
export type ConfidentPolicy = z.output<typeof policy>;
export type ConfidentRole = z.output<typeof role>;
export type ConfidentMember = z.output<typeof member>;
export type ConfidentDump = z.output<typeof confidentSchema>;

/** One level of it: the organization, or a project. */
export interface ConfidentLevel {
  /** `''` for the organization */
  readonly project: string;
  readonly path: string;
  readonly permissions: readonly ConfidentReference[];
  readonly policies: readonly { readonly item: ConfidentPolicy; readonly path: string }[];
  readonly roles: readonly { readonly item: ConfidentRole; readonly path: string }[];
  readonly members: readonly ConfidentMember[];
}
