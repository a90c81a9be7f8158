/** What a token’s header may choose: a configured key, and nothing else. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { Catalog } from '../../../src/core/snapshot/catalog.ts';
import { INVALID, outcome, type SigningKey, sign, signingKey, signRaw, World, withKeys } from './world.ts';

let es: SigningKey;
let catalog: Catalog;
const world = new World();
const asked = (token: string, of: Catalog = catalog): Promise<string> => outcome(() => world.tokens.proof(token, 'acme', of));

beforeAll(async () => {
  es = await signingKey('ES256', 'es');
  catalog = withKeys([es]);
});

describe('SEC-32', () => {
  it.each(['../es', '../../etc/passwd', 'es\u0000', 'ES', '', '__proto__', 'constructor', "es' OR '1'='1", '*'])(
    'SEC-32 the kid %j chooses nothing that isn’t configured',
    async (kid) => {
      const token = await signRaw(es, JSON.stringify({ alg: 'ES256', kid }), JSON.stringify(world.claims()));
      expect(await asked(token)).toBe(INVALID);
    },
  );

  it.each([null, 7, ['es'], { es: 1 }])('SEC-32 the kid %j is none', async (kid) => {
    expect(await asked(await signRaw(es, JSON.stringify({ alg: 'ES256', kid }), JSON.stringify(world.claims())))).toBe(INVALID);
  });

  it('SEC-32 keys and addresses in a token’s header are never used', async () => {
    const forger = await signingKey('ES256', 'es');
    const header = { jwk: forger.jwk, jku: 'https://evil.example/keys', x5u: 'https://evil.example/cert', x5c: ['AAAA'], x5t: 'AA' };
    expect(await asked(await sign(forger, world.claims(), header))).toBe(INVALID);
    // Of an honest token they are ignored.
    expect(await asked(await sign(es, world.claims(), header))).toBe('200');
    expect(world.fetched).toEqual([]);
  });

  it.each([['b64'], ['exp'], []])('SEC-32 crit is refused, whatever it names', async (...crit) => {
    const header = JSON.stringify({ alg: 'ES256', kid: 'es', crit, b64: true, exp: 1 });
    expect(await asked(await signRaw(es, header, JSON.stringify(world.claims())))).toBe(INVALID);
  });
});
