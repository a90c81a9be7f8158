/** Issuers and claim mappings as a document writes them: what is refused, and where. */
import { describe, expect, it } from 'vitest';
import { placesOf, resolved } from './support.ts';

const P256 = {
  kty: 'EC',
  crv: 'P-256',
  kid: 'one',
  x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
  y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
};
const { kid: _kid, ...NAMELESS } = P256;

describe('settings are refused, with code and place, for', () => {
  it.each([
    ['no keys', {}, 'keys_or_uri settings.issuers[0]'],
    ['both', { jwks: { keys: [] }, jwks_uri: 'https://a/b' }, 'keys_or_uri settings.issuers[0]'],
    ['plain http', { jwks_uri: 'http://a/b' }, 'invalid_value settings.issuers[0].jwks_uri'],
    ['a private key', { jwks: { keys: [{ kty: 'RSA', d: 'secret' }] } }, 'private_key settings.issuers[0].jwks.keys[0]'],
    ['a symmetric algorithm', { jwks_uri: 'https://a/b', algorithms: ['HS256'] }, 'invalid_value settings.issuers[0].algorithms[0]'],
    ['a symmetric key', { jwks: { keys: [{ kty: 'oct', k: 'secret' }] } }, 'private_key settings.issuers[0].jwks.keys[0]'],
    ['an empty set of keys', { jwks: { keys: [] } }, 'invalid_value settings.issuers[0].jwks.keys'],
    ['a key that is none', { jwks: { keys: [{ kty: 'RSA' }] } }, 'invalid_key settings.issuers[0].jwks.keys[0]'],
    ['a key of another algorithm', { jwks: { keys: [P256] } }, 'invalid_key settings.issuers[0].jwks.keys[0]'],
    [
      'a key of another use',
      { algorithms: ['ES256'], jwks: { keys: [{ ...P256, use: 'enc' }] } },
      'invalid_key settings.issuers[0].jwks.keys[0]',
    ],
    ['one `kid` twice', { algorithms: ['ES256'], jwks: { keys: [P256, P256] } }, 'duplicate_id settings.issuers[0].jwks.keys[1]'],
    ['two keys without', { algorithms: ['ES256'], jwks: { keys: [NAMELESS, NAMELESS] } }, 'duplicate_id settings.issuers[0].jwks.keys[1]'],
    [
      'a `kid` that is no text',
      { algorithms: ['ES256'], jwks: { keys: [{ ...P256, kid: 3 }] } },
      'wrong_type settings.issuers[0].jwks.keys[0].kid',
    ],
    ['keys at an IP address', { jwks_uri: 'https://127.0.0.1/b' }, 'invalid_value settings.issuers[0].jwks_uri'],
    ['keys at a user’s', { jwks_uri: 'https://u:p@id.example/b' }, 'invalid_value settings.issuers[0].jwks_uri'],
    ['no audience', { jwks_uri: 'https://a/b', audience: undefined }, 'missing_key settings.issuers[0].audience'],
    ['an empty audience', { jwks_uri: 'https://a/b', audience: '' }, 'invalid_value settings.issuers[0].audience'],
    ['no algorithms', { jwks_uri: 'https://a/b', algorithms: undefined }, 'missing_key settings.issuers[0].algorithms'],
    ['an empty list of algorithms', { jwks_uri: 'https://a/b', algorithms: [] }, 'invalid_value settings.issuers[0].algorithms'],
    ['no type of subjects', { jwks_uri: 'https://a/b', subject_type: undefined }, 'missing_key settings.issuers[0].subject_type'],
    ['an empty claim for subjects', { jwks_uri: 'https://a/b', subject_claim: '' }, 'invalid_value settings.issuers[0].subject_claim'],
    ['a reserved subject type', { jwks_uri: 'https://a/b', subject_type: 'api_key' }, 'reserved_type settings.issuers[0].subject_type'],
  ])('SEC-18 an issuer with %s', (_, more, expected) => {
    const issuer = { issuer: 'i', audience: 'a', algorithms: ['RS256'], subject_type: 'user', ...more };
    expect(placesOf({ bitgate: 1, settings: { issuers: [issuer] } })).toEqual([expected]);
  });

  it.each([
    ['neither value nor pattern', {}, 'value_or_pattern settings.claim_mappings[0]'],
    ['value and pattern', { value: 'a', pattern: 'a*' }, 'value_or_pattern settings.claim_mappings[0]'],
    ['an empty pattern', { pattern: '' }, 'invalid_value settings.claim_mappings[0].pattern'],
    ['a pattern with nine stars', { pattern: '*a'.repeat(9) }, 'invalid_value settings.claim_mappings[0].pattern'],
    ['a pattern that is too long', { pattern: 'x'.repeat(257) }, 'invalid_value settings.claim_mappings[0].pattern'],
  ])('a claim mapping with %s', (_, more, expected) => {
    const settings = { claim_mappings: [{ claim: 'groups', group: 'g', ...more }] };
    expect(placesOf({ bitgate: 1, groups: [{ name: 'g' }], settings })).toEqual([expected]);
  });

  it('more than a hundred patterns', () => {
    const mappings = (count: number): object[] => Array.from({ length: count }, (_, i) => ({ claim: 'c', pattern: `${i}*`, group: 'g' }));
    const document = (count: number): object => ({ bitgate: 1, groups: [{ name: 'g' }], settings: { claim_mappings: mappings(count) } });
    expect(placesOf(document(101))).toEqual(['too_many settings.claim_mappings']);
    expect(resolved(document(100)).settings).toHaveLength(1);
  });

  it('two issuers that could give the same subjects', () => {
    const issuer = { audience: 'a', algorithms: ['RS256'], jwks_uri: 'https://a/b', subject_type: 'user' };
    const issuers = [
      { ...issuer, issuer: 'i', subject_prefix: 'x-' },
      { ...issuer, issuer: 'j', subject_prefix: 'x-y' },
    ];
    expect(placesOf({ bitgate: 1, settings: { issuers } })).toEqual(['overlapping_issuers settings.issuers[1]']);
  });
});

describe('settings take', () => {
  it('an issuer whose keys verify for one of its algorithms', () => {
    const issuer = { issuer: 'i', audience: 'a', algorithms: ['RS256', 'ES256'], subject_type: 'user', subject_claim: 'oid' };
    expect(
      resolved({ bitgate: 1, settings: { issuers: [{ ...issuer, jwks: { keys: [P256, { ...P256, kid: 'other' }] } }] } }).settings,
    ).toHaveLength(1);
  });
});
