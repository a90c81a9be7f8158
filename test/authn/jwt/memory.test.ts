/** What is remembered of verified tokens: it spares work, and changes no answer. */
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { BoundedMap } from '../../../src/authn/jwt/bounded-map.ts';
import type { TokenProof } from '../../../src/authn/proof.ts';
import type { Catalog } from '../../../src/core/snapshot/catalog.ts';
import { catalogOf, INVALID, outcome, type SigningKey, sign, signingKey, World, withKeys, withUri } from './world.ts';

let key: SigningKey;
let catalog: Catalog;
let world: World;

beforeAll(async () => {
  key = await signingKey();
  catalog = withKeys([key]);
});

beforeEach(() => {
  world = new World();
});

const proof = (token: string, of: Catalog = catalog, organization = 'acme'): TokenProof | Promise<TokenProof> =>
  world.tokens.proof(token, organization, of);
const remembered = (token: string, of?: Catalog, organization?: string): boolean => {
  const answer = proof(token, of, organization);
  if (answer instanceof Promise) answer.catch(() => undefined);
  return !(answer instanceof Promise);
};

describe('a verified token', () => {
  it('is answered at once the next time, with what it proved', async () => {
    const token = await sign(key, world.claims());
    const first = await proof(token);
    expect(proof(token)).toBe(first);
  });

  it('is not remembered past its end', async () => {
    const token = await sign(key, world.claims());
    await proof(token);
    await world.clock.advance(599_999);
    expect(remembered(token)).toBe(true);
    await world.clock.advance(1);
    expect(await outcome(() => proof(token))).toBe(INVALID);
  });

  it('is verified again for another catalog, even of equal settings', async () => {
    const token = await sign(key, world.claims());
    await proof(token);
    const next = withKeys([key]);
    expect([remembered(token, next), await outcome(() => proof(token, next))]).toEqual([false, '200']);
    const others = withKeys([await signingKey()]);
    expect(await outcome(() => proof(token, others))).toBe(INVALID);
    expect(await outcome(() => proof(token, catalogOf({})))).toBe(INVALID);
    expect(await outcome(() => proof(token))).toBe('200');
  });

  it('is remembered for its organization alone', async () => {
    const token = await sign(key, world.claims());
    await proof(token);
    expect([remembered(token, catalog, 'other'), remembered(token, catalog, 'acme2'), remembered(token)]).toEqual([false, false, true]);
  });

  it('is remembered whole: one that differs in a character is another', async () => {
    const token = await sign(key, world.claims());
    await proof(token);
    expect(await outcome(() => proof(`${token}A`))).toBe(INVALID);
    expect(await outcome(() => proof(token.slice(0, -1)))).toBe(INVALID);
    expect(await outcome(() => proof(` ${token}`))).toBe(INVALID);
  });

  it('counts no more once its key is gone from the issuer’s set', async () => {
    world.serve(key);
    const remote = withUri();
    const token = await sign(key, world.claims({ exp: Math.floor(world.clock.now() / 1_000) + 86_400 }));
    await proof(token, remote);
    await world.clock.advance(599_999);
    expect(remembered(token, remote)).toBe(true);
    await world.clock.advance(1);
    world.serve(await signingKey('ES256', 'k2'));
    expect(await outcome(() => proof(token, remote))).toBe(INVALID);
  });

  it('counts no more once an unknown kid has brought a set without its key', async () => {
    world.serve(key);
    const remote = withUri();
    const token = await sign(key, world.claims());
    await proof(token, remote);
    const next = await signingKey('ES256', 'k2');
    world.serve(next);
    expect(await outcome(async () => proof(await sign(next, world.claims()), remote))).toBe('200');
    expect(await outcome(() => proof(token, remote))).toBe(INVALID);
  });

  it('stays remembered when its key is in the new set', async () => {
    world.serve(key);
    const remote = withUri();
    const token = await sign(key, world.claims());
    await proof(token, remote);
    const next = await signingKey('ES256', 'k2');
    world.serve(next, key);
    await proof(await sign(next, world.claims()), remote);
    expect(remembered(token, remote)).toBe(true);
  });

  it('that was wrong is looked at again each time', async () => {
    const token = await sign(key, world.claims({ nbf: Math.floor(world.clock.now() / 1_000) + 60 }));
    expect(await outcome(() => proof(token))).toBe(INVALID);
    await world.clock.advance(60_000);
    expect(await outcome(() => proof(token))).toBe('200');
  });

  it('gives way when a thousand others came after it', async () => {
    const first = await sign(key, world.claims({ jti: 'first' }));
    await proof(first);
    const others = await Promise.all(Array.from({ length: 999 }, (_, i) => sign(key, world.claims({ jti: i }))));
    for (const other of others) await proof(other);
    expect(remembered(first)).toBe(true);
    await proof(await sign(key, world.claims({ jti: 'last' })));
    expect([remembered(first), remembered(others[0] ?? '')]).toEqual([false, true]);
  });
});

describe('what is remembered', () => {
  it('is bounded in number and in weight, oldest first', () => {
    const map = new BoundedMap<number>(3, 100);
    for (const name of ['a', 'b', 'c', 'd']) map.set(name, 1, 10);
    expect(['a', 'b', 'c', 'd'].map((name) => map.get(name))).toEqual([undefined, 1, 1, 1]);
    map.set('b', 2, 10);
    map.set('e', 1, 85);
    expect(['b', 'c', 'd', 'e'].map((name) => map.get(name))).toEqual([2, undefined, undefined, 1]);
    map.set('f', 1, 1_000);
    expect(['b', 'e', 'f'].map((name) => map.get(name))).toEqual([undefined, undefined, 1]);
    map.delete('f');
    map.delete('nothing');
    for (const name of ['g', 'h']) map.set(name, 1, 50);
    expect(['g', 'h'].map((name) => map.get(name))).toEqual([1, 1]);
  });
});
