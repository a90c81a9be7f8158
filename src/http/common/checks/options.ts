/** What a decision is made with beside its question: properties that the caller may assert, and what a token gives to its own subject, and to nobody else. */
import type { TokenProof } from '../../../authn/proof.ts';
import { BitgateError } from '../../../core/terms/problem.ts';
import type { CheckOptions, Entity } from '../../../core/terms/request.ts';
import type { Session } from '../../../pdp/pdp.ts';
import type { RequestLife } from '../../../pdp/ports.ts';
import { callerOf, holds, isSame, rightsOf } from '../gate.ts';
import { type CheckServices, type Entry, isCaller, ownRights, type SubjectEntry } from './entry.ts';

/**
 * Of a `subject_token`: it is judged by the present, whatever time the question is about.
 * @param answering the session that the question is decided in
 * @throws BitgateError `invalid_subject_token` (401), `keys_unavailable` (503)
 */
export async function proveSubject(
  services: CheckServices,
  { session }: Entry,
  answering: Session,
  token: string,
  life: RequestLife,
): Promise<TokenProof> {
  const { organization } = answering.snapshot.manifest;
  const present = newest(session ?? (await services.pdp.open(organization, {}, life)), answering);
  try {
    return await services.tokens.proof(token, organization, present.snapshot.catalog);
  } catch (error) {
    if (!(error instanceof BitgateError) || error.code !== 'invalid_credentials') throw error;
    throw new BitgateError('invalid_subject_token', 401, 'the subject token is not valid');
  }
}

function newest(present: Session, answering: Session): Session {
  return answering.revision > present.revision ? answering : present;
}

/**
 * For a decision about `subject`; null: about candidates, who are taken as they are stored.
 * @param proof of the token that was sent for the subject
 * @returns at once where nothing counts beside the question
 */
export function optionsFor(
  services: CheckServices,
  entry: Entry,
  subject: Entity | null,
  answering: Session,
  proof?: TokenProof,
): CheckOptions | undefined | Promise<CheckOptions | undefined> {
  if (subject === null) return undefined;
  if (subject.properties !== undefined) return withAssertion(services, entry, subject, answering, proof);
  return rightsFor(services, entry, subject, answering, proof);
}

async function withAssertion(
  services: CheckServices,
  entry: Entry,
  subject: Entity,
  answering: Session,
  proof: TokenProof | undefined,
): Promise<CheckOptions | undefined> {
  const rights = await rightsFor(services, entry, subject, answering, proof);
  return (await mayAssert(services, entry, answering)) ? { ...rights, assert: true } : rights;
}

function rightsFor(
  services: CheckServices,
  entry: Entry,
  subject: Entity,
  answering: Session,
  proof: TokenProof | undefined,
): CheckOptions | undefined | Promise<CheckOptions | undefined> {
  if (proof !== undefined && isSame(proof.subject, subject)) return rightsOf(proof);
  if (entry.session === null || !('proof' in entry.claim) || !isCaller(entry, subject)) return undefined;
  return ownRights(services, entry, newest(entry.session, answering));
}

/** Decided by what the caller was let in by, and by the answer's revision if that is newer. */
async function mayAssert(services: CheckServices, entry: Entry, answering: Session): Promise<boolean> {
  if (entry.session === null) return true;
  return (
    (await assertsAt(services, entry, entry.session)) &&
    (answering.revision <= entry.session.revision || assertsAt(services, entry, answering))
  );
}

async function assertsAt(services: CheckServices, entry: SubjectEntry, session: Session): Promise<boolean> {
  return holds(session, callerOf(entry.claim), 'bitgate:assert', services.now(), await ownRights(services, entry, session));
}

/** The options of many decisions in one session. */
export type OptionsOf = (subject: Entity) => CheckOptions | undefined;

/** @param subjects of all that is asked, so that as little as possible is decided beside it */
export async function optionsForAll(
  services: CheckServices,
  entry: Entry,
  subjects: readonly Entity[],
  answering: Session,
  proof?: TokenProof,
): Promise<OptionsOf> {
  const asserted = subjects.some(({ properties }) => properties !== undefined) && (await mayAssert(services, entry, answering));
  const others: CheckOptions | undefined = asserted ? { assert: true } : undefined;
  const claimed = 'proof' in entry.claim ? entry.claim.subject : undefined;
  const known: { readonly subject: Entity; readonly options: CheckOptions | undefined }[] = [];
  for (const subject of [proof?.subject, claimed]) {
    if (subject === undefined) continue;
    known.push({ subject, options: { ...(await rightsFor(services, entry, subject, answering, proof)), ...others } });
  }
  if (known.length === 0) return () => others;
  return (subject) => known.find((each) => isSame(each.subject, subject))?.options ?? others;
}
