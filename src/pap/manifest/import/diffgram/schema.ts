/**
 * Diffgram's tables of roles and their assignments, as its database names them; and, beside them, what those refer to: users, projects, datasets,
 * files.
 */

import * as z from 'zod';
import { lazy } from '../../../../core/terms/lazy.ts';
import { anyId, listOf, maybeText } from '../read.ts';

const optionalId = lazy(() => anyId.nullish().transform((id) => id ?? undefined));

const role = lazy(() => z.looseObject({ id: anyId, name: z.string(), project_id: optionalId, permissions_list: listOf(z.string()) }));

const assignment = lazy(() =>
  z.looseObject({
    member_id: anyId,
    object_type: z.string(),
    object_id: anyId,
    role_id: optionalId,
    default_role_name: maybeText,
  }),
);

const user = lazy(() =>
  z.looseObject({
    member_id: anyId,
    email: maybeText,
    is_super_admin: z.boolean().nullish(),
    /** by project: names of default roles */
    permissions_projects: z.record(z.string(), listOf(z.string())).nullish(),
  }),
);

const project = lazy(() => z.looseObject({ id: anyId, project_string_id: maybeText, name: maybeText }));
const dataset = lazy(() => z.looseObject({ id: anyId, project_id: optionalId, access_type: maybeText }));
const file = lazy(() => z.looseObject({ id: anyId, project_id: optionalId, dataset_ids: listOf(anyId) }));

export const diffgramSchema = lazy(() =>
  z.looseObject({
    roles: listOf(role),
    role_member_object: listOf(assignment),
    users: listOf(user),
    projects: listOf(project),
    datasets: listOf(dataset),
    files: listOf(file),
  }),
);

export type DiffgramDump = z.output<typeof diffgramSchema>;
export type DiffgramRole = z.output<typeof role>;
export type DiffgramAssignment = z.output<typeof assignment>;
export type DiffgramUser = z.output<typeof user>;
