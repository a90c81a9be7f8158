/** Where an address stands: at the organization, or at one of its projects. */
import { BitgateError, type Problem } from '../../core/terms/problem.ts';
import { formatRef, ORG_SCOPE, PROJECT_TYPE } from '../../core/terms/ref.ts';
import type { Lookup } from '../control-ports.ts';

export interface Level {
  /** id of the project; null: the organization */
  readonly project: string | null;
  /** `org` or `project:<id>` */
  readonly scope: string;
}

export const ORG_LEVEL: Level = { project: null, scope: ORG_SCOPE };

/** @throws BitgateError `invalid_reference` (400) when nothing could have that id */
export function projectLevel(project: string): Level {
  return { project, scope: formatRef(PROJECT_TYPE, project) };
}

/** @throws BitgateError `not_found` (404) when there is no such project */
export async function requireLevel(lookup: Lookup, { project }: Level): Promise<void> {
  if (project === null || (await lookup.project(project))) return;
  throw new BitgateError('not_found', 404, `there is no project \`${project.slice(0, 80)}\``);
}

/** At the level or below it: of a project that is it and what is registered below it, of the organization everything. */
export async function isWithin(lookup: Lookup, level: Level, scope: string): Promise<boolean> {
  if (level.project === null || scope === level.scope) return true;
  return scope !== ORG_SCOPE && (await lookup.liesWithin(scope, level.scope));
}

/** What is wrong with a scope named at a level; null: nothing. */
export async function scopeProblem(lookup: Lookup, level: Level, scope: string): Promise<Problem | null> {
  if (await isWithin(lookup, level, scope)) return null;
  return {
    path: 'scope',
    code: 'outside_project',
    message: `here a scope is \`${level.scope}\` or a registered resource below it`,
  };
}
