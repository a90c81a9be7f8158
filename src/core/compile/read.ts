/** Reads the columns that hold JSON. `undefined` means unreadable; what that costs is for the caller to decide. */
import { canonicalJson } from '../sets/canonical-json.ts';
import { compareCodePoints } from '../sets/compare.ts';
import type { Json, JsonObject } from '../terms/json.ts';
import { LIMITS } from '../terms/limits.ts';

/** JSON no deeper than `LIMITS.jsonDepth`: what walks it afterwards may recurse. */
export function readJson(text: string): Json | undefined {
  if (typeof text !== 'string' || depthExceeds(text, LIMITS.jsonDepth)) return undefined;
  try {
    // JSON.parse gives exactly JSON values
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

export function readObject(text: string): JsonObject | undefined {
  const value = readJson(text);
  // neither null nor an array: an object by JSON's definition
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as JsonObject) : undefined;
}

/** A JSON array of texts, sorted by code point, each once. */
export function readTexts(text: string): string[] | undefined {
  return textsOf(readJson(text));
}

/** The same of a value that is read already. */
export function textsOf(value: Json | undefined): string[] | undefined {
  if (!Array.isArray(value) || !value.every((item) => typeof item === 'string')) return undefined;
  return [...new Set(value)].sort(compareCodePoints);
}

/** Canonical JSON of an object, `''` for an empty one. */
export function readProperties(text: string): string | undefined {
  const value = readObject(text);
  if (value === undefined) return undefined;
  const canonical = canonicalJson(value);
  return canonical === '{}' ? '' : canonical;
}

/** A bound of a window: null, or a whole number of milliseconds. */
export function isTime(value: unknown): value is number | null {
  return value === null || Number.isSafeInteger(value);
}

function depthExceeds(text: string, limit: number): boolean {
  let depth = 0;
  let inText = false;
  for (let i = 0; i < text.length; i++) {
    const unit = text[i];
    if (inText) {
      if (unit === '\\') i++;
      else if (unit === '"') inText = false;
    } else if (unit === '"') inText = true;
    else if (unit === '[' || unit === '{') {
      depth++;
      if (depth > limit) return true;
    } else if (unit === ']' || unit === '}') depth--;
  }
  return false;
}
