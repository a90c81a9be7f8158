/**
 * D1 and KV in a process of their own, so that the memory and CPU of the workerd that is measured are the Worker's. D1's protocol over SQLite, KV's
 * over a Map; both count what they are asked. `node stores.ts` prints its port; `POST /sql` runs a script.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { migrationFiles } from '../../lib/migrate.ts';

const MIGRATIONS = join(import.meta.dirname, '../../../src/storage/d1/migrations');

interface Query {
  readonly sql: string;
  readonly params?: readonly SQLInputValue[];
}

/** since the start */
export interface Counts {
  /** statements, those of a batch each */
  d1: number;
  kvPuts: number;
  kvBytes: number;
}

const folder = mkdtempSync(join(tmpdir(), 'bitgate-stores-'));
const database = new DatabaseSync(join(folder, 'd1.sqlite'));
const kv = new Map<string, Buffer>();
const counts: Counts = { d1: 0, kvPuts: 0, kvBytes: 0 };

database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; PRAGMA foreign_keys = ON; PRAGMA cache_size = -200000');
for (const file of migrationFiles(MIGRATIONS)) database.exec(readFileSync(join(MIGRATIONS, file), 'utf8'));

function answer({ sql, params = [] }: Query): object {
  counts.d1++;
  const statement = database.prepare(sql);
  statement.setReturnArrays(true);
  const columns = statement.columns().map(({ name }) => name);
  const rows = statement.all(...params);
  const meta = {
    served_by: 'bench',
    duration: 0,
    changes: 0,
    last_row_id: 0,
    changed_db: false,
    size_after: 0,
    rows_read: 0,
    rows_written: 0,
  };
  return { success: true, results: { columns, rows }, meta };
}

/** All or nothing. */
function query(body: string): object {
  const queries: Query | readonly Query[] = JSON.parse(body);
  database.exec('BEGIN');
  try {
    const answers = [queries].flat().map(answer);
    database.exec('COMMIT');
    return answers;
  } catch (error) {
    database.exec('ROLLBACK');
    return { success: false, error: String(error) };
  }
}

/** @returns null: there is none */
function keyValue(method: string, key: string, body: Buffer): Buffer | null {
  if (method === 'GET') return kv.get(key) ?? null;
  if (method === 'DELETE') kv.delete(key);
  if (method !== 'PUT') return Buffer.alloc(0);
  counts.kvPuts++;
  counts.kvBytes += body.byteLength;
  kv.set(key, body);
  return Buffer.alloc(0);
}

function reply(method: string, path: string, body: Buffer): Buffer | string | null {
  if (path.startsWith('/query') || path.startsWith('/execute')) return JSON.stringify(query(body.toString()));
  if (path === '/counts') return JSON.stringify(counts);
  if (path !== '/sql') return keyValue(method, decodeURIComponent(path.slice(1).split('?')[0] ?? ''), body);
  database.exec(body.toString());
  return '{}';
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const server = createServer(async (request, response) => {
  const answered = reply(request.method ?? 'GET', request.url ?? '/', await bodyOf(request));
  response.writeHead(answered === null ? 404 : 200).end(answered ?? '');
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.stdout.write(`${typeof address === 'object' && address !== null ? address.port : 0}\n`);
});
process.on('SIGTERM', () => {
  rmSync(folder, { recursive: true, force: true });
  process.exit(0);
});
