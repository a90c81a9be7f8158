/** Every grant that concerns a privilege, with its outcome: each judged alone by the walk that the check itself is made with. */
import type { Catalog } from '../../snapshot/catalog.ts';
import type { ExplainedCondition, ExplainedGrant, ExplainedScope, Outcome } from '../../terms/explanation.ts';
import { ORG_SCOPE } from '../../terms/ref.ts';
import type { Activation } from '../activation.ts';
import { FAILED, GrantWalk } from '../grants.ts';
import type { Hierarchy } from '../hierarchy.ts';
import { explainCondition } from './condition.ts';
import type { Principal } from './principals.ts';
import { type Source, sourcesOf } from './sources.ts';

/** A grant of a principal, before it is judged. Times in ms, infinite where there is no bound. */
export interface Held {
  readonly principal: Principal;
  /** an owner group: its allows count as made on the resource */
  readonly owner: boolean;
  readonly scope: ExplainedScope;
  /** role, or `roleCount` + policy */
  readonly target: number;
  readonly from: number;
  readonly until: number;
  readonly mark: { readonly default_role: true } | { readonly assumed: true } | { readonly as: 'token' } | undefined;
}

type Written = { -readonly [Key in keyof ExplainedGrant]: ExplainedGrant[Key] };

const FAILURES: Readonly<Record<number, Outcome>> = {
  [FAILED.expired]: 'expired',
  [FAILED.notYetValid]: 'not_yet_valid',
  [FAILED.restricted]: 'restricted',
  [FAILED.conditionFalse]: 'condition_false',
  [FAILED.conditionError]: 'condition_error',
};

const CONDITIONAL: ReadonlySet<Outcome> = new Set(['applies', 'condition_false', 'condition_error']);

export class GrantJudge {
  readonly #catalog: Catalog;
  readonly #bit: number;
  readonly #project: boolean;
  readonly #type: string | undefined;
  readonly #now: number;
  readonly #twin: boolean;
  readonly #activation: Activation;
  readonly #walk = new GrantWalk();
  readonly #sources = new Map<number, Source[]>();
  #conditions: Map<number, ExplainedCondition> | undefined;
  #outcomes: Map<number, Outcome> | undefined;

  /** @param activation begun for the question */
  constructor(catalog: Catalog, hierarchy: Hierarchy, activation: Activation, bit: number, type: string | undefined, now: number) {
    this.#catalog = catalog;
    this.#bit = bit;
    this.#project = hierarchy.project;
    this.#type = type;
    this.#now = now;
    this.#twin = catalog.isProjectTwin(bit);
    this.#activation = activation;
    this.#walk.begin(catalog, hierarchy, activation, type, bit, now, undefined);
  }

  /** One for each list and policy by which the grant holds the privilege. */
  judge(held: Held): ExplainedGrant[] {
    const impliedAll = held.scope.scope === ORG_SCOPE && this.#project;
    return this.#sourcesOf(held.target, impliedAll).map((source) => this.#judgeSource(held, source, impliedAll));
  }

  #sourcesOf(target: number, impliedAll: boolean): Source[] {
    const key = target * 2 + Number(impliedAll);
    let sources = this.#sources.get(key);
    if (sources === undefined) {
      sources = sourcesOf(this.#catalog, target, { bit: this.#bit, impliedAll, named: !(impliedAll && this.#twin) });
      this.#sources.set(key, sources);
    }
    return sources;
  }

  #judgeSource(held: Held, source: Source, impliedAll: boolean): ExplainedGrant {
    const [catalog, { policy, roles, holds }, { principal, scope, target, from, until }] = [this.#catalog, source, held];
    const outcome = this.#outcome(held, policy, impliedAll);
    const grant: Written = {
      effect: policy >= 0 && catalog.policyDenies(policy) ? 'deny' : 'allow',
      outcome,
      principal: principal.name.principal,
      scope: scope.scope,
      holds,
    };
    if (principal.name.principal_id !== undefined) grant.principal_id = principal.name.principal_id;
    if (target < catalog.roleCount) Object.assign(grant, targetShown(catalog, target));
    if (roles.length > 1) grant.inherited = roles.map((role) => catalog.targetName(role).reference);
    if (policy >= 0) Object.assign(grant, targetShown(catalog, catalog.roleCount + policy));
    if (held.mark !== undefined) Object.assign(grant, held.mark);
    if (Number.isFinite(from)) grant.not_before = timeText(from);
    if (Number.isFinite(until)) grant.expires_at = timeText(until);
    if (outcome === 'restricted' && scope.cut_at !== undefined) grant.cut_at = scope.cut_at;
    const condition = policy < 0 ? -1 : catalog.policyCondition(policy);
    if (condition >= 0) grant.condition = this.#condition(condition, CONDITIONAL.has(outcome));
    return grant;
  }

  /** Alone, it would allow and nothing of it would deny. */
  allows(held: Held): boolean {
    const impliedAll = held.scope.scope === ORG_SCOPE && this.#project;
    let allowed = false;
    for (const { policy } of this.#sourcesOf(held.target, impliedAll)) {
      if (this.#outcome(held, policy, impliedAll) !== 'applies') continue;
      if (policy >= 0 && this.#catalog.policyDenies(policy)) return false;
      allowed = true;
    }
    return allowed;
  }

  #outcome({ target, scope, owner, from, until }: Held, policy: number, impliedAll: boolean): Outcome {
    const window = this.#now < from ? -1 : this.#now < until ? 0 : 1;
    const reaches = scope.reaches || owner || (target < this.#catalog.roleCount && this.#catalog.roleReachesRestricted(target));
    if (policy < 0 || this.#catalog.policyCondition(policy) < 0) return this.#judgeAlone(policy, window, reaches, impliedAll);
    // Equal for equal circumstances: a condition is asked once, however many grants hang on it.
    this.#outcomes ??= new Map();
    const key = (((policy + 1) * 3 + window + 1) * 2 + Number(reaches)) * 2 + Number(impliedAll);
    let outcome = this.#outcomes.get(key);
    if (outcome === undefined) {
      outcome = this.#judgeAlone(policy, window, reaches, impliedAll);
      this.#outcomes.set(key, outcome);
    }
    return outcome;
  }

  /** Of this list or policy alone, by the rule. */
  #judgeAlone(policy: number, window: -1 | 0 | 1, reaches: boolean, impliedAll: boolean): Outcome {
    const [catalog, walk] = [this.#catalog, this.#walk];
    walk.allowed = false;
    walk.failed = FAILED.nothing;
    if (policy < 0) walk.candidate(window, reaches, -1);
    else if (!catalog.policyActive(policy)) return 'inactive';
    else if (!catalog.policyTypeHolds(policy, this.#type)) return 'type';
    else if (walk.grant(catalog.roleCount + policy, window, reaches, impliedAll)) return 'applies';
    else if (catalog.policyDenies(policy)) return window === 0 ? 'condition_false' : window < 0 ? 'not_yet_valid' : 'expired';
    return walk.allowed ? 'applies' : FAILURES[walk.failed]!;
  }

  #condition(index: number, evaluated: boolean): ExplainedCondition {
    if (!evaluated) return explainCondition(this.#catalog, index, null);
    this.#conditions ??= new Map();
    let condition = this.#conditions.get(index);
    if (condition === undefined) {
      condition = explainCondition(this.#catalog, index, this.#activation.variables());
      this.#conditions.set(index, condition);
    }
    return condition;
  }
}

/** A role or policy by its reference, with its id where that differs. */
export function targetShown(catalog: Catalog, target: number): Pick<ExplainedGrant, 'role' | 'role_id' | 'policy' | 'policy_id'> {
  const { id, reference } = catalog.targetName(target);
  if (target < catalog.roleCount) return reference === id ? { role: id } : { role: reference, role_id: id };
  return reference === id ? { policy: id } : { policy: reference, policy_id: id };
}

/** Furthest time that a date can show, ms on either side of 1970 (ECMA-262, 21.4.1.1). */
const MAX_DATE_MS = 8_640_000_000_000_000;

function timeText(ms: number): string {
  return Math.abs(ms) <= MAX_DATE_MS ? new Date(ms).toISOString() : `${ms} ms`;
}
