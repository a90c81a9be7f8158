/**
 * The smallest assignments that would have allowed what was denied: each to the subject itself, by itself, and each tried by deciding with it. Tried are
 * roles and policies that can hold the privilege, those that give least first, at the narrowest scope where they can be assigned.
 */
import { workDone } from '../../condition/work.ts';
import type { Catalog } from '../../snapshot/catalog.ts';
import type { LeafRef, Snapshot } from '../../snapshot/snapshot.ts';
import type { ExplainedScope, NearMiss } from '../../terms/explanation.ts';
import { ORG_SCOPE, PROJECT_TYPE } from '../../terms/ref.ts';
import type { CheckOptions, CheckRequest } from '../../terms/request.ts';
import { evaluate } from '../evaluate.ts';
import { candidatesOf } from './candidates.ts';

/** each try is a check */
const MOST_TRIES = 20;
/** of conditions that are asked in them, about 10 ns each: what one may take, no more are begun after that */
const MOST_WORK = 20_000_000;

export interface Misses {
  readonly found: readonly NearMiss[];
  /** whatever is assigned, a deny applies */
  readonly denied: boolean;
}

/**
 * @param scopes the check's, nearest first
 * @param registered the resource is
 * @param promising could it allow by itself? Spares trying what can't
 */
export function nearMisses(
  snapshot: Snapshot,
  request: CheckRequest,
  now: number,
  options: CheckOptions,
  bit: number,
  scopes: readonly ExplainedScope[],
  registered: boolean,
  promising: (target: number, scope: ExplainedScope) => boolean,
  limit: number,
): Misses | { readonly missing: readonly LeafRef[] } {
  const { catalog } = snapshot;
  const candidates = candidatesOf(catalog);
  const subject = `${request.subject.type}:${request.subject.id}`;
  const projects = scopes.flatMap(({ scope }) => (scope.startsWith(PROJECT_PREFIX) ? [scope.slice(PROJECT_PREFIX.length)] : []));
  const found: NearMiss[] = [];
  let tries = 0;
  // When the default role denies, only what takes its place can help.
  let overDefault = false;
  const before = workDone();
  for (const target of candidates.of(bit, projects)) {
    const { id, project } = catalog.targetName(target);
    for (const place of candidateScopes(project, scopes, registered)) {
      const { scope } = place;
      if (found.length >= limit || tries >= MOST_TRIES || workDone() - before >= MOST_WORK) return { found, denied: false };
      const displaces = scope === ORG_SCOPE && target < catalog.roleCount;
      if ((overDefault && !displaces) || !promising(target, place)) continue;
      tries++;
      const assumed = { principal: subject, target: id, scope, notBefore: null, expiresAt: null };
      const assume = options.assume === undefined ? [assumed] : [...options.assume, assumed];
      const answer = evaluate(snapshot, request, now, { ...options, assume });
      if ('missing' in answer) return answer;
      if (answer.decision) {
        found.push(shown(catalog, target, subject, scope, candidates.given(target, bit)));
        break;
      }
      if (answer.reason !== 'denied_by_policy') continue;
      if (displaces) return { found, denied: found.length === 0 };
      overDefault = true;
    }
  }
  return { found, denied: overDefault && found.length === 0 };
}

const PROJECT_PREFIX = `${PROJECT_TYPE}:`;

/**
 * At the resource itself nothing stands in between; `org` can do more than the resource where a privilege implies all others in every project, and where
 * it takes the place of the default role. What belongs to a project holds there and at registered resources below it.
 */
function candidateScopes(project: string, scopes: readonly ExplainedScope[], registered: boolean): readonly ExplainedScope[] {
  const [nearest, org] = [scopes[0]!, scopes[scopes.length - 1]!];
  if (project === '') return nearest === org ? [org] : [nearest, org];
  return registered ? [nearest] : scopes.filter(({ scope }) => scope === `${PROJECT_PREFIX}${project}`);
}

function shown(catalog: Catalog, target: number, subject: string, scope: string, privileges: number): NearMiss {
  const { id, reference } = catalog.targetName(target);
  if (target < catalog.roleCount) {
    const assignment = { subject, role: reference, scope };
    return reference === id ? { assignment, privileges } : { assignment, role_id: id, privileges };
  }
  const assignment = { subject, policy: reference, scope };
  return reference === id ? { assignment, privileges } : { assignment, policy_id: id, privileges };
}
