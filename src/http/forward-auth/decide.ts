/** From the original request and its end user to a verdict: route, place, decision. The decision is that of a check; nothing here allows anything. */
import type { Decision } from '../../core/terms/decision.ts';
import { NOBODY } from '../../core/terms/ref.ts';
import type { CheckOptions, CheckRequest, Entity } from '../../core/terms/request.ts';
import type { Session } from '../../pdp/pdp.ts';
import type { RequestLife } from '../../pdp/ports.ts';
import type { GateServices } from '../common/gate.ts';
import { COSTS } from '../common/limits/costs.ts';
import { proveUser, type User } from '../common/user.ts';
import { credentialOf } from './credential.ts';
import type { Original } from './original.ts';
import type { ProvedProxy } from './proxy.ts';
import type { Challenge, Refused } from './reasons.ts';
import { type RouteQuestion, routeMapOf } from './route-map.ts';
import { forwardAuthOf } from './settings.ts';

/** @param allowed who may; null: anybody, and nobody was named */
export type Verdict = ({ readonly allowed: Entity | null } | { readonly challenge: Challenge } | Refused) & {
  /** the decision that it rests on, where it came to one */
  readonly decided?: Decided;
};

export interface Decided {
  readonly request: CheckRequest;
  /** ms since 1970 */
  readonly at: number;
  readonly options: CheckOptions | undefined;
  readonly decision: Decision;
}

const ANYBODY: User = { subject: NOBODY, options: undefined };

/** @throws BitgateError `invalid_credentials` (401); `rate_limited` (429); `keys_unavailable`, `stale` (503), `too_much_work` (413) */
export async function verdictOf(
  services: GateServices,
  proxy: ProvedProxy,
  headers: Headers,
  original: Original,
  life: RequestLife,
): Promise<Verdict> {
  const { session, leavesAuthorization } = proxy;
  services.rateLimits.charge(proxy.claim, COSTS.request, services.now(), life);
  const { catalog } = session.snapshot;
  const found = credentialOf(headers, forwardAuthOf(catalog).cookie, leavesAuthorization);
  if (!('credential' in found)) return found;
  const proving = found.credential === null ? ANYBODY : proveUser(services, session, found.credential, life);
  const user = proving instanceof Promise ? await proving : proving;
  if (user !== ANYBODY) countUser(services, proxy, user, life);
  if (user.subject.type === 'api_key' && (await session.key(user.subject.id))?.forwardAuth) return { refused: 'two_proxy_keys' };
  const question = routeMapOf(catalog).find(original.host, original.method, original.path);
  if (question === null) return { refused: 'no_route' };
  const lies = question.resource === undefined || session.placed(question.resource, question.parents);
  if (!(lies instanceof Promise ? await lies : lies)) return { refused: 'wrong_parent' };
  return decided(session, user, question, original, services.now());
}

/**
 * What one end user asks too often is not the proxy's expense: the others ask by the same key.
 * @throws BitgateError `rate_limited` (429)
 */
function countUser(services: GateServices, { claim }: ProvedProxy, { subject }: User, life: RequestLife): void {
  const now = services.now();
  try {
    services.rateLimits.charge({ root: false, organization: claim.organization, subject }, COSTS.endUser, now, life);
  } catch (error) {
    services.rateLimits.charge(claim, -COSTS.request, now, life);
    throw error;
  }
}

async function decided(session: Session, user: User, question: RouteQuestion, original: Original, now: number): Promise<Verdict> {
  const { method, host, path } = original;
  const request = {
    subject: user.subject,
    action: { name: question.action },
    resource: resourceOf(question),
    context: { method, host, path },
  };
  const deciding = session.decide(request, now, user.options);
  const decision = deciding instanceof Promise ? await deciding : deciding;
  const decided = { request, at: now, options: user.options, decision };
  const named = user !== ANYBODY;
  if (decision.decision) return { allowed: named ? user.subject : null, decided };
  return named ? { refused: decision.reason, decided } : { challenge: 'missing_credentials', decided };
}

/** Of a registered resource the rows say where it lies, whatever is claimed. */
function resourceOf({ resource, parents }: RouteQuestion): Entity | undefined {
  return resource === undefined || parents.length === 0 ? resource : { ...resource, properties: { parents: [...parents] } };
}
