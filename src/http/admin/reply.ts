/** Answers to writes, and pages of lists. */
import { LIMITS } from '../../core/terms/limits.ts';
import type { ListPage } from '../../pap/control-ports.ts';
import type { PublishMode, Written } from '../../pap/write/write.ts';
import { jsonReply } from '../common/reply.ts';
import type { Asked } from './services.ts';

export function publishMode({ publish }: { readonly publish?: 'async' | undefined }): PublishMode {
  return publish ?? 'wait';
}

/**
 * What was made, the revision that shows it, and whether that is served already.
 * @param status of a write that changed something and whose publish was waited for
 */
export function writtenReply<T>(
  asked: Asked,
  written: Written<T>,
  mode: PublishMode,
  status: 200 | 201,
  body: (value: T) => object,
): Response {
  const { value, changed, revision, published } = written;
  const code = changed ? (mode === 'async' ? 202 : status) : 200;
  return jsonReply(code, { ...body(value), revision, published }, asked.requestId);
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
