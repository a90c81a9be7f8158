/**
 * What each scope gives to rows below it. Scopes that lie below the same named ones, reached alike, give the same: each such place is asked about once,
 * by the evaluator.
 */
import type { Inheritance, Outcomes } from '../../client/scopes.ts';
import { chainAbove } from '../../core/evaluate/chain.ts';
import { compareCodePoints } from '../../core/sets/compare.ts';
import type { Chain } from '../../core/snapshot/chain.ts';
import type { LeafRef } from '../../core/snapshot/snapshot.ts';
import { PROJECT_TYPE } from '../../core/terms/ref.ts';
import { MAX_ROUNDS } from '../deciding.ts';
import { stale } from '../freshness.ts';
import type { Scan } from '../scan.ts';
import { namedScopes } from './named.ts';
import { outcomesOf, sameOutcome } from './outcome.ts';
import { type Asking, entityOf } from './question.ts';

const PROJECT_PREFIX = `${PROJECT_TYPE}:`;
/** scopes of which it is remembered what they give, and places: a page goes over as many as it likes */
const MAX_KEPT = 10_000;

export class Survey {
  readonly default: Outcomes;
  /** of a row, whatever is granted on it and above it */
  readonly #least: Outcomes;
  readonly #scan: Scan;
  readonly #asking: Asking;
  readonly #named: ReadonlyMap<string, number>;
  readonly #places = new Map<string, Outcomes>();
  readonly #scopes = new Map<string, Outcomes | undefined>();

  private constructor(scan: Scan, asking: Asking, named: ReadonlySet<string>, others: Outcomes, least: Outcomes) {
    this.#scan = scan;
    this.#asking = asking;
    this.#named = new Map([...named].map((scope, i) => [scope, i]));
    this.default = others;
    this.#least = least;
  }

  /** @throws BitgateError `stale` (503) */
  static async of(scan: Scan, asking: Asking): Promise<Survey> {
    const named = await namedScopes(scan, asking.question.subject, asking.options);
    const others = await outcomesOf(scan, asking, 'below', undefined, false);
    return new Survey(scan, asking, named, others, await outcomesOf(scan, asking, 'itself', undefined, false));
  }

  /** Scopes that something of the subject's is granted on, ascending; registered or not. */
  named(): string[] {
    return [...this.#named.keys()].sort(compareCodePoints);
  }

  /** Is it of a type that is listed, if it differs? */
  lists(key: string): boolean {
    return this.#asking.question.parent_types?.includes(key.slice(0, key.indexOf(':'))) ?? true;
  }

  /** What a scope gives; undefined when that is the default of its level, so that nobody has to be told. */
  scope(key: string): Outcomes | undefined | Promise<Outcomes | undefined> {
    const missing: LeafRef[] = [];
    const chain = chainAbove(this.#scan.snapshot, '', [key], missing);
    if (chain === undefined) return this.#scopeLoading(key, missing);
    const known = this.#places.get(this.#placeOf(chain));
    return known === undefined ? this.#ask(key, chain) : this.#unlessDefault(key, known);
  }

  /** What an unregistered row has beside what it lies below; undefined when nothing. */
  async row(key: string): Promise<Outcomes | undefined> {
    const outcomes = await outcomesOf(this.#scan, this.#asking, 'itself', entityOf(key), false);
    return same(outcomes, this.#least) ? undefined : outcomes;
  }

  /** What the client's rule would see of registered rows with these parents. */
  async inheritance(parents: readonly string[]): Promise<Inheritance> {
    if (this.#scopes.size > MAX_KEPT) this.#scopes.clear();
    for (const parent of parents) if (this.lists(parent) && !this.#scopes.has(parent)) this.#scopes.set(parent, await this.scope(parent));
    const { type, parent_types } = this.#asking.question;
    return { type, parent_types, default: this.default, scopes: this.#scopes, rows: NONE };
  }

  async #scopeLoading(key: string, first: readonly LeafRef[]): Promise<Outcomes | undefined> {
    let refs = first;
    for (let round = 0; round < MAX_ROUNDS; round++) {
      await this.#scan.bring(refs);
      const missing: LeafRef[] = [];
      const chain = chainAbove(this.#scan.snapshot, '', [key], missing);
      if (chain !== undefined) return this.#ask(key, chain);
      refs = missing;
    }
    throw stale(`what lies above \`${key}\` needs more than ${MAX_ROUNDS} rounds of leaves`);
  }

  async #ask(key: string, chain: Chain): Promise<Outcomes | undefined> {
    const place = this.#placeOf(chain);
    let outcomes = this.#places.get(place);
    if (outcomes === undefined) {
      outcomes = await outcomesOf(this.#scan, this.#asking, 'below', entityOf(key), chain.project);
      if (this.#places.size >= MAX_KEPT) this.#places.clear();
      this.#places.set(place, outcomes);
    }
    return this.#unlessDefault(key, outcomes);
  }

  /** All of a chain that a grant of the subject's can tell from another chain. */
  #placeOf({ keys, reaches, orgReaches, project }: Chain): string {
    let place = `${orgReaches} ${project}`;
    for (let i = 0; i < keys.length; i++) {
      const scope = this.#named.get(keys[i]!);
      if (scope !== undefined) place += ` ${scope}${reaches[i]! ? '+' : '-'}`;
    }
    return place;
  }

  /**
   * Who sees a scope that is not listed takes it for one of the organization, unless its name says that it is a project. So one in a project that is no
   * project itself is left out only if that makes no difference.
   */
  #unlessDefault(key: string, outcomes: Outcomes): Outcomes | undefined {
    const { org, project } = this.default;
    const inProject = outcomes.org === undefined;
    const assumed = inProject && (org === undefined || key.startsWith(PROJECT_PREFIX)) ? project : org;
    return sameOutcome(outcomes.project, project) && sameOutcome(outcomes.org ?? outcomes.project, assumed) ? undefined : outcomes;
  }
}

const NONE: ReadonlyMap<string, Outcomes> = new Map();

function same(a: Outcomes, b: Outcomes): boolean {
  return sameOutcome(a.org, b.org) && sameOutcome(a.project, b.project);
}
