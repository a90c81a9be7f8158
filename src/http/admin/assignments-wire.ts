/** The wire form of assignments. */
import { z } from 'zod';
import { timeOrNull } from './answer-wire.ts';
import { pageQuery, writeQuery } from './wire.ts';

const target = { role: z.string().min(1).optional(), policy: z.string().min(1).optional() };
const exactlyOne = ({ role, policy }: { role?: string | undefined; policy?: string | undefined }): boolean =>
  (role === undefined) !== (policy === undefined);
const EXACTLY_ONE = 'name exactly one of `role` and `policy`';

export const assignmentSchema = z
  .strictObject({
    subject: z.string(),
    ...target,
    scope: z.string(),
    not_before: z.string().nullish(),
    expires_at: z.string().nullish(),
  })
  .refine(exactlyOne, EXACTLY_ONE);

export const assignmentFilter = z.strictObject({
  ...pageQuery,
  subject: z.string().optional(),
  role: z.string().min(1).optional(),
  policy: z.string().min(1).optional(),
  scope: z.string().optional(),
});

/** What an address says of assignments that shall go. */
export const unassignQuery = z
  .strictObject({ ...writeQuery, subject: z.string(), ...target, scope: z.string() })
  .refine(exactlyOne, EXACTLY_ONE);

const shared = { subject: z.string(), scope: z.string(), not_before: timeOrNull, expires_at: timeOrNull };

/** Of a role, or of a policy. */
export const assignmentShape = {
  id: z.string(),
  ...shared,
  role: z.string().optional().meta({ description: 'name; of a project `<project>/<name>`' }),
  role_id: z.string().optional(),
  policy: z.string().optional(),
  policy_id: z.string().optional(),
};

export const assignmentAnswer = z.strictObject(assignmentShape);

export const assignmentExample = {
  id: 'asg_1',
  subject: 'user:alice',
  role: 'Viewer',
  role_id: 'rol_1',
  scope: 'project:p1',
  not_before: null,
  expires_at: '2027-01-31T00:00:00Z',
};
