/**
 * Decides a sampled share of decisions a second time: from the rows, by the naive evaluator, which shares no code with compiler, snapshot and evaluator.
 * Of all that can go wrong between a row and an answer, nothing else sees what goes wrong while serving. It delays, changes and fails no decision.
 */
import { workDone } from '../../core/condition/work.ts';
import { UnreadableRow } from '../../core/naive/facts.ts';
import { askerFor } from '../../core/naive/naive.ts';
import type { Decision } from '../../core/terms/decision.ts';
import { log, messageOf } from '../../log.ts';
import type { Answered } from '../answered.ts';
import type { Metrics } from '../metrics.ts';
import type { RequestLife, Surroundings } from '../ports.ts';
import { mismatchLine } from './mismatch.ts';
import { boundedOutcome, TooMuchWork } from './outcome.ts';
import type { QuestionRows, ReadQuestion } from './ports.ts';
import { asServed } from './served.ts';

/** One database serves one query at a time, and each costs. */
const EVERY_MS = 1_000;
/** What was begun in a request that was ended never says that it is over; none lives longer. */
const LONGEST_MS = 60_000;
const LOGGED_EVERY_MS = 60_000;

export class DoubleEvaluation {
  readonly #share: number;
  readonly #read: ReadQuestion;
  readonly #metrics: Metrics;
  readonly #surroundings: Pick<Surroundings, 'now' | 'random' | 'sleep'>;
  readonly #everyMs: number;
  /** none begins before, ms since 1970 */
  #freeAt = 0;
  #loggedAt = Number.NEGATIVE_INFINITY;

  /**
   * @param share of all decisions, 0 to 1
   * @param everyMs at most one begins in this time, and one at a time
   */
  constructor(
    share: number,
    read: ReadQuestion,
    metrics: Metrics,
    surroundings: Pick<Surroundings, 'now' | 'random' | 'sleep'>,
    everyMs = EVERY_MS,
  ) {
    this.#share = share;
    this.#read = read;
    this.#metrics = metrics;
    this.#surroundings = surroundings;
    this.#everyMs = everyMs;
  }

  /** The draw: all that the other decisions pay, and made before anything is known of them. */
  wants(): boolean {
    return this.#surroundings.random() < this.#share;
  }

  decided(answered: Answered, life: RequestLife): void {
    const now = this.#surroundings.now();
    // The clock may be set back: then nothing is waited for.
    if ((now < this.#freeAt && now > this.#freeAt - LONGEST_MS - this.#everyMs) || !isComparable(answered)) {
      this.#metrics.doubleSkipped++;
      return;
    }
    this.#freeAt = now + LONGEST_MS;
    life.waitUntil(this.#decideAgain(answered, now));
  }

  /** Never rejects. */
  async #decideAgain(answered: Answered, began: number): Promise<void> {
    try {
      // the answer goes out first
      await this.#surroundings.sleep(0);
      const { organization, request, options = {} } = answered;
      this.#judge(answered, await this.#read(organization, request, options));
    } catch (error) {
      this.#metrics.doubleFailed++;
      this.#tell(error, answered.organization);
    } finally {
      this.#freeAt = began + this.#everyMs;
    }
  }

  #judge(answered: Answered, found: QuestionRows | null): void {
    const again = found === null || found.revision !== answered.revision ? null : decideFromRows(answered, found);
    if (again === null) {
      this.#metrics.doubleSkipped++;
      return;
    }
    this.#metrics.doubleCompared++;
    const { decision, reason } = answered.decision;
    if (again.decision === decision && again.reason === reason) return;
    this.#metrics.doubleMismatched++;
    const { organization, revision } = answered;
    this.#metrics.alarm(`\`${organization}\` at revision ${revision}: answered ${reason}, the rows say ${again.reason}`);
    log('error', 'decision_mismatch', mismatchLine(answered, again));
  }

  #tell(error: unknown, organization: string): void {
    const now = this.#surroundings.now();
    if (now - this.#loggedAt < LOGGED_EVERY_MS && now >= this.#loggedAt) return;
    this.#loggedAt = now;
    log('warn', 'double_evaluation_failed', { organization, message: messageOf(error) });
  }
}

/** The rows are those of the present, and nothing but rows. */
function isComparable({ past, options }: Answered): boolean {
  return !past && options?.open === undefined && (options?.assume ?? []).length === 0;
}

/** Null: the rule says nothing about such rows, or their conditions cost more than a second look is worth. */
function decideFromRows({ request, options, at }: Answered, { rows }: QuestionRows): Decision | null {
  try {
    const about = askerFor(asServed(rows), boundedOutcome(workDone()), at, options).about(request.subject, request.resource);
    return about.decide(request.action, request.context);
  } catch (error) {
    if (error instanceof UnreadableRow || error instanceof TooMuchWork) return null;
    throw error;
  }
}
