/** Whose tokens hold: issuers that are whole, and speak for no other’s subjects. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { Catalog } from '../../../src/core/snapshot/catalog.ts';
import { catalogOf, INVALID, ISSUER, issuerWith, outcome, type SigningKey, sign, signingKey, World, withKeys } from './world.ts';

let es: SigningKey;
let catalog: Catalog;
const world = new World();
const asked = (token: string, of: Catalog = catalog): Promise<string> => outcome(() => world.tokens.proof(token, 'acme', of));

beforeAll(async () => {
  es = await signingKey('ES256', 'es');
  catalog = withKeys([es]);
});

describe('SEC-18', () => {
  const complete = (): object => issuerWith({ jwks: { keys: [es.jwk] } });
  const askedOf = async (...issuers: readonly unknown[]): Promise<string> => asked(await sign(es, world.claims()), catalogOf({ issuers }));

  it('SEC-18 a token of an issuer that is not configured is 401', async () => {
    expect(await askedOf(complete())).toBe('200');
    expect(await askedOf()).toBe(INVALID);
    expect(await askedOf({ ...complete(), issuer: `${ISSUER}/` })).toBe(INVALID);
    expect(await askedOf({ ...complete(), issuer: ISSUER.toUpperCase() })).toBe(INVALID);
    expect(await asked(await sign(es, world.claims({ iss: [ISSUER] })))).toBe(INVALID);
    expect(await asked(await sign(es, world.claims({ iss: undefined })))).toBe(INVALID);
  });

  it.each([
    ['no audience', { audience: undefined }],
    ['an empty audience', { audience: '' }],
    ['a list of audiences', { audience: ['acme'] }],
    ['no algorithms', { algorithms: undefined }],
    ['an empty list of algorithms', { algorithms: [] }],
    ['a text of algorithms', { algorithms: 'ES256' }],
    ['a symmetric algorithm beside', { algorithms: ['ES256', 'HS256'] }],
    ['`none` beside', { algorithms: ['ES256', 'none'] }],
    ['no keys', { jwks: undefined }],
    ['an empty set of keys', { jwks: { keys: [] } }],
    ['a list for a set', { jwks: [] }],
    ['keys and an address', { jwks_uri: 'https://id.example/keys' }],
    ['an address over http', { jwks: undefined, jwks_uri: 'http://id.example/keys' }],
    ['no type of subjects', { subject_type: undefined }],
    ['a type with a colon', { subject_type: 'a:b' }],
    ['a reserved type', { subject_type: 'api_key' }],
    ['another reserved type', { subject_type: 'group' }],
    ['a prefix that is no text', { subject_prefix: 3 }],
    ['a claim for subjects that is no text', { subject_claim: ['sub'] }],
  ])('SEC-18 an issuer that was typed by hand with %s is none', async (_, more) => {
    expect(await askedOf({ ...complete(), ...more })).toBe(INVALID);
    // Nor does it take another one with it.
    expect(await askedOf({ ...complete(), ...more, issuer: 'https://other.example' }, complete())).toBe('200');
  });

  it.each([[null], [3], ['x'], [[]], [{}], [undefined]])('SEC-18 issuers typed by hand may be %j', async (issuers) => {
    expect(await asked(await sign(es, world.claims()), catalogOf({ issuers, claim_mappings: issuers }))).toBe(INVALID);
    expect(await askedOf(issuers)).toBe(INVALID);
  });

  it('SEC-18 issuers that could speak for each other’s subjects speak for nobody', async () => {
    expect(await askedOf(complete(), complete())).toBe(INVALID);
    expect(await askedOf(complete(), { ...complete(), issuer: 'https://other.example', subject_prefix: 'o-' })).toBe(INVALID);
    expect(await askedOf(complete(), { ...complete(), issuer: 'https://other.example', subject_type: 'other' })).toBe('200');
  });
});

describe('SEC-29', () => {
  it.each([
    ['another service’s', 'other'],
    ['one that begins alike', 'acme2'],
    ['one in another case', 'ACME'],
    ['an empty list', []],
    ['a list of others', ['a', 'b']],
    ['a nested list', [['acme']]],
    ['null', null],
    ['an object', { 0: 'acme' }],
    ['nothing', undefined],
    ['a number', 7],
  ])('SEC-29 the audience must be this one, not %s', async (_, aud) => {
    expect(await asked(await sign(es, world.claims({ aud })))).toBe(INVALID);
  });

  it('SEC-29 one organization’s issuer is no other’s', async () => {
    const other = await signingKey('ES256', 'es');
    const token = await sign(es, world.claims());
    expect(await outcome(() => world.tokens.proof(token, 'acme', catalog))).toBe('200');
    expect(await outcome(() => world.tokens.proof(token, 'other', withKeys([other])))).toBe(INVALID);
    expect(await outcome(() => world.tokens.proof(token, 'other', catalogOf({})))).toBe(INVALID);
    expect(await outcome(() => world.tokens.proof(token, 'acme', catalog))).toBe('200');
  });
});
