/** A database that refuses what D1 refuses and its local stand-in does not: bound strings of more than 2,000,000 bytes. */

const MAX_BYTES = 2_000_000;

export function strict(db: D1Database): D1Database {
  return new Proxy(db, {
    get(target, name) {
      if (name === 'prepare') return (sql: string) => checked(target.prepare(sql));
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

function checked(statement: D1PreparedStatement): Pick<D1PreparedStatement, 'bind'> {
  return {
    bind: (...values) => {
      const tooLong = values.some((value) => typeof value === 'string' && new TextEncoder().encode(value).length > MAX_BYTES);
      if (tooLong) throw new Error('D1_ERROR: string or blob too big: SQLITE_TOOBIG');
      return statement.bind(...values);
    },
  };
}
