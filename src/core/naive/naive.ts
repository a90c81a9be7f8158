/**
 * The second, naive implementation of RULE.md: no bits, no leaves, no cleverness. It imports types and nothing of compiler, snapshot and evaluator: it is
 * what these are compared with, by tests on random worlds and while serving on sampled decisions. Every part names the section of RULE.md that it is
 * a translation of. `askerFor` keeps what belongs to the organization, `about` what belongs to one subject and one resource, so that a whole world can
 * be asked quickly; neither changes what is said.
 */
import type { Decision, Reason } from '../terms/decision.ts';
import type { JsonObject } from '../terms/json.ts';
import type { Action, Entity } from '../terms/request.ts';
import type { AssignmentRow, OrganizationRows } from '../terms/rows.ts';
import type { Bundle } from './bundles.ts';
import { policyBundles, roleBundles } from './bundles.ts';
import type { Entry, Facts } from './facts.ts';
import { readFacts } from './facts.ts';
import type { NaiveOptions } from './features.ts';
import type { Place } from './place.ts';
import { placeOf, reaches } from './place.ts';
import { isSuspended, principalsOf, refOf, registeredSubject, rolesByToken } from './principals.ts';
import type { Outcome, OutcomeOf, Variables } from './variables.ts';

export interface Asker {
  about(subject: Entity, resource: Entity | undefined): { decide(action: Action, context?: JsonObject): Decision };
}

/**
 * Prepares one organization for many questions at one time with the same options.
 * @param outcomeOf evaluates a condition: the rule leaves to CEL what one means
 * @param now ms since 1970
 * @throws UnreadableRow now or when asked, where a row that matters isn't what its columns are for
 */
export function askerFor(rows: OrganizationRows, outcomeOf: OutcomeOf, now: number, options: NaiveOptions = {}): Asker {
  const facts = readFacts(rows);
  const bundles = bundlesOf(facts, options);
  return {
    about(subject, resource) {
      const place = placeOf(facts, resource, options);
      const suspended = isSuspended(facts, subject, now);
      const grants = grantsOf(facts, bundles, subject, place, now, options);
      return {
        decide(action, context = {}) {
          if (suspended) return answer('subject_suspended');
          const entry = privilegeOf(facts, action.name, place, options);
          if (entry === undefined) return answer('unknown_privilege');
          // section 4
          if (place.resource && !place.registered && facts.closedTypes.includes(place.resource.type))
            return answer('unregistered_resource');
          const variables = (): Variables => variablesOf(facts, subject, place, action, context, now, options);
          const outcome = ({ condition }: Bundle): Outcome => (condition === null ? 'true' : outcomeOf(condition, variables()));
          return decide(facts, grants, entry, place, outcome, options);
        },
      };
    },
  };
}

/** One assignment that concerns the subject and the resource, with its window and its scope judged. */
interface Grant {
  readonly scope: string;
  readonly bundles: readonly Bundle[];
  readonly window: 'holds' | 'not_yet_valid' | 'expired';
  readonly countsFromScope: boolean;
}

/** Section 3 */
function privilegeOf(facts: Facts, action: string, place: Place, options: NaiveOptions): Entry | undefined {
  const tried = [action];
  if (place.resource && options.without !== 'qualified_name') tried.push(`${place.resource.type}:${action}`);
  for (const name of tried) {
    for (const entry of facts.entries.get(name) ?? []) {
      if (!entry[place.level]) continue;
      if (!place.resource || entry.types.length === 0 || entry.types.includes(place.resource.type)) return entry;
      if (options.without === 'privilege_types') return entry;
    }
  }
  return undefined;
}

type BundlesOf = (assignment: Pick<AssignmentRow, 'role' | 'policy'>) => readonly Bundle[];

/** What each role and policy bundles, worked out when first asked for. */
function bundlesOf(facts: Facts, options: NaiveOptions): BundlesOf {
  const roles = new Map<string, readonly Bundle[]>();
  const policies = new Map<string, readonly Bundle[]>();
  return ({ role, policy }) => {
    if (role !== null && !roles.has(role)) roles.set(role, roleBundles(facts, role, options.without));
    if (policy !== null && !policies.has(policy)) policies.set(policy, policyBundles(facts, policy, options.without));
    return (role === null ? policies.get(policy ?? '') : roles.get(role)) ?? [];
  };
}

/** Section 6 */
function grantsOf(facts: Facts, bundles: BundlesOf, subject: Entity, place: Place, now: number, options: NaiveOptions): Grant[] {
  const grants: Grant[] = [];
  const add = (assignment: Omit<AssignmentRow, 'id'>): void => {
    grants.push({
      scope: assignment.scope,
      bundles: bundles(assignment),
      window: options.without === 'window' ? 'holds' : windowOf(assignment, now),
      countsFromScope: countsFromScope(facts, assignment, place, options),
    });
  };
  for (const principal of principalsOf(facts, subject, place, options)) {
    for (const assignment of facts.assignmentsOf.get(principal) ?? []) if (place.scopes.has(assignment.scope)) add(assignment);
  }
  for (const { role, scope } of rolesByToken(facts, subject, options)) {
    if (place.scopes.has(scope)) add({ principal: refOf(subject), role, policy: null, scope, not_before: null, expires_at: null });
  }
  if (hasDefaultRole(facts, subject, now, options)) {
    add({ principal: refOf(subject), role: facts.defaultRole, policy: null, scope: 'org', not_before: null, expires_at: null });
  }
  return grants;
}

/** Section 6, the default role */
function hasDefaultRole(facts: Facts, subject: Entity, now: number, options: NaiveOptions): boolean {
  if (facts.defaultRole === null || options.without === 'default_role') return false;
  if (registeredSubject(facts, subject) === undefined) return false;
  if (rolesByToken(facts, subject, options).some(({ scope }) => scope === 'org')) return false;
  const own = facts.assignmentsOf.get(refOf(subject)) ?? [];
  return !own.some((assignment) => assignment.role !== null && assignment.scope === 'org' && windowOf(assignment, now) === 'holds');
}

/** Section 6, the window: `not_before ≤ t < expires_at` */
function windowOf(assignment: Pick<AssignmentRow, 'not_before' | 'expires_at'>, now: number): Grant['window'] {
  if (assignment.not_before !== null && now < assignment.not_before) return 'not_yet_valid';
  if (assignment.expires_at !== null && now >= assignment.expires_at) return 'expired';
  return 'holds';
}

/** Section 6, "When an allow counts from its scope" */
function countsFromScope(facts: Facts, assignment: Omit<AssignmentRow, 'id'>, place: Place, options: NaiveOptions): boolean {
  if (options.without === 'restricted') return true;
  if (assignment.principal === 'group:owner' || assignment.principal.startsWith('group:owner:')) return true;
  const role = assignment.role === null ? undefined : facts.roles.get(assignment.role);
  if (role?.reaches_restricted === 1 && options.without !== 'reaches_restricted') return true;
  return reaches(facts, assignment.scope, place);
}

/** Section 6: whether a bundle holds the privilege, its types included. */
function holds(facts: Facts, bundle: Bundle, grant: Grant, entry: Entry, place: Place, options: NaiveOptions): boolean {
  if (bundle.types.length > 0 && !(place.resource && bundle.types.includes(place.resource.type))) return false;
  if (bundle.everything) return true;
  const intoProject = grant.scope === 'org' && place.level === 'project';
  if (bundle.impliesAll && options.without !== 'implies_all' && intoProject) return true;
  if (!bundle.holds.has(entry)) return false;
  // Two entries of a name: the levels are independent, for allows.
  const twins = facts.entries.get(entry.name) ?? [];
  return bundle.deny || !intoProject || twins.length < 2 || options.without === 'independent_levels';
}

/** Section 7 */
function decide(
  facts: Facts,
  grants: readonly Grant[],
  entry: Entry,
  place: Place,
  outcome: (bundle: Bundle) => Outcome,
  options: NaiveOptions,
): Decision {
  const failures = new Set<Reason>();
  let granted = false;
  for (const grant of grants) {
    for (const bundle of grant.bundles) {
      if (!holds(facts, bundle, grant, entry, place, options)) continue;
      if (bundle.deny) {
        // 7.1: denies flow whatever is restricted, and an error denies
        if (grant.window !== 'holds' || options.without === 'deny') continue;
        const result = outcome(bundle);
        if (result === 'true' || (result === 'error' && options.without !== 'deny_on_error')) return answer('denied_by_policy');
        continue;
      }
      // 7.2 and 7.3: an allow grants, or fails at the first of these
      if (grant.window !== 'holds') failures.add(grant.window);
      else if (!grant.countsFromScope) failures.add('restricted');
      else {
        const result = outcome(bundle);
        if (result === 'true') granted = true;
        else failures.add(result === 'error' ? 'condition_error' : 'condition_false');
      }
    }
  }
  if (granted) return answer('granted');
  const best = FAILURES.find((reason) => failures.has(reason));
  return answer(best ?? 'no_grant');
}

/** 7.3, best first */
const FAILURES: readonly Reason[] = ['condition_error', 'condition_false', 'restricted', 'not_yet_valid', 'expired'];

function answer(reason: Reason): Decision {
  return { decision: reason === 'granted', reason };
}

/** Section 8 */
function variablesOf(
  facts: Facts,
  subject: Entity,
  place: Place,
  action: Action,
  context: JsonObject,
  now: number,
  options: NaiveOptions,
): Variables {
  const storedSubject = registeredSubject(facts, subject)?.properties;
  const storedResource = place.stored?.properties;
  const asserted = storedSubject === undefined || options.assert ? subject.properties : {};
  return {
    subject: { type: subject.type, id: subject.id, properties: { ...storedSubject, ...asserted } },
    resource: place.resource
      ? { type: place.resource.type, id: place.resource.id, properties: { ...place.resource.properties, ...storedResource } }
      : { type: '', id: '', properties: {} },
    action: { name: action.name, properties: action.properties ?? {} },
    context,
    now: new Date(now),
  };
}
