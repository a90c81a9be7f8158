/** What lies above a resource: everything that is reached over parents, and from where an allow reaches the resource. A fact, not a decision. */
export interface Chain {
  /** `type:id` of each, once */
  readonly keys: readonly string[];
  /** `hashText` of each key */
  readonly hashes: readonly number[];
  /** does an allow granted there reach the resource, if the resource itself is not restricted? */
  readonly reaches: readonly boolean[];
  /** the same for `org` */
  readonly orgReaches: boolean;
  /** one of them is a project */
  readonly project: boolean;
}

/** Nothing lies above but `org`. */
export const NO_CHAIN: Chain = { keys: [], hashes: [], reaches: [], orgReaches: true, project: false };
