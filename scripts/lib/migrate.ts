/** Applies the migrations to a local D1, in the ledger that `wrangler d1 migrations` keeps. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The part of a D1 database that is needed here. */
export interface Database {
  prepare(sql: string): Statement;
  batch(statements: Statement[]): Promise<unknown>;
}

interface Statement {
  bind(...values: unknown[]): Statement;
  run(): Promise<unknown>;
  all<Row>(): Promise<{ results: Row[] }>;
}

const CREATE_LEDGER = `CREATE TABLE IF NOT EXISTS "d1_migrations"(
\t\tid         INTEGER PRIMARY KEY AUTOINCREMENT,
\t\tname       TEXT UNIQUE,
\t\tapplied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL
);`;

/**
 * Applies what the ledger doesn't have yet, each file with its ledger line in one transaction.
 * @returns the names of the files applied
 * @throws Error that names the file which failed
 */
export async function migrate(database: Database, folder: string): Promise<string[]> {
  await database.prepare(CREATE_LEDGER).run();
  const { results } = await database.prepare('SELECT name FROM d1_migrations').all<{ name: string }>();
  const applied = new Set(results.map((row) => row.name));
  const pending = migrationFiles(folder).filter((name) => !applied.has(name));
  for (const name of pending) await apply(database, folder, name);
  return pending;
}

/** In the order of their leading numbers, as wrangler sorts them. */
export function migrationFiles(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10));
}

async function apply(database: Database, folder: string, name: string): Promise<void> {
  const sql = readFileSync(join(folder, name), 'utf8');
  const record = database.prepare('INSERT INTO d1_migrations (name) VALUES (?1)').bind(name);
  try {
    await database.batch([database.prepare(sql), record]);
  } catch (error) {
    throw new Error(`migration \`${name}\` failed: ${error instanceof Error ? error.message : String(error)}`);
  }
}
