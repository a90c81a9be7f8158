/** JSON → values for CEL. Objects become Maps: only their own keys exist, `constructor` and `__proto__` among them if they were sent. */
import type { Json, JsonObject } from '../terms/json.ts';
import { LIMITS } from '../terms/limits.ts';
import { countWork } from './work.ts';

/** a key is hashed and stored */
const UNITS_PER_KEY = 15;

/**
 * CEL-js asks the first entry of a map for its type, and keeps every type that it meets for ever: nested input of ever new shapes would
 * fill the memory. Showing no first entry leaves it at "a map of anything", which also lets maps of mixed values be compared.
 */
class AnyMap extends Map<string, unknown> {
  override entries(): MapIterator<[string, unknown]> {
    return new Map<string, unknown>().entries();
  }
}
// CEL-js tells maps by their constructor
Object.defineProperty(AnyMap.prototype, 'constructor', { value: Map });

export function celMap(object: JsonObject): Map<string, unknown> {
  return mapAt(object, 1);
}

function mapAt(object: JsonObject, depth: number): Map<string, unknown> {
  if (depth > LIMITS.jsonDepth) throw new Error(`properties are nested more than ${LIMITS.jsonDepth} deep`);
  const map = new AnyMap();
  const keys = Object.keys(object);
  countWork(keys.length * UNITS_PER_KEY);
  for (const key of keys) map.set(key, valueAt(object[key]!, depth + 1));
  return map;
}

function valueAt(value: Json, depth: number): unknown {
  if (value === null || typeof value !== 'object') return value;
  if (!isList(value)) return mapAt(value, depth);
  if (depth > LIMITS.jsonDepth) throw new Error(`properties are nested more than ${LIMITS.jsonDepth} deep`);
  countWork(value.length);
  return value.map((item) => valueAt(item, depth + 1));
}

function isList(value: readonly Json[] | JsonObject): value is readonly Json[] {
  return Array.isArray(value);
}
