/** From a proved caller and its question to the session that the question is decided in: may it ask about whom it asks, how fresh, or of when. */
import { BitgateError } from '../../../core/terms/problem.ts';
import type { Action, CheckRequest, Entity } from '../../../core/terms/request.ts';
import type { Session, WantedPast } from '../../../pdp/pdp.ts';
import type { RequestLife } from '../../../pdp/ports.ts';
import { callerOf, proveAgain, requirePrivilege } from '../gate.ts';
import { unknownOrganization } from '../organization.ts';
import { type Asking, type CheckServices, type Entry, isCaller, ownRights, type SubjectEntry } from './entry.ts';
import { pastOf, type Wanted, wantOf } from './wants.ts';

/** below this a check may not rest on what the isolate knows */
const FRESH_BELOW_MS = 1_000;

/** Whom a question is about, all of them. Null: whoever there is, or somebody who isn't known yet. */
export type About = Entity | readonly Entity[] | null;

/**
 * The session that the question is decided in: at once when it has no wishes. There is no other way to one, so that nobody is asked about without right:
 * about itself a caller may ask, about others it needs what the entry says.
 * @param named the organization in the address, or null
 * @param asked what will be asked there: its leaves come beside those that say whether it may be
 * @throws BitgateError `missing_privilege` (403), 400, 401, 404, 410, 429, 503
 */
export function sessionFor(
  services: CheckServices,
  entry: Entry,
  wanted: Wanted,
  about: About,
  named: string | null,
  life: RequestLife,
  asked?: Pick<CheckRequest, 'subject' | 'resource'>,
): Session | Promise<Session> {
  if (entry.session === null) return openForRoot(services, wanted, named, life);
  const { org, min_revision, max_age_ms, at_revision, at_time } = wanted;
  const fresh = min_revision === undefined && max_age_ms === undefined;
  const plain = fresh && org === undefined && at_revision === undefined && at_time === undefined;
  const may = plain && mayAskAtOnce(services, entry, about);
  if (may === true) return entry.session;
  if (may === false) return openFor(services, entry, wanted, about, life);
  const brought = asked && entry.session.bring(asked);
  return openWhenKnown(services, entry, about, may, brought);
}

/** `openFor` without wishes. @param right of the caller, being decided @param brought waited for when the caller has it */
async function openWhenKnown(
  services: CheckServices,
  entry: SubjectEntry,
  about: About,
  right: Promise<unknown>,
  brought: Promise<void> | undefined,
): Promise<Session> {
  await right;
  await requireAsking(services, entry, entry.session, about);
  await brought;
  return entry.session;
}

async function openForRoot(services: CheckServices, wanted: Wanted, named: string | null, life: RequestLife): Promise<Session> {
  const past = pastOf(wanted, services.now());
  const organization = organizationOf(wanted, named);
  return past === null ? services.pdp.open(organization, wantOf(wanted) ?? {}, life) : openPast(services, organization, ROOT, past);
}

async function openFor(services: CheckServices, entry: SubjectEntry, wanted: Wanted, about: About, life: RequestLife): Promise<Session> {
  const { claim, session } = entry;
  // Who may ask is decided by the present: what the caller could do in the past says nothing.
  await requireAsking(services, entry, session, about);
  const want = wantOf(wanted);
  const past = pastOf(wanted, services.now());
  if (wanted.org !== undefined && wanted.org !== claim.organization) throw unknownOrganization(wanted.org);
  if (past !== null) return openPast(services, claim.organization, nameOf(entry), past);
  if (want === null) return session;
  if (want.maxAgeMs !== undefined && want.maxAgeMs < FRESH_BELOW_MS) {
    await requireRight(services, entry, session, 'bitgate:fresh');
    takeFresh(services, claim.organization, nameOf(entry));
  }
  const newer = await services.pdp.open(claim.organization, want, life);
  if (newer.revision === session.revision) return newer;
  // The caller was proved at the revision that was at hand: at the one that answers its key may be revoked.
  await proveAgain(services, claim, newer);
  await requireAsking(services, entry, newer, about);
  return newer;
}

const ACTIONS: Readonly<Record<Asking, Action>> = { 'bitgate:check': { name: 'bitgate:check' }, 'bitgate:list': { name: 'bitgate:list' } };

/** False leaves it to `requireAsking`, so that each refusal has one author; a promise: its leaf is being loaded, then it can be decided. */
function mayAskAtOnce(services: CheckServices, entry: SubjectEntry, about: About): boolean | Promise<unknown> {
  if (asksAboutItself(entry, about)) return true;
  const { claim, session, needs } = entry;
  const rights = ownRights(services, entry, session);
  if (rights instanceof Promise) return false;
  for (const name of needs) {
    const may = session.decide({ subject: callerOf(claim), action: ACTIONS[name] }, services.now(), rights);
    if (may instanceof Promise) return may;
    if (!may.decision) return false;
  }
  return true;
}

async function requireAsking(services: CheckServices, entry: SubjectEntry, session: Session, about: About): Promise<void> {
  if (asksAboutItself(entry, about)) return;
  for (const name of entry.needs) await requireRight(services, entry, session, name);
}

function asksAboutItself(entry: SubjectEntry, about: About): boolean {
  if (about === null) return false;
  if ('type' in about) return isCaller(entry, about);
  return about.length > 0 && about.every((subject) => isCaller(entry, subject));
}

/**
 * Decided with what the caller's own token gives it.
 * @param session of the present
 * @throws BitgateError `missing_privilege` (403)
 */
export async function requireRight(
  services: Pick<CheckServices, 'tokens' | 'now'>,
  entry: SubjectEntry,
  session: Session,
  name: string,
): Promise<void> {
  const rights = await ownRights(services, entry, session);
  await requirePrivilege(session, callerOf(entry.claim), name, services.now(), rights);
}

/** In the place of a caller's name. */
const ROOT = '';

function nameOf({ claim }: SubjectEntry): string {
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

function organizationOf({ org }: Wanted, named: string | null): string {
  const id = named ?? org;
  if (id === undefined)
    throw new BitgateError('missing_organization', 400, 'the root token must name the organization: send `org`, or ask at `/orgs/<org>`');
  if (org !== undefined && org !== id) throw new BitgateError('invalid_check', 400, '`org` is another organization than the address names');
  return id;
}
