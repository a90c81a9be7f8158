/** What bitgate is compared with in one process: somebody else's engine, prepared as a careful user would, that answers the same questions. */
import type { OrganizationRows } from '../../../src/core/terms/rows.ts';
import type { Question } from '../core/population.ts';
import type { Holdings } from './holdings.ts';

export interface World {
  readonly name: string;
  readonly rows: OrganizationRows;
  readonly holdings: Holdings;
  /** all that will be asked: what a peer keeps per subject it may prepare for these alone */
  readonly questions: readonly Question[];
}

export type Ask = (question: Question) => boolean;

export interface Peer {
  readonly name: string;
  /** how it was set up, one clause */
  readonly how: string;
  /** how many of the questions it is asked a round, by world: fewer where it is slow */
  readonly asked: Readonly<Record<string, number>>;
  /** Not timed. */
  prepare(world: World): Promise<Ask>;
}
