/** A database that counts what it is asked: one invocation may ask it 1,000 times. */

export interface CountedDatabase {
  readonly db: D1Database;
  /** statements so far, each of a batch counted */
  queries(): number;
}

/** Every statement is prepared once for each time that it is sent, so preparing is what is counted. */
export function countedDatabase(db: D1Database): CountedDatabase {
  let queries = 0;
  const counted: Pick<D1Database, 'prepare' | 'batch'> = {
    prepare(sql) {
      queries++;
      return db.prepare(sql);
    },
    batch: (statements) => db.batch(statements),
  };
  // `as`: nothing here asks in another way
  return { db: counted as D1Database, queries: () => queries };
}
