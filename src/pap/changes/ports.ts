/** What the change feed needs of the log. */

/** One change of one row. Never what the row held: keys and words only, so no secret can be in it. */
export interface LoggedChange {
  /** this revision and all later ones show it */
  readonly revision: number;
  /** ms since 1970 */
  readonly at: number;
  readonly table: string;
  /** the columns of the row's primary key; none for settings, of which there is one row */
  readonly key: readonly string[];
  readonly op: 'insert' | 'update' | 'delete' | 'replace' | 'restore';
  /** of the last change of a write through the API; null of all others, and of SQL typed by hand */
  readonly actor: string | null;
  readonly requestId: string | null;
}

export interface FeedPage {
  readonly items: readonly LoggedChange[];
  /** the newest */
  readonly revision: number;
  /** changes after this one are all in the log; 0: it was never pruned */
  readonly floor: number;
}

export interface ChangeFeed {
  /** in order, `after` excluded; from one transaction */
  page(after: number, limit: number): Promise<FeedPage>;
}
