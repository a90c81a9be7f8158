/** Lets callers in: proves what a header claims against the organization's own snapshot, and asks whether the caller may do what it wants. */
import { invalidCredentials } from '../../authn/authorization.ts';
import { type Callers, confirmed, type JwtClaim, type KeyClaim, type RootClaim, type TokenClaim } from '../../authn/callers.ts';
import type { KeyUses } from '../../authn/key-uses.ts';
import type { TokenProof } from '../../authn/proof.ts';
import type { Tokens } from '../../authn/tokens.ts';
import { BitgateError } from '../../core/terms/problem.ts';
import type { CheckOptions, Entity } from '../../core/terms/request.ts';
import type { Pdp, Session, Want } from '../../pdp/pdp.ts';
import type { RequestLife } from '../../pdp/ports.ts';
import type { Counts } from './counts.ts';
import type { RateLimits } from './limits/rate-limits.ts';
import { isOrganizationId } from './organization.ts';

/** The part of the data plane that faces need. */
export type DecisionPoint = Pick<Pdp, 'open' | 'openAtOnce' | 'openRevision' | 'openKept' | 'keep'>;

export interface GateServices {
  readonly pdp: DecisionPoint;
  readonly callers: Callers;
  readonly tokens: Pick<Tokens, 'remembered' | 'proof'>;
  readonly keyUses: Pick<KeyUses, 'note'>;
  readonly rateLimits: Pick<RateLimits, 'charge'>;
  readonly counts: Counts;
  /** ms since 1970 */
  now(): number;
}

/** A caller that is proved. Root has no session before it has named an organization. */
export type Admitted =
  | { readonly claim: RootClaim; readonly session: null }
  | { readonly claim: KeyClaim | TokenClaim; readonly session: Session };

const ANY: Want = {};
/** A key or an issuer that the snapshot doesn't know may be younger than the snapshot: asked again, but the source not more than once a second. */
const RECENT: Want = { maxAgeMs: 1_000 };

export const KEY_TYPE = 'api_key';

/** The caller as a subject. */
export function callerOf(claim: KeyClaim | { readonly subject: Entity }): Entity {
  return 'subject' in claim ? claim.subject : { type: KEY_TYPE, id: claim.keyId };
}

/** What a token gives to its subject, beside what is stored: for decisions about that subject, and about nobody else. */
export function rightsOf({ groups, roles }: TokenProof): CheckOptions | undefined {
  return groups.length === 0 && roles.length === 0 ? undefined : { groups, roles };
}

/**
 * Proves whoever calls; of a key that is in its own organization, whatever is named.
 * @param named the organization that a JWT is for, as the address says it; null: it says none
 * @throws BitgateError `missing_credentials`, `invalid_credentials` (401): unknown organization, unknown key, wrong secret, disabled, expired, no token
 *   of this organization: nobody is told which; `keys_unavailable` (503)
 */
export async function admit(services: GateServices, header: string | null, named: string | null, life: RequestLife): Promise<Admitted> {
  const claim = await services.callers.claim(header);
  if (claim.root) return { claim, session: null };
  if ('jwt' in claim) return openWithToken(services, claim, named, life);
  return { claim, session: await openWithKey(services, claim, header, life) };
}

/**
 * Opens the key's organization and proves the key.
 * @param header what is remembered when the key is proved
 * @throws BitgateError `invalid_credentials` (401)
 */
export async function openWithKey(services: GateServices, claim: KeyClaim, header: string | null, life: RequestLife): Promise<Session> {
  for (const want of [ANY, RECENT]) {
    const session = await openOrRefuse(services, claim.organization, want, life, claim.keyId);
    const entry = await session.key(claim.keyId);
    const now = services.now();
    if (confirmed(claim, entry, now)) {
      services.callers.remember(header, claim);
      services.keyUses.note(claim, now, life);
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
  return session;
}

async function openWithToken(
  services: GateServices,
  { jwt }: JwtClaim,
  organization: string | null,
  life: RequestLife,
): Promise<Admitted & { readonly claim: TokenClaim }> {
  if (organization === null)
    throw new BitgateError('invalid_credentials', 401, 'a JWT names no organization: ask at `/orgs/<org>/…` of its organization');
  if (!isOrganizationId(organization)) throw invalidCredentials();
  const session = await openOrRefuse(services, organization, ANY, life);
  try {
    return { claim: await claimOf(services, jwt, session), session };
  } catch (error) {
    if (!isRefusal(error)) throw error;
    const newer = await openOrRefuse(services, organization, RECENT, life);
    if (newer.snapshot.catalog === session.snapshot.catalog) throw error;
    return { claim: await claimOf(services, jwt, newer), session: newer };
  }
}

const BEARER = 'Bearer ';

/** The same of a token that was proved before; null leaves it to `admit`. */
export function openWithTokenAtOnce(
  { pdp, tokens }: GateServices,
  header: string,
  organization: string,
  life: RequestLife,
  now: number,
): { readonly claim: TokenClaim; readonly session: Session } | null {
  if (!header.startsWith(BEARER)) return null;
  const session = pdp.openAtOnce(organization, ANY, life, now);
  if (session === null) return null;
  const jwt = header.slice(BEARER.length);
  const proof = tokens.remembered(jwt, organization, session.snapshot.catalog);
  return proof === undefined ? null : { claim: { root: false, organization, subject: proof.subject, proof, jwt }, session };
}

async function claimOf({ tokens }: GateServices, jwt: string, { snapshot }: Session): Promise<TokenClaim> {
  const { organization } = snapshot.manifest;
  const proof = await tokens.proof(jwt, organization, snapshot.catalog);
  return { root: false, organization, subject: proof.subject, proof, jwt };
}

function isRefusal(error: unknown): boolean {
  return error instanceof BitgateError && error.code === 'invalid_credentials';
}

/**
 * What proves the caller, at another revision than it was let in by: there its key may be revoked, its issuer gone, its token mean something else.
 * @throws BitgateError `invalid_credentials` (401), `keys_unavailable` (503)
 */
export async function proveAgain(
  services: GateServices,
  claim: KeyClaim | TokenClaim | { readonly subject: Entity },
  session: Session,
): Promise<void> {
  if ('keyId' in claim) {
    if (!confirmed(claim, await session.key(claim.keyId), services.now())) throw invalidCredentials();
  } else if ('jwt' in claim) await rightsAt(services, claim, session);
}

/**
 * What a caller's own token gives it at this revision.
 * @throws BitgateError as `proveAgain`
 */
export function rightsAt(
  { tokens }: Pick<GateServices, 'tokens'>,
  claim: TokenClaim,
  { snapshot }: Session,
): CheckOptions | undefined | Promise<CheckOptions | undefined> {
  const proof = tokens.proof(claim.jwt, claim.organization, snapshot.catalog);
  return proof instanceof Promise ? proof.then((each) => sameUser(claim, each)) : sameUser(claim, proof);
}

function sameUser({ subject }: TokenClaim, proof: TokenProof): CheckOptions | undefined {
  if (!isSame(subject, proof.subject)) throw invalidCredentials();
  return rightsOf(proof);
}

export function isSame(a: Entity, b: Entity): boolean {
  return a.type === b.type && a.id === b.id;
}

/**
 * The organization as it was a second ago at most: a key or an issuer that an older session doesn't know may be there.
 * @throws BitgateError `invalid_credentials` (401) where that can't be had
 */
export function openRecent(services: GateServices, organization: string, life: RequestLife): Promise<Session> {
  return openOrRefuse(services, organization, RECENT, life);
}

async function openOrRefuse({ pdp }: GateServices, organization: string, want: Want, life: RequestLife, key?: string): Promise<Session> {
  try {
    return await pdp.open(organization, want, life, key);
  } catch (error) {
    // Where the source can't be asked again, what is known is the answer.
    if (error instanceof BitgateError && (error.code === 'unknown_organization' || want === RECENT)) throw invalidCredentials();
    throw error;
  }
}

/**
 * At the organization.
 * @param rights what the subject's own token gives it
 * @throws BitgateError `missing_privilege` (403)
 */
export async function requirePrivilege(session: Session, subject: Entity, name: string, now: number, rights?: CheckOptions): Promise<void> {
  if (await holds(session, subject, name, now, rights)) return;
  throw new BitgateError('missing_privilege', 403, `\`${subject.type}:${subject.id}\` lacks \`${name}\` at \`org\``, {
    privilege: name,
    scope: 'org',
  });
}

export async function holds(session: Session, subject: Entity, name: string, now: number, rights?: CheckOptions): Promise<boolean> {
  const { decision } = await session.decide({ subject, action: { name } }, now, rights);
  return decision;
}
