/** One answered decision as the decision log has it. Properties, contexts and tokens are never in it. */
import type { Entity } from '../../core/terms/request.ts';
import { withoutKeys } from '../../log.ts';
import type { Answered } from '../answered.ts';

export interface DecisionRecord {
  /** when it was answered, ms since 1970 */
  readonly time: number;
  readonly organization: string;
  readonly revision: number;
  readonly face: string;
  /** `root`, or the subject that asked */
  readonly caller: string;
  readonly subject: string;
  readonly action: string;
  /** empty: about the organization itself */
  readonly resource: string;
  readonly decision: boolean;
  readonly reason: string;
  readonly age_ms: number;
  /** of how many such decisions this is one: `1 / share` of them were made for each that is logged */
  readonly share: number;
  /** of a kept revision or a past time: that time, ms since 1970 */
  readonly past_at?: number;
  /** decided as if assignments were there that are not */
  readonly assumed?: true;
  /** values that were too long and end with `…` */
  readonly cut?: readonly string[];
}

/** characters; six of them are at most 12 KiB of UTF-8, and fit into a point of Analytics Engine (16 KiB) */
export const VALUE_CHARS = 680;

export function recordOf(logged: Answered, time: number, share: number): DecisionRecord {
  const { request, decision } = logged;
  const texts = {
    caller: logged.caller,
    // A whole key is sent by mistake where its id belongs.
    subject: withoutKeys(refOf(request.subject)),
    action: withoutKeys(request.action.name),
    resource: request.resource === undefined ? '' : withoutKeys(refOf(request.resource)),
  };
  const cut = Object.entries(texts).flatMap(([name, text]) => (text.length > VALUE_CHARS ? [name] : []));
  return {
    ...{ time, organization: logged.organization, revision: logged.revision, face: logged.face },
    caller: shortened(texts.caller),
    subject: shortened(texts.subject),
    action: shortened(texts.action),
    resource: shortened(texts.resource),
    ...{ decision: decision.decision, reason: decision.reason, age_ms: Math.round(logged.ageMs), share },
    ...(logged.past ? { past_at: logged.at } : {}),
    ...((logged.options?.assume?.length ?? 0) > 0 ? { assumed: true as const } : {}),
    ...(cut.length > 0 ? { cut } : {}),
  };
}

function refOf({ type, id }: Entity): string {
  return `${type}:${id}`;
}

function shortened(text: string): string {
  return text.length <= VALUE_CHARS ? text : `${text.slice(0, VALUE_CHARS - 1).toWellFormed()}…`;
}
