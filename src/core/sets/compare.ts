/** The order of texts by code point, which is the order of their UTF-8 bytes and of SQLite's BINARY collation. */

/**
 * Negative, zero or positive. JavaScript's own `<` orders UTF-16 units, where characters beyond U+FFFF (surrogates, 0xD800 on) come before
 * U+E000 to U+FFFF: units from 0xD800 on are therefore moved to their place among code points before they are compared.
 */
export function compareCodePoints(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    let x = a.charCodeAt(i);
    let y = b.charCodeAt(i);
    if (x === y) continue;
    if (x >= 0xd800 && y >= 0xd800) {
      x = x >= 0xe000 ? x - 0x800 : x + 0x2000;
      y = y >= 0xe000 ? y - 0x800 : y + 0x2000;
    }
    return x - y;
  }
  return a.length - b.length;
}
