/** Sets of texts as JSON columns hold them: one text for equal sets, so that equal data are equal rows. */
import { compareCodePoints } from '../../core/sets/compare.ts';

/** Sorted by code point, each once. */
export function canonicalSet(texts: readonly string[]): string {
  return JSON.stringify([...new Set(texts)].sort(compareCodePoints));
}
