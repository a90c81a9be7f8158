/** The organization that proxies ask about: routes, people, a proxy of each family, and an issuer whose key the test has. */
import { exports } from 'cloudflare:workers';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { Family } from '../../../src/http/forward-auth/original.ts';
import { call, makeKey, makeOrganization, putManifest } from '../client.ts';

export const HOST = 'app.example';
export const COOKIE = 'session';
export const SIGN_IN = 'https://id.example/login';
const ISSUER = 'https://id.example';

const { privateKey, publicKey } = await generateKeyPair('ES256');

export const routes = [
  { hosts: [HOST, '*.wild.example'], methods: ['GET', 'HEAD'], path: '/public/*', action: 'look' },
  { hosts: [HOST], methods: ['GET'], path: '/projects/:p', action: 'read', resource: 'project:{p}' },
  { hosts: [HOST], methods: ['GET'], path: '/projects/:p/datasets/:d', action: 'read', resource: 'dataset:{d}', parents: ['project:{p}'] },
  {
    hosts: [HOST],
    methods: ['PUT', 'DELETE'],
    path: '/projects/:p/datasets/:d',
    action: 'edit',
    resource: 'dataset:{d}',
    parents: ['project:{p}'],
  },
  { hosts: [HOST], methods: ['GET'], path: '/datasets/:d', action: 'read', resource: 'dataset:{d}' },
  { hosts: [HOST], methods: ['GET'], path: '/admin', action: 'administer' },
  { hosts: [HOST], methods: ['GET'], path: '/by-context', action: 'told' },
];

/** Alice reads p1, Eve edits everything in p2, everybody looks; sue is suspended. */
export async function manifestOf(forwardAuth: object = { cookie: COOKIE, sign_in_url: SIGN_IN }, keys?: object): Promise<object> {
  const known = { jwks: { keys: [{ ...(await exportJWK(publicKey)), kid: 'k1', alg: 'ES256' }] } };
  return {
    bitgate: 1,
    catalog: {
      privileges: [{ name: 'look' }, { name: 'read' }, { name: 'edit', implies: ['read'] }, { name: 'administer' }, { name: 'told' }],
    },
    policies: [
      {
        name: 'Told',
        privileges: ['told'],
        condition: "context.method == 'GET' && context.host == 'app.example' && context.path == '/by-context'",
      },
    ],
    roles: [
      { name: 'Looker', privileges: ['look'] },
      { name: 'Reader', privileges: ['look', 'read'] },
      { name: 'Editor', privileges: ['edit'] },
      { name: 'Administrator', privileges: ['administer', 'edit', 'look'] },
      { name: 'Listener', policies: ['Told'] },
    ],
    projects: [{ id: 'p1' }, { id: 'p2' }],
    subjects: [
      { type: 'user', id: 'alice' },
      { type: 'user', id: 'sue', status: 'suspended' },
    ],
    resources: [
      { type: 'dataset', id: 'd1', parents: ['project:p1'] },
      { type: 'dataset', id: 'd2', parents: ['project:p2'] },
    ],
    assignments: [
      { subject: 'user:owner', role: 'bitgate:owner', scope: 'org' },
      { subject: 'group:anyone', role: 'Looker', scope: 'org' },
      { subject: 'user:alice', role: 'Reader', scope: 'project:p1' },
      { subject: 'user:alice', role: 'Listener', scope: 'org' },
      { subject: 'user:eve', role: 'Editor', scope: 'project:p2' },
      { subject: 'user:sue', role: 'Administrator', scope: 'org' },
      { subject: 'user:root', role: 'Administrator', scope: 'org' },
      { subject: 'user:a@x@y', role: 'Reader', scope: 'project:p1' },
    ],
    routes,
    settings: {
      issuers: [
        {
          issuer: ISSUER,
          audience: 'app',
          algorithms: ['ES256'],
          ...(keys ?? known),
          subject_type: 'user',
        },
      ],
      forward_auth: forwardAuth,
    },
  };
}

export interface World {
  readonly organization: string;
  readonly keys: Readonly<Record<Family, string>>;
  /** an API key that may read in p1, configured for no family */
  readonly plain: string;
}

/** @param keys where the issuer's are, in place of those of the test */
export async function makeWorld(organization: string, forwardAuth?: object, keys?: object): Promise<World> {
  await makeOrganization(organization, { owner: 'user:owner' });
  await putManifest(organization, await manifestOf(forwardAuth, keys));
  const keyFor = async (family: Family): Promise<string> =>
    (await makeKey(organization, ['bitgate:checker'], { forward_auth: family })).token;
  const proxies = { nginx: await keyFor('nginx'), forwarded: await keyFor('forwarded'), envoy: await keyFor('envoy') };
  const plain = (await makeKey(organization, [{ role: 'Reader', scope: 'project:p1' }])).token;
  return { organization, keys: proxies, plain };
}

/** A JWT of the issuer. */
export async function tokenFor(id: string, claims: object = {}): Promise<string> {
  const now = Math.floor(Date.now() / 1_000);
  return new SignJWT({ iss: ISSUER, aud: 'app', sub: id, iat: now, exp: now + 600, ...claims })
    .setProtectedHeader({ alg: 'ES256', kid: 'k1' })
    .sign(privateKey);
}

/** What each family's headers say of one request. */
export const HEADERS: Readonly<Record<Family, (method: string, path: string, host: string) => Record<string, string>>> = {
  nginx: (method, path, host) => ({ 'x-original-method': method, 'x-original-url': `https://${host}${path}` }),
  forwarded: (method, path, host) => ({ 'x-forwarded-method': method, 'x-forwarded-uri': path, 'x-forwarded-host': host }),
  envoy: (method, path, host) => ({
    'x-bitgate-original-method': method,
    'x-bitgate-original-path': path,
    'x-bitgate-original-host': host,
  }),
};

export const FAMILIES: readonly Family[] = ['nginx', 'forwarded', 'envoy'];

export interface Asking {
  /** bearer of the end user; null: none */
  readonly user?: string | null;
  readonly family?: Family;
  readonly host?: string;
  /** over the headers of the family; null takes one away */
  readonly headers?: Readonly<Record<string, string | null>>;
  /** of the request to forward-auth itself */
  readonly as?: string;
  readonly at?: string;
}

export interface Told {
  readonly status: number;
  readonly reason: string | null;
  readonly headers: Headers;
  readonly text: string;
}

/** As a proxy asks. Whatever it asks, it is told 200, 401 or 403, and nobody may keep the answer. */
export async function ask(world: World, method: string, path: string, asking: Asking = {}): Promise<Told> {
  const { user = null, family = 'nginx', host = HOST, headers = {}, as = 'GET', at = '/forward-auth' } = asking;
  const all = new Headers({ 'x-bitgate-key': world.keys[family], ...HEADERS[family](method, path, host) });
  if (user !== null) all.set('authorization', `Bearer ${user}`);
  for (const [name, value] of Object.entries(headers)) {
    if (value === null) all.delete(name);
    else all.set(name, value);
  }
  return tell(new Request(`https://bitgate.test${at}`, { method: as, headers: all }));
}

export async function tell(request: Request): Promise<Told> {
  return told(await exports.default.fetch(request));
}

export async function told(response: Response): Promise<Told> {
  const { status, headers } = response;
  const text = await response.text();
  const reason = headers.get('x-bitgate-reason');
  if (![200, 401, 403].includes(status)) throw new Error(`answered ${status}: ${text}`);
  if (headers.get('cache-control') !== 'no-store') throw new Error('a cache may keep it');
  if ((status === 200) !== (reason === null)) throw new Error(`${status} with the reason ${reason}`);
  if ((status === 200) !== (headers.get('x-bitgate-decision') === 'allow')) throw new Error(`${status} with another decision`);
  if ((status === 401) !== headers.has('www-authenticate')) throw new Error(`${status} and the challenge`);
  return { status, reason, headers, text };
}

/** `403 no_route` */
export const said = ({ status, reason }: Told): string => `${status}${reason === null ? '' : ` ${reason}`}`;

/** What `/check` says of the same question. */
export async function check(
  world: World,
  subject: string,
  question: object,
): Promise<{ readonly decision: boolean; readonly reason: string }> {
  const answer = await call('POST', `/orgs/${world.organization}/check`, { subject, ...question });
  return answer.body;
}
