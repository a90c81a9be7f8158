/**
 * Cursors: where a list goes on, in a form that only bitgate can write. A cursor is bound to its query: used with another one it is refused.
 * Form: base64url(JSON of the place) `.` base64url(HMAC-SHA-256 over query and place), with a key derived for this use alone (HKDF, RFC 5869).
 */
import { BitgateError } from '../../core/terms/problem.ts';

const USE = 'bitgate cursor 1';
const FORM = /^([A-Za-z0-9_-]{1,16384})\.([A-Za-z0-9_-]{43})$/;

/** The last key of a page: one text per column of the order. */
export type Place = readonly string[];

export class Cursors {
  readonly #secrets: readonly string[];
  #keys: readonly CryptoKey[] | undefined;

  /** @param secrets the one that signs, then those before it, whose cursors are still taken; none: every attempt to sign is refused */
  constructor(secrets: readonly string[]) {
    this.#secrets = secrets;
  }

  /** @param query what the list is of: equal texts for equal questions, the page and its length apart */
  async write(query: string, place: Place): Promise<string> {
    const payload = encode(new TextEncoder().encode(JSON.stringify(place)));
    const [key] = await this.#signingKeys();
    const mac = await crypto.subtle.sign('HMAC', key, signed(query, payload));
    return `${payload}.${encode(new Uint8Array(mac))}`;
  }

  /**
   * @param columns how many texts a place has
   * @throws BitgateError `invalid_cursor` (400) when it isn't one, was changed, or belongs to another query
   */
  async read(query: string, cursor: string, columns: number): Promise<Place> {
    const parts = FORM.exec(cursor);
    if (parts === null) throw invalidCursor();
    const [, payload = '', mac = ''] = parts;
    const bytes = decode(mac);
    if (bytes === null || !(await this.#isSigned(bytes, signed(query, payload)))) throw invalidCursor();
    // What was signed was written above.
    const place: unknown = JSON.parse(new TextDecoder().decode(decode(payload) ?? new Uint8Array()));
    if (!isPlace(place, columns)) throw invalidCursor();
    return place;
  }

  async #isSigned(mac: Uint8Array, text: Uint8Array): Promise<boolean> {
    for (const key of await this.#signingKeys()) if (await crypto.subtle.verify('HMAC', key, mac, text)) return true;
    return false;
  }

  async #signingKeys(): Promise<readonly [CryptoKey, ...CryptoKey[]]> {
    this.#keys ??= await Promise.all(this.#secrets.map(derive));
    const [first, ...others] = this.#keys;
    if (first !== undefined) return [first, ...others];
    throw new BitgateError(
      'not_configured',
      503,
      '`BITGATE_SIGNING_KEY` is missing: without it a list of more than one page has no cursor',
    );
  }
}

async function derive(secret: string): Promise<CryptoKey> {
  const text = new TextEncoder();
  const base = await crypto.subtle.importKey('raw', text.encode(secret), 'HKDF', false, ['deriveKey']);
  const derivation = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info: text.encode(USE) };
  return crypto.subtle.deriveKey(derivation, base, { name: 'HMAC', hash: 'SHA-256', length: 256 }, false, ['sign', 'verify']);
}

/** The query's length comes first, so that no two pairs of query and place give the same bytes. */
function signed(query: string, payload: string): Uint8Array {
  return new TextEncoder().encode(`${query.length}:${query}${payload}`);
}

function isPlace(value: unknown, columns: number): value is Place {
  return Array.isArray(value) && value.length === columns && value.every((each) => typeof each === 'string');
}

function encode(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

function decode(text: string): Uint8Array | null {
  try {
    return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (unit) => unit.charCodeAt(0));
  } catch {
    return null;
  }
}

function invalidCursor(): BitgateError {
  return new BitgateError('invalid_cursor', 400, 'the cursor is not valid for this list: begin again without one');
}
