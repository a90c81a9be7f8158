/**
 * Why a decision is as it is (RULE.md): snapshot × request → the decision with everything that bears on it. The decision is the one of `evaluate`, which
 * is called; each grant is judged by the walk that `evaluate` is made with; nothing is decided here. Pure, synchronous and not re-entrant, as it.
 */
import { hashText } from '../sets/hash.ts';
import type { LeafRef, Snapshot } from '../snapshot/snapshot.ts';
import type { Decision } from '../terms/decision.ts';
import type { Blocker, ExplainedGrant, ExplainedScope, Explanation, NearMiss } from '../terms/explanation.ts';
import { LIMITS } from '../terms/limits.ts';
import { GROUP_TYPE, isSomebody } from '../terms/ref.ts';
import type { CheckOptions, CheckRequest, TokenRole } from '../terms/request.ts';
import { Activation } from './activation.ts';
import { Assumptions } from './assume.ts';
import { evaluate, type Missing, privilegeOf } from './evaluate.ts';
import { GrantJudge, type Held } from './explain/grants.ts';
import { entryOf, heldByAssumption, heldByDefault, heldByRows, heldByToken, holdsRoleAtOrg } from './explain/held.ts';
import { GrantList } from './explain/list.ts';
import { nearMisses } from './explain/near-misses.ts';
import { scopesOf } from './explain/place.ts';
import { type Principal, principalShown, principalsOf, type Subject } from './explain/principals.ts';
import { GroupSet } from './groups.ts';
import { Hierarchy } from './hierarchy.ts';
import { tokenDisplacesDefault } from './token-roles.ts';

export interface ExplainLimits {
  /** of scopes, principals and grants, each; what there is beyond is counted */
  readonly listed?: number;
  readonly nearMisses?: number;
}

const NEAR_MISSES = 3;
const NO_OPTIONS: CheckOptions = {};
const NO_LIMITS: ExplainLimits = {};

const hierarchy = new Hierarchy();
const groups = new GroupSet();
const activation = new Activation();

/**
 * @param now ms since 1970
 * @returns an explanation, or the leaves that must be at hand first
 */
export function explain(
  snapshot: Snapshot,
  request: CheckRequest,
  now: number,
  options: CheckOptions = NO_OPTIONS,
  { listed = LIMITS.explained, nearMisses: most = NEAR_MISSES }: ExplainLimits = NO_LIMITS,
): Explanation | Missing {
  const decision = evaluate(snapshot, request, now, options);
  if ('missing' in decision) return decision;
  const missing: LeafRef[] = [];
  const seen = new Question(snapshot, request, now, options, missing);
  if (missing.length > 0) return { missing };
  const { bit, subject, suspended, principals, scopes } = seen;
  const grants = new GrantList(listed);
  // Where no grant was asked none is shown: it would look as if it had counted.
  if (bit >= 0 && !suspended && decision.reason !== 'unregistered_resource') seen.judge(grants, missing);
  if (missing.length > 0) return { missing };
  const overcome = seen.overcome(decision, most);
  if ('missing' in overcome) return overcome;
  const { resource } = request;
  return {
    decision: decision.decision,
    reason: decision.reason,
    revision: snapshot.revision,
    level: hierarchy.project ? 'project' : 'org',
    privilege: bit < 0 ? null : { name: snapshot.catalog.privileges.get(bit), levels: snapshot.catalog.privilegeLevels(bit) },
    subject: { subject: `${subject.entity.type}:${subject.entity.id}`, registered: subject.registered, suspended },
    resource:
      resource === undefined
        ? null
        : { resource: `${resource.type}:${resource.id}`, registered: hierarchy.registered, restricted: hierarchy.cut },
    scopes: scopes.length <= listed ? scopes : [...scopes.slice(0, listed - 1), scopes[scopes.length - 1]!],
    principals: principals.slice(0, listed).map(principalShown),
    grants: grants.listed(),
    more: {
      scopes: Math.max(0, scopes.length - listed),
      principals: Math.max(0, principals.length - listed),
      grants: grants.beyond,
    },
    near_misses: overcome.near_misses,
    blocked_by: overcome.blocked_by,
  };
}

/** One question, with all that is looked at to answer it. */
class Question {
  readonly subject: Subject;
  readonly suspended: boolean;
  /** the privilege's, -1 for none */
  readonly bit: number;
  readonly principals: readonly Principal[];
  readonly scopes: readonly ExplainedScope[];
  readonly #snapshot: Snapshot;
  readonly #request: CheckRequest;
  readonly #now: number;
  readonly #options: CheckOptions;
  readonly #assumed: Assumptions | undefined;
  readonly #roles: readonly TokenRole[];
  #judge: GrantJudge | undefined;
  #applyingDenies = 0;
  #denyOfDefault = 0;

  constructor(snapshot: Snapshot, request: CheckRequest, now: number, options: CheckOptions, missing: LeafRef[]) {
    const { catalog } = snapshot;
    const { subject, resource } = request;
    const { assume } = options;
    this.#snapshot = snapshot;
    this.#request = request;
    this.#now = now;
    this.#options = options;
    this.#assumed = assume === undefined ? undefined : new Assumptions(catalog, assume, subject, now);
    if (resource === undefined) hierarchy.clear();
    else hierarchy.open(snapshot, resource, missing);
    const somebody = isSomebody(subject.type);
    this.#roles = (somebody ? options.roles : undefined) ?? [];
    const found = !somebody ? null : entryOf(snapshot, `${subject.type}:${subject.id}`, missing);
    const resident = found?.resident;
    const entry = found?.entry ?? -1;
    const stored = resident?.leaf.registered(entry) === true;
    this.subject = { entity: subject, resident, entry, registered: stored || this.#assumed?.registers === true };
    this.suspended = resident?.leaf.suspendedAt(entry, now) === true;
    this.bit = privilegeOf(catalog, request.action.name, hierarchy.project, resource?.type);
    groups.clear();
    this.principals = principalsOf(catalog, this.subject, options.groups ?? [], hierarchy, groups);
    this.scopes = missing.length > 0 ? [] : scopesOf(snapshot, hierarchy, resource, missing);
    const seen = this.#assumed === undefined || stored ? request : this.#assumed.seen(request, options);
    activation.begin(seen, options, now, hierarchy, stored ? resident?.leaf : undefined, entry);
  }

  /** Every grant that concerns the privilege goes into the list. */
  judge(into: GrantList, missing: LeafRef[]): void {
    const [snapshot, scopes, principals] = [this.#snapshot, this.scopes, this.principals];
    const judge = this.#newJudge();
    this.#judge = judge;
    const take = (held: Held): void => {
      for (const grant of judge.judge(held)) {
        into.add(grant);
        if (grant.effect === 'deny' && grant.outcome === 'applies') this.#countDeny(grant);
      }
    };
    const hashes = scopes.map(({ scope }) => hashText(scope));
    for (const principal of principals) heldByRows(snapshot, principal, scopes, hashes, missing, take);
    for (const each of this.#roles) heldByToken(snapshot, principals[0]!, scopes, each, take);
    for (const each of this.#options.assume ?? []) heldByAssumption(snapshot, principals, scopes, each, take);
    if (this.#hasDefaultRole()) heldByDefault(snapshot, principals[0]!, scopes[scopes.length - 1]!, take);
  }

  #hasDefaultRole(): boolean {
    if (!this.subject.registered || this.#snapshot.catalog.defaultRole < 0) return false;
    if (this.#assumed?.displacesDefault || tokenDisplacesDefault(this.#snapshot.catalog, this.#roles)) return false;
    return !holdsRoleAtOrg(this.#snapshot, this.subject, this.#now);
  }

  #countDeny({ default_role }: ExplainedGrant): void {
    this.#applyingDenies++;
    if (default_role) this.#denyOfDefault++;
  }

  /** What would have allowed it, or why nothing could have. */
  overcome(
    { decision, reason }: Decision,
    most: number,
  ): { readonly near_misses: readonly NearMiss[]; readonly blocked_by: Blocker | null } | Missing {
    if (decision) return { near_misses: [], blocked_by: null };
    const blocked = this.#blocker(reason);
    if (blocked !== null) return { near_misses: [], blocked_by: blocked };
    const [snapshot, request, now, options, bit] = [this.#snapshot, this.#request, this.#now, this.#options, this.bit];
    const judge = this.#judgeOfRegistered();
    const promising = (target: number, scope: ExplainedScope): boolean =>
      judge.allows({ principal: this.principals[0]!, owner: false, scope, target, from: -Infinity, until: Infinity, mark: undefined });
    const misses = nearMisses(snapshot, request, now, options, bit, this.scopes, hierarchy.registered, promising, most);
    if ('missing' in misses) return misses;
    return { near_misses: misses.found, blocked_by: misses.denied ? 'denied_by_policy' : null };
  }

  /** Whoever is given something is registered. */
  #judgeOfRegistered(): GrantJudge {
    if (this.subject.registered || this.#options.assert) return this.#judge ?? this.#newJudge();
    const { type, id } = this.#request.subject;
    activation.begin({ ...this.#request, subject: { type, id } }, this.#options, this.#now, hierarchy, undefined, -1);
    return this.#newJudge();
  }

  #newJudge(): GrantJudge {
    return new GrantJudge(this.#snapshot.catalog, hierarchy, activation, this.bit, this.#request.resource?.type, this.#now);
  }

  #blocker(reason: Decision['reason']): Blocker | null {
    if (reason === 'subject_suspended' || reason === 'unknown_privilege' || reason === 'unregistered_resource') return reason;
    const { type } = this.#request.subject;
    if (!isSomebody(type)) return type === GROUP_TYPE ? 'group_subject' : 'no_subject';
    // A role at `org` takes the place of the default role, and of its denies.
    return this.#applyingDenies > this.#denyOfDefault ? 'denied_by_policy' : null;
  }
}
