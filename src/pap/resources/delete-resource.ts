/** Use case: a resource is no longer registered. What lies below it is unlinked and what is assigned at it taken away, if that is wanted. */
import { LIMITS } from '../../core/terms/limits.ts';
import { BitgateError } from '../../core/terms/problem.ts';
import type { ControlTools } from '../control-ports.ts';
import { MANAGE_MEMBERS } from '../groups/stored-group.ts';
import type { RowChanges } from '../ports.ts';
import { type Moment, requireRight, type Writer } from '../write/moment.ts';
import { refuseInUse, USERS_NAMED } from '../write/refusals.ts';
import { removed } from '../write/row-change.ts';
import { shownAssignment } from '../write/shown-users.ts';
import { type PublishMode, type Written, write } from '../write/write.ts';
import { refuseLeavingProject } from './place.ts';
import type { PlacedResource } from './ports.ts';
import { MANAGE_RESOURCES, refuseProject, resourceToChange } from './stored-resource.ts';

/**
 * @param force unlink what lies below it, which takes the right to manage each of those, and take away what is assigned at it
 * @returns what was deleted
 * @throws BitgateError `missing_privilege` (403), `unknown_resource` (404), `project_resource`, `resource_in_use` (409) with its users,
 *   `outside_project` (409), `changed_meanwhile` (412), `too_many_rows` (413)
 */
export async function deleteResource(
  tools: ControlTools,
  writer: Writer,
  resource: string,
  force: boolean,
  precondition: (current: PlacedResource) => Promise<void>,
  mode: PublishMode,
): Promise<Written<PlacedResource>> {
  return write(tools, writer, mode, async (moment) => {
    const current = await resourceToChange(tools, moment, resource);
    refuseProject(resource, 'deleted');
    await precondition(current);
    const below = force ? await unlinked(tools, moment, resource) : await unused(tools, resource);
    return {
      changes: { resources: removed([current.row]), ...below },
      audit: {
        action: 'resource.delete',
        target: `resource:${resource}`,
        before: JSON.stringify({ ...current, unlinked: below.resource_parents?.delete.length ?? 0 }),
        after: null,
      },
      value: current,
    };
  });
}

async function unused({ resources }: ControlTools, resource: string): Promise<RowChanges> {
  const { children, assignments } = await resources.use(resource, USERS_NAMED);
  refuseInUse('resource', resource, {
    children: { ...children, first: children.first.map((row) => row.resource) },
    assignments: { ...assignments, first: assignments.first.map(shownAssignment) },
  });
  return {};
}

async function unlinked({ resources }: ControlTools, moment: Moment, resource: string): Promise<RowChanges> {
  const { children, assignments } = await resources.use(resource, LIMITS.rowsPerWrite);
  const rows = children.total + assignments.total;
  if (rows >= LIMITS.rowsPerWrite) {
    const message = `deleting it changes ${rows} other rows, more than ${LIMITS.rowsPerWrite} in one write: take some away first`;
    throw new BitgateError('too_many_rows', 413, message, { rows, limit_rows: LIMITS.rowsPerWrite });
  }
  if (assignments.total > 0) await requireRight(moment, MANAGE_MEMBERS, resource);
  for (const child of children.first) await requireRight(moment, MANAGE_RESOURCES, child.resource);
  const gone = assignments.first.map(({ id, principal, role, policy, scope, not_before, expires_at }) => {
    return { id, principal, role, policy, scope, not_before, expires_at };
  });
  await refuseLeavingProject(resources, resource, null);
  return { resource_parents: removed(children.first), assignments: removed(gone) };
}
