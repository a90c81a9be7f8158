/** Public access: what holds for whoever there may be, which no list of those that there are can show. */
import { NOBODY } from '../../core/terms/ref.ts';
import type { CheckRequest, OpenQuestion } from '../../core/terms/request.ts';
import type { Session } from '../session.ts';

/** `conditional`: it depends on who it is */
export type Reach = 'yes' | 'no' | 'conditional';

/** Who asks is all that is open. */
const TOLD: OpenQuestion['told'] = new Set(['resource', 'action', 'context', 'now']);

/**
 * Would somebody be allowed of whom nothing is known, who holds nothing and owns nothing?
 * @param registered newly; false: any subject at all
 * @throws BitgateError `stale` (503) when a leaf can't be loaded
 */
export async function reachOf(
  session: Pick<Session, 'decide'>,
  question: Omit<CheckRequest, 'subject'>,
  registered: boolean,
  now: number,
): Promise<Reach> {
  const { action, resource, context } = question;
  const holds = async (counting: OpenQuestion['counting']): Promise<boolean> => {
    const open = { counting, until: now, told: TOLD, stranger: { registered, owns: null } };
    return (await session.decide({ subject: NOBODY, action, resource, context }, now, { open })).decision;
  };
  if (await holds('least')) return 'yes';
  return (await holds('most')) ? 'conditional' : 'no';
}
