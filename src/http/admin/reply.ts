/** Answers to writes, and pages of lists. */
import { LIMITS } from '../../core/terms/limits.ts';
import type { ListPage } from '../../pap/control-ports.ts';
import type { AccessDiff } from '../../pap/preview/access.ts';
import type { PublishMode, Written } from '../../pap/write/write.ts';
import { parseAs } from '../common/parse.ts';
import { readQuery } from '../common/query.ts';
import { type HeaderFields, jsonReply } from '../common/reply.ts';
import { proposalBody } from './proposals-wire.ts';
import type { Asked } from './services.ts';
import { writeQuerySchema } from './wire.ts';

export interface WriteQuery extends PageQuery {
  readonly publish?: 'async' | undefined;
  readonly dry_run?: 'true' | 'false' | undefined;
}

export function publishMode({ publish, dry_run: dryRun }: WriteQuery): PublishMode {
  return dryRun === 'true' ? 'dry_run' : (publish ?? 'wait');
}

/** For writes whose query holds nothing of their own. */
export function readWriteQuery({ request }: Asked): WriteQuery {
  return parseAs(writeQuerySchema, readQuery(request.url), 'query');
}

/**
 * What was made, the revision that shows it, and whether that is served already. Of a dry run: what would be made, the revision that it was
 * decided at, a page of who would gain and lose what, and whether and why it would be gated. Of a gated write: the proposal.
 * @param status of a write that changed something and whose publish was waited for
 * @param headers beside those of every answer, e.g. `etag`
 * @param secret a token that is shown this once, also when what it belongs to has to be confirmed first
 */
export async function writtenReply<T>(
  asked: Asked,
  written: Written<T>,
  query: WriteQuery,
  status: 200 | 201,
  body: (value: T) => object,
  headers?: HeaderFields,
  secret: object = {},
): Promise<Response> {
  const { value, changed, revision, published, gated, proposal } = written;
  const mode = publishMode(query);
  if (proposal !== undefined) {
    const waiting = { proposal: proposalBody(proposal, asked.services.now()), revision, published: false, ...secret };
    return jsonReply(202, waiting, asked.requestId);
  }
  const shown = { ...body(value), revision, published };
  if (mode === 'dry_run') {
    const told = { dry_run: true, changed, access_diff: await accessPage(asked, written, query) };
    const gate = gated === undefined ? {} : { gated: true, reasons: gated };
    return jsonReply(200, { ...shown, ...told, ...gate }, asked.requestId);
  }
  const code = changed ? (mode === 'async' ? 202 : status) : 200;
  return jsonReply(code, shown, asked.requestId, headers);
}

async function accessPage(
  { services, request, params }: Asked,
  { access, revision }: Written<unknown>,
  { limit, cursor }: PageQuery,
): Promise<object> {
  // Bound to the revision: a page of another difference would be a mixture.
  const query = JSON.stringify(['dry_run', request.method, params, revision]);
  const [start = '0'] = cursor === undefined ? [] : await services.cursors.read(query, cursor, 1);
  return accessItems(access, Number(start), limit, (end) => services.cursors.write(query, [String(end)]));
}

/** @param cursorAt the cursor of the page that begins there */
export async function accessItems(
  access: AccessDiff | undefined,
  start: number,
  limit: number = LIMITS.pageDefault,
  cursorAt: (end: number) => Promise<string>,
): Promise<object> {
  const { gained, lost, items } = access ?? { gained: 0, lost: 0, items: [] };
  const end = start + limit;
  const next = end < items.length ? await cursorAt(end) : null;
  return { gained, lost, items: items.slice(start, end), next_cursor: next, total: items.length };
}

export interface PageQuery {
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
}

/**
 * One page of a list.
 * @param columns how many texts the place of a row has
 * @param filters what the list is of, beside its address
 * @param load `after` is null for the first page
 */
export async function pageReply<Row>(
  { services, params, requestId }: Asked,
  { limit = LIMITS.pageDefault, cursor }: PageQuery,
  list: {
    readonly name: string;
    readonly columns: number;
    readonly filters: Readonly<Record<string, string | undefined>>;
    load(after: readonly string[] | null, limit: number): Promise<ListPage<Row>>;
    body(row: Row): object;
  },
): Promise<Response> {
  // Bound to the list, its filters and its address, the organization being part of that.
  const query = JSON.stringify([list.name, params, Object.entries(list.filters).filter(([, value]) => value !== undefined)]);
  const after = cursor === undefined ? null : await services.cursors.read(query, cursor, list.columns);
  const page = await list.load(after, limit);
  const next = page.next === null ? null : await services.cursors.write(query, page.next);
  return jsonReply(200, { items: page.rows.map(list.body), next_cursor: next, total: page.total }, requestId);
}
