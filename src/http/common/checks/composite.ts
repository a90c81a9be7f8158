/**
 * A check of several actions at once: allowed iff every one is (`all_of`), or any one (`any_of`). An empty list is denied, whichever it is.
 * Every action is decided, by the rule, in one session and at one time; nothing is decided here but how the answers go together.
 */
import type { Decision } from '../../../core/terms/decision.ts';
import type { Action, CheckOptions, CheckRequest } from '../../../core/terms/request.ts';
import type { Session } from '../../../pdp/pdp.ts';
import { decisionText } from './answer.ts';
import type { Telling } from './telling.ts';

export interface CompositeRequest extends Omit<CheckRequest, 'action'> {
  readonly needs: 'any_of' | 'all_of';
  readonly actions: readonly Action[];
}

export interface CompositeDecision extends Decision {
  /** in the order of the request */
  readonly actions: readonly (Decision & { readonly action: string })[];
}

const EMPTY: Decision = { decision: false, reason: 'no_grant' };

export function isComposite(request: CheckRequest | CompositeRequest): request is CompositeRequest {
  return 'actions' in request;
}

/**
 * @param now ms since 1970
 * @param telling takes the decision of each action
 */
export async function decideComposite(
  session: Pick<Session, 'decide'>,
  { needs, actions, subject, resource, context }: CompositeRequest,
  now: number,
  options: CheckOptions | undefined,
  telling?: Telling,
): Promise<CompositeDecision> {
  const decided: (Decision & { readonly action: string })[] = [];
  for (const action of actions) {
    const request = { subject, action, resource, context };
    const answer = await session.decide(request, now, options);
    telling?.add(request, now, options, answer);
    decided.push({ action: action.name, decision: answer.decision, reason: answer.reason });
  }
  return { ...together(needs, decided), actions: decided };
}

/** The first action that decides: the first allowed of `any_of`, the first denied of `all_of`; without one, what all of them say, as the first says it. */
function together(needs: CompositeRequest['needs'], decided: readonly Decision[]): Decision {
  const { decision, reason } = decided.find((each) => each.decision === (needs === 'any_of')) ?? decided[0] ?? EMPTY;
  return { decision, reason };
}

/** The inside of an object, as `decisionText`. */
export function compositeText(composite: CompositeDecision): string {
  const actions = composite.actions.map((each) => `{"action":${JSON.stringify(each.action)},${decisionText(each)}}`);
  return `${decisionText(composite)},"actions":[${actions.join(',')}]`;
}
