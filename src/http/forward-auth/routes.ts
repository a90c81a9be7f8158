/**
 * The face that reverse proxies ask before they pass a request on: `GET /forward-auth`, and the same under `/orgs/<org>`. Whoever asks is told 200,
 * 401 or 403; of the request's own address nothing is read but the organization.
 */

import type { Reason } from '../../core/terms/decision.ts';
import { BitgateError } from '../../core/terms/problem.ts';
import type { Session } from '../../pdp/pdp.ts';
import type { RequestLife } from '../../pdp/ports.ts';
import { Telling, type TellingServices } from '../common/checks/telling.ts';
import { foreseen } from '../common/errors.ts';
import { type GateServices, openRecent } from '../common/gate.ts';
import { requestIdOf } from '../common/request-id.ts';
import type { Signer } from '../common/signing.ts';
import { allowedReply, challengeReply, refusedReply } from './answer.ts';
import { type Verdict, verdictOf } from './decide.ts';
import { Identities } from './identity.ts';
import { type Original, originalOf } from './original.ts';
import { type ProvedProxy, proxyOf } from './proxy.ts';
import { isRefusal, type Refusal } from './reasons.ts';
import { routeMapOf } from './route-map.ts';
import { forwardAuthOf } from './settings.ts';
import { signInUrl } from './sign-in.ts';

export interface ForwardAuthServices extends GateServices, TellingServices {
  readonly signer: Signer;
}

interface Asked {
  readonly services: ForwardAuthServices;
  readonly identities: Identities;
  readonly request: Request;
  readonly named: string | null;
  readonly life: RequestLife;
}

const PATH = /^(?:\/orgs\/([^/]*))?\/forward-auth(\/.*)?$/s;

type Face = (request: Request, path: string, life: RequestLife) => Response | Promise<Response> | undefined;

/**
 * @param host on which alone addresses below these are forward-auth, too, and any other is refused; null: there is none
 * @param services null: the Worker is not configured
 * @returns undefined when the path is none of this face's
 */
export function forwardAuthFace(services: ForwardAuthServices | null, host: string | null): Face {
  const identities = services === null ? null : new Identities(services.signer);
  return (request, path, life) => {
    const own = host !== null && hostOf(request.url) === host;
    const match = path.includes('/forward-auth') ? PATH.exec(path) : null;
    if (match === null) return own ? refusedReply(request, 'wrong_address') : undefined;
    const [, named = null, below] = match;
    if (below !== undefined && !own) return refusedReply(request, 'wrong_address');
    if (services === null || identities === null) return refusedReply(request, 'not_configured');
    return answer({ services, identities, request, named, life });
  };
}

/** Lower case, without port and the dot that a name may end with, of an absolute URL. */
function hostOf(url: string): string {
  return /^[a-z]+:\/\/(\[[^\]]*\]|[^/?#:]*?)\.?(?:[/?#:]|$)/.exec(url)?.[1] ?? '';
}

async function answer(asked: Asked): Promise<Response> {
  const reply = await answerProxy(asked);
  asked.services.counts.answered('forward-auth', reply.status);
  return reply;
}

async function answerProxy(asked: Asked): Promise<Response> {
  const { request, services } = asked;
  const refuse = (reason: Refusal | Reason): Response => {
    services.counts.failed(reason);
    return refusedReply(request, reason);
  };
  try {
    const proving = proxyOf({ services, headers: request.headers, named: asked.named, life: asked.life });
    const proxy = proving instanceof Promise ? await proving : proving;
    if ('refused' in proxy) return refuse(proxy.refused);
    // Envoy asks with the method of the original request.
    if (proxy.family !== 'envoy' && request.method !== 'GET' && request.method !== 'HEAD') return refuse('wrong_method');
    const original = originalOf(proxy.family, request.headers);
    if ('refused' in original) return refuse(original.refused);
    return await answerOriginal(asked, proxy, original.value);
  } catch (error) {
    const { code } = foreseen(services.counts, error, requestIdOf(request));
    return refusedReply(request, isRefusal(code) ? code : 'internal');
  }
}

async function answerOriginal(asked: Asked, proxy: ProvedProxy, original: Original): Promise<Response> {
  const { services, request, life } = asked;
  const { session, verdict } = await judged(proxy, (at) => verdictOf(services, at, request.headers, original, life), services, life);
  const reply = await replyTo(asked, proxy, original, { session, verdict });
  const { decided } = verdict;
  if (decided !== undefined) {
    const telling = new Telling(services, 'forward-auth');
    telling.add(decided.request, decided.at, decided.options, decided.decision);
    telling.tell({ session, claim: proxy.claim, life });
  } else if ('refused' in verdict) services.counts.failed(verdict.refused);
  else if ('challenge' in verdict) services.counts.failed(verdict.challenge);
  return reply;
}

async function replyTo(
  { services, identities, request }: Asked,
  proxy: ProvedProxy,
  original: Original,
  { session, verdict }: Judged,
): Promise<Response> {
  if ('refused' in verdict) return refusedReply(request, verdict.refused);
  const { catalog, manifest } = session.snapshot;
  if ('challenge' in verdict) {
    const signIn = signInUrl(forwardAuthOf(catalog), original, routeMapOf(catalog).names(original.host));
    return challengeReply(request, verdict.challenge, signIn, proxy.family);
  }
  const { allowed } = verdict;
  if (allowed === null) return allowedReply(null, null, session.revision);
  const { organization } = manifest;
  const identity = identities.of({ url: request.url, organization, subject: allowed, audience: original.host }, services.now());
  return allowedReply(allowed, identity instanceof Promise ? await identity : identity, session.revision);
}

interface Judged {
  readonly session: Session;
  readonly verdict: Verdict;
}

/** A credential that isn't known may be younger than what is known. One that is there and not valid is never as good as none, not even where anybody may. */
async function judged(
  proxy: ProvedProxy,
  judge: (proxy: ProvedProxy) => Promise<Verdict>,
  services: GateServices,
  life: RequestLife,
): Promise<Judged> {
  const { session } = proxy;
  try {
    return { session, verdict: await judge(proxy) };
  } catch (error) {
    if (!isUnproved(error)) throw error;
  }
  try {
    const newer = await openRecent(services, session.snapshot.manifest.organization, life);
    if (newer.revision > session.revision) return { session: newer, verdict: await judge({ ...proxy, session: newer }) };
  } catch (error) {
    if (!isUnproved(error)) throw error;
  }
  return { session, verdict: { challenge: 'invalid_credentials' } };
}

function isUnproved(error: unknown): boolean {
  return error instanceof BitgateError && error.status === 401;
}
