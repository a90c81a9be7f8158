/** Bodies: read within a limit, as strict UTF-8, and parsed as I-JSON (RFC 7493): no lone surrogates, bounded depth. */
import { LIMITS } from '../../core/terms/limits.ts';
import { BitgateError } from '../../core/terms/problem.ts';
import { scanJson } from '../../pap/manifest/json-scan.ts';
import { checkJsonText } from './json-rules.ts';

const JSON_TYPE = /^application\/json(?:\s*;\s*charset=(?:utf-8|"utf-8"))?\s*$/i;

/** A mark at the beginning is no JSON; whoever parses says so. */
const STRICT_UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** @throws BitgateError `unsupported_media_type` (415) */
export function requireJson(request: Request): void {
  const type = request.headers.get('content-type') ?? '';
  if (type === 'application/json' || JSON_TYPE.test(type)) return;
  throw new BitgateError('unsupported_media_type', 415, 'send the body with `content-type: application/json`');
}

/**
 * @param limit bytes
 * @throws BitgateError `body_too_large` (413), `malformed_body` (400)
 */
export async function readText(request: Request, limit: number): Promise<string> {
  const declared = request.headers.get('content-length');
  if (declared !== null && Number(declared) > limit) throw tooLarge(limit);
  // Only a body of undeclared length has to be counted while it arrives.
  const bytes = declared === null ? await readCounted(request, limit) : await request.arrayBuffer();
  if (bytes.byteLength > limit) throw tooLarge(limit);
  try {
    return STRICT_UTF8.decode(bytes);
  } catch {
    throw new BitgateError('malformed_body', 400, 'the body is not UTF-8');
  }
}

async function readCounted(request: Request, limit: number): Promise<ArrayBuffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength;
    if (size > limit) throw tooLarge(limit);
    chunks.push(chunk);
  }
  return new Blob(chunks).arrayBuffer();
}

function tooLarge(limit: number): BitgateError {
  return new BitgateError('body_too_large', 413, `a body must not be larger than ${limit} bytes here`, { limit_bytes: limit });
}

/**
 * A body that is asked, not stored: of equal keys the last wins.
 * @throws BitgateError `unsupported_media_type` (415), `body_too_large` (413), `malformed_body` (400)
 */
export async function readQuestion(request: Request, limit: number): Promise<unknown> {
  requireJson(request);
  const text = await readText(request, limit);
  return parseJson(text);
}

/**
 * A body that is stored: equal keys are refused, with line and column.
 * @throws BitgateError as `readQuestion`, `malformed_document` (400), `document_too_deep` (422)
 */
export async function readCommand(request: Request): Promise<unknown> {
  requireJson(request);
  const text = await readText(request, LIMITS.adminBodyBytes);
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
