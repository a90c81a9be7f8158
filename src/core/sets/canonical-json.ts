/** One text for equal JSON: keys in code point order, no whitespace. Recursive: whoever reads foreign text bounds its depth first. */
import type { Json, JsonObject } from '../terms/json.ts';
import { compareCodePoints } from './compare.ts';

/**
 * Reading the result back gives an equal value. Numbers beyond a double's range, which reading turned into infinities, are written
 * as `1e999`, since JSON.stringify would turn them into null. A member that is undefined is absent.
 */
export function canonicalJson(value: Json): string {
  if (typeof value === 'number' && !Number.isFinite(value)) return value > 0 ? '1e999' : '-1e999';
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (isList(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const keys = Object.keys(value)
    .filter((key) => value[key] !== undefined)
    .sort(compareCodePoints);
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key]!)}`).join(',')}}`;
}

function isList(value: readonly Json[] | JsonObject): value is readonly Json[] {
  return Array.isArray(value);
}
