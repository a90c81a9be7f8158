/** All figures of a run as one JSON document. */
import type { Figure } from '../bench.ts';
import type { Machine, Versions } from './machine.ts';
import type { Verdict } from './summary.ts';

export interface Failure {
  readonly bench: string;
  readonly message: string;
}

export interface Run {
  /** ISO 8601 */
  readonly at: string;
  readonly seconds: number;
  readonly quick: boolean;
  readonly machine: Machine;
  readonly versions: Versions;
  readonly benches: readonly string[];
  readonly figures: readonly Figure[];
  readonly goals: readonly Verdict[];
  readonly failures: readonly Failure[];
}

export function runJson(run: Run): string {
  return `${JSON.stringify(run, null, 2)}\n`;
}
