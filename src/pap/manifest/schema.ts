/**
 * The manifest's shape: keys, types, enumerations. Unknown keys are refused. What needs the rest of the document (names, cycles, levels)
 * or gives a reason of its own (times, references, conditions) is told by `resolve/`, together with everything else that is wrong.
 */

import * as z from 'zod';
import type { JsonObject } from '../../core/terms/json.ts';
import { lazy } from '../../core/terms/lazy.ts';
import { LIMITS } from '../../core/terms/limits.ts';
import { routeSchema } from './route-schema.ts';
import { settingsSchema } from './settings-schema.ts';

const texts = lazy(() => z.array(z.string()));

/** Any JSON object: parsed text holds nothing else. */
const properties = lazy(() =>
  z.custom<JsonObject>((value) => typeof value === 'object' && value !== null && !Array.isArray(value), 'expected an object'),
);

const privilege = lazy(() =>
  z.strictObject({
    name: z.string(),
    title: z.string().optional(),
    description: z.string().optional(),
    levels: z
      .array(z.enum(['org', 'project']))
      .min(1)
      .optional(),
    resource_types: texts.optional(),
    applies_to: texts.optional(),
    implies: texts.optional(),
    implies_all: z.literal('project').optional(),
  }),
);

export const policySchema = lazy(() =>
  z.strictObject({
    name: z.string(),
    id: z.string().optional(),
    description: z.string().optional(),
    effect: z.enum(['allow', 'deny']).optional(),
    state: z.enum(['ACTIVE', 'INACTIVE', 'DRAFT']).optional(),
    privileges: texts,
    resource_types: texts.optional(),
    condition: z.string().nullish(),
  }),
);

export const roleSchema = lazy(() =>
  z.strictObject({
    name: z.string(),
    id: z.string().optional(),
    title: z.string().optional(),
    description: z.string().optional(),
    policies: texts.optional(),
    inherits: texts.optional(),
    privileges: texts.optional(),
    all_privileges: z.boolean().optional(),
    reaches_restricted: z.boolean().optional(),
  }),
);

const owner = lazy(() => z.strictObject({ subject: z.string(), kind: z.string().min(1).optional() }));

const placed = lazy(() => ({
  parents: texts.optional(),
  access: z.enum(['inherit', 'restricted']).optional(),
  owners: z.array(owner).optional(),
  properties: properties.optional(),
}));

export const projectSchema = lazy(() =>
  z.strictObject({
    id: z.string().min(1),
    nickname: z.string().optional(),
    policies: z.array(policySchema).optional(),
    roles: z.array(roleSchema).optional(),
    ...placed,
  }),
);

const subject = lazy(() =>
  z.strictObject({
    type: z.string(),
    id: z.string(),
    status: z.enum(['active', 'suspended']).optional(),
    properties: properties.optional(),
  }),
);

const group = lazy(() =>
  z.strictObject({
    name: z.string(),
    id: z.string().optional(),
    description: z.string().optional(),
    members: texts.optional(),
  }),
);

const resource = lazy(() => z.strictObject({ type: z.string(), id: z.string(), ...placed }));

const assignment = lazy(() =>
  z.strictObject({
    subject: z.string(),
    role: z.string().optional(),
    policy: z.string().optional(),
    scope: z.string(),
    not_before: z.string().nullish(),
    expires_at: z.string().nullish(),
  }),
);

export const manifestSchema = lazy(() =>
  z.strictObject({
    bitgate: z.literal(1),
    catalog: z.strictObject({ privileges: z.array(privilege).max(LIMITS.privileges).optional() }).optional(),
    policies: z.array(policySchema).max(LIMITS.policies).optional(),
    roles: z.array(roleSchema).max(LIMITS.roles).optional(),
    projects: z.array(projectSchema).optional(),
    subjects: z.array(subject).optional(),
    groups: z.array(group).optional(),
    resources: z.array(resource).optional(),
    assignments: z.array(assignment).optional(),
    routes: z.array(routeSchema).optional(),
    settings: settingsSchema.optional(),
  }),
);

export type ManifestDocument = z.infer<typeof manifestSchema>;
export type PrivilegeItem = z.infer<typeof privilege>;
export type PolicyItem = z.infer<typeof policySchema>;
export type RoleItem = z.infer<typeof roleSchema>;
export type ProjectItem = z.infer<typeof projectSchema>;
export type SubjectItem = z.infer<typeof subject>;
export type GroupItem = z.infer<typeof group>;
export type ResourceItem = z.infer<typeof resource>;
export type OwnerItem = z.infer<typeof owner>;
export type AssignmentItem = z.infer<typeof assignment>;

export {
  assignment as assignmentSchema,
  group as groupSchema,
  owner as ownerSchema,
  privilege as privilegeSchema,
  properties as propertiesSchema,
  resource as resourceSchema,
  subject as subjectSchema,
};
