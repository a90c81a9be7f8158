/**
 * API key tokens: `bg_<org>_<id>_<secret>`. An organization's id and a key's id hold no underscore, so that a token splits in one way only.
 * Nothing here puts a token, or a part of its secret, into a message.
 */

const TOKEN = /^bg_([a-z0-9-]{1,63})_([a-z0-9]{1,64})_([A-Za-z0-9_-]{16,256})$/;
const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';

const KEY_ID_CHARS = 16;
/** 5 bits each: 260 bits */
const SECRET_CHARS = 52;

/** What a token says of itself; nothing of it is proved yet. */
export interface TokenParts {
  readonly organization: string;
  readonly keyId: string;
}

/** Null for anything that is not a token of an API key. */
export function splitToken(token: string): TokenParts | null {
  const parts = TOKEN.exec(token);
  if (parts === null) return null;
  const [, organization = '', keyId = ''] = parts;
  return { organization, keyId };
}

/** @param fill puts random bytes into the array */
export function newKeyId(fill: (bytes: Uint8Array) => void): string {
  return randomText(KEY_ID_CHARS, fill);
}

/** A whole new token: shown once, stored as its hash. */
export function newToken(organization: string, keyId: string, fill: (bytes: Uint8Array) => void): string {
  return `bg_${organization}_${keyId}_${randomText(SECRET_CHARS, fill)}`;
}

/** @param fill puts random bytes into the array */
export function randomText(chars: number, fill: (bytes: Uint8Array) => void): string {
  const bytes = new Uint8Array(chars);
  fill(bytes);
  let text = '';
  for (const byte of bytes) text += BASE32[byte & 31];
  return text;
}
