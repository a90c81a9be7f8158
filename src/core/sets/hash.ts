/** Hashes of a text's UTF-16 code units, well mixed. For tables and priorities; equality is always decided by the text itself. */

/** where FNV-1a begins, and what it multiplies by */
export const SEED = 0x811c9dc5;
export const FNV_PRIME = 0x01000193;
/** 30 bits are a small integer in every V8, with compressed pointers too: such a hash is passed on without boxing */
const SMALL = 0x3fff_ffff;

/** FNV-1a over code units, then the finalizer of MurmurHash3: 32 bits, unsigned. Part of the snapshot format: see FORMAT.md before changing it. */
export function hash32(text: string): number {
  return finish(mix(SEED, text)) >>> 0;
}

/** The low 30 bits of `hash32`: for tables in memory. */
export function hashText(text: string): number {
  return finishSmall(mix(SEED, text));
}

/** `hashText` of ASCII bytes; -1 when one is not ASCII. */
export function hashAscii(bytes: Uint8Array, start: number, end: number): number {
  let h = SEED;
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!;
    if (byte >= 0x80) return -1;
    h = Math.imul(h ^ byte, FNV_PRIME);
  }
  return finishSmall(h);
}

/** Goes on with the units of a text. */
export function mix(h: number, text: string): number {
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), FNV_PRIME);
  return h;
}

/** What `hashText` makes of all units mixed. */
export function finishSmall(h: number): number {
  return finish(h) & SMALL;
}

function finish(h: number): number {
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
