/** The decision log: each answered decision as one record, to whatever sinks there are. It delays, changes and fails no decision. */
import type { Answered } from '../answered.ts';
import type { RequestLife, Surroundings } from '../ports.ts';
import { Outlet } from './outlet.ts';
import type { DecisionSink } from './ports.ts';
import { recordOf } from './record.ts';

export class DecisionLog {
  readonly outlets: readonly Outlet[];
  readonly #share: number;
  readonly #surroundings: Pick<Surroundings, 'now' | 'random'>;

  /** @param share of the allowed decisions, 0 to 1; denied ones are all logged */
  constructor(share: number, sinks: readonly DecisionSink[], surroundings: Pick<Surroundings, 'now' | 'random' | 'sleep'>) {
    this.#share = share;
    this.#surroundings = surroundings;
    this.outlets = sinks.map((sink) => new Outlet(sink, surroundings));
  }

  decided(logged: Answered, life: RequestLife): void {
    const allowed = logged.decision.decision;
    if (allowed && this.#share < 1 && this.#surroundings.random() >= this.#share) return;
    const record = recordOf(logged, this.#surroundings.now(), allowed ? this.#share : 1);
    for (const outlet of this.outlets) outlet.add(record, life);
  }
}
