/** Lets callers in: proves what a header claims against the organization's own snapshot, and asks whether the caller may do what it wants. */
import { invalidCredentials } from '../../authn/authorization.ts';
import { type Callers, confirmed, type KeyClaim } from '../../authn/callers.ts';
import type { KeyUses } from '../../authn/key-uses.ts';
import { BitgateError } from '../../core/terms/problem.ts';
import type { Entity } from '../../core/terms/request.ts';
import type { Pdp, Session, Want } from '../../pdp/pdp.ts';
import type { RequestLife } from '../../pdp/ports.ts';
import { COSTS } from './limits/costs.ts';
import type { RateLimits } from './limits/rate-limits.ts';

/** The part of the data plane that faces need. */
export type DecisionPoint = Pick<Pdp, 'open' | 'openAtOnce' | 'openRevision' | 'openKept' | 'keep'>;

export interface GateServices {
  readonly pdp: DecisionPoint;
  readonly callers: Callers;
  readonly keyUses: Pick<KeyUses, 'note'>;
  readonly rateLimits: Pick<RateLimits, 'charge'>;
  /** ms since 1970 */
  now(): number;
}

const ANY: Want = {};
/** A key that the snapshot doesn't know may be younger than the snapshot: asked again, but the source not more than once a second. */
const RECENT: Want = { maxAgeMs: 1_000 };

/** The key as a subject. */
export function keySubject(claim: KeyClaim): Entity {
  return { type: 'api_key', id: claim.keyId };
}

/**
 * Opens the key's organization and proves the key.
 * @param header what is remembered when the key is proved
 * @throws BitgateError `invalid_credentials` (401): unknown organization, unknown key, wrong secret, disabled or expired: nobody is told which;
 *   `rate_limited` (429)
 */
export async function openWithKey(services: GateServices, claim: KeyClaim, header: string | null, life: RequestLife): Promise<Session> {
  for (const want of [ANY, RECENT]) {
    const session = await openOrRefuse(services, claim, want, life);
    const entry = await session.key(claim.keyId);
    const now = services.now();
    if (confirmed(claim, entry, now)) {
      services.callers.remember(header, claim);
      services.keyUses.note(claim, now, life);
      services.rateLimits.charge(claim, COSTS.request, now, life);
      return session;
    }
  }
  throw invalidCredentials();
}

/** The same when nothing has to be waited for and nothing is refused; null leaves it to `openWithKey`. */
export function openWithKeyAtOnce(services: GateServices, claim: KeyClaim, life: RequestLife, now: number): Session | null {
  const session = services.pdp.openAtOnce(claim.organization, ANY, life, now);
  if (session === null || !session.keyAtHand(claim.keyId)) return null;
  const entry = session.key(claim.keyId);
  if (entry instanceof Promise || !confirmed(claim, entry, now)) return null;
  services.keyUses.note(claim, now, life);
  services.rateLimits.charge(claim, COSTS.request, now, life);
  return session;
}

async function openOrRefuse({ pdp }: GateServices, claim: KeyClaim, want: Want, life: RequestLife): Promise<Session> {
  try {
    return await pdp.open(claim.organization, want, life);
  } catch (error) {
    // Where the source can't be asked again, what is known is the answer.
    if (error instanceof BitgateError && (error.code === 'unknown_organization' || want === RECENT)) throw invalidCredentials();
    throw error;
  }
}

/**
 * @param resource where the privilege is needed; absent: at the organization
 * @throws BitgateError `missing_privilege` (403)
 */
export async function requirePrivilege(session: Session, subject: Entity, name: string, now: number, resource?: Entity): Promise<void> {
  if (await holds(session, subject, name, now, resource)) return;
  const where = resource === undefined ? 'org' : `${resource.type}:${resource.id}`;
  throw new BitgateError('missing_privilege', 403, `\`${subject.type}:${subject.id}\` lacks \`${name}\` at \`${where}\``, {
    privilege: name,
    scope: where,
  });
}

export async function holds(session: Session, subject: Entity, name: string, now: number, resource?: Entity): Promise<boolean> {
  const { decision } = await session.decide({ subject, action: { name }, resource }, now);
  return decision;
}
