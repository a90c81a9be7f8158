/**
 * Diffgram's roles and their assignments → a manifest. A role of a project becomes that project's own, with the same flat list; a default role the
 * system role of the preset. Diffgram's routes read one store and its datasets another: both are read here.
 */
import { diffgram } from '../../../../presets/diffgram.ts';
import type { ImportContext } from '../context.ts';
import { Draft, type Imported } from '../draft.ts';
import { shown } from '../names.ts';
import { readForeign } from '../read.ts';
import { DiffgramPlaces } from './places.ts';
import { type DiffgramAssignment, type DiffgramDump, type DiffgramRole, type DiffgramUser, diffgramSchema } from './schema.ts';

/** A role of the dump as assignments name it. */
interface MadeRole {
  readonly reference: string;
  /** undefined: of no project */
  readonly project: string | undefined;
}

interface Work {
  readonly draft: Draft;
  readonly places: DiffgramPlaces;
  readonly roles: ReadonlyMap<string, MadeRole>;
  readonly subjects: ReadonlyMap<string, string>;
}

/** @throws BitgateError `invalid_import` (422) */
export function importDiffgram(value: unknown, context: ImportContext): Imported {
  const dump = readForeign(diffgramSchema, value);
  const draft = new Draft(context, diffgram);
  const places = new DiffgramPlaces(dump, draft);
  const work = { draft, places, roles: makeRoles(dump, places, draft), subjects: subjectsOf(dump) };
  for (const [i, assignment] of dump.role_member_object.entries()) assign(assignment, `role_member_object[${i}]`, work);
  for (const [i, user] of dump.users.entries()) addProjectRoles(user, `users[${i}]`, work);
  return draft.finish();
}

function makeRoles({ roles }: DiffgramDump, places: DiffgramPlaces, draft: Draft): Map<string, MadeRole> {
  return new Map(roles.map((role, i) => [role.id, makeRole(role, `roles[${i}]`, places, draft)]));
}

function makeRole(
  { name, project_id: id, permissions_list: list }: DiffgramRole,
  path: string,
  places: DiffgramPlaces,
  draft: Draft,
): MadeRole {
  const project = id === undefined ? undefined : places.project(id);
  const made = draft.names.claim('role', project ?? '', name, path);
  const levels = project === undefined ? (['org', 'project'] as const) : (['project'] as const);
  const role = { name: made, privileges: draft.privileges(list, levels, `${path}.permissions_list`) };
  (project === undefined ? draft.roles : draft.project(project).roles).push(role);
  return { reference: project === undefined ? made : `${project}/${made}`, project };
}

function subjectsOf({ users }: DiffgramDump): Map<string, string> {
  return new Map(users.map(({ member_id: id, email }) => [id, `user:${email ?? id}`]));
}

function assign(assignment: DiffgramAssignment, path: string, work: Work): void {
  const { draft, places } = work;
  const { member_id: member, object_type: type, object_id: id } = assignment;
  const scope = places.scope(type, id, `${path}.object_type`);
  const role = roleOf(assignment, path, work);
  if (scope === null || role === null) return;
  if (role.project !== undefined && !places.liesWithin(scope, role.project)) {
    draft.report.tell('outside_project', path, `\`${scope}\` is not in the project of the role \`${role.reference}\`: left out`);
    return;
  }
  const subject = work.subjects.get(member);
  if (subject === undefined)
    draft.report.tell('unknown_member', `${path}.member_id`, `no user has this member id: called \`user:${member}\``);
  draft.assignments.push({ subject: subject ?? `user:${member}`, role: role.reference, scope });
}

function roleOf({ role_id: id, default_role_name: name }: DiffgramAssignment, path: string, { draft, roles }: Work): MadeRole | null {
  const custom = id === undefined ? undefined : roles.get(id);
  if (custom !== undefined) return custom;
  const standard = id !== undefined || name === undefined ? null : draft.presetRole(name, path);
  if (standard !== null) return { reference: standard, project: undefined };
  draft.report.tell('unknown_role', path, `there is no role \`${shown(id ?? name ?? '')}\`: left out`);
  return null;
}

/** The older store: default roles of people in projects. */
function addProjectRoles(
  { member_id: member, permissions_projects: projects, is_super_admin: root }: DiffgramUser,
  path: string,
  work: Work,
): void {
  const { draft, places, subjects } = work;
  if (root === true)
    draft.report.tell('super_admin', path, 'super admins have no counterpart: assign `bitgate:owner` by hand where it is meant');
  for (const [project, names] of Object.entries(projects ?? {})) {
    for (const name of names) {
      const role = draft.presetRole(name, `${path}.permissions_projects`);
      if (role === null)
        draft.report.tell('unknown_role', `${path}.permissions_projects`, `\`${shown(name)}\` is no default role: left out`);
      else draft.assignments.push({ subject: subjects.get(member) ?? `user:${member}`, role, scope: `project:${places.project(project)}` });
    }
  }
}
