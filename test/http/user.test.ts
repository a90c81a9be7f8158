/** Whom a credential stands for in an organization that is open, as `/forward-auth` asks; and a root token that looks like a JWT. */
import { beforeEach, describe, expect, it } from 'vitest';
import { Callers } from '../../src/authn/callers.ts';
import { sha256Hex } from '../../src/authn/constant-time.ts';
import { Tokens } from '../../src/authn/tokens.ts';
import type { KeyEntry } from '../../src/core/snapshot/model.ts';
import type { GateServices } from '../../src/http/common/gate.ts';
import { proveUser } from '../../src/http/common/user.ts';
import type { Session } from '../../src/pdp/pdp.ts';
import { catalogOf, claimsAt, issuerWith, type SigningKey, sign, signingKey } from '../authn/jwt/world.ts';

const ROOT = 'a-root-token-that-looks.like-a-jwt-by.its-three-parts';
const SECRET = 'a'.repeat(52);
const KEY = `bg_acme_k1_${SECRET}`;
const NOW = 1_800_000_000_000;
const life = { waitUntil: () => undefined };

let key: SigningKey;
let session: Session;
let services: GateServices;
let noted: string[];

beforeEach(async () => {
  key = await signingKey();
  noted = [];
  const mappings = [{ claim: 'groups', value: 'g', group: 'g1' }];
  const catalog = catalogOf({ issuers: [issuerWith({ jwks: { keys: [key.jwk] } })], claim_mappings: mappings });
  const entry = { hash: await sha256Hex(KEY), previousHash: null, previousUntil: null, disabled: false, expiresAt: null };
  // `as`: no more of them is looked at
  session = {
    snapshot: { catalog, manifest: { organization: 'acme' } },
    key: (id: string) => (id === 'k1' ? (entry as unknown as KeyEntry) : undefined),
  } as unknown as Session;
  services = {
    callers: new Callers(ROOT),
    tokens: new Tokens({ now: () => NOW, sleep: async () => undefined, fetch: () => Promise.reject(new Error('nothing is fetched')) }),
    keyUses: { note: ({ keyId }: { keyId: string }) => noted.push(keyId) },
    now: () => NOW,
  } as unknown as GateServices;
});

const prove = async (credential: string): Promise<unknown> => proveUser(services, session, credential, life);

describe('whom a credential stands for', () => {
  it('is the subject of a JWT, in a header or bare, with what its claims give', async () => {
    const token = await sign(key, { ...claimsAt(NOW), groups: ['g'] });
    const user = { subject: { type: 'user', id: 'ada' }, options: { groups: ['g1'], roles: [] } };
    expect([await prove(token), await prove(`Bearer ${token}`)]).toEqual([user, user]);
    expect(proveUser(services, session, token, life)).toEqual(user);
    const plain = await sign(key, claimsAt(NOW));
    expect(await prove(plain)).toEqual({ subject: { type: 'user', id: 'ada' }, options: undefined });
  });

  it('is a key of the organization, whose use is noted', async () => {
    const user = { subject: { type: 'api_key', id: 'k1' }, options: undefined };
    expect([await prove(KEY), await prove(`Bearer ${KEY}`), await prove(`Basic ${btoa(`acme_k1:${SECRET}`)}`)]).toEqual([user, user, user]);
    expect(noted).toEqual(['k1', 'k1', 'k1']);
  });

  it.each([
    ['the root token', ROOT],
    ['a key of another organization', `bg_other_k1_${SECRET}`],
    ['an unknown key', `bg_acme_k2_${SECRET}`],
    ['a wrong secret', `${KEY}a`],
    ['SEC-31 a scheme in another case', `bearer ${KEY}`],
    ['SEC-31 a tab', `Bearer\t${KEY}`],
    ['SEC-31 a list', `Bearer ${KEY}, Bearer ${KEY}`],
    ['a token that nobody signed', 'a.b.c'],
    ['nothing', ''],
  ])('is nobody: %s', async (_what, credential) => {
    await expect(prove(credential)).rejects.toMatchObject({ code: 'invalid_credentials', status: 401 });
    expect(noted).toEqual([]);
  });
});

describe('a root token that looks like a JWT', () => {
  it('is root’s, and every other one is an end user’s', async () => {
    expect(await services.callers.claim(`Bearer ${ROOT}`)).toEqual({ root: true });
    expect(await services.callers.claim(`Bearer ${ROOT}x`)).toEqual({ root: false, jwt: `${ROOT}x` });
  });
});
