/** The wire form of members. */

import * as z from 'zod';
import { lazy } from '../../core/terms/lazy.ts';
import type { AssignmentRow } from '../../core/terms/rows.ts';
import type { NamedAssignment } from '../../pap/control-ports.ts';
import { formatTime } from '../../pap/manifest/times.ts';
import type { HandedOver } from '../../pap/members/hand-over.ts';
import type { MemberRow, Reach } from '../../pap/members/ports.ts';
import type { RolesPut } from '../../pap/members/put-roles.ts';
import type { Removal } from '../../pap/members/remove-member.ts';
import { timeOrNull } from './answer-wire.ts';
import { assignmentAnswer, assignmentExample } from './assignments-wire.ts';
import { described } from './route.ts';
import { assignmentBody, pageQuery } from './wire.ts';

const ROLES_MAX = 100;

export const membersQuery = lazy(() =>
  z.strictObject({
    ...pageQuery,
    q: z.string().max(200).optional(),
    role: z.string().min(1).optional(),
  }),
);

const window = lazy(() => ({ not_before: z.string().nullish(), expires_at: z.string().nullish() }));

const wantedRole = lazy(() => z.strictObject({ role: z.string().min(1), ...window }));

/** A name, or a name with its time. */
export const memberSchema = lazy(() =>
  z.strictObject({
    roles: z
      .array(z.union([z.string().min(1), wantedRole]))
      .max(ROLES_MAX)
      .meta(described(() => ({ description: 'exactly these; `[]` is no role' }))),
  }),
);

export const transferSchema = lazy(() =>
  z.strictObject({
    to: z.string(),
    role: z
      .string()
      .min(1)
      .optional()
      .meta(described(() => ({ description: 'absent: `bitgate:owner`' }))),
    demote_to: z
      .string()
      .min(1)
      .nullish()
      .meta(described(() => ({ description: 'what the old one gets instead; absent: nothing' }))),
  }),
);

const heldShape = described(() => ({
  id: z.string(),
  role: z.string().optional(),
  role_id: z.string().optional(),
  policy: z.string().optional(),
  policy_id: z.string().optional(),
  scope: z.string(),
  not_before: timeOrNull,
  expires_at: timeOrNull,
}));

const heldAnswer = described(() =>
  z.strictObject({
    ...heldShape,
    through: z.string().nullable().meta({ description: 'the group that it comes through; null: the member’s own' }),
  }),
);

export const memberShape = described(() => ({
  subject: z.string(),
  status: z.enum(['active', 'suspended']),
  roles: z.array(heldAnswer).meta({ description: 'roles and policies at this level' }),
  reached_through: z.array(heldAnswer).optional().meta({ description: 'in a project: what comes down from the organization' }),
}));

export const memberAnswer = described(() => z.strictObject(memberShape));

export const putShape = described(() => ({
  subject: z.string(),
  roles: z.array(assignmentAnswer).meta({ description: 'all direct roles at this level now' }),
  removed: z.array(assignmentAnswer),
}));

const reachAnswer = described(() =>
  z.strictObject({
    through: z
      .string()
      .meta({ description: 'a group, `group:everyone`, `group:anyone`, `organization`, `default_role`, or a resource above' }),
    ...heldShape,
    id: z.string().nullable().meta({ description: 'of the assignment; null: the default role' }),
  }),
);

export const removalShape = described(() => ({
  deleted: z.strictObject({
    subject: z.string(),
    unregistered: z.boolean(),
    assignments: z.array(assignmentAnswer),
    memberships: z.array(z.string()).meta({ description: 'groups, by id' }),
    ownerships: z.array(z.strictObject({ resource: z.string(), kind: z.string().nullable() })),
    api_keys: z.array(z.strictObject({ id: z.string(), name: z.string() })),
    invitations: z.array(z.string()).meta({ description: 'revoked ones' }),
  }),
  still_reached_through: z.array(reachAnswer).meta({ description: 'the first 1,000' }),
}));

export const transferShape = described(() => ({
  from: z.string(),
  to: z.string(),
  role: z.string(),
  demoted_to: z.string().nullable(),
  assigned: z.array(z.strictObject({ id: z.string(), subject: z.string(), role_id: z.string(), scope: z.string() })),
  removed: z.array(assignmentAnswer),
}));

export function memberBody({ subject, status, reaches }: MemberRow, project: string): object {
  const held = (rows: readonly Reach[]): object[] => rows.map((reach) => heldBody(reach, subject));
  const above = (reach: Reach): boolean => project !== '' && reach.scope === 'org';
  return {
    subject,
    status,
    roles: held(reaches.filter((reach) => !above(reach))),
    ...(project === '' ? {} : { reached_through: held(reaches.filter(above)) }),
  };
}

function heldBody(reach: Reach, subject: string): object {
  return { ...withoutSubject(reach), through: reach.principal === subject ? null : reach.subject };
}

function withoutSubject(row: NamedAssignment): object {
  const { id, role, role_id, policy, policy_id, scope, not_before, expires_at } = assignmentParts(row);
  return { id, ...(row.role === null ? { policy, policy_id } : { role, role_id }), scope, not_before, expires_at };
}

function assignmentParts(row: NamedAssignment): Record<string, unknown> {
  return {
    id: row.id,
    role: row.target,
    role_id: row.role,
    policy: row.target,
    policy_id: row.policy,
    scope: row.scope,
    not_before: row.not_before === null ? null : formatTime(row.not_before),
    expires_at: row.expires_at === null ? null : formatTime(row.expires_at),
  };
}

export function putBody({ subject, roles, removed }: RolesPut): object {
  return {
    subject,
    roles: roles.map(({ row, target }) => assignmentBody(row, { subject, target })),
    removed: removed.map((row) => assignmentBody(row, row)),
  };
}

export function removalBody({ subject, unregistered, removed, reaching, defaultRole }: Removal): object {
  const { assignments, keyAssignments, memberships, ownerships, keys, invitations } = removed;
  const byDefault =
    defaultRole === null
      ? []
      : [{ through: 'default_role', id: null, role: defaultRole, scope: 'org', not_before: null, expires_at: null }];
  return {
    deleted: {
      subject,
      unregistered,
      assignments: [...assignments, ...keyAssignments].map((row) => assignmentBody(row, row)),
      memberships: memberships.map(({ group_id: group }) => group),
      ownerships: ownerships.map(({ resource, kind }) => ({ resource, kind: kind || null })),
      api_keys: keys.map(({ id, name }) => ({ id, name })),
      invitations: invitations.map(({ id }) => id),
    },
    still_reached_through: [...reaching.map((row) => ({ through: throughOf(row, subject), ...withoutSubject(row) })), ...byDefault],
  };
}

/** The member's own assignments that are left lie above the project. */
function throughOf(row: NamedAssignment, subject: string): string {
  if (row.principal !== subject) return row.subject;
  return row.scope === 'org' ? 'organization' : row.scope;
}

export function transferBody({ from, to, role, demoteTo, assigned, removed }: HandedOver): object {
  return {
    from,
    to,
    role,
    demoted_to: demoteTo,
    assigned: assigned.map(shortBody),
    removed: removed.map((row) => assignmentBody(row, row)),
  };
}

function shortBody({ id, principal, role, scope }: AssignmentRow): object {
  return { id, subject: principal, role_id: role, scope };
}

const { subject: _subject, ...held } = assignmentExample;

export const memberExample = described(() => ({ subject: 'user:alice', status: 'active', roles: [{ ...held, through: 'group:staff' }] }));
export const putExample = described(() => ({ subject: 'user:alice', roles: [assignmentExample], removed: [] }));
export const removalExample = described(() => ({
  deleted: {
    subject: 'user:alice',
    unregistered: true,
    assignments: [assignmentExample],
    memberships: ['grp_1'],
    ownerships: [{ resource: 'dataset:d1', kind: null }],
    api_keys: [{ id: 'k5mzq3w2ya7bcdef', name: 'laptop' }],
    invitations: [],
  },
  still_reached_through: [],
}));
export const transferExample = described(() => ({
  from: 'user:alice',
  to: 'user:bob',
  role: 'bitgate:owner',
  demoted_to: 'Viewer',
  assigned: [{ id: 'asg_2', subject: 'user:bob', role_id: 'rol_1', scope: 'org' }],
  removed: [assignmentExample],
}));
