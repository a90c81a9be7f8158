/** The level that a policy or role belongs to: the organization, or one project. */
import { BitgateError } from '../../core/terms/problem.ts';
import { formatRef, ORG_SCOPE, PROJECT_TYPE } from '../../core/terms/ref.ts';
import type { Lookup } from '../control-ports.ts';
import { type Moment, requireRight } from '../write/moment.ts';

export const MANAGE_POLICIES = 'bitgate:manage_policies';

export interface Level {
  /** `''` for the organization */
  readonly project: string;
  /** where rights to it are needed */
  readonly scope: string;
}

/**
 * @param project undefined: the organization
 * @throws BitgateError `invalid_reference` (400)
 */
export function levelOf(project: string | undefined): Level {
  return project === undefined ? { project: '', scope: ORG_SCOPE } : { project, scope: formatRef(PROJECT_TYPE, project) };
}

/** @throws BitgateError `unknown_project` (404) */
export async function requireLevel(lookup: Lookup, { project }: Level): Promise<void> {
  if (project !== '' && !(await lookup.project(project))) throw unknownProject(project);
}

/**
 * May the writer change policies and roles here? First of all: who may not is not told what there is.
 * @throws BitgateError `missing_privilege` (403), `unknown_project` (404)
 */
export async function requireToManage(lookup: Lookup, moment: Moment, level: Level): Promise<void> {
  await requireRight(moment, MANAGE_POLICIES, level.scope);
  await requireLevel(lookup, level);
}

export function unknownProject(id: string): BitgateError {
  return new BitgateError('unknown_project', 404, `there is no project \`${id.slice(0, 80)}\``);
}
