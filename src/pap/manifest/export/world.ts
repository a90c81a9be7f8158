/** Projects, subjects, resources and assignments as a document writes them. What API keys hold lies outside. */
import { compareCodePoints } from '../../../core/sets/compare.ts';
import { PROJECT_TYPE } from '../../../core/terms/ref.ts';
import type { AssignmentRow, ResourceRow } from '../../../core/terms/rows.ts';
import type { AssignmentItem, OwnerItem, PolicyItem, ProjectItem, ResourceItem, RoleItem, SubjectItem } from '../schema.ts';
import { isKeySubject } from '../tables.ts';
import { formatTime } from '../times.ts';
import { type Export, groupBy, nameOf, orNothing, principalName } from './context.ts';

const PROJECT_PREFIX = `${PROJECT_TYPE}:`;

type Place = Pick<ResourceItem, 'parents' | 'access' | 'owners' | 'properties'>;

/** What each registered resource has, by `type:id`. */
function placesOf(from: Export): (row: ResourceRow) => Place {
  const parents = groupBy(from.tables.resource_parents, (row) => row.resource);
  const owners = groupBy(
    from.tables.resource_owners.filter((row) => !isKeySubject(row.owner)),
    (row) => row.resource,
  );
  return (row) => ({
    parents: orNothing((parents.get(row.resource) ?? []).map(({ parent }) => parent).sort(compareCodePoints)),
    access: row.access === 'inherit' ? undefined : row.access,
    owners: orNothing(
      (owners.get(row.resource) ?? [])
        .map(({ owner, kind }): OwnerItem => ({ subject: principalName(owner, from), kind: kind || undefined }))
        .sort((a, b) => compareCodePoints(a.subject, b.subject) || compareCodePoints(a.kind ?? '', b.kind ?? '')),
    ),
    properties: from.stored.object(row.properties, `resources/${row.resource}/properties`),
  });
}

/** A row of `projects` or a resource of that type: either makes a project. */
export function exportProjects(
  policies: ReadonlyMap<string, PolicyItem[]>,
  roles: ReadonlyMap<string, RoleItem[]>,
  from: Export,
): ProjectItem[] {
  const nicknames = new Map(from.tables.projects.map((row) => [row.id, row.nickname]));
  const resources = new Map(from.tables.resources.filter(isProject).map((row) => [row.resource.slice(PROJECT_PREFIX.length), row]));
  const place = placesOf(from);
  return [...new Set([...nicknames.keys(), ...resources.keys()])].sort(compareCodePoints).map((id): ProjectItem => {
    const resource = resources.get(id);
    return {
      id,
      nickname: nicknames.get(id) || undefined,
      ...(resource === undefined ? {} : place(resource)),
      policies: policies.get(id),
      roles: roles.get(id),
    };
  });
}

function isProject(row: ResourceRow): boolean {
  return row.resource.startsWith(PROJECT_PREFIX);
}

export function exportResources(from: Export): ResourceItem[] {
  const place = placesOf(from);
  return from.tables.resources
    .filter((row) => !isProject(row))
    .sort((a, b) => compareCodePoints(a.resource, b.resource))
    .map((row) => ({ ...splitReference(row.resource), ...place(row) }));
}

/** @param every false: those that are registered again anyway are left out: active, without properties, and named by something else */
export function exportSubjects(from: Export, every: boolean): SubjectItem[] {
  const { assignments, group_members, resource_owners, subjects } = from.tables;
  const named = new Set([
    ...assignments.map((row) => row.principal),
    ...group_members.map((row) => row.member),
    ...resource_owners.map((row) => row.owner),
  ]);
  return subjects
    .filter((row) => !isKeySubject(row.subject))
    .sort((a, b) => compareCodePoints(a.subject, b.subject))
    .map((row) => ({
      reference: row.subject,
      status: row.status === 'active' ? undefined : row.status,
      properties: from.stored.object(row.properties, `subjects/${row.subject}/properties`),
    }))
    .filter(({ reference, status, properties }) => every || status !== undefined || properties !== undefined || !named.has(reference))
    .map(({ reference, ...rest }) => ({ ...splitReference(reference), ...rest }));
}

function splitReference(reference: string): { type: string; id: string } {
  const colon = reference.indexOf(':');
  return { type: reference.slice(0, colon), id: reference.slice(colon + 1) };
}

export function exportAssignments(from: Export): AssignmentItem[] {
  const order = (row: AssignmentRow, item: AssignmentItem): readonly string[] => {
    const bounds = [row.not_before, row.expires_at].map((time) => String(time ?? '').padStart(17));
    return [item.subject, item.role ?? '', item.policy ?? '', item.scope, ...bounds];
  };
  return from.tables.assignments
    .filter((row) => !isKeySubject(row.principal))
    .map((row) => ({ row, item: assignmentItem(row, from) }))
    .map(({ row, item }) => ({ item, key: order(row, item) }))
    .sort((a, b) => a.key.reduce((result, text, i) => result || compareCodePoints(text, b.key[i] ?? ''), 0))
    .map(({ item }) => item);
}

function assignmentItem(row: AssignmentRow, from: Export): AssignmentItem {
  const path = `assignments/${row.id}`;
  return {
    subject: principalName(row.principal, from),
    role: row.role === null ? undefined : nameOf(from.roles, row.role, '', path, from),
    policy: row.policy === null ? undefined : nameOf(from.policies, row.policy, '', path, from),
    scope: row.scope,
    not_before: row.not_before === null ? undefined : formatTime(row.not_before),
    expires_at: row.expires_at === null ? undefined : formatTime(row.expires_at),
  };
}
