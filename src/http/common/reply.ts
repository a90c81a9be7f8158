/** Answers. Nothing that bitgate says may be kept by a cache: every answer is of this moment and for this caller. */

export type HeaderFields = Record<string, string>;

export const JSON_TYPE = 'application/json; charset=utf-8';

/** Headers of every answer; the caller may add to them. */
export function baseHeaders(requestId: string | null, type = JSON_TYPE): HeaderFields {
  const headers: HeaderFields = { 'content-type': type, 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' };
  if (requestId !== null) headers['x-request-id'] = requestId;
  return headers;
}

export function jsonReply(status: number, body: unknown, requestId: string | null, headers?: HeaderFields): Response {
  return new Response(JSON.stringify(body), { status, headers: { ...baseHeaders(requestId), ...headers } });
}
