/** One attempt to write: the revision that everything is decided on, and who decides. */
import { BitgateError } from '../../core/terms/problem.ts';
import { ORG_SCOPE, parseRef } from '../../core/terms/ref.ts';
import type { CheckOptions, CheckRequest, Entity } from '../../core/terms/request.ts';
import type { ControlTools, DecisionPoint, Proven, WriterPoint } from '../control-ports.ts';

/** Who calls. */
export interface Writer {
  /** as the audit names it: `root`, `api_key:<id>`, of a token its subject (`user:ada`) */
  readonly actor: string;
  /** null is root */
  readonly subject: Entity | null;
  readonly requestId: string;
}

/**
 * A writer at a moment. What its token proves counts as held: for that moment, since the credential is proved again at each, and of a write that gives
 * something for as long as that lasts. A claim mapping is a stored row that somebody made who held all that it gives, and stands until it is
 * removed, as a membership of a stored group does; that neither has an end is what "for at least that time" asks. When the token ends, the proof
 * of who asks ends, as it does with a key's request.
 */
export interface ProvenWriter extends Writer {
  readonly proven?: Proven | undefined;
}

export interface Moment {
  readonly writer: ProvenWriter;
  readonly now: number;
  /** what a write is guarded with. Rows read after the moment was made show it, or the guard fails */
  readonly revision: number;
  /** decides at `revision`; null for root alone, when what is committed can't be published: root repairs that */
  readonly point: DecisionPoint | null;
}

/**
 * Rights are decided at the newest revision in D1, so that is published first if it isn't.
 * @throws BitgateError `unknown_organization` (404), `publisher_unavailable`, `stale` (503)
 */
export async function openMoment(tools: ControlTools, writer: Writer): Promise<Moment> {
  const [record, revision] = await Promise.all([tools.organizations.get(tools.organization), tools.reader.revision()]);
  if (record === null) {
    throw new BitgateError('unknown_organization', 404, `there is no organization \`${tools.organization}\``, {
      reason: 'unknown_organization',
    });
  }
  await publishUpTo(tools, revision);
  const point = await openPoint(tools, writer, revision);
  return { writer: { ...writer, proven: point?.proven }, now: tools.now(), revision: point?.revision ?? revision, point };
}

async function publishUpTo(tools: ControlTools, revision: number): Promise<void> {
  try {
    const pointer = await tools.publisher.pointer();
    if (pointer === null || pointer.revision < revision) await tools.publisher.publish();
  } catch (error) {
    throw publisherUnavailable(error);
  }
}

async function openPoint(tools: ControlTools, writer: Writer, revision: number): Promise<WriterPoint | null> {
  try {
    return await tools.open(revision);
  } catch (error) {
    if (writer.subject === null && error instanceof BitgateError && error.status !== 401) return null;
    throw error;
  }
}

export function publisherUnavailable(cause: unknown): BitgateError {
  const error = new BitgateError(
    'publisher_unavailable',
    503,
    'the Publisher of this organization does not answer: nothing was written, try again',
  );
  error.cause = cause;
  return error;
}

/** What was read shows another revision than the moment's. */
export function revisionMoved(): BitgateError {
  return new BitgateError('revision_moved', 409, 'the organization was changed in the meantime: try again');
}

/** A scope as a request names it; `org` is no resource. */
export function resourceOf(scope: string): Entity | undefined {
  return scope === ORG_SCOPE ? undefined : parseRef(scope);
}

/** Root may everything; a subject what the organization's own data say. */
export async function may(moment: Moment, privilege: string, scope: string): Promise<boolean> {
  return moment.writer.subject === null || decides(moment, { action: { name: privilege }, resource: resourceOf(scope) }, moment.now);
}

/** Whether the right reaches all that could lie below the scope, be it restricted, of a project or not. */
export async function mayBelow(moment: Moment, privilege: string, scope: string): Promise<boolean> {
  const { writer, now } = moment;
  if (writer.subject === null) return true;
  const request = { action: { name: privilege }, resource: resourceOf(scope) };
  for (const project of [false, true]) {
    const open = { counting: 'least', until: now, below: { project, restricted: true } } as const;
    if (!(await decides(moment, request, now, { open }))) return false;
  }
  return true;
}

/** @throws BitgateError `missing_privilege` (403) */
export async function requireRight(moment: Moment, privilege: string, scope: string): Promise<void> {
  if (await may(moment, privilege, scope)) return;
  throw new BitgateError('missing_privilege', 403, `\`${moment.writer.actor}\` lacks \`${privilege}\` at \`${scope}\``, {
    privilege,
    scope,
  });
}

/** About the writer, and with all that it has proved: about nobody else. */
export async function decides(
  { point, writer: { subject, proven } }: Moment,
  request: Omit<CheckRequest, 'subject'>,
  now: number,
  open?: Pick<CheckOptions, 'open'>,
): Promise<boolean> {
  // Only root comes without a point, and root is not asked.
  if (point === null || subject === null) return false;
  const { decision } = await point.decide({ ...request, subject }, now, { ...proven, ...open });
  return decision;
}
