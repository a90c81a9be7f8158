/** Patterns of claim values: `*` stands for any characters, also none; everything else for itself, byte for byte. */

/** each is one search through the text */
const MOST_STARS = 8;
const MOST_CHARS = 256;

export function isPattern(pattern: string): boolean {
  return pattern !== '' && pattern.length <= MOST_CHARS && pattern.split('*').length <= MOST_STARS + 1;
}

/** The parts between stars. */
export type Pattern = readonly [first: string, ...others: string[]];

/** @param text `isPattern` */
export function readPattern(text: string): Pattern {
  const [first = '', ...others] = text.split('*');
  return [first, ...others];
}

/** Takes each part between stars at its first place after the one before: if there is a way to match, that is one. Never goes back. */
export function matchesPattern(pattern: Pattern, text: string): boolean {
  const [first] = pattern;
  const count = pattern.length - 1;
  const last = pattern[count]!;
  if (count === 0) return text === first;
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false;
  const end = text.length - last.length;
  let at = first.length;
  for (let i = 1; i < count; i++) {
    const part = pattern[i]!;
    const found = text.indexOf(part, at);
    if (found < 0 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}
