/** From a request's header to a caller that is proved, with its organization open. What it may ask is decided where the question is known: `opening.ts`. */
import type { KeyClaim, RootClaim, TokenClaim } from '../../../authn/callers.ts';
import type { CheckOptions, Entity } from '../../../core/terms/request.ts';
import type { Session } from '../../../pdp/pdp.ts';
import type { RequestLife } from '../../../pdp/ports.ts';
import { admit, type GateServices, isSame, KEY_TYPE, openWithKeyAtOnce, openWithTokenAtOnce, rightsAt, rightsOf } from '../gate.ts';
import { COSTS } from '../limits/costs.ts';
import { isOrganizationId, unknownOrganization } from '../organization.ts';
import type { FreshLimit } from './fresh-limit.ts';
import type { DecisionObserver } from './observer.ts';

export interface CheckServices extends GateServices {
  readonly freshLimit: FreshLimit;
  /** usually none: then nothing is made for them */
  readonly observers: readonly DecisionObserver[];
}

/** A caller that is proved by how it reached us: a binding that names it. */
export interface BoundClaim {
  readonly root: false;
  readonly organization: string;
  readonly subject: Entity;
}

/** Privileges that let a caller ask about others: decisions, lists. */
export type Asking = 'bitgate:check' | 'bitgate:list';

export const CHECKS: readonly Asking[] = ['bitgate:check'];
export const LISTS: readonly Asking[] = ['bitgate:list'];

/** A caller that is proved, and what it needs to ask this about others. Root has no session before it has named an organization. */
export type Entry = RootEntry | SubjectEntry;

export interface RootEntry {
  readonly claim: RootClaim;
  readonly session: null;
  readonly needs: readonly Asking[];
}

export interface SubjectEntry {
  readonly claim: KeyClaim | TokenClaim | BoundClaim;
  /** of the present, as it was when the caller was let in */
  readonly session: Session;
  readonly needs: readonly Asking[];
}

/**
 * @param named the organization in the address, or null
 * @throws BitgateError 401, 404 `unknown_organization`; `rate_limited` (429), `keys_unavailable` (503)
 */
export function enter(
  services: CheckServices,
  request: Request,
  named: string | null,
  life: RequestLife,
  needs: readonly Asking[],
): Promise<Entry> {
  return enterWith(services, request.headers.get('authorization'), named, life, needs);
}

/** `enter` with the value of the `authorization` header. */
export async function enterWith(
  services: CheckServices,
  header: string | null,
  named: string | null,
  life: RequestLife,
  needs: readonly Asking[],
): Promise<Entry> {
  const admitted = await admit(services, header, named, life);
  const { claim } = admitted;
  const strange = claim.root ? named !== null && !isOrganizationId(named) : named !== null && named !== claim.organization;
  if (strange) throw unknownOrganization(named ?? '');
  services.rateLimits.charge(claim, COSTS.request, services.now(), life);
  return { ...admitted, needs };
}

/** `enter` for whom a binding names. */
export async function enterBound(
  services: CheckServices,
  claim: BoundClaim,
  life: RequestLife,
  needs: readonly Asking[],
): Promise<SubjectEntry> {
  const session = await services.pdp.open(claim.organization, {}, life);
  services.rateLimits.charge(claim, COSTS.request, services.now(), life);
  return { claim, session, needs };
}

/**
 * `enter` when nothing has to be waited for; null leaves it to `enter`, so that each refusal of a credential has one author.
 * @throws BitgateError `rate_limited` (429)
 */
export function enterAtOnce(
  services: CheckServices,
  request: Request,
  named: string | null,
  life: RequestLife,
  now: number,
  needs: readonly Asking[],
): Entry | null {
  const header = request.headers.get('authorization');
  const claim = services.callers.remembered(header);
  if (claim === undefined) {
    const admitted = named === null || header === null ? null : openWithTokenAtOnce(services, header, named, life, now);
    if (admitted === null) return null;
    services.rateLimits.charge(admitted.claim, COSTS.request, now, life);
    return { ...admitted, needs };
  }
  if (claim.root || (named !== null && named !== claim.organization)) return null;
  const session = openWithKeyAtOnce(services, claim, life, now);
  if (session === null) return null;
  services.rateLimits.charge(claim, COSTS.request, now, life);
  return { claim, session, needs };
}

/** Is the caller itself this subject? */
export function isCaller({ claim }: Entry, subject: Entity): boolean {
  if (claim.root) return false;
  return 'keyId' in claim ? subject.type === KEY_TYPE && subject.id === claim.keyId : isSame(claim.subject, subject);
}

/**
 * What the caller's own token gives it, for decisions about itself.
 * @param at a revision of the present
 * @throws BitgateError `invalid_credentials` (401), `keys_unavailable` (503) when the token isn't good there
 */
export function ownRights(
  services: Pick<GateServices, 'tokens'>,
  { claim, session }: Pick<SubjectEntry, 'claim' | 'session'>,
  at: Session,
): CheckOptions | undefined | Promise<CheckOptions | undefined> {
  if (!('proof' in claim)) return undefined;
  return at.revision === session.revision ? rightsOf(claim.proof) : rightsAt(services, claim, at);
}
