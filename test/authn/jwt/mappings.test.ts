/** Claim mappings: which claims give what, of whose tokens, and that nothing else of a token gives anything. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { Catalog } from '../../../src/core/snapshot/catalog.ts';
import { catalogOf, ISSUER, issuerWith, outcome, type SigningKey, sign, signingKey, World, withKeys } from './world.ts';

let key: SigningKey;
const world = new World();

beforeAll(async () => {
  key = await signingKey();
});

type Mappings = readonly unknown[];
const withMappings = (mappings: Mappings): Catalog => withKeys([key], {}, { claim_mappings: mappings });

async function given(claims: object, mappings: Mappings): Promise<{ groups: readonly string[]; roles: readonly object[] }> {
  const token = await sign(key, world.claims(claims));
  const { groups, roles } = await world.tokens.proof(token, 'acme', withMappings(mappings));
  return { groups, roles };
}

/** Does the claim have the value that is mapped? */
const gives = async (claims: object, mapping: object): Promise<boolean> =>
  (await given(claims, [{ group: 'g1', ...mapping }])).groups.length > 0;

describe('SEC-34', () => {
  it('SEC-34 a token’s claims give nothing without a mapping', async () => {
    const claims = {
      groups: ['g1', 'group:g1'],
      roles: ['r1'],
      role: 'r1',
      scope: 'org',
      subject: 'user:root',
      realm_access: { roles: ['r1'] },
    };
    expect(await given(claims, [])).toEqual({ groups: [], roles: [] });
  });

  it('SEC-34 a mapping gives a group, or a role at a scope', async () => {
    const mappings = [
      { claim: 'groups', value: 'idp-admins', group: 'g1' },
      { claim: 'groups', value: 'idp-admins', role: 'r1' },
      { claim: 'groups', value: 'idp-admins', role: 'r1', scope: 'project:p' },
    ];
    expect(await given({ groups: ['x', 'idp-admins'] }, mappings)).toEqual({
      groups: ['g1'],
      roles: [
        { role: 'r1', scope: 'org' },
        { role: 'r1', scope: 'project:p' },
      ],
    });
    expect(await given({ groups: ['x', 'idp-admin', 'idp-admins2', 'IDP-ADMINS', ' idp-admins'] }, mappings)).toEqual({
      groups: [],
      roles: [],
    });
  });

  it('SEC-34 several mappings add up, and give each thing once', async () => {
    const mappings = [
      { claim: 'groups', value: 'a', group: 'g1' },
      { claim: 'groups', value: 'b', group: 'g1' },
      { claim: 'groups', pattern: '*', group: 'g2' },
      { claim: 'team', value: 't', role: 'r1' },
      { claim: 'team', pattern: 't*', role: 'r1', scope: 'org' },
      { claim: 'team', value: 't', role: 'r2', scope: 'dataset:d' },
    ];
    expect(await given({ groups: ['a', 'b', 'a'], team: 't' }, mappings)).toEqual({
      groups: ['g1', 'g2'],
      roles: [
        { role: 'r1', scope: 'org' },
        { role: 'r2', scope: 'dataset:d' },
      ],
    });
  });

  it('SEC-34 a mapping of one issuer gives nothing to another’s tokens', async () => {
    const mapping = { claim: 'groups', value: 'a', group: 'g1' };
    expect(await given({ groups: ['a'] }, [{ ...mapping, issuer: 'https://other.example' }])).toEqual({ groups: [], roles: [] });
    expect((await given({ groups: ['a'] }, [{ ...mapping, issuer: ISSUER }])).groups).toEqual(['g1']);
  });

  it('SEC-34 a mapping that is taken away gives nothing any more, also to a token that was verified before', async () => {
    const token = await sign(key, world.claims({ groups: ['a'] }));
    const before = withMappings([{ claim: 'groups', value: 'a', group: 'g1' }]);
    const proof = async (catalog: Catalog): Promise<readonly string[]> => (await world.tokens.proof(token, 'acme', catalog)).groups;
    expect([await proof(before), await proof(before), await proof(withMappings([])), await proof(before)]).toEqual([
      ['g1'],
      ['g1'],
      [],
      ['g1'],
    ]);
  });

  it.each([
    ['an unknown group', { group: 'g9' }],
    ['a group’s principal', { group: 'group:g1' }],
    ['a reserved group', { group: 'everyone' }],
    ['an unknown role', { role: 'r9' }],
    ['a role and a group', { role: 'r1', group: 'g1' }],
    ['neither', {}],
    ['a group that is no text', { group: 3 }],
    ['a scope that is no text', { role: 'r1', scope: 3 }],
    ['a value and a pattern', { group: 'g1', pattern: 'a' }],
    ['a value that is no text', { group: 'g1', value: ['a'] }],
    ['neither value nor pattern', { group: 'g1', value: undefined }],
    ['too many stars', { group: 'g1', value: undefined, pattern: '*********' }],
    ['an issuer that is no text', { group: 'g1', issuer: null }],
    ['no claim', { group: 'g1', claim: undefined }],
  ])('SEC-34 a mapping typed by hand with %s gives nothing, and takes no other with it', async (_, more) => {
    const whole = { claim: 'groups', value: 'a', group: 'g2' };
    const mappings = [{ claim: 'groups', value: 'a', ...more }, null, 3, 'x', [], whole];
    expect(await given({ groups: ['a'], undefined: 'a' }, mappings)).toEqual({ groups: ['g2'], roles: [] });
  });

  it('SEC-34 issuers’ own mappings don’t meet in one organization', async () => {
    const other = await signingKey('ES256', 'o');
    const mappings = [
      { issuer: ISSUER, claim: 'groups', value: 'a', group: 'g1' },
      { issuer: 'https://other.example', claim: 'groups', value: 'a', group: 'g2' },
    ];
    const issuers = [
      issuerWith({ jwks: { keys: [key.jwk] } }),
      issuerWith({ jwks: { keys: [other.jwk] }, issuer: 'https://other.example', subject_type: 'guest' }),
    ];
    const catalog = catalogOf({ issuers, claim_mappings: mappings });
    const mine = await sign(key, world.claims({ groups: 'a' }));
    const theirs = await sign(other, world.claims({ groups: 'a', iss: 'https://other.example' }));
    expect((await world.tokens.proof(mine, 'acme', catalog)).groups).toEqual(['g1']);
    expect((await world.tokens.proof(theirs, 'acme', catalog)).groups).toEqual(['g2']);
    // One issuer's key does not sign for the other.
    const forged = await sign(key, world.claims({ groups: 'a', iss: 'https://other.example' }));
    expect(await outcome(() => world.tokens.proof(forged, 'acme', catalog))).toBe('401 invalid_credentials');
  });
});

describe('a claim', () => {
  it.each([
    ['by its whole name', 'https://acme.com/roles', { 'https://acme.com/roles': ['a'] }, true],
    ['by its whole name', 'cognito:groups', { 'cognito:groups': 'a' }, true],
    ['by a whole name with dots', 'a.b', { 'a.b': 'a' }, true],
    ['by its whole name before a path', 'a.b', { 'a.b': 'x', a: { b: 'a' } }, false],
    ['along a path', 'realm_access.roles', { realm_access: { roles: ['a'] } }, true],
    ['along a longer path', 'x.y.z', { x: { y: { z: 'a' } } }, true],
    ['not along lists', 'x.0', { x: ['a'] }, false],
    ['not by what lists have', 'x.length', { x: ['a'] }, false],
    ['not by a part of its name', 'x', { 'x.y': 'a' }, false],
    ['not by what objects inherit', 'constructor.name', { x: 1 }, false],
    ['not by a prototype', '__proto__.x', { x: 'a' }, false],
    ['not where nothing is', 'x.y', { x: null }, false],
    ['not along texts', 'x.y', { x: 'a' }, false],
  ])('is found %s: %s', async (_, claim, claims, expected) => {
    expect(await gives(claims, { claim, value: 'a' })).toBe(expected);
  });

  it('that has the name of what objects inherit is like any other', async () => {
    const claims: object = JSON.parse('{"__proto__":{"x":"a"},"constructor":"a","toString":["a"]}');
    const token = JSON.parse(JSON.stringify(world.claims()));
    for (const [name, value] of Object.entries(claims)) Object.defineProperty(token, name, { value, enumerable: true });
    expect(await gives(token, { claim: 'constructor', value: 'a' })).toBe(true);
    expect(await gives(token, { claim: 'toString', value: 'a' })).toBe(true);
    expect(await gives({}, { claim: 'toString', pattern: '*' })).toBe(false);
    expect(await gives({}, { claim: 'constructor', pattern: '*' })).toBe(false);
  });

  it.each([
    ['a text', 'a', 'a', true],
    ['a number', 7, '7', true],
    ['a fraction', 1.5, '1.5', true],
    ['a boolean', true, 'true', true],
    ['one of a list', ['x', false, 3, 'a'], 'a', true],
    ['a number of a list', [1, 2], '2', true],
    ['not null', null, 'null', false],
    ['not an object', { a: 'a' }, 'a', false],
    ['not of an inner list', [['a']], 'a', false],
    ['a text with spaces as one', 'x a', 'a', false],
    ['a text with commas as one', 'x,a', 'a', false],
    ['an empty text', '', '', true],
    ['nothing of an empty list', [], '', false],
  ])('has as value %s', async (_, claim, value, expected) => {
    expect(await gives({ claim }, { claim: 'claim', value })).toBe(expected);
  });

  it('`scope` is a list with spaces between', async () => {
    expect(await gives({ scope: 'read write' }, { claim: 'scope', value: 'write' })).toBe(true);
    expect(await gives({ scope: 'read write' }, { claim: 'scope', value: 'read write' })).toBe(false);
    expect(await gives({ scope: '  ' }, { claim: 'scope', pattern: '*' })).toBe(false);
    expect(await gives({ scope: ['a b'] }, { claim: 'scope', value: 'a b' })).toBe(true);
    expect(await gives({ x: { scope: 'a b' } }, { claim: 'x.scope', value: 'a' })).toBe(false);
  });

  it('matches a pattern as a whole', async () => {
    const matches = (value: string, pattern: string): Promise<boolean> => gives({ groups: [value] }, { claim: 'groups', pattern });
    expect([await matches('team-blue', 'team-*'), await matches('my-team-blue', 'team-*'), await matches('team-blue', 'team-')]).toEqual([
      true,
      false,
      false,
    ]);
    expect([await matches('a.c', 'a.c'), await matches('abc', 'a.c'), await matches('a?c', 'a?c'), await matches('abc', 'a?c')]).toEqual([
      true,
      false,
      true,
      false,
    ]);
  });
});
