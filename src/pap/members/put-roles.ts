/** Use case: a member gets exactly these roles at the organization or a project. An empty list is "no role". */
import type { Problem } from '../../core/terms/problem.ts';
import type { AssignmentRow } from '../../core/terms/rows.ts';
import { MANAGE } from '../assignments/authorize.ts';
import { planAssignments, planChanges, type WantedRow } from '../assignments/plan.ts';
import { resolveInto, throwIfAny } from '../assignments/wanted.ts';
import { type Level, requireLevel } from '../bundles/level.ts';
import type { ControlTools, Lookup, NamedAssignment } from '../control-ports.ts';
import { requireRight, type Writer } from '../write/moment.ts';
import { type PublishMode, type Written, write } from '../write/write.ts';
import { directRoles, requireSubject, unknownMember } from './find-member.ts';
import type { MemberRow } from './ports.ts';

export interface WantedRole {
  readonly role: string;
  readonly not_before?: string | null | undefined;
  readonly expires_at?: string | null | undefined;
}

export interface RolesPut {
  readonly subject: string;
  /** all of its direct roles at the level now, each with the reference of its role */
  readonly roles: readonly { readonly row: AssignmentRow; readonly target: string }[];
  readonly removed: readonly NamedAssignment[];
}

/**
 * Policies that it was given directly, and what it has through groups, stay.
 * @param precondition is called with the member as it is; not when it isn't registered yet
 * @throws BitgateError `missing_privilege`, `escalation`, `own_rights` (403), `not_found`, `unknown_member` (404), `last_owner` (409),
 *   `invalid_member`, `single_role` (422)
 */
export async function putRoles(
  tools: ControlTools,
  writer: Writer,
  { subject, level }: { readonly subject: string; readonly level: Level },
  wanted: readonly WantedRole[],
  mode: PublishMode,
  precondition: (current: MemberRow) => Promise<void> = async () => undefined,
): Promise<Written<RolesPut>> {
  return write(tools, writer, mode, async (moment) => {
    await requireRight(moment, MANAGE, level.scope);
    await requireLevel(tools.lookup, level);
    requireSubject(subject);
    const member = await tools.members.member(level.project, subject);
    if (member === null && wanted.length === 0) throw unknownMember(subject);
    if (member !== null) await precondition(member);
    const resolved = await resolveRoles(tools.lookup, subject, level, wanted);
    const present = member === null ? [] : directRoles(member, level.scope);
    const gone = present.filter((row) => !resolved.some((each) => sameWindow(each.row, row)));
    const plan = await planAssignments(
      tools,
      resolved.map(({ row }) => row),
      gone,
    );
    const roles = plan.items.map(({ row }, i) => ({ row, target: resolved[i]?.target ?? '' }));
    return {
      changes: planChanges(plan),
      audit: {
        action: 'member.put_roles',
        target: subject,
        before: JSON.stringify({ scope: level.scope, roles: present }),
        after: JSON.stringify({ scope: level.scope, roles: roles.map(({ row }) => row) }),
      },
      value: { subject, roles, removed: plan.delete },
    };
  });
}

interface ResolvedRole {
  readonly row: WantedRow;
  readonly target: string;
}

/** Each once. @throws BitgateError `invalid_member` (422) */
async function resolveRoles(lookup: Lookup, subject: string, level: Level, wanted: readonly WantedRole[]): Promise<ResolvedRole[]> {
  const problems: Problem[] = [];
  const resolved: ResolvedRole[] = [];
  for (const [i, role] of wanted.entries()) {
    const found: Problem[] = [];
    const each = await resolveInto(found, { subject, scope: level.scope, ...role }, lookup, level);
    problems.push(...found.map((problem) => ({ ...problem, path: `roles[${i}].${problem.path}` })));
    if (!resolved.some(({ row }) => sameWindow(row, each.row))) resolved.push(each);
  }
  throwIfAny('invalid_member', 'the member', problems);
  return resolved;
}

function sameWindow(a: WantedRow, b: WantedRow): boolean {
  return a.role === b.role && a.not_before === b.not_before && a.expires_at === b.expires_at;
}
