/** A project's key is assigned roles and policies there and at registered resources below it only, whichever write assigns them. */
import { BitgateError } from '../../core/terms/problem.ts';
import { formatRef, ORG_SCOPE, PROJECT_TYPE } from '../../core/terms/ref.ts';
import type { ControlTools } from '../control-ports.ts';
import { KEY_SUBJECT_PREFIX } from '../manifest/tables.ts';
import type { RowChanges } from '../ports.ts';
import { changeOf } from './complete.ts';

/** assignments that a refusal names */
const SHOWN = 100;

/**
 * @param changes complete
 * @throws BitgateError `outside_project` (422), naming the assignments
 */
export async function refuseKeysOutside(tools: Pick<ControlTools, 'keys' | 'lookup'>, changes: RowChanges): Promise<void> {
  const { insert, update } = changeOf(changes, 'assignments');
  const given = [...insert, ...update.map(({ after }) => after)].filter(({ principal }) => principal.startsWith(KEY_SUBJECT_PREFIX));
  if (given.length === 0) return;
  const projects = await projectsOf(tools, changes, new Set(given.map(({ principal }) => principal.slice(KEY_SUBJECT_PREFIX.length))));
  const within = placesIn(tools, changes);
  const outside: { readonly subject: string; readonly scope: string; readonly project: string }[] = [];
  for (const { principal: subject, scope } of given) {
    const project = projects.get(subject.slice(KEY_SUBJECT_PREFIX.length)) ?? '';
    if (project !== '' && !(await within(scope, formatRef(PROJECT_TYPE, project)))) outside.push({ subject, scope, project });
  }
  const [first] = outside;
  if (first === undefined) return;
  throw new BitgateError(
    'outside_project',
    422,
    `\`${first.subject}\` is a key of the project \`${first.project}\`: it can be assigned roles and policies there and at registered resources below it only, not at \`${first.scope.slice(0, 80)}\``,
    { assignments: { total: outside.length, items: outside.slice(0, SHOWN) } },
  );
}

/** The project of each key that belongs to one. */
async function projectsOf(
  { keys }: Pick<ControlTools, 'keys'>,
  changes: RowChanges,
  ids: ReadonlySet<string>,
): Promise<ReadonlyMap<string, string>> {
  const projects = new Map(await keys.projectsOf([...ids]));
  for (const { id, project } of changeOf(changes, 'api_keys').insert) projects.set(id, project);
  return projects;
}

/** Whether a scope lies within a project, links that the change makes included. Each pair is looked up once. */
function placesIn({ lookup }: Pick<ControlTools, 'lookup'>, changes: RowChanges): (scope: string, project: string) => Promise<boolean> {
  const parents = Map.groupBy(changeOf(changes, 'resource_parents').insert, ({ resource }) => resource);
  const known = new Map<string, boolean>();
  return async (scope, project) => {
    if (scope === ORG_SCOPE) return false;
    const key = JSON.stringify([scope, project]);
    const held = known.get(key);
    if (held !== undefined) return held;
    let within = false;
    const above = new Set([scope]);
    for (const resource of above) {
      within = await lookup.liesWithin(resource, project);
      if (within) break;
      for (const { parent } of parents.get(resource) ?? []) above.add(parent);
    }
    known.set(key, within);
    return within;
  };
}
