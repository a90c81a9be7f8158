/**
 * The Publisher's own SQLite: what is published, and the strong copy of its pieces.
 *
 * state      one row a name: `organization` (id), `pointer` (JSON Pointer), `copied` (what KV was last given of it); `collect_at` (when old revisions are looked for next, ms);
 *            of an organization that was deleted `floor` (its last revision), and `clear_until` (ms) while KV may still list what it had
 * revisions  every published revision that is kept: when, and its manifest's hash
 * replaced   when the next revision was published after a kept one, whether that next one is kept or not; of 0: when the first of all was
 * held       revisions that somebody reads: kept until then (ms)
 * spans      from which published revision to which a piece was part of all of them; `last` null: of the newest too
 * garbage    pieces of no revision that is kept: KV may still have them
 * draft      the compile under way, as JSON in parts
 * pieces     bytes by hash, in chunks below the 2 MB that a row may have; `in_kv`: KV took it; `replaced_at`: no longer in the published manifest, since then
 * problems   what could not be read, by the leaf key that it concerns
 */
const STATEMENTS = [
  'CREATE TABLE IF NOT EXISTS state (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID',
  'CREATE TABLE IF NOT EXISTS revisions (revision INTEGER PRIMARY KEY, manifest TEXT NOT NULL, at INTEGER NOT NULL) STRICT',
  'CREATE TABLE IF NOT EXISTS replaced (revision INTEGER PRIMARY KEY, at INTEGER NOT NULL) STRICT',
  'CREATE TABLE IF NOT EXISTS held (revision INTEGER PRIMARY KEY, until INTEGER NOT NULL) STRICT',
  'CREATE TABLE IF NOT EXISTS spans (hash TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER, PRIMARY KEY (hash, first)) STRICT, WITHOUT ROWID',
  'CREATE INDEX IF NOT EXISTS spans_by_last ON spans (last)',
  'CREATE TABLE IF NOT EXISTS garbage (hash TEXT PRIMARY KEY) STRICT, WITHOUT ROWID',
  'CREATE TABLE IF NOT EXISTS draft (part INTEGER PRIMARY KEY, json TEXT NOT NULL) STRICT',
  'CREATE TABLE IF NOT EXISTS pieces (hash TEXT PRIMARY KEY, in_kv INTEGER NOT NULL, replaced_at INTEGER) STRICT, WITHOUT ROWID',
  'CREATE INDEX IF NOT EXISTS pieces_not_in_kv ON pieces (hash) WHERE in_kv = 0',
  'CREATE INDEX IF NOT EXISTS pieces_replaced ON pieces (replaced_at) WHERE replaced_at IS NOT NULL',
  'CREATE TABLE IF NOT EXISTS chunks (hash TEXT NOT NULL, chunk INTEGER NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY (hash, chunk)) STRICT',
  'CREATE TABLE IF NOT EXISTS problems (area TEXT NOT NULL, key TEXT NOT NULL, problems TEXT NOT NULL, PRIMARY KEY (area, key)) STRICT, WITHOUT ROWID',
];

/** Before the first publish, and whenever an object wakes that has published: tables may be younger than it. */
export function prepareTables(sql: SqlStorage): void {
  for (const statement of STATEMENTS) sql.exec(statement);
}

/** All that is known of what was published; pieces apart. */
export function forgetState(sql: SqlStorage): void {
  for (const table of ['state', 'revisions', 'replaced', 'held', 'spans', 'garbage', 'problems', 'draft']) sql.exec(`DELETE FROM ${table}`);
}

/** False for an object that never published: anybody may ask for the pointer of an organization that doesn't exist, and that must store nothing. */
export function hasTables(sql: SqlStorage): boolean {
  return sql.exec("SELECT 1 FROM sqlite_schema WHERE name = 'state'").toArray().length > 0;
}

/** A JSON value kept under a name; undefined when there is none. */
export function readState<T>(sql: SqlStorage, name: string): T | undefined {
  const [row] = sql.exec<{ value: string }>('SELECT value FROM state WHERE name = ?', name).toArray();
  // Written by `writeState` alone, with the same type under the same name.
  return row === undefined ? undefined : (JSON.parse(row.value) as T);
}

export function writeState(sql: SqlStorage, name: string, value: unknown): void {
  sql.exec(
    'INSERT INTO state (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
    name,
    JSON.stringify(value),
  );
}
