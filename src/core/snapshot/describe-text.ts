/** How descriptions write names, times and sizes. */

/** Furthest time that a date can show, ms on either side of 1970 (ECMA-262, 21.4.1.1). */
const MAX_DATE_MS = 8_640_000_000_000_000;

/** A text as it is if nothing about it can be mistaken, else as a JSON string. */
export function shown(text: string): string {
  return /^[A-Za-z0-9_.:/@+-]+$/.test(text) ? text : JSON.stringify(text);
}

/** Texts in a row; `-` for none. */
export function list(texts: readonly string[]): string {
  return texts.length === 0 ? '-' : texts.join(', ');
}

/** @param ms since 1970 */
export function time(ms: number): string {
  return Math.abs(ms) <= MAX_DATE_MS ? new Date(ms).toISOString() : `${ms} ms`;
}

export function bytesText(bytes: number): string {
  return `${bytes} bytes`;
}
