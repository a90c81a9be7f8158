/** Use cases: a project is made, or changed. Its id stays for ever; what a change doesn't name stays as well. */

import { BitgateError } from '../../core/terms/problem.ts';
import { formatRef, ORG_SCOPE, PROJECT_TYPE } from '../../core/terms/ref.ts';
import { unknownProject } from '../bundles/level.ts';
import type { ControlTools } from '../control-ports.ts';
import { requireRight, type Writer } from '../write/moment.ts';
import { type Decided, type PublishMode, type Written, write } from '../write/write.ts';
import type { PlacedResource, StoredProject } from './ports.ts';
import { changedProject, type ProjectChange, projectAudit, projectChanges } from './project-state.ts';

export const MANAGE_RESOURCES = 'bitgate:manage_resources';

/**
 * A resource `project:<id>` that is registered already becomes the project's; what the body names replaces what it had.
 * @param ifExists `return`: one of that id is given as it is
 * @throws BitgateError `missing_privilege` (403), `invalid_reference` (400), `invalid_project` (422), `project_exists` (409)
 */
export async function createProject(
  tools: ControlTools,
  writer: Writer,
  { id, ...wanted }: ProjectChange & { readonly id: string },
  ifExists: 'refuse' | 'return',
  mode: PublishMode,
): Promise<Written<StoredProject>> {
  const resource = formatRef(PROJECT_TYPE, id);
  return write(tools, writer, mode, async (moment) => {
    await requireRight(moment, MANAGE_RESOURCES, ORG_SCOPE);
    const existing = await tools.projects.get(id);
    if (existing !== null && ifExists === 'return') return unchanged('project.create', existing);
    if (existing !== null) throw projectExists(id);
    const present = await tools.projects.place(resource);
    const after = await changedProject(tools, newProject(id, resource, present), wanted);
    return {
      changes: projectChanges(null, present, after),
      audit: { action: 'project.create', target: `project:${id}`, before: null, after: JSON.stringify(projectAudit(after)) },
      value: after,
    };
  });
}

function newProject(id: string, resource: string, { resource: registered, parents, owners }: PlacedResource): StoredProject {
  return { row: { id, nickname: '' }, resource: registered ?? { resource, access: 'inherit', properties: '{}' }, parents, owners };
}

function projectExists(id: string): BitgateError {
  return new BitgateError('project_exists', 409, `there is a project \`${id}\` already`, { id });
}

/**
 * @param precondition called with the present state
 * @throws BitgateError `missing_privilege` (403), `unknown_project` (404), `invalid_project` (422), and what the precondition throws
 */
export async function updateProject(
  tools: ControlTools,
  writer: Writer,
  id: string,
  change: ProjectChange,
  precondition: (present: StoredProject) => Promise<void>,
  mode: PublishMode,
): Promise<Written<StoredProject>> {
  const scope = formatRef(PROJECT_TYPE, id);
  return write(tools, writer, mode, async (moment) => {
    await requireRight(moment, MANAGE_RESOURCES, scope);
    const before = await tools.projects.get(id);
    if (before === null) throw unknownProject(id);
    await precondition(before);
    const after = await changedProject(tools, before, change);
    const changes = projectChanges(before, before, after);
    if (changes === null) return unchanged('project.update', before);
    const audit = { before: JSON.stringify(projectAudit(before)), after: JSON.stringify(projectAudit(after)) };
    return { changes, audit: { action: 'project.update', target: `project:${id}`, ...audit }, value: after };
  });
}

function unchanged(action: string, value: StoredProject): Decided<StoredProject> {
  return { changes: null, audit: { action, target: `project:${value.row.id}`, before: null, after: null }, value };
}
