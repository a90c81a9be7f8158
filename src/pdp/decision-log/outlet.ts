/**
 * What waits for one sink, and how it gets there: behind answers, in the time of requests that are answered already. What it doesn't take is counted as
 * lost and never given again, so that nothing arrives twice.
 */
import { log, messageOf } from '../../log.ts';
import type { RequestLife, Surroundings } from '../ports.ts';
import { LATE, within } from '../waiting.ts';
import type { DecisionSink } from './ports.ts';
import type { DecisionRecord } from './record.ts';

/** `full`: too many waited; `failed`: the sink did not take them; `late`: it did not say whether it did */
export type LostBy = 'full' | 'failed' | 'late';

/** some 10 MB, with what ids and names take */
export const WAITING_LIMIT = 20_000;
export const WAITING_CHARS = 5_000_000;
/** for others to come along */
const GATHER_MS = 1_000;
/** what outlives an answer lives for 30 s */
const SINK_MS = 10_000;
/** a flush that didn't come back by then is gone with its request */
const FLUSH_MS = 30_000;
const SAID_EVERY_MS = 60_000;

export class Outlet {
  readonly #sink: DecisionSink;
  readonly #surroundings: Pick<Surroundings, 'now' | 'sleep'>;
  readonly #spent = new WeakMap<RequestLife, number>();
  #waiting: DecisionRecord[] = [];
  #chars = 0;
  #gathersSince = Number.NEGATIVE_INFINITY;
  #saidAt = Number.NEGATIVE_INFINITY;
  written = 0;
  readonly lost: Record<LostBy, number> = { full: 0, failed: 0, late: 0 };

  constructor(sink: DecisionSink, surroundings: Pick<Surroundings, 'now' | 'sleep'>) {
    this.#sink = sink;
    this.#surroundings = surroundings;
  }

  get name(): DecisionSink['name'] {
    return this.#sink.name;
  }

  add(record: DecisionRecord, life: RequestLife): void {
    const chars = charsOf(record);
    if (this.#waiting.length >= WAITING_LIMIT || this.#chars + chars > WAITING_CHARS) this.#lose('full', 1);
    else {
      this.#waiting.push(record);
      this.#chars += chars;
    }
    const now = record.time;
    const gathers = now >= this.#gathersSince && now - this.#gathersSince < FLUSH_MS;
    if ((gathers && this.#waiting.length < this.#sink.perInvocation) || this.#left(life) <= 0) return;
    if (gathers) {
      life.waitUntil(this.#flushBehind(this.#take(life)));
      return;
    }
    this.#gathersSince = now;
    life.waitUntil(this.#gather(life));
  }

  async #gather(life: RequestLife): Promise<void> {
    await this.#surroundings.sleep(GATHER_MS);
    this.#gathersSince = Number.NEGATIVE_INFINITY;
    await this.#flush(this.#take(life));
  }

  /** Packing takes its time: the answer goes out first. */
  async #flushBehind(records: readonly DecisionRecord[]): Promise<void> {
    await this.#surroundings.sleep(0);
    await this.#flush(records);
  }

  #left(life: RequestLife): number {
    return this.#sink.perInvocation - (this.#spent.get(life) ?? 0);
  }

  #take(life: RequestLife): DecisionRecord[] {
    const taken = this.#waiting.splice(0, this.#left(life));
    this.#spent.set(life, (this.#spent.get(life) ?? 0) + taken.length);
    for (const record of taken) this.#chars -= charsOf(record);
    return taken;
  }

  async #flush(records: readonly DecisionRecord[]): Promise<void> {
    if (records.length === 0) return;
    try {
      const taken = await within(this.#sink.send(records), SINK_MS, this.#surroundings);
      if (taken === LATE) return this.#lose('late', records.length);
      this.written += taken;
      if (taken < records.length) this.#lose('failed', records.length - taken);
    } catch (error) {
      this.#lose('failed', records.length, error);
    }
  }

  /** Says so, once in a while. */
  #lose(by: LostBy, records: number, error?: unknown): void {
    this.lost[by] += records;
    const now = this.#surroundings.now();
    if (now >= this.#saidAt && now - this.#saidAt < SAID_EVERY_MS) return;
    this.#saidAt = now;
    const why = error === undefined ? {} : { error: messageOf(error) };
    log('warn', 'decision_log_lost', {
      message: 'decisions are missing from the log',
      sink: this.#sink.name,
      lost: { ...this.lost },
      ...why,
    });
  }
}

function charsOf({ caller, subject, action, resource }: DecisionRecord): number {
  return caller.length + subject.length + action.length + resource.length;
}
