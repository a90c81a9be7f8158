/** Decisions as answers. An error of a check says `decision: false` too, so that who reads only that is told no. */
import type { Decision, Reason } from '../../../core/terms/decision.ts';
import type { BitgateError } from '../../../core/terms/problem.ts';
import { formatTime } from '../../../pap/manifest/times.ts';
import type { Session } from '../../../pdp/pdp.ts';
import { type HeaderFields, JSON_TYPE } from '../reply.ts';

interface Texts {
  /** a whole object */
  readonly object: string;
  readonly inside: string;
}

/** by decision: the evaluator answers with the same few objects again and again */
const texts = new WeakMap<Decision, Texts>();

/** Reasons are a closed set of plain words and revisions are numbers: nothing has to be escaped. */
function textsOf(decided: Decision): Texts {
  let known = texts.get(decided);
  if (known === undefined) {
    // Joined: flat texts, where a sum would be a tree of parts that each answer has to walk.
    const inside = ['"decision":', decided.decision, ',"reason":"', decided.reason, '"'].join('');
    known = { object: ['{', inside, '}'].join(''), inside };
    texts.set(decided, known);
  }
  return known;
}

/** The inside of an object. */
export function decisionText(decided: Decision): string {
  return textsOf(decided).inside;
}

export function decisionObject(decided: Decision): string {
  return textsOf(decided).object;
}

/** What every answer says of what it rests on: the revision, and the time in the past that was asked about. */
export interface Resting {
  readonly revision: number;
  readonly at_time?: string;
}

export function restingOn({ revision, at }: Session): Resting {
  return at === null ? { revision } : { revision, at_time: formatTime(at) };
}

/** `restingOn` as the inside of an object. */
export function restsOn({ revision, at }: Session): string {
  return at === null ? `"revision":${revision}` : `"revision":${revision},"at_time":"${formatTime(at)}"`;
}

export function sessionReply(session: Session, body: string, requestId: string | null, type = JSON_TYPE): Response {
  // Each header costs the hot path: these alone say something. JSON of this type is nothing that a browser could take for something else.
  const headers: HeaderFields = { 'content-type': type, 'cache-control': 'no-store' };
  if (requestId !== null) headers['x-request-id'] = requestId;
  headers['x-bitgate-revision'] = String(session.revision);
  headers['x-bitgate-age-ms'] = String(Math.round(session.ageMs));
  return new Response(body, { headers });
}

export interface Denial {
  readonly decision: false;
  readonly reason?: Reason;
}

/** What an error of a check says beside `error`. */
export function denial(error: BitgateError): Denial {
  const { code } = error;
  return code === 'stale' || code === 'unknown_organization' ? { decision: false, reason: code } : { decision: false };
}
