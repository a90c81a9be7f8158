/** Rows of API keys → leaf entries. A key that can't be read opens nothing: it counts as disabled. */
import type { KeyEntry } from '../snapshot/model.ts';
import type { ApiKeyRow } from '../terms/rows.ts';
import type { Entries } from './entry-list.ts';
import { isTime } from './read.ts';
import { quote, Report } from './report.ts';

const HASH = /^[0-9a-f]{64}$/;
const NO_HASH = '0'.repeat(64);
const FORWARD_AUTH: ReadonlySet<string> = new Set(['', 'nginx', 'forwarded', 'envoy']);

/**
 * @param keys ids of API keys, each once
 * @param rows all rows of these keys, in any order
 */
export function keyEntries(keys: readonly string[], rows: readonly ApiKeyRow[]): Entries<KeyEntry> {
  const report = new Report();
  const byId = new Map(rows.map((row) => [row.id, row]));
  const entries = keys.map((key) => {
    const row = byId.get(key);
    return row === undefined ? null : compileKey(row, report);
  });
  return { entries, problems: report.problems, fatal: report.fatals };
}

function compileKey(row: ApiKeyRow, report: Report): KeyEntry {
  const { previous_hash: previous, previous_until: until } = row;
  const check = (fine: boolean, code: string, column: string, message: string): boolean => {
    if (!fine) report.problem(code, `api_keys/${row.id}/${column}`, `${message}: the key counts as disabled`);
    return fine;
  };
  const hashFine = check(HASH.test(row.hash), 'malformed_hash', 'hash', 'expected 64 hex digits in lower case');
  const previousFine = check(
    previous === null || HASH.test(previous),
    'malformed_hash',
    'previous_hash',
    'expected 64 hex digits in lower case',
  );
  const endFine = check(isTime(row.expires_at), 'malformed_time', 'expires_at', 'expected whole milliseconds');
  const untilFine = check(isTime(until), 'malformed_time', 'previous_until', 'expected whole milliseconds');
  const status = check(row.status === 'active' || row.status === 'disabled', 'unknown_status', 'status', `${quote(row.status)} is unknown`);
  const proxyFine = check(
    FORWARD_AUTH.has(row.forward_auth),
    'unknown_forward_auth',
    'forward_auth',
    `${quote(row.forward_auth)} is unknown`,
  );
  const readable = hashFine && previousFine && endFine && untilFine && status && proxyFine;
  return {
    key: row.id,
    hash: hashFine ? row.hash : NO_HASH,
    previousHash: previousFine ? previous : null,
    previousUntil: untilFine ? until : null,
    disabled: !readable || row.status === 'disabled',
    expiresAt: endFine ? row.expires_at : null,
    project: row.project,
    forwardAuth: proxyFine ? row.forward_auth : '',
  };
}
