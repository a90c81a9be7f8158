/** The wire form of explanations: `Explanation` of `core/terms`, member by member. */

import * as z from 'zod';
import { REASONS } from '../../core/terms/decision.ts';
import { BLOCKERS, type Explanation, OUTCOMES } from '../../core/terms/explanation.ts';
import { described, lazy } from '../../core/terms/lazy.ts';

const text = lazy(() => z.string());
const optional = lazy(() => text.optional());
const yes = lazy(() => z.literal(true).optional());
const count = lazy(() => z.int().min(0));
const path = lazy(() => z.array(text));

const condition = lazy(() =>
  z.strictObject({
    source: text.meta(described(() => ({ description: 'CEL' }))),
    values: z
      .record(text, z.unknown())
      .optional()
      .meta(described(() => ({ description: 'what it looked at, by path; long values as text, cut. Absent: not evaluated' }))),
    missing: path.optional().meta(described(() => ({ description: 'paths that there was nothing at' }))),
    error: optional,
  }),
);

const scope = lazy(() =>
  z.strictObject({
    scope: text,
    path: path.meta(described(() => ({ description: 'from the resource up to the scope' }))),
    reaches: z.boolean().meta(described(() => ({ description: 'an allow from here counts for the resource' }))),
    cut_at: optional.meta(described(() => ({ description: 'the restricted resource that an allow from here doesn’t enter' }))),
    restricted: yes,
    unregistered: yes,
  }),
);

const grant = lazy(() =>
  z.strictObject({
    effect: z.enum(['allow', 'deny']),
    outcome: z.enum(OUTCOMES),
    principal: text,
    principal_id: optional,
    scope: text,
    role: optional,
    role_id: optional,
    default_role: yes,
    as: z
      .literal('token')
      .optional()
      .meta(described(() => ({ description: 'claims of a verified token give it' }))),
    assumed: yes,
    inherited: path.optional().meta(described(() => ({ description: 'roles, from the assigned one to the one that bundles it' }))),
    policy: optional,
    policy_id: optional,
    holds: z.enum(['named', 'implied', 'all_privileges', 'implies_all']),
    not_before: optional,
    expires_at: optional,
    cut_at: optional,
    condition: condition.optional(),
  }),
);

const nearMiss = lazy(() =>
  z.strictObject({
    assignment: z
      .strictObject({ subject: text, role: optional, policy: optional, scope: text })
      .meta(described(() => ({ description: 'the body of a request that makes it' }))),
    role_id: optional,
    policy_id: optional,
    privileges: count.meta(described(() => ({ description: 'how many it gives' }))),
  }),
);

const principal = lazy(() =>
  z.strictObject({
    principal: text,
    principal_id: optional,
    as: z.enum(['itself', 'member', 'token', 'registered', 'anybody', 'owner']),
    path: path.meta(described(() => ({ description: 'from the subject to the principal, or to the owner' }))),
  }),
);

export const explanationAnswer = lazy(() =>
  z.strictObject({
    decision: z.boolean(),
    reason: z.enum(REASONS),
    revision: count,
    level: z.enum(['org', 'project']),
    privilege: z.strictObject({ name: text, levels: z.enum(['org', 'project', 'both']) }).nullable(),
    subject: z.strictObject({ subject: text, registered: z.boolean(), suspended: z.boolean() }),
    resource: z.strictObject({ resource: text, registered: z.boolean(), restricted: z.boolean() }).nullable(),
    scopes: z.array(scope).meta(described(() => ({ description: 'nearest first' }))),
    principals: z.array(principal).meta(described(() => ({ description: 'whoever’s assignments concern the subject' }))),
    grants: z
      .array(grant)
      .meta(described(() => ({ description: 'every one that concerns the privilege; those that apply first, denies before allows' }))),
    more: z
      .strictObject({ scopes: count, principals: count, grants: count })
      .meta(described(() => ({ description: 'how many there are beyond those listed' }))),
    near_misses: z
      .array(nearMiss)
      .meta(described(() => ({ description: 'of a deny: the smallest assignments of which each would have allowed it' }))),
    blocked_by: z
      .enum(BLOCKERS)
      .nullable()
      .meta(described(() => ({ description: 'of a deny: why no assignment to the subject would have' }))),
  }),
);

export const explanationExample: Explanation = {
  decision: false,
  reason: 'no_grant',
  revision: 42,
  level: 'project',
  privilege: { name: 'edit', levels: 'both' },
  subject: { subject: 'user:alice', registered: true, suspended: false },
  resource: { resource: 'dataset:orders', registered: true, restricted: false },
  scopes: [
    { scope: 'dataset:orders', path: ['dataset:orders'], reaches: true },
    { scope: 'org', path: ['dataset:orders', 'org'], reaches: true },
  ],
  principals: [{ principal: 'user:alice', as: 'itself', path: ['user:alice'] }],
  grants: [],
  more: { scopes: 0, principals: 0, grants: 0 },
  near_misses: [{ assignment: { subject: 'user:alice', role: 'Editor', scope: 'dataset:orders' }, role_id: 'rol_1', privileges: 2 }],
  blocked_by: null,
};
