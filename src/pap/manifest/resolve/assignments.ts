/** `assignments` → rows of `assignments`. Equal entries are one; an assignment that is there already keeps its id. */
import { ORG_SCOPE, PROJECT_TYPE } from '../../../core/terms/ref.ts';
import type { AssignmentRow } from '../../../core/terms/rows.ts';
import { quote } from '../problems.ts';
import type { AssignmentItem, ManifestDocument } from '../schema.ts';
import { parseTime } from '../times.ts';
import type { Resolution } from './context.ts';
import { checkReference, findNamed, findPrincipal } from './references.ts';

/** An assignment but for its id. */
export type Holding = Omit<AssignmentRow, 'id'>;

export function resolveAssignments(document: ManifestDocument, resolution: Resolution): void {
  const { kept, present, tables } = resolution;
  const wanted = new Map<string, Holding>();
  for (const [i, item] of (document.assignments ?? []).entries()) {
    const holding = resolveAssignment(item, `assignments[${i}]`, resolution);
    if (holding !== null) wanted.set(holdingKey(holding), holding);
  }
  for (const row of kept.assignments) wanted.delete(holdingKey(row));
  const keptIds = new Set(kept.assignments.map((row) => row.id));
  const idOf = presentIds(
    wanted,
    present.assignments.filter((row) => !keptIds.has(row.id)),
  );
  const freshId = unusedIds(present.assignments, resolution.newId);
  for (const [key, holding] of wanted) tables.assignments.push({ id: idOf(key, holding) ?? freshId(), ...holding });
}

/** The id of the present equal row; else of a present row that differs in its window alone and is needed by no other. */
function presentIds(
  wanted: ReadonlyMap<string, Holding>,
  present: readonly AssignmentRow[],
): (key: string, holding: Holding) => string | undefined {
  const equal = new Map<string, string>();
  const spare = new Map<string, string[]>();
  for (const row of present) {
    const key = holdingKey(row);
    if (wanted.has(key) && !equal.has(key)) equal.set(key, row.id);
    else if (spare.get(grantKey(row))?.push(row.id) === undefined) spare.set(grantKey(row), [row.id]);
  }
  return (key, holding) => equal.get(key) ?? spare.get(grantKey(holding))?.pop();
}

function unusedIds(present: readonly AssignmentRow[], newId: () => string): () => string {
  const taken = new Set(present.map((row) => row.id));
  return () => {
    let id = newId();
    while (taken.has(id)) id = newId();
    taken.add(id);
    return id;
  };
}

function grantKey(row: Holding): string {
  return JSON.stringify([row.principal, row.role, row.policy, row.scope]);
}

/** Equal for equal assignments. */
export function holdingKey(row: Holding): string {
  return JSON.stringify([row.principal, row.role, row.policy, row.scope, row.not_before, row.expires_at]);
}

export function resolveAssignment(item: AssignmentItem, path: string, resolution: Resolution): Holding | null {
  const principal = findPrincipal(item.subject, `${path}.subject`, true, resolution);
  const target = resolveTarget(item, path, resolution);
  const scope = resolveScope(item.scope, `${path}.scope`, target?.project ?? '', resolution);
  const window = resolveWindow(item, path, resolution);
  if (principal === null || target === null || scope === null || window === null) return null;
  return { principal, role: target.role, policy: target.policy, scope, ...window };
}

interface Target {
  readonly role: string | null;
  readonly policy: string | null;
  readonly project: string;
}

function resolveTarget(item: AssignmentItem, path: string, resolution: Resolution): Target | null {
  if ((item.role === undefined) === (item.policy === undefined)) {
    resolution.problems.add('role_or_policy', path, 'an assignment names exactly one of `role` and `policy`');
    return null;
  }
  if (item.role !== undefined) {
    const role = findNamed(resolution.roles, 'role', item.role, '', `${path}.role`, resolution);
    return role && { role: role.id, policy: null, project: role.project };
  }
  const policy = findNamed(resolution.policies, 'policy', item.policy ?? '', '', `${path}.policy`, resolution);
  return policy && { role: null, policy: policy.id, project: policy.project };
}

/**
 * `org` or a resource, registered or not; what belongs to a project holds at that project and at registered resources below it only.
 * @param project of the role or policy, `''` for the organization
 */
export function resolveScope(
  scope: string,
  path: string,
  project: string,
  resolution: Pick<Resolution, 'problems' | 'parents'>,
): string | null {
  if (scope !== ORG_SCOPE && !checkReference(scope, path, resolution)) return null;
  if (project === '' || isWithinProject(scope, project, resolution)) return scope;
  const allowed = `there and at registered resources below it only, not at ${quote(scope)}`;
  const message = `what belongs to the project ${quote(project)} can be assigned ${allowed}`;
  resolution.problems.add('outside_project', path, message);
  return null;
}

export function isWithinProject(scope: string, project: string, { parents }: Pick<Resolution, 'parents'>): boolean {
  const top = `${PROJECT_TYPE}:${project}`;
  const seen = new Set([scope]);
  for (const resource of seen) {
    if (resource === top) return true;
    for (const parent of parents.get(resource) ?? []) seen.add(parent);
  }
  return false;
}

function resolveWindow(
  item: AssignmentItem,
  path: string,
  { problems }: Resolution,
): Pick<AssignmentRow, 'not_before' | 'expires_at'> | null {
  const times = { not_before: null as number | null, expires_at: null as number | null };
  let valid = true;
  for (const bound of ['not_before', 'expires_at'] as const) {
    const text = item[bound];
    if (text === undefined || text === null) continue;
    times[bound] = parseTime(text);
    if (times[bound] !== null) continue;
    problems.add(
      'invalid_time',
      `${path}.${bound}`,
      `${quote(text)} is no time: expected ISO 8601 with a zone, as \`2027-01-31T00:00:00Z\``,
    );
    valid = false;
  }
  if (times.not_before !== null && times.expires_at !== null && times.not_before >= times.expires_at) {
    problems.add('empty_window', `${path}.expires_at`, 'must be later than `not_before`');
    valid = false;
  }
  return valid ? times : null;
}
