/** Who gains and who loses what by a change: the answer of every preview. */

/** One principal, one privilege, one scope. Groups and relative principals stand for themselves: their members aren't listed one by one. */
export interface AccessChange {
  readonly change: 'gained' | 'lost';
  /** a subject, `group:<name>` or a reserved group */
  readonly principal: string;
  readonly privilege: string;
  /** `org` or a resource */
  readonly scope: string;
  /** only under a condition, or for some types or in a window, before, after, or both */
  readonly conditional: boolean;
}

export interface AccessDiff {
  readonly gained: number;
  readonly lost: number;
  /** all of them, in the order of principal, scope, privilege */
  readonly items: readonly AccessChange[];
}
