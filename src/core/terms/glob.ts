/** Patterns of claim values: `*` stands for any characters, also none; everything else for itself, byte for byte. */

/** each is one search through the text */
const MOST_STARS = 8;
const MOST_CHARS = 256;

export function isPattern(pattern: string): boolean {
  return pattern !== '' && pattern.length <= MOST_CHARS && pattern.split('*').length <= MOST_STARS + 1;
}

/** Takes each part between stars at its first place after the one before: if there is a way to match, that is one. Never goes back. */
export function matchesPattern(pattern: string, text: string): boolean {
  const parts = pattern.split('*');
  const first = parts.shift() ?? '';
  const last = parts.pop();
  if (last === undefined) return text === first;
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false;
  const end = text.length - last.length;
  let at = first.length;
  for (const part of parts) {
    const found = text.indexOf(part, at);
    if (found < 0 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}
