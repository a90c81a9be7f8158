/** SQL as somebody types it, and what the log says about it afterwards. */
import { env } from 'cloudflare:workers';

export interface LogRow {
  readonly tbl: string;
  readonly key: string;
  readonly area: string;
  readonly touches: string;
  readonly op: string;
  /** parsed; null when there was no row before */
  readonly before: Readonly<Record<string, unknown>> | null;
}

let organizations = 0;

/** Makes an empty organization of its own for one test. */
export async function freshOrganization(): Promise<string> {
  organizations += 1;
  const org = `org-${organizations}`;
  await run('INSERT INTO organizations (id) VALUES (?1)', org);
  return org;
}

/** One statement; `?1` is the organization by convention. */
export async function run(sql: string, ...values: (string | number | null)[]): Promise<void> {
  await env.DB.prepare(sql)
    .bind(...values)
    .run();
}

/** What `sql` gives, as objects. */
export async function select<Row>(sql: string, ...values: (string | number | null)[]): Promise<Row[]> {
  const { results } = await env.DB.prepare(sql)
    .bind(...values)
    .all<Row>();
  return results;
}

export async function revisionOf(org: string): Promise<number> {
  const [row] = await select<{ revision: number }>('SELECT coalesce(max(seq), 0) AS revision FROM changes WHERE org = ?1', org);
  return row?.revision ?? 0;
}

/** Runs `statements` (each with `?1` for the organization) and gives what they logged. */
export async function logged(org: string, ...statements: string[]): Promise<LogRow[]> {
  const before = await revisionOf(org);
  for (const sql of statements) await run(sql, org);
  return logAfter(org, before);
}

export async function logAfter(org: string, revision: number): Promise<LogRow[]> {
  const rows = await select<Omit<LogRow, 'before'> & { before: string | null }>(
    'SELECT tbl, key, area, touches, op, before FROM changes WHERE org = ?1 AND seq > ?2 ORDER BY seq',
    org,
    revision,
  );
  return rows.map((row) => ({ ...row, before: row.before === null ? null : JSON.parse(row.before) }));
}
