/** Questions that ask why, or what if: who may ask them, and what they are answered. The decision is that of a check, always. */
import type { Decision } from '../../../core/terms/decision.ts';
import type { Explanation } from '../../../core/terms/explanation.ts';
import { LIMITS } from '../../../core/terms/limits.ts';
import type { CheckOptions, CheckRequest } from '../../../core/terms/request.ts';
import { resolveAssumed } from '../../../pdp/assume.ts';
import type { Session } from '../../../pdp/pdp.ts';
import { type CompositeRequest, decideComposite, isComposite } from './composite.ts';
import { type CheckServices, type Entry, isCaller } from './entry.ts';
import { requireRight } from './opening.ts';
import type { Telling } from './telling.ts';
import type { Why } from './wire.ts';

/** A decision with what was asked beyond it. */
export interface WhyAnswer extends Decision {
  /** decided as if what the question assumes were there */
  readonly assumed?: true;
  readonly explanation?: Explanation;
  /** of a composite, in the order of the request */
  readonly actions?: readonly (Decision & { readonly action: string; readonly explanation?: Explanation })[];
}

/**
 * A caller may ask why about itself; for anything else it needs `bitgate:explain`, at present, whatever time the question is about.
 * @throws BitgateError `missing_privilege` (403)
 */
export async function requireExplaining(
  services: Pick<CheckServices, 'tokens' | 'now'>,
  entry: Entry,
  answering: Session,
  { subject }: Pick<CheckRequest, 'subject'>,
  { assume }: Why,
): Promise<void> {
  if (entry.session === null || (assume.length === 0 && isCaller(entry, subject))) return;
  const { session } = entry;
  const present = answering.revision > session.revision ? [session, answering] : [session];
  for (const each of present) await requireRight(services, entry, each, 'bitgate:explain');
}

/**
 * @param now the time of the decision, ms since 1970: asked for when nothing is waited for any more
 * @param telling takes what was decided, also as if
 * @throws BitgateError `invalid_assumption` (422)
 */
export async function answerWhy(
  session: Session,
  question: CheckRequest | CompositeRequest,
  { explain, assume }: Why,
  now: () => number,
  options: CheckOptions | undefined,
  telling: Telling,
): Promise<WhyAnswer> {
  const mark = assume.length > 0 ? ({ assumed: true } as const) : {};
  const all = assume.length > 0 ? { ...options, assume: await resolveAssumed(session, assume, now()) } : options;
  if (!isComposite(question)) {
    const at = now();
    const explanation = explain ? await session.explain(question, at, all) : null;
    const decision = decisionOf(explanation ?? (await session.decide(question, at, all)));
    telling.add(question, at, all, decision);
    return { ...decision, ...mark, ...(explanation === null ? {} : { explanation }) };
  }
  if (!explain) return { ...(await decideComposite(session, question, now(), all, telling)), ...mark };
  const explanations: Explanation[] = [];
  // One answer lists no more than one explanation does.
  const listed = Math.max(1, Math.floor(LIMITS.explained / question.actions.length));
  const decide: Session['decide'] = async (request, at, asked) => {
    const explanation = await session.explain(request, at, asked, { listed });
    explanations.push(explanation);
    return decisionOf(explanation);
  };
  const { decision, reason, actions } = await decideComposite({ decide }, question, now(), all, telling);
  return { decision, reason, ...mark, actions: actions.map((each, i) => ({ ...each, explanation: explanations[i]! })) };
}

function decisionOf({ decision, reason }: Decision): Decision {
  return { decision, reason };
}
