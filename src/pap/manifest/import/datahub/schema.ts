/**
 * DataHub's policies as its boot file, its policy aspects and its GraphQL API write them; and, beside them, who is in which role and group, which
 * DataHub keeps with its users and groups.
 */

import * as z from 'zod';
import { lazy } from '../../../../core/terms/lazy.ts';
import { listOf, maybeText } from '../read.ts';

const criterion = lazy(() =>
  z.looseObject({
    field: z.string(),
    /** GraphQL answers with objects that hold the value */
    values: listOf(z.union([z.string(), z.looseObject({ value: z.string() }).transform(({ value }) => value)])),
    condition: maybeText,
  }),
);

const criteria = lazy(() => z.looseObject({ criteria: listOf(criterion) }));

const resources = lazy(() =>
  z.looseObject({
    type: maybeText,
    resources: z.array(z.string()).nullish(),
    allResources: z.boolean().nullish(),
    filter: criteria.nullish(),
    privilegeConstraints: criteria.nullish(),
  }),
);

const actors = lazy(() =>
  z.looseObject({
    users: listOf(z.string()),
    groups: listOf(z.string()),
    roles: listOf(z.string()),
    allUsers: z.boolean().nullish(),
    allGroups: z.boolean().nullish(),
    resourceOwners: z.boolean().nullish(),
    /** absent: any; empty: none */
    resourceOwnersTypes: z.array(z.string()).nullish(),
  }),
);

const info = lazy(() =>
  z.looseObject({
    displayName: maybeText,
    name: maybeText,
    description: maybeText,
    type: maybeText,
    state: maybeText,
    privileges: listOf(z.string()),
    actors: actors.nullish(),
    resources: resources.nullish(),
    editable: z.boolean().nullish(),
  }),
);

/** In a boot file an entry without `info` deletes the policy of that URN. */
const bootEntry = lazy(() => z.looseObject({ urn: z.string(), info: info.nullish() }));

const member = lazy(() => z.looseObject({ actor: z.string(), roles: listOf(z.string()), groups: listOf(z.string()) }));

const entries = lazy(() => z.array(z.unknown()));

/** A boot file is a list; with members it is an object. */
export const datahubSchema = lazy(() =>
  z.union([
    entries.transform((policies) => ({ policies, members: [] as z.output<typeof member>[], listed: true })),
    z
      .looseObject({ policies: entries, members: listOf(member) })
      .transform(({ policies, members }) => ({ policies, members, listed: false })),
  ]),
);

/** As an entry of a boot file, or by itself. `info` is null for an entry that only names what is to be deleted; `at` is where it is in the entry. */
export const policySchema = lazy(() =>
  z.unknown().transform((value, context): ReadPolicy => {
    const boot = typeof value === 'object' && value !== null && ('info' in value || !('privileges' in value));
    const read = boot ? bootEntry.safeParse(value) : info.transform((policy) => ({ info: policy })).safeParse(value);
    if (read.success) return { info: read.data.info ?? null, at: boot ? '.info' : '' };
    for (const { path, message } of read.error.issues) context.addIssue({ code: 'custom', path: [...path], message });
    return z.NEVER;
  }),
);

interface ReadPolicy {
  readonly info: DataHubPolicy | null;
  readonly at: string;
}

export type DataHubPolicy = z.output<typeof info>;
export type DataHubActors = z.output<typeof actors>;
export type DataHubResources = z.output<typeof resources>;
export type DataHubCriterion = z.output<typeof criterion>;
export type DataHubMember = z.output<typeof member>;
