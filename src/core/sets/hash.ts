/** A 32-bit hash of a text's UTF-16 code units, well mixed. For tables and priorities; equality is always decided by the text itself. */

/** FNV-1a over code units, then the finalizer of MurmurHash3. Part of the snapshot format: see FORMAT.md before changing it. */
export function hash32(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
