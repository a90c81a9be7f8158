/** From a request's header to a session in which its question can be decided: who asks, about which organization, how fresh. */
import { invalidCredentials } from '../../../authn/authorization.ts';
import { type Claim, confirmed, type KeyClaim } from '../../../authn/callers.ts';
import { BitgateError } from '../../../core/terms/problem.ts';
import type { Action, CheckOptions, Entity } from '../../../core/terms/request.ts';
import type { Session, WantedPast } from '../../../pdp/pdp.ts';
import type { RequestLife } from '../../../pdp/ports.ts';
import { type GateServices, holds, keySubject, openWithKey, openWithKeyAtOnce, requirePrivilege } from '../gate.ts';
import { COSTS } from '../limits/costs.ts';
import { isOrganizationId, unknownOrganization } from '../organization.ts';
import type { FreshLimit } from './fresh-limit.ts';
import { pastOf, type Wanted, wantOf } from './wire.ts';

export interface CheckServices extends GateServices {
  readonly freshLimit: FreshLimit;
}

/** below this a check may not rest on what the isolate knows */
const FRESH_BELOW_MS = 1_000;

/** A caller that is proved by how it reached us: a binding that names it. */
export interface BoundClaim {
  readonly root: false;
  readonly organization: string;
  readonly subject: Entity;
}

/** A caller that may ask. Root has no session before it has named an organization. */
export interface Entry {
  readonly claim: Claim | BoundClaim;
  readonly session: Session | null;
  /** what it needs to ask this; null: whoever it lets in looks into that */
  readonly needs: Asking | null;
}

/** Privileges that let a key ask: decisions, lists. */
export type Asking = 'bitgate:check' | 'bitgate:list';

/**
 * @param named the organization in the address, or null
 * @throws BitgateError 401, 403 `missing_privilege`, 404 `unknown_organization`
 */
export function enter(
  services: CheckServices,
  request: Request,
  named: string | null,
  life: RequestLife,
  needs: Asking | null = 'bitgate:check',
): Promise<Entry> {
  return enterWith(services, request.headers.get('authorization'), named, life, needs);
}

/** `enter` with the value of the `authorization` header. */
export async function enterWith(
  services: CheckServices,
  header: string | null,
  named: string | null,
  life: RequestLife,
  needs: Asking | null,
): Promise<Entry> {
  const claim = await services.callers.claim(header);
  if (claim.root) {
    if (named !== null && !isOrganizationId(named)) throw unknownOrganization(named);
    return { claim, session: null, needs };
  }
  const session = await openWithKey(services, claim, header, life);
  if (named !== null && named !== claim.organization) throw unknownOrganization(named);
  if (needs !== null) await requirePrivilege(session, keySubject(claim), needs, services.now());
  return { claim, session, needs };
}

/** `enter` for whom a binding names. */
export async function enterBound(services: CheckServices, claim: BoundClaim, life: RequestLife, needs: Asking): Promise<Entry> {
  const session = await services.pdp.open(claim.organization, {}, life);
  services.rateLimits.charge(claim, COSTS.request, services.now(), life);
  await requirePrivilege(session, claim.subject, needs, services.now());
  return { claim, session, needs };
}

/** The caller as a subject. */
export function callerOf(claim: KeyClaim | BoundClaim): Entity {
  return 'subject' in claim ? claim.subject : keySubject(claim);
}

/** `enter` when nothing has to be waited for and nothing is refused; null leaves it to `enter`, so that each refusal has one author. */
export function enterAtOnce(services: CheckServices, request: Request, named: string | null, life: RequestLife, now: number): Entry | null {
  const claim = services.callers.remembered(request.headers.get('authorization'));
  if (claim === undefined || claim.root || (named !== null && named !== claim.organization)) return null;
  const session = openWithKeyAtOnce(services, claim, life, now);
  if (session === null) return null;
  const may = session.decide({ subject: keySubject(claim), action: MAY_CHECK }, now);
  if (!(may instanceof Promise)) return may.decision ? { claim, session, needs: 'bitgate:check' } : null;
  // its leaf is being loaded: `enter` asks again and waits
  may.catch(() => {});
  return null;
}

const MAY_CHECK: Action = { name: 'bitgate:check' };

/** The session that the question is decided in: at once when it has no wishes. */
export function sessionFor(
  services: CheckServices,
  entry: Entry,
  wanted: Wanted,
  named: string | null,
  life: RequestLife,
): Session | Promise<Session> {
  const { org, min_revision, max_age_ms, at_revision, at_time } = wanted;
  const fresh = min_revision === undefined && max_age_ms === undefined;
  const plain = fresh && org === undefined && at_revision === undefined && at_time === undefined;
  return plain && entry.session !== null ? entry.session : openFor(services, entry, wanted, named, life);
}

async function openFor(
  services: CheckServices,
  { claim, session, needs }: Entry,
  wanted: Wanted,
  named: string | null,
  life: RequestLife,
): Promise<Session> {
  const want = wantOf(wanted);
  const past = pastOf(wanted, services.now());
  if (claim.root) {
    const organization = organizationOf(wanted, named);
    return past === null ? services.pdp.open(organization, want ?? {}, life) : openPast(services, organization, ROOT, past);
  }
  if (wanted.org !== undefined && wanted.org !== claim.organization) throw unknownOrganization(wanted.org);
  // Who may ask was decided by the present: what the key could do then says nothing.
  if (past !== null) return openPast(services, claim.organization, nameOf(claim), past);
  if (session === null || want === null) return session ?? services.pdp.open(claim.organization, {}, life);
  if (want.maxAgeMs !== undefined && want.maxAgeMs < FRESH_BELOW_MS) {
    await requirePrivilege(session, callerOf(claim), 'bitgate:fresh', services.now());
    takeFresh(services, claim.organization, nameOf(claim));
  }
  const newer = await services.pdp.open(claim.organization, want, life);
  if (newer.revision !== session.revision) await proveAgain(services, claim, newer, needs);
  return newer;
}

/** In the place of a caller's name. */
const ROOT = '';

function nameOf(claim: KeyClaim | BoundClaim): string {
  const { type, id } = callerOf(claim);
  return `${type}:${id}`;
}

/** Each such question is one to the Publisher. */
function openPast(services: CheckServices, organization: string, caller: string, past: WantedPast): Promise<Session> {
  takeFresh(services, organization, caller);
  return services.pdp.openKept(organization, past);
}

function takeFresh(services: CheckServices, organization: string, caller: string): void {
  services.freshLimit.take(`${organization}/${caller}`, services.now());
}

/** The caller was proved at the revision that was at hand: at the one that answers its key may be revoked. */
async function proveAgain(services: CheckServices, claim: KeyClaim | BoundClaim, session: Session, needs: Asking | null): Promise<void> {
  if ('keyId' in claim && !confirmed(claim, await session.key(claim.keyId), services.now())) throw invalidCredentials();
  if (needs !== null) await requirePrivilege(session, callerOf(claim), needs, services.now());
}

function organizationOf({ org }: Wanted, named: string | null): string {
  const id = named ?? org;
  if (id === undefined)
    throw new BitgateError('missing_organization', 400, 'the root token must name the organization: send `org`, or ask at `/orgs/<org>`');
  if (org !== undefined && org !== id) throw new BitgateError('invalid_check', 400, '`org` is another organization than the address names');
  return id;
}

/** What the caller may add to its questions: by what it was let in by, and by the answer's revision if that is newer. */
export async function optionsFor(
  services: CheckServices,
  entry: Entry,
  hasProperties: boolean,
  answering: Session | null = entry.session,
): Promise<CheckOptions | undefined> {
  return hasProperties && (await mayAssert(services, entry, answering)) ? { assert: true } : undefined;
}

async function mayAssert(services: CheckServices, { claim, session }: Entry, answering: Session | null): Promise<boolean> {
  if (claim.root || session === null) return claim.root;
  const may = (by: Session): Promise<boolean> => holds(by, callerOf(claim), 'bitgate:assert', services.now());
  return (await may(session)) && (answering === null || answering.revision <= session.revision || may(answering));
}
