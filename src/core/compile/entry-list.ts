/** What the three compilers of leaf entries answer. */
import type { Problem } from '../terms/problem.ts';

export interface Entries<Entry> {
  /** beside the keys that were asked for; null: nothing is stored for that key (any more) */
  readonly entries: (Entry | null)[];
  /** allows that were skipped, subjects and keys that were suspended and resources that were restricted since they can't be read; sorted by place */
  readonly problems: Problem[];
  /** reasons not to publish, sorted by place */
  readonly fatal: Problem[];
}
