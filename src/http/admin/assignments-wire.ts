/** The wire form of assignments. */

import * as z from 'zod';
import { lazy } from '../../core/terms/lazy.ts';
import { LIMITS } from '../../core/terms/limits.ts';
import { timeOrNull } from './answer-wire.ts';
import { described } from './route.ts';
import { pageQuery, writeQuery } from './wire.ts';

const target = lazy(() => ({ role: z.string().min(1).optional(), policy: z.string().min(1).optional() }));
const exactlyOne = ({ role, policy }: { role?: string | undefined; policy?: string | undefined }): boolean =>
  (role === undefined) !== (policy === undefined);
const EXACTLY_ONE = 'name exactly one of `role` and `policy`';

const assignment = lazy(() => ({
  subject: z.string(),
  ...target,
  scope: z.string(),
  not_before: z.string().nullish(),
  expires_at: z.string().nullish(),
}));

export const assignmentSchema = lazy(() => z.strictObject(assignment).refine(exactlyOne, EXACTLY_ONE));

/** In a project the scope may be left out: the project itself. */
export const projectAssignmentSchema = lazy(() =>
  z.strictObject({ ...assignment, scope: z.string().optional() }).refine(exactlyOne, EXACTLY_ONE),
);

/** As many as one batch of checks has. */
const batchSubjects = lazy(() => z.array(z.string()).min(1).max(LIMITS.batchItems));

export const batchSchema = lazy(() =>
  z
    .strictObject({
      role: z
        .string()
        .min(1)
        .nullish()
        .meta(described(() => ({ description: '`null` takes every role away that they hold directly at the scope' }))),
      policy: z.string().min(1).optional(),
      subjects: batchSubjects.meta(described(() => ({ description: 'subjects, `group:<name>` or reserved groups' }))),
      scope: z
        .string()
        .optional()
        .meta(described(() => ({ description: 'absent: the organization or the project of the address' }))),
      atomic: z
        .boolean()
        .optional()
        .meta(described(() => ({ description: 'all or none' }))),
      must_exist: z
        .boolean()
        .optional()
        .meta(described(() => ({ description: 'subjects that are not registered are `not_found`, instead of being registered' }))),
      not_before: z.string().nullish(),
      expires_at: z.string().nullish(),
    })
    .refine(({ role, policy }) => (role === undefined) !== (policy === undefined), EXACTLY_ONE),
);

export const assignmentFilter = lazy(() =>
  z.strictObject({
    ...pageQuery,
    subject: z.string().optional(),
    role: z.string().min(1).optional(),
    policy: z.string().min(1).optional(),
    scope: z.string().optional(),
  }),
);

/** What an address says of assignments that shall go. */
export const unassignQuery = lazy(() =>
  z.strictObject({ ...writeQuery, subject: z.string(), ...target, scope: z.string() }).refine(exactlyOne, EXACTLY_ONE),
);

/** In a project the scope may be left out: the project itself. */
export const projectUnassignQuery = lazy(() =>
  z.strictObject({ ...writeQuery, subject: z.string(), ...target, scope: z.string().optional() }).refine(exactlyOne, EXACTLY_ONE),
);

const shared = described(() => ({ subject: z.string(), scope: z.string(), not_before: timeOrNull, expires_at: timeOrNull }));

/** Of a role, or of a policy. */
export const assignmentShape = described(() => ({
  id: z.string(),
  ...shared,
  role: z.string().optional().meta({ description: 'name; of a project `<project>/<name>`' }),
  role_id: z.string().optional(),
  policy: z.string().optional(),
  policy_id: z.string().optional(),
}));

export const assignmentAnswer = described(() => z.strictObject(assignmentShape));

/** Where one role at a time is allowed. */
export const replacedShape = described(() => ({
  replaced: z.array(assignmentAnswer).optional().meta({ description: 'roles whose place it took; absent: none' }),
}));

export const batchAnswerShape = described(() => ({
  items: z.array(
    z.strictObject({
      subject: z.string(),
      status: z.enum(['assigned', 'unchanged', 'replaced', 'unassigned', 'not_found', 'invalid']),
      id: z.string().optional().meta({ description: 'of the assignment' }),
      ...replacedShape,
      error: z.strictObject({ code: z.string(), message: z.string() }).optional(),
    }),
  ),
}));

export const assignmentExample = {
  id: 'asg_1',
  subject: 'user:alice',
  role: 'Viewer',
  role_id: 'rol_1',
  scope: 'project:p1',
  not_before: null,
  expires_at: '2027-01-31T00:00:00Z',
};
