/** One organization at one revision, for one request. What it decides rests on that revision alone, whatever is published meanwhile. */
import { workDone } from '../core/condition/work.ts';
import { evaluate, type Missing } from '../core/evaluate/evaluate.ts';
import { type ExplainLimits, explain } from '../core/evaluate/explain.ts';
import { type Placed, placed } from '../core/evaluate/placed.ts';
import type { KeyEntry } from '../core/snapshot/model.ts';
import type { LeafRef, Snapshot } from '../core/snapshot/snapshot.ts';
import type { Decision } from '../core/terms/decision.ts';
import type { Explanation } from '../core/terms/explanation.ts';
import { BitgateError } from '../core/terms/problem.ts';
import { isSomebody } from '../core/terms/ref.ts';
import type { CheckOptions, CheckRequest, Entity } from '../core/terms/request.ts';
import { askLoading, decideLoading, MAX_ROUNDS } from './deciding.ts';
import { MAX_WORK, PAUSE_WORK } from './effort.ts';
import { stale } from './freshness.ts';
import type { LeafLoader } from './leaves.ts';
import type { Organization } from './organization.ts';
import { PieceUnavailable } from './pieces.ts';
import { Scan } from './scan.ts';
import type { SnapshotCache } from './snapshot-cache.ts';

export interface Session {
  readonly revision: number;
  /** staleness, ms: age of the knowledge that this revision is the newest, when the session was opened */
  readonly ageMs: number;
  readonly snapshot: Snapshot;
  /** of a past time that was asked about: that time, ms; null: decisions are of the present */
  readonly at: number | null;
  /**
   * A value when all leaves are at hand, else a promise of it.
   * @param now ms since 1970
   * @throws BitgateError `stale` (503) when a leaf can't be loaded; `too_much_work` (413) when the conditions of the session's questions so far
   *   took more than one request may
   */
  decide(request: CheckRequest, now: number, options?: CheckOptions): Decision | Promise<Decision>;
  /**
   * `decide`, with why.
   * @throws BitgateError `stale` (503) when a leaf can't be loaded
   */
  explain(request: CheckRequest, now: number, options?: CheckOptions, limits?: ExplainLimits): Promise<Explanation>;
  /**
   * Does the resource lie below all of these, as far as is known? Of a registered one they must be stored ancestors, at any depth; of another one the
   * registered ones among them must lie in one line, and every project must be one.
   * @param parents `type:id` each, claimed by whoever asks
   * @throws BitgateError `stale` (503) when a leaf can't be loaded
   */
  placed(resource: Entity, parents: readonly string[]): boolean | Promise<boolean>;
  /**
   * The API key of this id, undefined when there is none.
   * @throws BitgateError `stale` (503) when its leaf can't be loaded
   */
  key(id: string): KeyEntry | undefined | Promise<KeyEntry | undefined>;
  /**
   * Begins to put at hand what a question names itself: for who waits for something else before it asks. Never rejects: what can't be had is said when
   * it is decided.
   */
  bring(question: Pick<CheckRequest, 'subject' | 'resource'>): Promise<void>;
  /** `key(id)` would answer without a promise. */
  keyAtHand(id: string): boolean;
  /** For reading through many leaves: what it loads is its own, and nobody else's leaves have to go for it. */
  scan(): Scan;
}

export class OpenSession implements Session {
  readonly ageMs: number;
  readonly snapshot: Snapshot;
  readonly at: number | null;
  readonly #organization: Organization;
  readonly #cache: SnapshotCache;
  readonly #leaves: LeafLoader;
  /** of conditions: in all, and since others last got in */
  #work = 0;
  #workInTurn = 0;

  constructor(
    organization: Organization,
    snapshot: Snapshot,
    ageMs: number,
    cache: SnapshotCache,
    leaves: LeafLoader,
    at: number | null = null,
  ) {
    this.ageMs = ageMs;
    this.at = at;
    this.snapshot = snapshot;
    this.#organization = organization;
    this.#cache = cache;
    this.#leaves = leaves;
  }

  get revision(): number {
    return this.snapshot.manifest.revision;
  }

  decide(request: CheckRequest, now: number, options?: CheckOptions): Decision | Promise<Decision> {
    return this.#workInTurn < PAUSE_WORK ? this.#decide(request, now, options) : this.#inTurn(() => this.#decide(request, now, options));
  }

  #decide(request: CheckRequest, now: number, options?: CheckOptions): Decision | Promise<Decision> {
    const before = workDone();
    const answer = evaluate(this.snapshot, request, now, options);
    this.#count(workDone() - before);
    if ('missing' in answer) return decideLoading(this.snapshot, answer, (refs) => this.#load(refs), request, now, options);
    if (this.#cache.crowded) this.#touch(request);
    return answer;
  }

  key(id: string): KeyEntry | undefined | Promise<KeyEntry | undefined> {
    const leaf = this.snapshot.manifest.directories.keys.find(id);
    if (leaf < 0) return undefined;
    const resident = this.snapshot.keys[leaf];
    if (resident === undefined) return this.#keyLoading(leaf, id);
    if (this.#cache.crowded) this.#cache.touchLeaf(resident);
    return resident.find(id);
  }

  keyAtHand(id: string): boolean {
    const leaf = this.snapshot.manifest.directories.keys.find(id);
    return leaf < 0 || this.snapshot.keys[leaf] !== undefined;
  }

  async bring({ subject, resource }: Pick<CheckRequest, 'subject' | 'resource'>): Promise<void> {
    const { principals, resources } = this.snapshot.manifest.directories;
    const refs: LeafRef[] = [];
    if (isSomebody(subject.type)) refs.push({ kind: 'principals', leaf: principals.find(`${subject.type}:${subject.id}`) });
    if (resource !== undefined) refs.push({ kind: 'resources', leaf: resources.find(`${resource.type}:${resource.id}`) });
    await this.#load(refs.filter(({ leaf }) => leaf >= 0)).catch(() => undefined);
  }

  async explain(request: CheckRequest, now: number, options?: CheckOptions, limits?: ExplainLimits): Promise<Explanation> {
    const ask = (): Explanation | Missing => {
      const before = workDone();
      const answer = explain(this.snapshot, request, now, options, limits);
      this.#count(workDone() - before);
      return answer;
    };
    const answer = this.#workInTurn < PAUSE_WORK ? ask() : await this.#inTurn(ask);
    return 'missing' in answer ? askLoading(answer, (refs) => this.#load(refs), ask) : answer;
  }

  placed(resource: Entity, parents: readonly string[]): boolean | Promise<boolean> {
    const ask = (): Placed | Missing => placed(this.snapshot, resource, parents);
    const answer = ask();
    return 'missing' in answer ? askLoading(answer, (refs) => this.#load(refs), ask).then((known) => known.placed) : answer.placed;
  }

  scan(): Scan {
    return new Scan(this.#organization.id, this.#organization.bounds, this.snapshot, this.#leaves);
  }

  #count(work: number): void {
    this.#work += work;
    this.#workInTurn += work;
  }

  /** Conditions took a while: others get in first. */
  async #inTurn<Answer>(ask: () => Answer | Promise<Answer>): Promise<Answer> {
    if (this.#work >= MAX_WORK) throw tooMuchWork();
    this.#workInTurn = 0;
    await this.#leaves.surroundings.sleep(0);
    return ask();
  }

  async #keyLoading(leaf: number, id: string): Promise<KeyEntry | undefined> {
    for (let round = 0; round < MAX_ROUNDS; round++) {
      await this.#load([{ kind: 'keys', leaf }]);
      const resident = this.snapshot.keys[leaf];
      if (resident !== undefined) return resident.find(id);
    }
    throw stale('the leaf of the key does not stay at hand');
  }

  async #load(refs: readonly LeafRef[]): Promise<void> {
    try {
      await this.#leaves.load(this.#organization, this.snapshot, refs);
    } catch (error) {
      throw error instanceof PieceUnavailable ? stale(`a leaf is missing: ${error.message}`, { revision: this.revision }) : error;
    }
  }

  #touch({ subject, resource }: CheckRequest): void {
    const { principals, resources } = this.snapshot.manifest.directories;
    this.#cache.touch(
      this.#organization,
      this.snapshot,
      principals.find(`${subject.type}:${subject.id}`),
      resource === undefined ? -1 : resources.find(`${resource.type}:${resource.id}`),
    );
  }
}

function tooMuchWork(): BitgateError {
  return new BitgateError('too_much_work', 413, 'the conditions of these questions cost more than one request may: ask fewer at once');
}
