/** One policy or one role → its columns and links, whether it stands in a manifest or alone. What is wrong is told with its place. */
import { parseCondition } from '../../../core/condition/condition.ts';
import { BitgateError } from '../../../core/terms/problem.ts';
import type { PolicyRow, RoleRow } from '../../../core/terms/rows.ts';
import { type Position, type Problems, quote } from '../problems.ts';
import type { PolicyItem, RoleItem } from '../schema.ts';
import { canonicalSet } from '../text-set.ts';
import type { Resolution } from './context.ts';
import { checkPrivileges, findNamed } from './references.ts';
import { checkTypes } from './types.ts';

/** What a policy or role may refer to. */
export type BundleContext = Pick<Resolution, 'problems' | 'privileges' | 'policies' | 'roles' | 'projects'>;

export interface ConditionFault {
  readonly code: string;
  readonly message: string;
  readonly position: Position | undefined;
}

/** Faults by source: policies often share one. */
export type KnownConditions = Map<string, ConditionFault | null>;

/** A link with the place that names it. */
export interface Link {
  readonly id: string;
  readonly path: string;
}

/** @param path of the policy in the document, `''` when it stands alone */
export function policyColumns(
  item: PolicyItem,
  path: string,
  project: string,
  context: BundleContext,
  conditions: KnownConditions = new Map(),
): Omit<PolicyRow, 'id' | 'project' | 'system'> {
  const condition = item.condition ?? null;
  checkPrivileges(item.privileges, placeIn(path, 'privileges'), project, context);
  checkTypes(item.resource_types ?? [], placeIn(path, 'resource_types'), context.problems);
  if (condition !== null) checkCondition(condition, placeIn(path, 'condition'), conditions, context.problems);
  return {
    name: item.name,
    description: item.description ?? '',
    effect: item.effect ?? 'allow',
    state: item.state ?? 'ACTIVE',
    privileges: canonicalSet(item.privileges),
    resource_types: canonicalSet(item.resource_types ?? []),
    condition,
  };
}

/** Without its links. */
export function roleColumns(
  item: RoleItem,
  path: string,
  project: string,
  context: BundleContext,
): Omit<RoleRow, 'id' | 'project' | 'system'> {
  checkPrivileges(item.privileges ?? [], placeIn(path, 'privileges'), project, context);
  return {
    name: item.name,
    title: item.title ?? '',
    description: item.description ?? '',
    privileges: canonicalSet(item.privileges ?? []),
    all_privileges: item.all_privileges === true ? 1 : 0,
    reaches_restricted: item.reaches_restricted === true ? 1 : 0,
  };
}

/** What a role names, each once. A project's role may bundle what is the organization's; nothing bundles what is another project's. */
export function links(
  names: readonly string[] | undefined,
  kind: 'policy' | 'role',
  path: string,
  project: string,
  context: BundleContext,
): readonly Link[] {
  const found = new Map<string, string>();
  for (const [i, name] of (names ?? []).entries()) {
    const place = `${path}[${i}]`;
    const index: BundleContext['policies'] | BundleContext['roles'] = kind === 'policy' ? context.policies : context.roles;
    const item = findNamed<PolicyRow | RoleRow>(index, kind, name, project, place, context);
    if (item === null) continue;
    if (item.project !== '' && item.project !== project) {
      context.problems.add(
        'wrong_project',
        place,
        `${quote(name)} belongs to the project ${quote(item.project)}: only that project can use it`,
      );
    } else if (!found.has(item.id)) found.set(item.id, place);
  }
  return [...found].map(([id, place]) => ({ id, path: place }));
}

function placeIn(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}

function checkCondition(source: string, path: string, known: KnownConditions, problems: Problems): void {
  let fault = known.get(source);
  if (fault === undefined) {
    fault = conditionFault(source);
    known.set(source, fault);
  }
  if (fault !== null) problems.add(fault.code, path, fault.message, fault.position);
}

function conditionFault(source: string): ConditionFault | null {
  try {
    parseCondition(source);
    return null;
  } catch (error) {
    if (!(error instanceof BitgateError)) throw error;
    const position = error.details?.position as Position | undefined; // what `parseCondition` promises of this error
    return { code: error.code, message: error.message, position };
  }
}
