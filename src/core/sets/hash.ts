/** A 32-bit hash of a text's UTF-16 code units, well mixed. For tables and priorities; equality is always decided by the text itself. */

const START = 0x811c9dc5;
const PRIME = 0x01000193;

/** FNV-1a over code units, then the finalizer of MurmurHash3. Part of the snapshot format: see FORMAT.md before changing it. */
export function hash32(text: string): number {
  let h = START;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), PRIME);
  return finish(h);
}

/** `hash32` of `type:id`, without making that text. */
export function hashRef(type: string, id: string): number {
  let h = START;
  for (let i = 0; i < type.length; i++) h = Math.imul(h ^ type.charCodeAt(i), PRIME);
  h = Math.imul(h ^ 0x3a, PRIME);
  for (let i = 0; i < id.length; i++) h = Math.imul(h ^ id.charCodeAt(i), PRIME);
  return finish(h);
}

function finish(h: number): number {
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
