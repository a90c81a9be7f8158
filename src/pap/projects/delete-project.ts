/** Use case: a project is deleted, for good. In use it goes only together with all that belongs to it and lies below it alone. */
import { LIMITS } from '../../core/terms/limits.ts';
import { BitgateError } from '../../core/terms/problem.ts';
import { formatRef, ORG_SCOPE, PROJECT_TYPE } from '../../core/terms/ref.ts';
import type { ApiKeyRow, CatalogRows, ResourceRow } from '../../core/terms/rows.ts';
import { readCatalog } from '../bundles/catalog.ts';
import { unknownProject } from '../bundles/level.ts';
import { settingsWithout } from '../bundles/settings-uses.ts';
import { refuseTooManyRows } from '../bundles/users.ts';
import type { ControlTools } from '../control-ports.ts';
import type { RowChanges, TableChange } from '../ports.ts';
import { requireRight, type Writer } from '../write/moment.ts';
import { type PublishMode, type Written, write } from '../write/write.ts';
import type { ProjectContent, ProjectUses, StoredProject } from './ports.ts';
import { projectAudit } from './project-state.ts';
import { MANAGE_RESOURCES } from './save-project.ts';

/** users that a refusal names, of each kind */
const SHOWN = 100;

/**
 * @param force deletes its policies, roles, keys, assignments and the resources that lie below it alone; those that lie elsewhere too stay there
 * @returns the project as it was
 * @throws BitgateError `missing_privilege` (403), `unknown_project` (404), `project_in_use` (409), `too_many_rows` (413), and what the
 *   precondition throws
 */
export async function deleteProject(
  tools: ControlTools,
  writer: Writer,
  id: string,
  force: boolean,
  precondition: (present: StoredProject) => Promise<void>,
  mode: PublishMode,
): Promise<Written<StoredProject>> {
  const scope = formatRef(PROJECT_TYPE, id);
  return write(tools, writer, mode, async (moment) => {
    await requireRight(moment, MANAGE_RESOURCES, ORG_SCOPE);
    const project = await tools.projects.get(id);
    if (project === null) throw unknownProject(id);
    await precondition(project);
    if (!force) refuseInUse(id, await tools.projects.uses(id, SHOWN));
    const rows = force ? await readCatalog(tools, moment) : null;
    const content = rows === null ? null : doomed(scope, await tools.projects.content(id, LIMITS.rowsPerWrite + 1));
    const along = rows === null || content === null ? {} : contentChanges(rows, content, id);
    return {
      changes: {
        ...along,
        projects: deletion([project.row]),
        // Its parents and owners go with it.
        resources: deletion([...(content?.resources ?? []), project.resource]),
      },
      audit: {
        action: 'project.delete',
        target: scope,
        before: JSON.stringify({ ...projectAudit(project), ...(content === null ? {} : { content: contentAudit(content) }) }),
        after: null,
      },
      value: project,
    };
  });
}

function refuseInUse(id: string, uses: ProjectUses): void {
  const used = Object.entries(uses).filter(([, { total }]) => total > 0);
  if (used.length === 0) return;
  const what = used.map(([kind, { total }]) => `${total} ${KINDS[kind as keyof ProjectUses][total === 1 ? 0 : 1]}`).join(', '); // its own keys
  const message = `the project \`${id}\` has ${what}: take them away first, or send \`?force=true\``;
  throw new BitgateError('project_in_use', 409, message, { id, ...uses });
}

const KINDS: { readonly [Kind in keyof ProjectUses]: readonly [one: string, many: string] } = {
  policies: ['policy', 'policies'],
  roles: ['role', 'roles'],
  api_keys: ['API key', 'API keys'],
  assignments: ['assignment', 'assignments'],
  resources: ['resource below it', 'resources below it'],
};

/**
 * What goes: of the resources below those that lie nowhere else.
 * @throws BitgateError `project_in_use` (409) when a project lies below it, `too_many_rows` (413)
 */
function doomed(scope: string, content: ProjectContent): ProjectContent {
  refuseTooManyRows(Math.max(...Object.values(content).map((rows) => rows.length)));
  const gone = resourcesBelowAlone(scope, content);
  const projects = [...gone].filter((resource) => resource.startsWith(`${PROJECT_TYPE}:`) && resource !== scope);
  if (projects.length > 0) {
    const message = `${projects.length} other projects lie below it: delete them, or give them other parents, first`;
    throw new BitgateError('project_in_use', 409, message, { projects: { total: projects.length, items: projects.slice(0, SHOWN) } });
  }
  const own = new Set([...content.policies, ...content.roles].map(({ id }) => id));
  const some: ProjectContent = {
    ...content,
    resources: content.resources.filter(({ resource }) => gone.has(resource)),
    assignments: content.assignments.filter((row) => gone.has(row.scope) || own.has(row.role ?? row.policy ?? '')),
    // Of what stays: it no longer lies below what goes.
    parents: content.parents.filter((row) => !gone.has(row.resource) && gone.has(row.parent)),
  };
  refuseTooManyRows(Object.values(some).reduce((sum, rows) => sum + rows.length, 0));
  return some;
}

/** The project, and each resource all of whose parents go. Ancestors form no cycle, so each is reached when its last parent is. */
function resourcesBelowAlone(scope: string, { parents }: ProjectContent): ReadonlySet<string> {
  const left = new Map<string, number>();
  for (const { resource } of parents) left.set(resource, (left.get(resource) ?? 0) + 1);
  const children = Map.groupBy(parents, ({ parent }) => parent);
  const gone = new Set([scope]);
  for (const parent of gone) {
    for (const { resource } of children.get(parent) ?? []) {
      const rest = (left.get(resource) ?? 0) - 1;
      left.set(resource, rest);
      if (rest === 0) gone.add(resource);
    }
  }
  return gone;
}

function contentChanges(rows: CatalogRows, content: ProjectContent, id: string): RowChanges {
  const roles = new Set(content.roles.map((row) => row.id));
  const policies = new Set(content.policies.map((row) => row.id));
  // Only what somebody typed by hand lets another level name what is the project's.
  const others = new Set(rows.roles.filter(({ project }) => project !== id).map((row) => row.id));
  return {
    ...settingsWithout(rows.settings, roles),
    assignments: deletion(content.assignments),
    api_keys: deletion(content.api_keys),
    resource_parents: deletion(content.parents),
    role_policies: deletion(rows.role_policies.filter(({ role, policy }) => policies.has(policy) && others.has(role))),
    role_inherits: deletion(rows.role_inherits.filter(({ role, parent }) => roles.has(parent) && (roles.has(role) || others.has(role)))),
    roles: deletion(content.roles),
    policies: deletion(content.policies),
  };
}

function deletion<Row>(rows: readonly Row[]): TableChange<Row> {
  return { insert: [], update: [], delete: rows };
}

/** Never the hashes of keys. */
function contentAudit({ policies, roles, api_keys, assignments, resources, parents }: ProjectContent): object {
  const keys = api_keys.map(({ hash: _hash, previous_hash: _previous, ...shown }: ApiKeyRow) => shown);
  return { policies, roles, api_keys: keys, assignments, resources: resources.map(shownResource), parents };
}

function shownResource({ resource, access, properties }: ResourceRow): object {
  return { resource, access, properties };
}
