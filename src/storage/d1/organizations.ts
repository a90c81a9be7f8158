/** The organizations themselves: made, listed, found. One that is being deleted is no longer seen, but its id stays taken. */
import { BitgateError } from '../../core/terms/problem.ts';
import type { AuditEntry, OrganizationRecord, RowChanges } from '../../pap/ports.ts';
import type { PresetPart } from '../../pap/preset/parts.ts';
import { auditLine } from './audit.ts';
import { rowOf, rowsOf, writeBatch } from './outcome.ts';
import { partStatements } from './preset-parts.ts';
import { changeStatements, outcomeStatement } from './row-statements.ts';

export interface OrganizationPage {
  readonly items: readonly OrganizationRecord[];
  /** where the next page goes on, null at the end */
  readonly next: string | null;
  /** of all pages */
  readonly total: number;
}

const COLUMNS = 'id, name, preset, created_at AS createdAt';

/** `?1` a part of id or name */
const SEEN = "state = 'active' AND (instr(id, lower(?1)) > 0 OR instr(lower(name), lower(?1)) > 0)";

/**
 * `?1` organization, `?2` how many. Of an organization that had the same id before, the log still has the newest line: it told the revision,
 * and now the line of the new one does.
 */
const FORGET = `DELETE FROM changes WHERE seq IN (
  SELECT seq FROM changes WHERE org = ?1 AND seq < (SELECT max(seq) FROM changes WHERE org = ?1) ORDER BY seq LIMIT ?2)`;
/** more are left by SQL typed by hand alone */
const FORGOTTEN_LINES = 1_000;

/**
 * Makes an organization with its first rows, in one transaction.
 * @param now milliseconds since 1970, of the audit line
 * @param parts what its preset gives it to change
 * @throws BitgateError `organization_exists` (409)
 * @throws BitgateError `conflict` (409) when the database's own constraints refuse a row
 */
export async function createOrganization(
  db: D1Database,
  record: OrganizationRecord,
  changes: RowChanges,
  audit: AuditEntry,
  now: number,
  parts: readonly PresetPart[] = [],
): Promise<{ readonly revision: number }> {
  const insert = db
    .prepare('INSERT INTO organizations (id, name, preset, created_at) VALUES (?1, ?2, ?3, ?4)')
    .bind(record.id, record.name, record.preset, record.createdAt);
  // Making an organization always makes a revision.
  const line = await auditLine(db, record.id, audit, now, -1);
  try {
    const results = await writeBatch(db, [
      // first of all: whoever comes second is told that the id is taken
      insert,
      db.prepare(FORGET).bind(record.id, FORGOTTEN_LINES),
      line.guard,
      ...changeStatements(db, record.id, changes),
      ...partStatements(db, record.id, parts),
      ...line.inserts,
      outcomeStatement(db, record.id, 0),
    ]);
    return { revision: rowOf<{ revision: number }>(results, results.length - 1).revision };
  } catch (error) {
    if (error instanceof BitgateError && error.details?.constraint === 'organizations.id') {
      throw new BitgateError('organization_exists', 409, `there is an organization \`${record.id}\` already`);
    }
    throw error;
  }
}

/** A page in order of id, `after` excluded (`''` to begin). */
export async function listOrganizations(
  db: D1Database,
  { after, limit, search }: { readonly after: string; readonly limit: number; readonly search: string },
): Promise<OrganizationPage> {
  const results = await db.batch([
    db.prepare(`SELECT count(*) AS total FROM organizations WHERE ${SEEN}`).bind(search),
    db.prepare(`SELECT ${COLUMNS} FROM organizations WHERE ${SEEN} AND id > ?2 ORDER BY id LIMIT ?3`).bind(search, after, limit + 1),
  ]);
  const found = rowsOf<OrganizationRecord>(results, 1);
  const items = found.slice(0, limit);
  return {
    items,
    next: found.length > limit ? (items.at(-1)?.id ?? null) : null,
    total: rowOf<{ total: number }>(results, 0).total,
  };
}

/** @returns null when there is none, or when it is being deleted */
export async function getOrganization(db: D1Database, id: string): Promise<OrganizationRecord | null> {
  return db.prepare(`SELECT ${COLUMNS} FROM organizations WHERE state = 'active' AND id = ?1`).bind(id).first<OrganizationRecord>();
}

/** Is there such an organization, and isn't it being deleted? */
export async function isThere(db: D1Database, id: string): Promise<boolean> {
  return (await getOrganization(db, id)) !== null;
}
