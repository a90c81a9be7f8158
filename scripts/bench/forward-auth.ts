/** The demo's questions as a reverse proxy asks them, for end users with tokens of an identity provider that was made for this run. */
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { parseRef } from '../../src/core/terms/ref.ts';
import { type DemoQuestion, demoManifest } from '../../src/presets/demo.ts';
import type { AdminCall } from '../lib/admin-client.ts';
import { DEMO_ORG } from '../lib/demo.ts';
import type { Exchange } from './target.ts';

const ISSUER = 'https://id.example';
const AUDIENCE = 'bench';
const ALGORITHM = 'ES256';
const HOST = 'app.example';
const SUBJECT_TYPE = 'user';

export interface BenchIssuer {
  /** the demo, with this issuer and a route for each kind of question */
  readonly manifest: object;
  tokenFor(id: string): Promise<string>;
}

export async function makeIssuer(questions: readonly DemoQuestion[]): Promise<BenchIssuer> {
  const { privateKey, publicKey } = await generateKeyPair(ALGORITHM);
  const jwk = { ...(await exportJWK(publicKey)), kid: 'k1', alg: ALGORITHM };
  const issuer = { issuer: ISSUER, audience: AUDIENCE, algorithms: [ALGORITHM], jwks: { keys: [jwk] }, subject_type: SUBJECT_TYPE };
  const sign = (id: string): Promise<string> =>
    new SignJWT({ iss: ISSUER, aud: AUDIENCE, sub: id })
      .setProtectedHeader({ alg: ALGORITHM, kid: 'k1' })
      .setIssuedAt()
      .setExpirationTime('1h')
      .sign(privateKey);
  const routes = new Map(questions.map((question) => [placeOf(question), routeOf(question)]));
  const manifest = { ...demoManifest, routes: [...routes.values()], settings: { ...demoManifest.settings, issuers: [issuer] } };
  return { manifest, tokenFor: sign };
}

function placeOf({ action, resource }: DemoQuestion): string {
  return `/${parseRef(resource).type}/${action}`;
}

function routeOf(question: DemoQuestion): object {
  const { type } = parseRef(question.resource);
  return { hosts: [HOST], methods: ['GET'], path: `${placeOf(question)}/:id`, action: question.action, resource: `${type}:{id}` };
}

/** A proxy of the family of nginx. @returns its key */
export async function makeProxy(call: AdminCall): Promise<string> {
  const body = { name: 'proxy', roles: [{ role: 'bitgate:checker', scope: 'org' }], forward_auth: 'nginx' };
  const made = await call('POST', `/admin/orgs/${DEMO_ORG}/api-keys`, body);
  const { secret } = Object(made.body);
  if (typeof secret !== 'string') throw new Error(`the key of the proxy was answered ${made.status} ${JSON.stringify(made.body)}`);
  return secret;
}

/** Of what users ask; services have no token. Each token is the same from request to request. */
export async function forwarded(proxy: string, issuer: BenchIssuer, questions: readonly DemoQuestion[]): Promise<Exchange[]> {
  const tokens = new Map<string, string>();
  const exchanges: Exchange[] = [];
  for (const question of questions) {
    const { type, id } = parseRef(question.subject);
    if (type !== SUBJECT_TYPE) continue;
    const token = tokens.get(id) ?? (await issuer.tokenFor(id));
    tokens.set(id, token);
    exchanges.push(exchangeOf(question, proxy, token));
  }
  return exchanges;
}

function exchangeOf(question: DemoQuestion, proxy: string, token: string): Exchange {
  const { subject, resource, decision, reason } = question;
  return {
    method: 'GET',
    path: '/forward-auth',
    headers: {
      'x-bitgate-key': proxy,
      'x-original-method': 'GET',
      'x-original-url': `https://${HOST}${placeOf(question)}/${parseRef(resource).id}?page=1`,
      authorization: `Bearer ${token}`,
    },
    body: '',
    status: decision ? 200 : 403,
    expect: decision ? `x-bitgate-subject: ${subject}\r\n` : `x-bitgate-reason: ${reason}\r\n`,
  };
}
