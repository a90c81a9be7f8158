/** `GET /openapi.json`, `GET /docs`: only where the operator wants them. Made once per isolate, of what the faces declare. */
import { errorReply, methodNotAllowed } from '../common/errors.ts';
import type { Operation } from '../common/operation.ts';
import { baseHeaders, JSON_TYPE } from '../common/reply.ts';
import { requestIdOf } from '../common/request-id.ts';
import { type Document, describeApi } from './document.ts';
import { pageHeaders, renderPage } from './page.ts';

const PATHS = new Set(['/openapi.json', '/docs']);

/** @returns undefined when the path is none of this face's */
export function docsFace(operations: readonly Operation[]): (request: Request, path: string) => Promise<Response> | undefined {
  let document: Document | undefined;
  return (request, path) => {
    if (!PATHS.has(path)) return undefined;
    document ??= describeApi(operations);
    return answer(request, path, document);
  };
}

async function answer(request: Request, path: string, document: Document): Promise<Response> {
  const requestId = requestIdOf(request);
  if (request.method !== 'GET' && request.method !== 'HEAD') return errorReply(methodNotAllowed(request.method, 'GET'), requestId);
  if (path === '/openapi.json') return new Response(JSON.stringify(document), { headers: baseHeaders(requestId, JSON_TYPE) });
  const page = await renderPage(document, new URL(request.url).origin);
  return new Response(page, { headers: { ...baseHeaders(requestId, 'text/html; charset=utf-8'), ...(await pageHeaders()) } });
}
