/** Why a request is refused: the closed set of `X-Bitgate-Reason`, and what each means. */
import { REASONS, type Reason } from '../../core/terms/decision.ts';

/** Of forward-auth itself. Those of a denied decision are the decision's own. */
export const REFUSALS = {
  wrong_address: 'forward-auth does not answer at this address',
  missing_proxy_key:
    "the proxy sent no API key: send it as `X-Bitgate-Key`, or by HTTP Basic where no end user's credential is in `Authorization`",
  invalid_proxy_key: "the proxy's API key is not valid",
  unknown_organization: "the proxy's API key is not of the organization in the address",
  not_a_proxy: 'the key is configured for no header family: it is no key of a proxy',
  two_proxy_keys: "in place of the end user's credential there is the key of a proxy",
  missing_privilege: 'the key of the proxy lacks `bitgate:check` at `org`',
  wrong_method: 'a proxy of this header family asks with GET or HEAD',
  missing_header: 'a header of the family is missing',
  ambiguous_header: 'a header is there twice, or under a second spelling, or two say the same',
  ambiguous_path: 'the path can be read in two ways',
  path_too_long: 'the path is longer than 8 KiB',
  ambiguous_host: 'the host can be read in two ways',
  ambiguous_method: 'the method is none that is sent in upper case',
  no_route: 'no route is for this host, method and path',
  wrong_parent: 'the path names something that the resource does not lie in',
  rate_limited: 'the proxy, or this end user, asks more than one caller may: try again in some seconds',
  keys_unavailable: "the keys of the token's issuer can not be had",
  stale: 'what is known is too old to decide with',
  too_much_work: 'the conditions take more than one request may',
  not_configured: 'bitgate is not configured',
  internal: 'something failed that should not',
} as const;

/** Nobody was named by a valid credential, and not anybody may. */
export const CHALLENGES = {
  missing_credentials: 'sign in: this is not for everybody',
  invalid_credentials: 'the credential is not valid, or not any more',
} as const;

export type Refusal = keyof typeof REFUSALS;
export type Challenge = keyof typeof CHALLENGES;

/** A refusal is 403. */
export interface Refused {
  readonly refused: Refusal | Reason;
}

/** What a denied decision may say beside. */
export const DENIALS: readonly Reason[] = REASONS.filter((reason) => reason !== 'granted' && !isRefusal(reason));

export function isRefusal(code: string): code is Refusal {
  return Object.hasOwn(REFUSALS, code);
}

export function textOf(reason: Refusal | Challenge | Reason): string {
  if (isRefusal(reason)) return REFUSALS[reason];
  return reason === 'missing_credentials' || reason === 'invalid_credentials' ? CHALLENGES[reason] : 'the decision is to deny';
}
