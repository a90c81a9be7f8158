/** Use case: a member hands a role, usually that of the owner, over to another one: the other has it and the first has not, in one transaction. */
import { BitgateError, type Problem } from '../../core/terms/problem.ts';
import type { AssignmentRow } from '../../core/terms/rows.ts';
import { MANAGE } from '../assignments/authorize.ts';
import { planAssignments, planChanges, type WantedRow } from '../assignments/plan.ts';
import { resolveTarget, throwIfAny } from '../assignments/wanted.ts';
import { type Level, requireLevel } from '../bundles/level.ts';
import type { ControlTools, Found, NamedAssignment } from '../control-ports.ts';
import { contentOf, NOTHING } from '../rights/content.ts';
import { isDemotion } from '../rights/own-rights.ts';
import { type Moment, requireRight, type Writer } from '../write/moment.ts';
import { type PublishMode, type Written, write } from '../write/write.ts';
import { directRoles, findMember, requireSubject } from './find-member.ts';

export const OWNER_ROLE = 'bitgate:owner';

export interface HandOver {
  /** who has the role */
  readonly from: string;
  /** who gets it: registered and active */
  readonly to: string;
  /** its reference */
  readonly role: string;
  /** what the first one gets instead; null: nothing */
  readonly demoteTo: string | null;
}

export interface HandedOver extends HandOver {
  /** what the new one, and then the old one, was given */
  readonly assigned: readonly AssignmentRow[];
  readonly removed: readonly NamedAssignment[];
}

/**
 * The new one gets the role for the time for which the old one had it.
 * @throws BitgateError `missing_privilege`, `escalation`, `own_rights` (403), `not_found`, `unknown_member` (404), `not_held`, `last_owner` (409),
 *   `invalid_transfer` (422)
 */
export async function handOver(
  tools: ControlTools,
  writer: Writer,
  level: Level,
  wanted: HandOver,
  mode: PublishMode,
): Promise<Written<HandedOver>> {
  const { from, to } = wanted;
  return write(tools, writer, mode, async (moment) => {
    await requireRight(moment, MANAGE, level.scope);
    await requireLevel(tools.lookup, level);
    requireSubject(from);
    const held = await findMember(tools, level.project, from);
    const { role, demoteTo } = await resolve(tools, level, wanted);
    const leaving = directRoles(held, level.scope).filter((each) => each.role === role.id);
    if (leaving.length === 0)
      throw new BitgateError(
        'not_held',
        409,
        `\`${from.slice(0, 80)}\` does not hold \`${role.name}\` directly at \`${level.scope.slice(0, 80)}\``,
      );
    const given = leaving.map((each): WantedRow => ({ ...each, principal: to }));
    const demoted = demoteTo === null ? [] : leaving.map((each): WantedRow => ({ ...each, role: demoteTo.id }));
    const plan = await planAssignments(tools, [...given, ...demoted], leaving);
    const own = isSubject(writer, from) && isLess(moment, role, demoteTo) ? 'hands_over' : undefined;
    return {
      changes: planChanges(plan),
      own,
      audit: { action: 'member.hand_over', target: from, before: JSON.stringify(plan.delete), after: JSON.stringify(plan.insert) },
      value: { ...wanted, assigned: plan.insert, removed: plan.delete },
    };
  });
}

/** Of one's own role one is left with less, never with something else. */
function isLess({ point }: Moment, role: Found, demoteTo: Found | null): boolean {
  // Only root comes without a point, and root holds no role.
  if (point === null) return false;
  const model = point.snapshot.catalog.model();
  return isDemotion(contentOf(model, role.id), demoteTo === null ? NOTHING : contentOf(model, demoteTo.id));
}

function isSubject({ subject }: Writer, reference: string): boolean {
  return subject !== null && `${subject.type}:${subject.id}` === reference;
}

interface ResolvedRoles {
  readonly role: Found;
  readonly demoteTo: Found | null;
}

/** @throws BitgateError `invalid_transfer` (422) */
async function resolve({ lookup, members }: ControlTools, level: Level, wanted: HandOver): Promise<ResolvedRoles> {
  const { from, to, role, demoteTo } = wanted;
  const problems: Problem[] = [];
  const at =
    (path: string) =>
    (_path: string, code: string, message: string): void =>
      void problems.push({ path, code, message });
  const found = await resolveTarget({ role }, lookup, at('role'), level);
  const lower = demoteTo === null ? null : await resolveTarget({ role: demoteTo }, lookup, at('demote_to'), level);
  if (found !== null && found.id === lower?.id) at('demote_to')('', 'same_role', 'is the role that is handed over');
  for (const [path, each] of [['role', found] as const, ['demote_to', lower] as const]) {
    if (each !== null && each.project !== '' && each.project !== level.project)
      at(path)('', 'outside_project', `belongs to the project \`${each.project.slice(0, 80)}\``);
  }
  if (to === from) at('to')('', 'same_member', 'is who has it already');
  const status = (await members.known([to])).subjects.get(to);
  if (status === undefined) at('to')('', 'unknown_subject', `\`${to.slice(0, 80)}\` is not registered`);
  if (status === 'suspended') at('to')('', 'suspended_subject', `\`${to.slice(0, 80)}\` is suspended`);
  throwIfAny('invalid_transfer', 'the transfer', problems);
  if (found === null) throw new Error('a role that is not found is a problem');
  return { role: found, demoteTo: lower };
}
