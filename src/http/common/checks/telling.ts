/**
 * The decisions of one answer, told to whoever looks on (`observer.ts`) when the answer is whole: what was never answered is not told. Of a composite each
 * action is a decision of its own, with the request that the rule was asked. With nobody looking on nothing is kept.
 */
import type { Decision } from '../../../core/terms/decision.ts';
import type { CheckOptions, CheckRequest } from '../../../core/terms/request.ts';
import { log, messageOf } from '../../../log.ts';
import type { Session } from '../../../pdp/pdp.ts';
import type { RequestLife } from '../../../pdp/ports.ts';
import type { Counts } from '../counts.ts';
import { callerOf } from '../gate.ts';
import type { CheckServices, Entry } from './entry.ts';
import { type DecidingFace, type DecisionObserver, wanting } from './observer.ts';
import type { Wanted } from './wants.ts';

/** A decision as the rule made it. */
interface Made {
  readonly request: CheckRequest;
  /** ms since 1970 */
  readonly at: number;
  readonly options: CheckOptions | undefined;
  readonly decision: Decision;
  /** who is told of it; at least one */
  readonly watching: readonly DecisionObserver[];
}

/** Who was answered, and in which session. */
export interface Answered {
  readonly session: Session;
  readonly claim: Entry['claim'];
  /** the part of the question that says of when it is; none: of the present */
  readonly wanted?: Wanted | undefined;
  readonly life: RequestLife;
}

export type TellingServices = Pick<CheckServices, 'observers' | 'counts'>;

export class Telling {
  readonly #observers: readonly DecisionObserver[];
  readonly #counts: Counts;
  readonly #face: DecidingFace;
  readonly #made: Made[] = [];

  constructor({ observers, counts }: TellingServices, face: DecidingFace) {
    this.#observers = observers;
    this.#counts = counts;
    this.#face = face;
  }

  /**
   * @param request null: nobody that the rule could be asked about
   * @param at the time that it is of, ms since 1970
   */
  add(request: CheckRequest | null, at: number, options: CheckOptions | undefined, decision: Decision): void {
    this.#counts.decided(this.#face, decision);
    if (request === null) return;
    const watching = wanting(this.#observers);
    if (watching.length > 0) this.keep(request, at, options, decision, watching);
  }

  /** `add`, of what is counted already. */
  keep(
    request: CheckRequest,
    at: number,
    options: CheckOptions | undefined,
    decision: Decision,
    watching: readonly DecisionObserver[],
  ): void {
    this.#made.push({ request, at, options, decision, watching });
  }

  /** What looking on throws reaches no answer. */
  tell(answered: Answered): void {
    this.#counts.aged(answered.session.ageMs);
    this.tellKept(answered);
  }

  tellKept({ session, claim, wanted, life }: Answered): void {
    if (this.#made.length === 0) return;
    const caller = claim.root ? 'root' : nameOf(callerOf(claim));
    const { revision, ageMs, snapshot } = session;
    const shared = {
      face: this.#face,
      organization: snapshot.manifest.organization,
      revision,
      ageMs,
      past: wanted?.at_revision !== undefined || wanted?.at_time !== undefined,
      caller,
    };
    for (const { request, at, options, decision, watching } of this.#made) {
      // Not as it was sent: beside the question there may be a token.
      const { subject, action, resource, context } = request;
      const observed = { ...shared, at, request: { subject, action, resource, context }, options, decision };
      for (const observer of watching) {
        try {
          observer.decided(observed, life);
        } catch (error) {
          log('error', 'observer_failed', { organization: shared.organization, message: messageOf(error) });
        }
      }
    }
  }
}

function nameOf({ type, id }: { readonly type: string; readonly id: string }): string {
  return `${type}:${id}`;
}
