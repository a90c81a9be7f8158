/** The wire form of groups and their members. */

import * as z from 'zod';
import { lazy } from '../../core/terms/lazy.ts';
import { LIMITS } from '../../core/terms/limits.ts';
import type { ChangedMembers } from '../../pap/groups/change-members.ts';
import type { GroupWithCount, NamedMember } from '../../pap/groups/ports.ts';
import type { GroupState } from '../../pap/groups/stored-group.ts';
import { groupSchema as manifestGroup } from '../../pap/manifest/schema.ts';
import { described } from './route.ts';
import { searchQuery } from './things-wire.ts';

const members = lazy(() => z.array(z.string()).max(LIMITS.batchItems));

export const groupSchema = lazy(() => manifestGroup.omit({ id: true }).extend({ members: members.optional() }));
export const groupChangeSchema = lazy(() => groupSchema.partial());
export const groupFilter = lazy(() => z.strictObject(searchQuery));

export const memberSchema = lazy(() => z.strictObject({ member: z.string() }));
export const memberFilter = lazy(() => z.strictObject({ ...searchQuery, transitive: z.enum(['true', 'false']).optional() }));

export const memberBatchSchema = lazy(() =>
  z
    .strictObject({ add: members.optional(), remove: members.optional() })
    .refine(({ add = [], remove = [] }) => add.length + remove.length <= LIMITS.batchItems, `must not name more than ${LIMITS.batchItems}`),
);

export const groupShape = described(() => ({
  id: z.string(),
  name: z.string(),
  description: z.string(),
  member_count: z.int().min(0).meta({ description: 'direct members, groups among them' }),
}));

export const groupAnswer = described(() => z.strictObject(groupShape));

export function groupBody({ id, name, description, member_count }: GroupWithCount): z.output<typeof groupAnswer> {
  return { id, name, description, member_count };
}

/** What its `ETag` is made of: its members too, though they have a list of their own. */
export function groupIdentity({ row, members }: GroupState): object {
  return { ...groupBody(row), members };
}

export const memberAnswer = described(() =>
  z.strictObject({
    member: z.string().meta({ description: 'subject, or `group:<name>`' }),
    group_id: z.string().nullable().meta({ description: 'of a member that is a group' }),
    direct: z.boolean().meta({ description: 'false: a member of a group within it' }),
  }),
);

export function memberBody({ member, name, direct }: NamedMember): z.output<typeof memberAnswer> {
  return { member: name, group_id: member.startsWith('group:') ? member.slice('group:'.length) : null, direct: direct === 1 };
}

const resultAnswer = described(() =>
  z.strictObject({ member: z.string(), result: z.enum(['added', 'unchanged', 'removed', 'not_found']) }),
);

export const memberResultShape = described(() => ({ group: groupAnswer, ...resultAnswer.shape }));
export const memberResultsShape = described(() => ({ group: groupAnswer, results: z.array(resultAnswer) }));

export function memberResultBody({ group, results }: ChangedMembers): object {
  return { group: groupBody(group), ...results[0] };
}

export function memberResultsBody({ group, results }: ChangedMembers): object {
  return { group: groupBody(group), results };
}

export const groupExample = described(() => ({
  id: 'grp_q2w3e4r5t6',
  name: 'annotators',
  description: 'who draws boxes',
  member_count: 2,
}));
