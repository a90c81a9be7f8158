/** An organization's catalog, issuers with real keys, and the web that their key sets are fetched from: as slow, endless or wrong as a test wants. */
import { exportJWK, type JWK, SignJWT } from 'jose';
import { Tokens } from '../../../src/authn/tokens.ts';
import { compileCatalog } from '../../../src/core/compile/catalog.ts';
import { Catalog } from '../../../src/core/snapshot/catalog.ts';
import { encodeCatalog } from '../../../src/core/snapshot/encode-catalog.ts';
import { BitgateError } from '../../../src/core/terms/problem.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

export const ISSUER = 'https://id.example';
export const KEYS_URI = 'https://id.example/keys';

/** With the groups `g1`, `g2` and the roles `r1`, `r2`. */
export function catalogOf(settings: object): Catalog {
  const text = { title: '', description: '' };
  const role = { ...text, project: '', privileges: '[]', all_privileges: 0, reaches_restricted: 0, system: 0 } as const;
  const { model } = compileCatalog({
    privileges: [],
    policies: [],
    roles: ['r1', 'r2'].map((id) => ({ id, name: id, ...role })),
    role_policies: [],
    role_inherits: [],
    groups: ['g1', 'g2'].map((id) => ({ id, name: id, description: '' })),
    group_nesting: [],
    routes: [],
    settings: [{ settings: JSON.stringify(settings) }],
  });
  return new Catalog(encodeCatalog(model));
}

const PARAMETERS = {
  RS256: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', modulusLength: 2048, publicExponent: Uint8Array.of(1, 0, 1) },
  PS256: { name: 'RSA-PSS', hash: 'SHA-256', modulusLength: 2048, publicExponent: Uint8Array.of(1, 0, 1) },
  ES256: { name: 'ECDSA', namedCurve: 'P-256' },
  EdDSA: { name: 'Ed25519' },
};

export interface SigningKey {
  readonly alg: keyof typeof PARAMETERS;
  readonly kid: string;
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
  /** public, with `kid` */
  readonly jwk: JWK;
}

export async function signingKey(alg: keyof typeof PARAMETERS = 'ES256', kid = 'k1', more: object = {}): Promise<SigningKey> {
  const pair = await crypto.subtle.generateKey({ ...PARAMETERS[alg], ...more }, true, ['sign', 'verify']);
  if (!('privateKey' in pair)) throw new TypeError('not a pair');
  return { alg, kid, ...pair, jwk: { ...(await exportJWK(pair.publicKey)), kid } };
}

/** What the tokens say that are right, `now` in ms. */
export function claimsAt(now: number): Record<string, unknown> {
  const second = Math.floor(now / 1_000);
  return { iss: ISSUER, aud: 'acme', sub: 'ada', iat: second, exp: second + 600 };
}

export function base64url(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}

export function sign(key: SigningKey, claims: Record<string, unknown>, header: object = {}): Promise<string> {
  return new SignJWT(claims).setProtectedHeader({ alg: key.alg, kid: key.kid, ...header }).sign(key.privateKey);
}

/** Texts as they are: for what no library would write. */
export async function signRaw(key: SigningKey, header: string, payload: string): Promise<string> {
  const input = `${base64url(header)}.${base64url(payload)}`;
  const algorithm = { ...PARAMETERS[key.alg], hash: 'SHA-256', saltLength: 32 };
  const signature = new Uint8Array(await crypto.subtle.sign(algorithm, key.privateKey, new TextEncoder().encode(input)));
  return `${input}.${btoa(String.fromCharCode(...signature))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')}`;
}

export interface Fetched {
  readonly uri: string;
  readonly init: RequestInit;
  /** ms */
  readonly at: number;
}

export type AnswerOf = (fetched: Fetched) => Response | Promise<Response>;

export class World {
  readonly clock = new VirtualClock();
  readonly fetched: Fetched[] = [];
  readonly tokens: Tokens;
  answer: AnswerOf = () => new Response('nothing is here', { status: 404 });

  constructor() {
    const { clock } = this;
    this.tokens = new Tokens({
      now: () => clock.now(),
      sleep: (ms) => clock.sleep(ms),
      fetch: async (uri, init) => {
        const fetched = { uri, init, at: clock.now() };
        this.fetched.push(fetched);
        return this.answer(fetched);
      },
    });
  }

  serve(...keys: readonly SigningKey[]): void {
    this.answer = () => Response.json({ keys: keys.map(({ jwk }) => jwk) });
  }

  claims(more: object = {}): Record<string, unknown> {
    return { ...claimsAt(this.clock.now()), ...more };
  }
}

export const issuerWith = (more: object): object => ({
  issuer: ISSUER,
  audience: 'acme',
  algorithms: ['ES256'],
  subject_type: 'user',
  ...more,
});

export const withKeys = (keys: readonly SigningKey[], more: object = {}, settings: object = {}): Catalog =>
  catalogOf({ issuers: [issuerWith({ jwks: { keys: keys.map(({ jwk }) => jwk) }, ...more })], ...settings });

export const withUri = (more: object = {}, settings: object = {}): Catalog =>
  catalogOf({ issuers: [issuerWith({ jwks_uri: KEYS_URI, ...more })], ...settings });

/** `200` for a proof, else status and code of the refusal; any other error is thrown. */
export async function outcome(act: () => unknown): Promise<string> {
  try {
    await act();
    return '200';
  } catch (error) {
    if (error instanceof BitgateError) return `${error.status} ${error.code}`;
    throw error;
  }
}

export const INVALID = '401 invalid_credentials';
export const UNAVAILABLE = '503 keys_unavailable';
