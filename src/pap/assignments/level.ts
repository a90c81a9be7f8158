/** What lies at a level or below it. */
import type { Problem } from '../../core/terms/problem.ts';
import { ORG_SCOPE } from '../../core/terms/ref.ts';
import { type Level, levelOf } from '../bundles/level.ts';
import type { Lookup } from '../control-ports.ts';

export const ORG_LEVEL: Level = levelOf(undefined);

/** Of a project that is it and what is registered below it, of the organization everything. */
export async function isWithin(lookup: Lookup, level: Level, scope: string): Promise<boolean> {
  if (level.project === '' || scope === level.scope) return true;
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
