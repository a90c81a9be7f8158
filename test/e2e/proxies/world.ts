/** bitgate as it is built, on this machine, with an organization whose users come with tokens of an issuer of the test's own. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { bundleWorker } from '../../../scripts/lib/bundle.ts';
import { addressOf, startLocalWorker } from '../../../scripts/lib/local-worker.ts';
import { migrate } from '../../../scripts/lib/migrate.ts';

const ROOT = join(import.meta.dirname, '../../..');
const ROOT_TOKEN = 'a-root-token-of-at-least-32-characters';
const ISSUER = 'https://idp.example.com';
const AUDIENCE = 'acme';

/** Where the app is that the proxies guard. */
export const HOST = 'app.example.com';
export const COOKIE = 'session';
export const SIGN_IN = 'https://login.example.com/start';

export type Family = 'nginx' | 'forwarded' | 'envoy';

export interface World {
  readonly port: number;
  /** the secret of a new key for a proxy */
  proxyKey(family: Family): Promise<string>;
  /** a token of the organization's issuer; `claims` may take away or replace what is usual */
  token(subject: string, claims?: Readonly<Record<string, unknown>>): Promise<string>;
  /** @throws Error when it isn't answered with 2xx */
  admin(method: string, path: string, body?: object): Promise<{ readonly id?: string; readonly secret?: string }>;
  stop(): Promise<void>;
}

export async function startWorld(): Promise<World> {
  const state = mkdtempSync(join(tmpdir(), 'bitgate-proxies-'));
  const bindings = { BITGATE_ROOT_TOKEN: ROOT_TOKEN, BITGATE_SIGNING_KEY: 'a-signing-key-of-at-least-32-bytes' };
  const script = await bundleWorker(join(ROOT, 'src/worker.ts'));
  const miniflare = await startLocalWorker({ script, host: '127.0.0.1', port: 0, state, bindings });
  await migrate(await miniflare.getD1Database('DB'), join(ROOT, 'src/storage/d1/migrations'));
  const address = await addressOf(miniflare);
  const { publicKey, privateKey } = await generateKeyPair('ES256');
  const admin = adminOf(address);
  await admin('POST', '', { id: 'acme' });
  await admin('PUT', '/acme/manifest', manifest({ ...(await exportJWK(publicKey)), kid: 'one', alg: 'ES256' }));
  return {
    port: Number(new URL(address).port),
    token: (subject, claims) => tokenOf(privateKey, subject, claims),
    admin: (method, path, body) => admin(method, `/acme${path}`, body),
    proxyKey: async (family) => {
      const roles = [{ role: 'bitgate:checker', scope: 'org' }];
      return (await admin('POST', '/acme/api-keys', { name: `proxy ${family}`, roles, forward_auth: family })).secret ?? '';
    },
    stop: async () => {
      await miniflare.dispose();
      rmSync(state, { recursive: true });
    },
  };
}

function adminOf(address: string): World['admin'] {
  const headers = { authorization: `Bearer ${ROOT_TOKEN}`, 'content-type': 'application/json' };
  return async (method, path, body) => {
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    const response = await fetch(`${address}/admin/orgs${path}`, { method, headers, ...sent });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text === '' ? {} : Object(JSON.parse(text));
  };
}

/**
 * `anyone` sees the welcome page; `user:ada` sees the report `q1`; whoever comes with the group `idp-admins` does everything.
 */
function manifest(key: object): object {
  const route = (method: string, path: string, action: string, resource?: string): object => ({
    hosts: [HOST],
    methods: [method],
    path,
    action,
    ...(resource === undefined ? {} : { resource }),
  });
  return {
    bitgate: 1,
    catalog: { privileges: [{ name: 'view' }, { name: 'edit' }, { name: 'manage' }] },
    roles: [
      { name: 'Viewer', privileges: ['view'] },
      { name: 'Admin', privileges: ['view', 'edit', 'manage'] },
    ],
    subjects: [{ type: 'user', id: 'ada' }],
    resources: [{ type: 'report', id: 'q1' }],
    assignments: [
      { subject: 'group:anyone', role: 'Viewer', scope: 'page:welcome' },
      { subject: 'user:ada', role: 'Viewer', scope: 'report:q1' },
    ],
    routes: [
      route('GET', '/welcome', 'view', 'page:welcome'),
      route('GET', '/reports/:report', 'view', 'report:{report}'),
      route('POST', '/reports/:report', 'edit', 'report:{report}'),
      route('GET', '/admin/users', 'manage'),
    ],
    settings: {
      issuers: [{ issuer: ISSUER, audience: AUDIENCE, algorithms: ['ES256'], jwks: { keys: [key] }, subject_type: 'user' }],
      claim_mappings: [{ issuer: ISSUER, claim: 'groups', value: 'idp-admins', role: 'Admin', scope: 'org' }],
      forward_auth: { cookie: COOKIE, sign_in_url: SIGN_IN },
    },
  };
}

function tokenOf(key: CryptoKey, subject: string, claims: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  const usual = { iss: ISSUER, aud: AUDIENCE, sub: subject, iat: now, exp: now + 3600 };
  return new SignJWT({ ...usual, ...claims }).setProtectedHeader({ alg: 'ES256', kid: 'one' }).sign(key);
}
