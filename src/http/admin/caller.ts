/**
 * Who administers: root, or a key or an end user whose rights are decided at the newest revision of the organization. There the credential is proved
 * once more: a key that was revoked, an issuer or a claim mapping that was removed counts no more from the very next request on.
 */
import type { TokenClaim } from '../../authn/callers.ts';
import { BitgateError } from '../../core/terms/problem.ts';
import { formatRef } from '../../core/terms/ref.ts';
import type { Entity } from '../../core/terms/request.ts';
import type { ControlTools, WriterPoint } from '../../pap/control-ports.ts';
import { type Moment, openMoment, requireRight, type Writer } from '../../pap/write/moment.ts';
import type { Session } from '../../pdp/pdp.ts';
import { type Admitted, admit, callerOf, proveAgain, rightsAt } from '../common/gate.ts';
import { isOrganizationId, unknownOrganization } from '../common/organization.ts';
import type { AdminServices, Asked } from './services.ts';

export interface Administration {
  readonly writer: Writer;
  readonly tools: ControlTools;
  /** the address that the caller's token proves, null for none; absent: the caller has no token */
  readonly email?: string | null | undefined;
}

/**
 * For calls that concern no organization, or all of them.
 * @throws BitgateError `missing_privilege` (403) for anybody but root; `invalid_credentials` (401) for a JWT, which only an organization can prove
 */
export async function asRoot({ services, request, requestId, units, life }: Asked): Promise<Writer> {
  const { claim } = await admit(services, request.headers.get('authorization'), null, life);
  services.rateLimits.charge(claim, units, services.now(), life);
  if (claim.root) return { actor: 'root', subject: null, requestId };
  throw new BitgateError('missing_privilege', 403, 'only the root token can do this');
}

/**
 * For calls about the organization in the address.
 * @throws BitgateError `unknown_organization` (404), also when the key is of another one
 */
export async function asAdministrator(asked: Asked): Promise<Administration> {
  const { services, request, requestId, life } = asked;
  const organization = asked.params.org ?? '';
  const { claim } = await admit(services, request.headers.get('authorization'), organization, life);
  services.rateLimits.charge(claim, asked.units, services.now(), life);
  if (!isOrganizationId(organization) || (!claim.root && claim.organization !== organization)) throw unknownOrganization(organization);
  const tools = toolsFor(asked, organization, claim);
  if (claim.root) return { writer: { actor: 'root', subject: null, requestId }, tools };
  const subject = callerOf(claim);
  const writer: Writer = { actor: formatRef(subject.type, subject.id), subject, requestId };
  return 'proof' in claim ? { writer, tools, email: claim.proof.email } : { writer, tools };
}

export function toolsFor({ services, life }: Asked, organization: string, claim: Admitted['claim']): ControlTools {
  return {
    ...services.toolsOf(organization),
    later: (work) => life.waitUntil(work),
    open: async (revision) => {
      const session = await openAt({ services, life }, organization, revision);
      if (claim.root) return session;
      if ('proof' in claim) return openForUser(services, claim, session);
      await proveAgain(services, claim, session);
      return session;
    },
  };
}

/** With what the token gives by the claim mappings of this very revision. */
async function openForUser(services: AdminServices, claim: TokenClaim, session: Session): Promise<WriterPoint> {
  const proven = await rightsAt(services, claim, session);
  await refuseSuspended(session, claim.subject, services.now());
  const { revision, snapshot } = session;
  return { revision, snapshot, decide: (request, now, options) => session.decide(request, now, options), proven };
}

/**
 * A suspended key is refused as a credential; a suspended user's token is valid elsewhere. What takes no right (to leave, to accept) would be open to it.
 * @throws BitgateError `subject_suspended` (403)
 */
async function refuseSuspended(session: Session, subject: Entity, now: number): Promise<void> {
  const { reason } = await session.decide({ subject, action: { name: 'bitgate:read' } }, now);
  if (reason !== 'subject_suspended') return;
  throw new BitgateError('subject_suspended', 403, `\`${formatRef(subject.type, subject.id)}\` is suspended`);
}

/**
 * What is held, if it is new enough, else what the source has now.
 * That somebody asked for an organization before it was made counts for nothing.
 */
async function openAt({ services, life }: Pick<Asked, 'services' | 'life'>, organization: string, revision: number): Promise<Session> {
  const held = await openHeld({ services, life }, organization);
  if (held !== null && held.revision >= revision) return held;
  const session = await services.pdp.open(organization, { maxAgeMs: 0 }, life);
  if (session.revision >= revision) return session;
  throw new BitgateError('stale', 503, `revision ${revision} is not published`, { reason: 'stale' });
}

async function openHeld({ services, life }: Pick<Asked, 'services' | 'life'>, organization: string): Promise<Session | null> {
  try {
    return await services.pdp.open(organization, {}, life);
  } catch (error) {
    if (error instanceof BitgateError && error.code === 'unknown_organization') return null;
    throw error;
  }
}

/**
 * For reading: root reads what is there whether or not it is published.
 * @param scope where the right is needed
 */
export async function requireToRead({ tools, writer }: Administration, privilege: string, scope: string): Promise<Moment | null> {
  if (writer.subject === null) {
    if ((await tools.organizations.get(tools.organization)) === null) throw unknownOrganization(tools.organization);
    return null;
  }
  const moment = await openMoment(tools, writer);
  await requireRight(moment, privilege, scope);
  return moment;
}
