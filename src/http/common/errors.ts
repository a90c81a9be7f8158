/**
 * The one shape of errors, `{error: {code, message, details}}`, and the one place where an exception becomes an answer.
 * What was not foreseen is 503 `internal`, or `database_unavailable` when it comes from D1: it goes to the log with a stack, to the caller without a word about the inside.
 */
import { BitgateError } from '../../core/terms/problem.ts';
import { log } from '../../log.ts';
import type { Counts } from './counts.ts';
import { baseHeaders, type HeaderFields } from './reply.ts';

const CHALLENGE = 'Bearer realm="bitgate", Basic realm="bitgate", charset="UTF-8"';

/** Where refusals and failures are counted. */
export type Failures = Pick<Counts, 'failed'>;

/** What D1's binding begins its errors with; but for what fails as often as it is tried (constraints that may refuse were told apart before). */
const FROM_D1 = /^D1_(?:EXEC_)?ERROR(?!.*SQLITE_(?:CONSTRAINT|TOOBIG|MISMATCH))/s;

/** @param extra further members of the answer, beside `error` */
export function errorReply(counts: Failures, error: unknown, requestId: string | null, extra?: (error: BitgateError) => object): Response {
  const known = foreseen(counts, error, requestId);
  const { code, message, details, status } = known;
  const headers: HeaderFields = baseHeaders(requestId);
  if (status === 401) headers['www-authenticate'] = CHALLENGE;
  const wait = details?.retry_after_s ?? (status === 429 ? 1 : undefined);
  if (typeof wait === 'number') headers['retry-after'] = String(wait);
  if (status === 405 && typeof details?.allow === 'string') headers.allow = details.allow;
  const body = { error: { code, message, details: details ?? {} }, ...extra?.(known) };
  return new Response(JSON.stringify(body), { status, headers });
}

/** The error itself if it is a refusal, else one that tells nothing of what happened. Counted, and logged when it is no fault of the caller: once for each answer. */
export function foreseen(counts: Failures, error: unknown, requestId: string | null): BitgateError {
  const known = error instanceof BitgateError ? error : unexpected(error, requestId);
  counts.failed(known.code);
  if (known === error && known.status >= 500)
    log('warn', 'request_failed', { request_id: requestId, code: known.code, message: known.message });
  return known;
}

/** Logs what happened. The log holds no header, no body and no query: a secret can't get in. */
function unexpected(error: unknown, requestId: string | null): BitgateError {
  const facts = error instanceof Error ? { name: error.name, message: error.message, stack: error.stack } : { name: typeof error };
  log('error', 'unexpected_error', { request_id: requestId, ...facts });
  if (error instanceof Error && FROM_D1.test(error.message))
    return new BitgateError('database_unavailable', 503, 'the database did not answer: try again; what was being written may have been', {
      retry_after_s: 1,
    });
  return new BitgateError('internal', 503, 'something failed that should not: try again, and look into the log if it stays');
}

export function notFound(): BitgateError {
  return new BitgateError('not_found', 404, 'there is nothing at this address');
}

/** @param allowed methods, e.g. `GET, POST` */
export function methodNotAllowed(method: string, allowed: string): BitgateError {
  return new BitgateError('method_not_allowed', 405, `\`${method.slice(0, 20)}\` is not possible here: use ${allowed}`, { allow: allowed });
}
