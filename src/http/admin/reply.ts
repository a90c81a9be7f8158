/** Answers to writes, and pages of lists. */
import { LIMITS } from '../../core/terms/limits.ts';
import type { ListPage } from '../../pap/control-ports.ts';
import type { PublishMode, Written } from '../../pap/write/write.ts';
import { parseAs } from '../common/parse.ts';
import { readQuery } from '../common/query.ts';
import { type HeaderFields, jsonReply } from '../common/reply.ts';
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
 * decided at, and a page of who would gain and lose what.
 * @param status of a write that changed something and whose publish was waited for
 * @param headers beside those of every answer, e.g. `etag`
 */
export async function writtenReply<T>(
  asked: Asked,
  written: Written<T>,
  query: WriteQuery,
  status: 200 | 201,
  body: (value: T) => object,
  headers?: HeaderFields,
): Promise<Response> {
  const { value, changed, revision, published } = written;
  const mode = publishMode(query);
  const shown = { ...body(value), revision, published };
  if (mode === 'dry_run') {
    return jsonReply(200, { ...shown, dry_run: true, changed, access: await accessPage(asked, written, query) }, asked.requestId);
  }
  const code = changed ? (mode === 'async' ? 202 : status) : 200;
  return jsonReply(code, shown, asked.requestId, headers);
}

async function accessPage(
  { services, request, params }: Asked,
  { access, revision }: Written<unknown>,
  { limit = LIMITS.pageDefault, cursor }: PageQuery,
): Promise<object> {
  const { gained, lost, items } = access ?? { gained: 0, lost: 0, items: [] };
  // Bound to the revision: a page of another difference would be a mixture.
  const query = JSON.stringify(['dry_run', request.method, params, revision]);
  const [start = '0'] = cursor === undefined ? [] : await services.cursors.read(query, cursor, 1);
  const end = Number(start) + limit;
  const next = end < items.length ? await services.cursors.write(query, [String(end)]) : null;
  return { gained, lost, items: items.slice(Number(start), end), next_cursor: next, total: items.length };
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
