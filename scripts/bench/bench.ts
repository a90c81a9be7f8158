/** What a benchmark is given and what it hands back: text for people, figures for the summary and for programs. */

export interface BenchOptions {
  /** fewer rounds, to try a benchmark out; its figures are worth little */
  readonly quick: boolean;
}

/** One measured thing. Numbers are medians of interleaved rounds where rounds are said. */
export interface Figure {
  /** unique over all benchmarks: `decisions.L` */
  readonly id: string;
  readonly what: string;
  /** null: the system doesn't say, or it can't be measured here */
  readonly value: number | null;
  readonly unit: string;
  readonly baseline?: Baseline;
  readonly rounds: number;
}

/** What the figure stands beside, measured in the same run. */
export interface Baseline {
  readonly what: string;
  /** in the figure's unit */
  readonly value: number | null;
  /** median of the figure over its baseline, both of one round */
  readonly ratio: number | null;
}

export interface BenchResult {
  /** a table and a note on how it came about */
  readonly text: string;
  readonly figures: readonly Figure[];
}

/** @throws Error when an answer is wrong: a benchmark asserts every answer */
export type Bench = (options: BenchOptions) => Promise<BenchResult>;

/** So many rounds, or few when it is only tried out. */
export function roundsOf({ quick }: BenchOptions, rounds: number): number {
  return quick ? Math.min(rounds, 2) : rounds;
}
