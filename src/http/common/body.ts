/** Bodies: read within a limit, as strict UTF-8, and parsed as I-JSON (RFC 7493): no lone surrogates, bounded depth. */
import { LIMITS } from '../../core/terms/limits.ts';
import { BitgateError } from '../../core/terms/problem.ts';
import { scanJson } from '../../pap/manifest/json-scan.ts';
import { checkJsonText } from './json-rules.ts';

const JSON_TYPE = /^application\/json(?:\s*;\s*charset=(?:utf-8|"utf-8"))?\s*$/i;

/** A mark at the beginning is no JSON; whoever parses says so. */
const STRICT_UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** What a decoder puts where bytes are no UTF-8. */
const REPLACEMENT = '\ufffd';

/** @throws BitgateError `unsupported_media_type` (415) */
export function requireJson(request: Request): void {
  const type = request.headers.get('content-type') ?? '';
  if (type === 'application/json' || JSON_TYPE.test(type)) return;
  throw new BitgateError('unsupported_media_type', 415, 'send the body with `content-type: application/json`');
}

/**
 * The whole text of a body that is stored.
 * @param limit bytes
 * @throws BitgateError `body_too_large` (413), `malformed_body` (400)
 */
export async function readText(request: Request, limit: number): Promise<string> {
  const bytes = isDeclared(request, limit) ? await request.arrayBuffer() : await (await readCounted(request, limit)).arrayBuffer();
  try {
    return STRICT_UTF8.decode(bytes);
  } catch {
    throw new BitgateError('malformed_body', 400, 'the body is not UTF-8');
  }
}

/**
 * Of the text of a body that is asked. Bytes that are no UTF-8 would become U+FFFD, and two different ids one: so a text that holds that character
 * is refused, whoever put it there. (Decoding strictly, from an ArrayBuffer, costs as much as all the rest of a check.)
 */
function refuseReplaced(text: string): void {
  if (!text.includes(REPLACEMENT)) return;
  throw new BitgateError('malformed_body', 400, 'the body is not UTF-8, or it holds the replacement character U+FFFD');
}

/** False when only counting tells how long the body is. */
function isDeclared(request: Request, limit: number): boolean {
  const declared = Number(request.headers.get('content-length') ?? Number.NaN);
  if (declared > limit) throw tooLarge(limit);
  return Number.isInteger(declared);
}

async function readCounted(request: Request, limit: number): Promise<Blob> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength;
    if (size > limit) throw tooLarge(limit);
    chunks.push(chunk);
  }
  return new Blob(chunks);
}

function tooLarge(limit: number): BitgateError {
  return new BitgateError('body_too_large', 413, `a body must not be larger than ${limit} bytes here`, { limit_bytes: limit });
}

/**
 * A body that is asked, not stored: of equal keys the last wins.
 * @throws BitgateError `unsupported_media_type` (415), `body_too_large` (413), `malformed_body` (400)
 */
export function readQuestion(request: Request, limit: number): Promise<unknown> {
  requireJson(request);
  // No function between that would wait, too: each costs a check as much as reading what it asks.
  return readUntyped(request, limit);
}

/**
 * The same, for a face that judges by itself what the body is said to be.
 * @throws BitgateError `body_too_large` (413), `malformed_body` (400)
 */
export async function readUntyped(request: Request, limit: number): Promise<unknown> {
  const text = isDeclared(request, limit) ? await request.text() : await (await readCounted(request, limit)).text();
  refuseReplaced(text);
  return parseJson(text);
}

/**
 * A body that is stored: equal keys are refused, with line and column.
 * @param limit bytes
 * @throws BitgateError as `readQuestion`, `malformed_document` (400), `document_too_deep` (422)
 */
export async function readCommand(request: Request, limit: number = LIMITS.adminBodyBytes): Promise<unknown> {
  requireJson(request);
  const text = await readText(request, limit);
  scanJson(text, LIMITS.jsonDepth);
  return parseJson(text);
}

function parseJson(text: string): unknown {
  checkJsonText(text);
  try {
    return JSON.parse(text);
  } catch {
    throw new BitgateError('malformed_body', 400, 'the body is not JSON');
  }
}
