/**
 * A `type:id` that is looked up in several tables: taken from its two texts once, as hash and bytes, since reading a unit of a text costs several
 * times what reading a byte does. Used again for the next one.
 */
import { FNV_PRIME, finishSmall, mix, SEED } from '../sets/hash.ts';
import { decodeUtf8 } from '../sets/utf8.ts';

const COLON = 0x3a;
const NOT_ASCII = -1;

export class SoughtRef {
  type = '';
  id = '';
  /** `hashText` of the whole */
  hash = 0;
  /** of the whole in bytes; NOT_ASCII when bytes don't say what it is */
  length = NOT_ASCII;
  #bytes = new Uint8Array(64);
  /** of `type:` */
  #typeHash = 0;
  /** all its units, or-ed */
  #typeUnits = 0;

  constructor() {
    this.#setType('');
  }

  set(type: string, id: string): this {
    if (type !== this.type) this.#setType(type);
    this.id = id;
    const start = type.length + 1;
    if (start + id.length > this.#bytes.length) this.#grow(start + id.length);
    const bytes = this.#bytes;
    let hash = this.#typeHash;
    let units = this.#typeUnits;
    for (let i = 0; i < id.length; i++) {
      const unit = id.charCodeAt(i);
      hash = Math.imul(hash ^ unit, FNV_PRIME);
      units |= unit;
      bytes[start + i] = unit;
    }
    this.hash = finishSmall(hash);
    this.length = units < 0x80 ? start + id.length : NOT_ASCII;
    return this;
  }

  /** Are these bytes it, as UTF-8? */
  isAt(text: Uint8Array, start: number, end: number): boolean {
    const { length } = this;
    if (length === NOT_ASCII) return decodeUtf8(text, start, end) === `${this.type}:${this.id}`;
    if (end - start !== length) return false;
    const bytes = this.#bytes;
    for (let i = 0; i < length; i++) if (text[start + i] !== bytes[i]) return false;
    return true;
  }

  #setType(type: string): void {
    this.type = type;
    if (type.length + 1 > this.#bytes.length) this.#grow(type.length + 1);
    this.#typeUnits = 0;
    for (let i = 0; i < type.length; i++) {
      this.#typeUnits |= type.charCodeAt(i);
      this.#bytes[i] = type.charCodeAt(i);
    }
    this.#bytes[type.length] = COLON;
    this.#typeHash = Math.imul(mix(SEED, type) ^ COLON, FNV_PRIME);
  }

  #grow(length: number): void {
    const bytes = new Uint8Array(length * 2);
    bytes.set(this.#bytes);
    this.#bytes = bytes;
  }
}
