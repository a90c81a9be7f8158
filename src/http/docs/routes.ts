/** `GET /openapi.json`, `GET /docs`: only where the operator wants them. Made once per isolate, of what the faces declare. */
import { errorReply, type Failures, methodNotAllowed } from '../common/errors.ts';
import type { Operation } from '../common/operation.ts';
import { baseHeaders, JSON_TYPE } from '../common/reply.ts';
import { requestIdOf } from '../common/request-id.ts';
import { type Document, describeApi } from './document.ts';
import { pageHeaders, renderPage } from './page.ts';

const PATHS = new Set(['/openapi.json', '/docs']);

/**
 * @param host on which alone it is there; null: on any
 * @returns undefined when the address is none of this face's
 */
export function docsFace(
  operations: readonly Operation[],
  host: string | null,
  counts: Failures,
): (request: Request, path: string) => Promise<Response> | undefined {
  let document: Document | undefined;
  return (request, path) => {
    if (!PATHS.has(path) || (host !== null && new URL(request.url).hostname !== host)) return undefined;
    document ??= describeApi(operations);
    return answer(request, path, document, counts);
  };
}

async function answer(request: Request, path: string, document: Document, counts: Failures): Promise<Response> {
  const requestId = requestIdOf(request);
  if (request.method !== 'GET' && request.method !== 'HEAD') return errorReply(counts, methodNotAllowed(request.method, 'GET'), requestId);
  if (path === '/openapi.json') return new Response(JSON.stringify(document), { headers: baseHeaders(requestId, JSON_TYPE) });
  const page = await renderPage(document, new URL(request.url).origin);
  return new Response(page, { headers: { ...baseHeaders(requestId, 'text/html; charset=utf-8'), ...(await pageHeaders()) } });
}
