/** Which revisions there are, and which of them can still be read. */
import { BitgateError } from '../../core/terms/problem.ts';
import type { ListPage, PublisherHandle } from '../control-ports.ts';
import { publisherUnavailable } from '../write/moment.ts';
import type { HeldRevision, History, PublishedRevision, RevisionPlace, RevisionRow, TableCount } from './ports.ts';
import { HOUR_MS, retentionOf } from './retention.ts';

export interface HistoryTools {
  readonly history: History;
  readonly publisher: PublisherHandle;
  now(): number;
}

export interface ListedRevision extends RevisionRow {
  /** its rows can still be read */
  readonly retained: boolean;
}

export interface RevisionDetail extends ListedRevision {
  readonly tables: readonly TableCount[];
  /** its snapshot, held for some minutes; null when it is dropped, or never was one: several writes may be published at once */
  readonly held: HeldRevision | null;
}

/** A page of all that are known, newest first. */
export async function listRevisions(tools: HistoryTools, below: number | null, limit: number): Promise<ListPage<ListedRevision>> {
  const [published, place] = await Promise.all([publishedRevisions(tools), tools.history.place(0)]);
  const kept = new Set(published.map(({ revision }) => revision));
  const page = await tools.history.page(published, below, limit);
  const retained = (row: RevisionRow): boolean =>
    kept.has(row.revision) || rowsReadable(row.revision, { ...place, tag: row.tag, auditedAt: row.at }, tools.now());
  return { ...page, rows: page.rows.map((row) => ({ ...row, retained: retained(row) })) };
}

/**
 * One, dropped or not.
 * @throws BitgateError `unknown_revision` (404), `revision_dropped` (410) when nothing is known of it but that it was
 */
export async function revisionDetail(tools: HistoryTools, revision: number): Promise<RevisionDetail> {
  const place = await tools.history.place(revision);
  const published = await publishedRevisions(tools);
  const held = await hold(tools, revision);
  const retained = held !== null || rowsReadable(revision, place, tools.now());
  if (!retained && place.auditedAt === null) throw gone(revision, place);
  const { row, tables } = await tools.history.detail(published, revision);
  return { ...row, retained, tables, held };
}

/**
 * Makes sure that a revision can be read, and that it can be for some more minutes.
 * @throws BitgateError `unknown_revision` (404), `revision_dropped` (410)
 */
export async function requireKept(
  tools: HistoryTools,
  revision: number,
): Promise<{ readonly place: RevisionPlace; readonly held: HeldRevision | null }> {
  const held = await hold(tools, revision);
  const place = await tools.history.place(revision);
  if (held === null && !rowsReadable(revision, place, tools.now())) throw gone(revision, place);
  return { place, held };
}

/** When neither snapshot nor log have it any more. */
export function dropped(revision: number): BitgateError {
  return new BitgateError('revision_dropped', 410, `revision ${revision} is not kept any more`, { revision });
}

/** Of a revision that was never published by itself, since the next one came before that: it is kept as long as every revision is. */
function rowsReadable(revision: number, { floor, tag, auditedAt, settings }: RevisionPlace, now: number): boolean {
  if (revision < floor || auditedAt === null) return false;
  return tag !== null || now - auditedAt < retentionOf(settings).all_hours * HOUR_MS;
}

/** A number of a committed state, as far as anybody knows: below `floor` nothing tells one number from another. */
export function wasThere(revision: number, { known, floor, newest }: RevisionPlace): boolean {
  return known || (revision > 0 && revision <= floor && revision <= newest);
}

function gone(revision: number, place: RevisionPlace): BitgateError {
  if (wasThere(revision, place)) return dropped(revision);
  return new BitgateError('unknown_revision', 404, `there is no revision ${revision} of this organization`, { revision });
}

async function publishedRevisions({ publisher }: HistoryTools): Promise<readonly PublishedRevision[]> {
  try {
    return await publisher.revisions();
  } catch (error) {
    throw publisherUnavailable(error);
  }
}

async function hold({ publisher }: HistoryTools, revision: number): Promise<HeldRevision | null> {
  try {
    return await publisher.hold(revision);
  } catch (error) {
    throw publisherUnavailable(error);
  }
}
