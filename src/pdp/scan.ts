/**
 * A snapshot of its own for reading through a whole revision: it borrows the leaves that are at hand, loads the others for itself, and holds
 * few at a time. So a scan of any organization stays small, evicts nothing of what checks use, and leaves nothing behind.
 */
import { workDone } from '../core/condition/work.ts';
import { evaluate } from '../core/evaluate/evaluate.ts';
import { type LeafRef, Snapshot } from '../core/snapshot/snapshot.ts';
import type { Decision } from '../core/terms/decision.ts';
import type { CheckOptions, CheckRequest } from '../core/terms/request.ts';
import type { FreshnessBounds } from './bounds.ts';
import { decideLoading } from './deciding.ts';
import { MAX_WORK, PAUSE_WORK } from './effort.ts';
import { stale } from './freshness.ts';
import type { LeafLoader } from './leaves.ts';
import { Organization } from './organization.ts';
import { PieceUnavailable } from './pieces.ts';
import { borrowLeaf, clearLeaf, heldBytesOf, isAtHand } from './resident-leaf.ts';

/** beside the cache's 48 MiB, for each request that scans; leaves that one decision needs together stay, whatever they weigh */
const HELD_BYTES = 8 * 1024 * 1024;
/** each may be asked of KV and of the Publisher; an invocation has 1,000 such questions */
const MAX_LOADS = 400;
/** below what clients and a Worker's CPU time wait for; a Worker's clock goes on only while it waits */
const MAX_MS = 10_000;
/** decisions between two pauses, in which other requests get in: some ms at most */
const SLICE = 1_000;
/** the same where conditions may be asked: they cost some times as much */
const CONDITIONAL_SLICE = 250;

interface Held {
  readonly ref: LeafRef;
  readonly bytes: number;
}

export class Scan {
  readonly snapshot: Snapshot;
  readonly #organization: Organization;
  readonly #lender: Snapshot;
  readonly #leaves: LeafLoader;
  readonly #began: number;
  readonly #slice: number;
  /** in the order in which they came */
  readonly #held = new Map<string, Held>();
  #bytes = 0;
  #loads = 0;
  #decisions = 0;
  /** of conditions: since it began, and since the last pause */
  #work = 0;
  #workInTurn = 0;

  constructor(organization: string, bounds: FreshnessBounds, lender: Snapshot, leaves: LeafLoader) {
    // Not the cache's record: what is loaded here is kept for nobody, and nobody waits for it.
    this.#organization = new Organization(organization, bounds);
    this.snapshot = new Snapshot(lender.manifest, lender.catalog);
    this.#lender = lender;
    this.#leaves = leaves;
    this.#began = leaves.surroundings.now();
    this.#slice = lender.catalog.conditions.length === 0 ? SLICE : CONDITIONAL_SLICE;
  }

  /** It has used up what one request may: it should end with what it has. */
  get spent(): boolean {
    return this.overworked || this.#loads >= MAX_LOADS || this.#leaves.surroundings.now() - this.#began >= MAX_MS;
  }

  /** Conditions took more than one request may have them take. */
  get overworked(): boolean {
    return this.#work >= MAX_WORK;
  }

  /**
   * As a session's `decide`, with leaves of its own.
   * @throws BitgateError `stale` (503) when a leaf can't be loaded
   */
  decide(request: CheckRequest, now: number, options?: CheckOptions): Decision | Promise<Decision> {
    const before = workDone();
    const answer = evaluate(this.snapshot, request, now, options);
    const work = workDone() - before;
    this.#work += work;
    this.#workInTurn += work;
    return 'missing' in answer ? decideLoading(this.snapshot, answer, (refs) => this.bring(refs), request, now, options) : answer;
  }

  /** Counts a decision: true when others should get in by `pause`. */
  get due(): boolean {
    return ++this.#decisions % this.#slice === 0 || this.#workInTurn >= PAUSE_WORK;
  }

  pause(): Promise<void> {
    this.#workInTurn = 0;
    return this.#leaves.surroundings.sleep(0);
  }

  /**
   * Puts leaves at hand.
   * @throws BitgateError `stale` (503) when one can't be loaded
   */
  async bring(refs: readonly LeafRef[]): Promise<void> {
    const lacking = refs.filter((ref) => !isAtHand(this.snapshot, ref) && !borrowLeaf(this.#lender, this.snapshot, ref));
    this.#loads += lacking.length;
    try {
      if (lacking.length > 0) await this.#leaves.load(this.#organization, this.snapshot, lacking);
    } catch (error) {
      throw error instanceof PieceUnavailable ? stale(`a leaf is missing: ${error.message}`, { revision: this.snapshot.revision }) : error;
    }
    for (const ref of refs) this.#hold(ref);
  }

  drop(ref: LeafRef): void {
    const held = this.#held.get(nameOf(ref));
    if (held !== undefined) this.#release(held);
  }

  /** Between two decisions: the oldest leaves go until what is held is little, all but `kept`. */
  trim(kept: LeafRef | null): void {
    if (this.#bytes <= HELD_BYTES) return;
    for (const held of this.#held.values()) {
      if (this.#bytes <= HELD_BYTES) return;
      if (held.ref.kind !== kept?.kind || held.ref.leaf !== kept.leaf) this.#release(held);
    }
  }

  #hold(ref: LeafRef): void {
    const name = nameOf(ref);
    if (this.#held.has(name)) return;
    const bytes = heldBytesOf(ref.kind, this.snapshot.manifest.directories[ref.kind].bytes(ref.leaf));
    this.#held.set(name, { ref, bytes });
    this.#bytes += bytes;
  }

  #release({ ref, bytes }: Held): void {
    clearLeaf(this.snapshot, ref);
    this.#held.delete(nameOf(ref));
    this.#bytes -= bytes;
  }
}

function nameOf({ kind, leaf }: LeafRef): string {
  return `${kind}/${leaf}`;
}
