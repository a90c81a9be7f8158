/** Where the decision log goes. `storage/` implements it. */
import type { DecisionRecord } from './record.ts';

export interface DecisionSink {
  readonly name: 'analytics' | 'queue';
  /** records that one invocation of the Worker may give it */
  readonly perInvocation: number;
  /** @returns how many it took; rejects when it took none */
  send(records: readonly DecisionRecord[]): Promise<number>;
}
