/** Properties as they are stored: canonical JSON of bounded size. */

import { canonicalJson } from '../../../core/sets/canonical-json.ts';
import type { JsonObject } from '../../../core/terms/json.ts';
import { LIMITS } from '../../../core/terms/limits.ts';
import { utf8Length } from '../../../core/terms/ref.ts';
import type { Problems } from '../problems.ts';

export function resolveProperties(properties: JsonObject | undefined, path: string, problems: Problems): string {
  if (properties === undefined) return '{}';
  const text = canonicalJson(properties);
  if (utf8Length(text) > LIMITS.propertiesBytes) {
    problems.add('properties_too_large', path, `properties must not be larger than ${LIMITS.propertiesBytes} bytes`);
  }
  return text;
}
