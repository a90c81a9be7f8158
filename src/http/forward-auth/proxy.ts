/** Which proxy asks: an API key that a header family is configured for and that may check. Without that proof no header means anything (SEC-36). */
import type { KeyClaim } from '../../authn/callers.ts';
import { BitgateError } from '../../core/terms/problem.ts';
import type { Action } from '../../core/terms/request.ts';
import type { Session } from '../../pdp/pdp.ts';
import type { RequestLife } from '../../pdp/ports.ts';
import { callerOf, type GateServices, openWithKey, openWithKeyAtOnce } from '../common/gate.ts';
import { type Family, PROXY_KEY } from './original.ts';
import type { Refused } from './reasons.ts';

export interface ProvedProxy {
  readonly claim: KeyClaim;
  readonly session: Session;
  readonly family: Family;
  /** the header `authorization` is the end user's, not its own */
  readonly leavesAuthorization: boolean;
}

export interface ProxyAsked {
  readonly services: GateServices;
  readonly headers: Headers;
  /** the organization in the address, or null */
  readonly named: string | null;
  readonly life: RequestLife;
}

const MAY_CHECK: Action = { name: 'bitgate:check' };

/**
 * Without a promise when nothing has to be waited for.
 * @throws BitgateError `stale` (503) and whatever else keeps the organization from being opened
 */
export function proxyOf(asked: ProxyAsked): ProvedProxy | Refused | Promise<ProvedProxy | Refused> {
  const key = asked.headers.get(PROXY_KEY);
  const header = key === null ? asked.headers.get('authorization') : `Bearer ${key}`;
  // A bearer token by itself is the end user's.
  if (header === null || (key === null && !header.startsWith('Basic '))) return { refused: 'missing_proxy_key' };
  if (header.includes(',')) return { refused: 'ambiguous_header' };
  return proveAtOnce(asked, header, key !== null) ?? prove(asked, header, key !== null);
}

function proveAtOnce({ services, named, life }: ProxyAsked, header: string, leavesAuthorization: boolean): ProvedProxy | Refused | null {
  const claim = services.callers.remembered(header);
  if (claim === undefined || claim.root) return null;
  const now = services.now();
  const session = openWithKeyAtOnce(services, claim, life, now);
  const entry = session?.key(claim.keyId);
  if (session === null || entry instanceof Promise) return null;
  const may = session.decide({ subject: callerOf(claim), action: MAY_CHECK }, now);
  if (!(may instanceof Promise))
    return judge({ claim, session, family: entry?.forwardAuth ?? '', may: may.decision, named, leavesAuthorization });
  // its leaf is being loaded: `prove` asks again and waits
  may.catch(() => {});
  return null;
}

async function prove({ services, named, life }: ProxyAsked, header: string, leavesAuthorization: boolean): Promise<ProvedProxy | Refused> {
  try {
    const claim = await services.callers.claim(header);
    if (claim.root) return { refused: 'not_a_proxy' };
    if ('jwt' in claim) return { refused: 'invalid_proxy_key' };
    const session = await openWithKey(services, claim, header, life);
    const entry = await session.key(claim.keyId);
    const { decision } = await session.decide({ subject: callerOf(claim), action: MAY_CHECK }, services.now());
    return judge({ claim, session, family: entry?.forwardAuth ?? '', may: decision, named, leavesAuthorization });
  } catch (error) {
    if (error instanceof BitgateError && error.status === 401) return { refused: 'invalid_proxy_key' };
    throw error;
  }
}

interface Proved {
  readonly claim: KeyClaim;
  readonly session: Session;
  readonly family: Family | '';
  /** it holds `bitgate:check` */
  readonly may: boolean;
  readonly named: string | null;
  readonly leavesAuthorization: boolean;
}

function judge({ claim, session, family, may, named, leavesAuthorization }: Proved): ProvedProxy | Refused {
  if (named !== null && named !== claim.organization) return { refused: 'unknown_organization' };
  if (family === '') return { refused: 'not_a_proxy' };
  return may ? { claim, session, family, leavesAuthorization } : { refused: 'missing_privilege' };
}
