/**
 * Ids of roles, policies and groups, derived from the name they are created with: so that an export, a wipe and an import
 * give the same ids, hence the same snapshot bytes. An id stays when the name changes; it is no secret and no proof.
 */
import { hash32 } from '../sets/hash.ts';

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';

/**
 * @param kind `rol`, `pol` or `grp`
 * @param project the project it belongs to, `''` for the organization
 * @param attempt 0, or how many earlier ids were taken by things that were renamed since
 * @returns e.g. `rol_k5mzq3w2ya`: the kind and 50 bits in base32
 */
export function derivedId(kind: 'rol' | 'pol' | 'grp', project: string, name: string, attempt = 0): string {
  const input = `${kind}\u0000${attempt}\u0000${project}\u0000${name}`;
  let high = hash32(input);
  let low = hash32(`${input}\u0001`);
  let text = '';
  for (let i = 0; i < 5; i++) {
    text += ALPHABET[high & 31];
    high >>>= 5;
  }
  for (let i = 0; i < 5; i++) {
    text += ALPHABET[low & 31];
    low >>>= 5;
  }
  return `${kind}_${text}`;
}
