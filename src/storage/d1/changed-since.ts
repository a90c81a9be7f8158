/** What the log says was touched after a revision, or the oldest part of it, with the present rows of all of that, from one transaction. */
import type { ApiKeyRow } from '../../core/terms/rows.ts';
import type { ChangePart, ChangeSet, LeafPlace } from '../../pap/ports.ts';
import { catalogRows, catalogStatements } from './catalog-rows.ts';
import { keySql, principalRows, principalSql, resourceRows, resourceSql } from './leaf-rows.ts';
import { rowOf, rowsOf } from './outcome.ts';
import { REVISION_SQL } from './row-statements.ts';
import { changesAfterSql, undone } from './rows-then.ts';

type LeafArea = 'principal' | 'resource' | 'key';

const AREAS = { principals: 'principal', resources: 'resource', keys: 'key' } as const satisfies Record<LeafPlace['area'], LeafArea>;

/** assignments of the keys of a part: what it holds in memory. One key alone may exceed it */
const PART_ROWS = 10_000;
/** parts of fewer keys are not weighed */
const LIGHT_KEYS = 100;

/** more than any */
const NEWEST = Number.MAX_SAFE_INTEGER;

/** The last change of the part, or the last that is wanted: `?1` organization, `?2` revision, `?3` changes in the part less one, `?5` the last wanted. */
const UNTIL = 'min(?5, coalesce((SELECT seq FROM changes WHERE org = ?1 AND seq > ?2 ORDER BY seq LIMIT 1 OFFSET ?3), 9007199254740991))';

/** A key is a subject too, `api_key:<id>`: disabling the one suspends the other. */
const touchedWhere = (
  after: string,
): string => `SELECT area, touches FROM changes WHERE org = ?1 AND ${after} AND area IN ('principal', 'resource', 'key')
  UNION SELECT 'principal', 'api_key:' || touches FROM changes WHERE org = ?1 AND ${after} AND area = 'key'`;

/** in the part */
const TOUCHED = touchedWhere(`seq > ?2 AND seq <= ${UNTIL}`);

/**
 * `?4` is where counting stops. The log reaches back to `?2` if nothing after it was pruned, and if it is where the log begins or a row that
 * is still there: after the database was set back to an older state it is neither, or the mark of `ensureRevisionAbove` lies above it.
 */
const HEAD = `SELECT (${REVISION_SQL}) AS revision, ${UNTIL} AS until,
  (SELECT ?2 = floor OR (?2 > floor AND EXISTS (SELECT 1 FROM changes WHERE org = ?1 AND seq = ?2))
   FROM (SELECT coalesce(max(seq), 0) AS floor FROM changes_pruned WHERE org = ?1)) AS reaches,
  EXISTS (SELECT 1 FROM changes WHERE org = ?1 AND seq > ?2 AND area = 'catalog') AS catalog,
  (SELECT count(*) FROM (SELECT 1 FROM (${TOUCHED}) LIMIT ${LIGHT_KEYS + 1})) AS part,
  (SELECT count(*) FROM (SELECT 1 FROM (${touchedWhere('seq > ?2')}) LIMIT ?4)) AS touched`;

const WEIGHT = `SELECT count(*) AS weight FROM (
  SELECT 1 FROM (${TOUCHED}) AS each JOIN assignments ON each.area = 'principal' AND org = ?1 AND principal = each.touches LIMIT ?4)`;

interface Head {
  readonly revision: number;
  readonly until: number;
  readonly reaches: 0 | 1;
  readonly catalog: 0 | 1;
  readonly part: number;
  /** 0 if there is no limit to it */
  readonly touched: number;
}

/**
 * @param spend told how many statements are run
 * @returns null when more than `maxTouched` keys were touched after `after`, in the part or not, or when the log doesn't reach back to it
 */
export async function changedSince(
  db: D1Database,
  org: string,
  spend: (statements: number) => void,
  after: number,
  maxTouched: number,
  part: ChangePart = { changes: Number.MAX_SAFE_INTEGER },
): Promise<ChangeSet | null> {
  let last = part.changes - 1;
  const at = part.at ?? NEWEST;
  const headStatement = (): D1PreparedStatement =>
    db.prepare(HEAD).bind(org, after, last, maxTouched < Number.MAX_SAFE_INTEGER ? maxTouched + 1 : 0, at);
  spend(1);
  let [head] = (await headStatement().all<Head>()).results;
  while (head !== undefined && isUsable(head)) {
    if (part.changes < Number.MAX_SAFE_INTEGER && head.part > LIGHT_KEYS) {
      // Each statement of the batch stops at the same change again, so what was weighed here is what is read there.
      for (; last > 0 && (await weigh(last)) > PART_ROWS; last >>= 1);
    }
    const withCatalog = head.catalog === 1;
    const also = withCatalog ? (part.also ?? []) : [];
    const statements = [
      headStatement(),
      ...leafSql(also).map((sql) => db.prepare(sql).bind(org, after, last, alsoJson(also), at)),
      ...(withCatalog ? catalogStatements(db, org) : []),
      ...(part.at === undefined
        ? []
        : [db.prepare(changesAfterSql(readSql(also), withCatalog)).bind(org, after, last, alsoJson(also), at)]),
    ];
    spend(statements.length);
    const results = await db.batch(statements);
    head = rowOf<Head>(results, 0);
    // Somebody may have written between the first look and the batch: only what the batch itself says counts.
    if (isUsable(head) && (head.catalog === 1) === withCatalog) {
      const changes = changeSet({ ...head, revision: Math.min(head.revision, at) }, results, withCatalog);
      return part.at === undefined ? changes : undone(changes, rowsOf(results, statements.length - 1));
    }
  }
  return null;

  /** Set back to before the revision that is wanted, the database has it no more. */
  function isUsable({ reaches, touched, revision }: Head): boolean {
    return reaches === 1 && touched <= maxTouched && revision >= (part.at ?? 0);
  }

  async function weigh(changes: number): Promise<number> {
    spend(1);
    const row = await db
      .prepare(WEIGHT)
      .bind(org, after, changes, PART_ROWS + 1, at)
      .first<{ weight: number }>();
    return row?.weight ?? 0;
  }
}

const CATALOG_INDEX = 11;

function alsoJson(also: readonly LeafPlace[]): string {
  return JSON.stringify(also.map(({ area, key }) => [AREAS[area], key]));
}

/** The keys to read, as `area` and `touches`; `?4` those that are read anyway. */
function readSql(also: readonly LeafPlace[]): string {
  return also.length === 0 ? TOUCHED : `${TOUCHED} UNION SELECT value ->> 0, value ->> 1 FROM json_each(?4)`;
}

function leafSql(also: readonly LeafPlace[]): string[] {
  const read = readSql(also);
  const touched = (area: LeafArea) => (column: string) => `${column} IN (SELECT touches FROM (${read}) WHERE area = '${area}')`;
  return [
    `SELECT count(*) AS changes FROM changes WHERE org = ?1 AND seq > ?2 AND seq <= ${UNTIL}`,
    `SELECT area, touches AS key FROM (${read}) ORDER BY touches`,
    ...principalSql(touched('principal')),
    ...resourceSql(touched('resource')),
    ...keySql(touched('key')),
  ];
}

function changeSet({ revision, until }: Head, results: readonly D1Result[], withCatalog: boolean): ChangeSet {
  const touched = rowsOf<{ area: LeafArea; key: string }>(results, 2);
  const keysOf = (area: LeafArea): string[] => touched.filter((row) => row.area === area).map((row) => row.key);
  return {
    revision,
    ...(until < revision ? { upTo: until } : {}),
    catalog: withCatalog ? catalogRows(results, CATALOG_INDEX) : null,
    principals: { keys: keysOf('principal'), rows: principalRows(results, 3) },
    resources: { keys: keysOf('resource'), rows: resourceRows(results, 7) },
    keys: { keys: keysOf('key'), rows: rowsOf<ApiKeyRow>(results, 10) },
    changes: rowOf<{ changes: number }>(results, 1).changes,
  };
}
