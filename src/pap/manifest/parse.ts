/** Text → value. JSON and YAML give the same values for the same document; what is no JSON value is refused in both. */
import { LIMITS } from '../../core/terms/limits.ts';
import { BitgateError } from '../../core/terms/problem.ts';
import { scanJson } from './json-scan.ts';
import { readYaml } from './yaml-read.ts';

/** a YAML tree takes some fifty times the room of its text, an isolate has 128 MB; JSON may be as large as any manifest */
const MAX_YAML_BYTES = 8 * 1024 * 1024;

export type ManifestFormat = 'json' | 'yaml';

/**
 * @param text the whole document, decoded from UTF-8
 * @returns null, booleans, finite numbers, strings, arrays and plain objects without duplicate keys, at most `LIMITS.jsonDepth` deep
 * @throws BitgateError `malformed_document` (400) with `details.line` and `details.column` (both from 1)
 * @throws BitgateError `document_too_deep` (422), with the place as well
 * @throws BitgateError `document_too_large` (413)
 */
export function parseManifest(text: string, format: ManifestFormat): unknown {
  if (text.length > LIMITS.manifestBodyBytes) {
    throw new BitgateError('document_too_large', 413, `a manifest must not be larger than ${LIMITS.manifestBodyBytes} bytes`);
  }
  if (format === 'yaml') {
    if (text.length > MAX_YAML_BYTES) {
      throw new BitgateError('document_too_large', 413, `a YAML manifest must not be larger than ${MAX_YAML_BYTES} bytes: send it as JSON`);
    }
    return readYaml(text);
  }
  scanJson(text, LIMITS.jsonDepth);
  return JSON.parse(text);
}
