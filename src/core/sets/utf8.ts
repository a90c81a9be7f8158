/** UTF-8 for well-formed text. Core has no platform, hence no TextEncoder. */

/** Writes `text` at `at`; the caller has made room (3 bytes per UTF-16 unit suffice). Returns the position behind it. */
export function writeUtf8(text: string, into: Uint8Array, at: number): number {
  for (let i = 0; i < text.length; i++) {
    let point = text.charCodeAt(i);
    if (point < 0x80) {
      into[at++] = point;
      continue;
    }
    if (point >= 0xd800 && point < 0xdc00) point = 0x10000 + ((point - 0xd800) << 10) + (text.charCodeAt(++i) - 0xdc00);
    if (point < 0x800) {
      into[at++] = 0xc0 | (point >> 6);
    } else {
      if (point < 0x10000) {
        into[at++] = 0xe0 | (point >> 12);
      } else {
        into[at++] = 0xf0 | (point >> 18);
        into[at++] = 0x80 | ((point >> 12) & 63);
      }
      into[at++] = 0x80 | ((point >> 6) & 63);
    }
    into[at++] = 0x80 | (point & 63);
  }
  return at;
}

/** Bytes of `text` as UTF-8. */
export function encodeUtf8(text: string): Uint8Array {
  const room = new Uint8Array(text.length * 3);
  return room.slice(0, writeUtf8(text, room, 0));
}

/** Text of bytes that `writeUtf8` wrote. Bytes that are no UTF-8 give some text, never an error: hashes guard against damage. */
export function decodeUtf8(bytes: Uint8Array, start: number, end: number): string {
  let text = '';
  const units: number[] = [];
  for (let i = start; i < end; ) {
    const lead = bytes[i++]!;
    if (lead < 0x80) {
      units.push(lead);
    } else if (lead < 0xe0) {
      units.push(((lead & 31) << 6) | (bytes[i++]! & 63));
    } else if (lead < 0xf0) {
      units.push(((lead & 15) << 12) | ((bytes[i++]! & 63) << 6) | (bytes[i++]! & 63));
    } else {
      const point = (((lead & 7) << 18) | ((bytes[i++]! & 63) << 12) | ((bytes[i++]! & 63) << 6) | (bytes[i++]! & 63)) - 0x10000;
      units.push(0xd800 + (point >> 10), 0xdc00 + (point & 1023));
    }
    if (units.length > 4096) {
      text += String.fromCharCode.apply(null, units);
      units.length = 0;
    }
  }
  return text + String.fromCharCode.apply(null, units);
}
