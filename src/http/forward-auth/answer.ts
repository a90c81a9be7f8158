/** Verdicts as answers. 200, 401 and 403, and nothing else, whatever happens inside: proxies make 500 of others, or let the request pass (SEC-35). */
import type { Reason } from '../../core/terms/decision.ts';
import type { Entity } from '../../core/terms/request.ts';
import { baseHeaders, type HeaderFields } from '../common/reply.ts';
import type { Family } from './original.ts';
import { type Challenge, type Refusal, textOf } from './reasons.ts';
import { signInPage } from './sign-in.ts';

/** What stands in place of an identity where there is none: a client's own header never gets through a proxy that copies ours. */
export const NO_IDENTITY = '-';
/** in place of a subject where nobody was named; no subject is written so, since it holds no colon */
export const ANYONE = 'anyone';

/** nginx takes a body of an answer for nothing, and drops it */
const RELAYS_BODIES: ReadonlySet<Family> = new Set<Family>(['forwarded', 'envoy']);

export function allowedReply(subject: Entity | null, identity: string | null, revision: number): Response {
  const headers = {
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'x-bitgate-decision': 'allow',
    'x-bitgate-subject': subject === null ? ANYONE : visible(`${subject.type}:${subject.id}`),
    'x-bitgate-revision': String(revision),
    'x-bitgate-identity': identity ?? NO_IDENTITY,
  };
  return new Response(null, { status: 200, headers });
}

/** Visible ASCII but `%` as it is, all else percent-encoded: `decodeURIComponent` gives back what it was. */
function visible(text: string): string {
  return text.replace(/[^\x21-\x24\x26-\x7e]+/g, (odd) => encodeURIComponent(odd.toWellFormed()));
}

export function refusedReply(request: Request, reason: Refusal | Reason): Response {
  return reply(request, 403, reason, {});
}

/**
 * @param signIn where a browser is to go, null: nowhere
 * @param family of the proxy
 */
export function challengeReply(request: Request, challenge: Challenge, signIn: string | null, family: Family): Response {
  // Not Basic: a browser would ask for a password of its own accord.
  const error = challenge === 'invalid_credentials' ? ', error="invalid_token"' : '';
  const headers: HeaderFields = { 'www-authenticate': `Bearer realm="bitgate"${error}` };
  if (signIn === null) return reply(request, 401, challenge, headers);
  headers['x-bitgate-sign-in'] = signIn;
  if (!RELAYS_BODIES.has(family) || request.method !== 'GET' || !request.headers.get('accept')?.includes('text/html'))
    return reply(request, 401, challenge, headers);
  const page = {
    ...baseHeaders(null, 'text/html; charset=utf-8'),
    ...headers,
    'x-bitgate-reason': challenge,
    'content-security-policy': "default-src 'none'",
    'referrer-policy': 'no-referrer',
  };
  return new Response(signInPage(signIn), { status: 401, headers: page });
}

function reply(request: Request, status: 401 | 403, reason: Refusal | Challenge | Reason, more: HeaderFields): Response {
  const headers = { ...baseHeaders(null), ...more, 'x-bitgate-reason': reason };
  const body = JSON.stringify({ error: { code: reason, message: textOf(reason), details: {} } });
  return new Response(request.method === 'HEAD' ? null : body, { status, headers });
}
