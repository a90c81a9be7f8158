/** Use case: one role or policy is given to many subjects and groups at one scope, or their roles there are taken away; in one transaction. */
import { BitgateError, type Problem } from '../../core/terms/problem.ts';
import type { AssignmentRow } from '../../core/terms/rows.ts';
import { type Level, requireLevel } from '../bundles/level.ts';
import type { ControlTools, NamedAssignment } from '../control-ports.ts';
import { requireRight, type Writer } from '../write/moment.ts';
import { type PublishMode, type Written, write } from '../write/write.ts';
import { MANAGE } from './authorize.ts';
import { type AssignmentPlan, planAssignments, planChanges } from './plan.ts';
import { resolvePrincipals } from './principals.ts';
import { isScope, referenceTo, resolveScope, resolveTarget, resolveTime, throwIfAny } from './wanted.ts';

/** As on the wire. */
export interface WantedBatch {
  /** null: every role that they hold directly at the scope is taken away */
  readonly role?: string | null | undefined;
  readonly policy?: string | undefined;
  readonly subjects: readonly string[];
  readonly scope: string;
  /** all or none */
  readonly atomic?: boolean | undefined;
  /** nobody is registered by this */
  readonly must_exist?: boolean | undefined;
  readonly not_before?: string | null | undefined;
  readonly expires_at?: string | null | undefined;
}

export interface BatchItem {
  /** as it was sent */
  readonly subject: string;
  readonly status: 'assigned' | 'unchanged' | 'replaced' | 'unassigned' | 'not_found' | 'invalid';
  /** what there is now */
  readonly row?: AssignmentRow | undefined;
  /** what had to go */
  readonly replaced?: readonly NamedAssignment[] | undefined;
  /** why not */
  readonly problem?: Pick<Problem, 'code' | 'message'> | undefined;
}

export interface BatchResult {
  readonly items: readonly BatchItem[];
  /** reference to the role or policy; null when roles were taken away */
  readonly target: string | null;
}

/** the audit names so many of each; the log of changes has them all */
const AUDITED = 1_000;

/**
 * @throws BitgateError `missing_privilege`, `escalation`, `own_rights` (403), `not_found` (404), `batch_refused` (409) with the items when it is
 *   atomic and one failed, `last_owner` (409), `invalid_batch` (422)
 */
export async function assignBatch(
  tools: ControlTools,
  writer: Writer,
  wanted: WantedBatch,
  level: Level,
  mode: PublishMode,
): Promise<Written<BatchResult>> {
  return write(tools, writer, mode, async (moment) => {
    await requireRight(moment, MANAGE, isScope(wanted.scope) ? wanted.scope : level.scope);
    await requireLevel(tools.lookup, level);
    const shared = await resolveShared(tools, wanted, level);
    const principals = await resolvePrincipals(tools.members, wanted.subjects, wanted.must_exist === true);
    const found = principals.flatMap((each) => (each.problem === undefined ? [each.principal] : []));
    const plan = shared.row === null ? await planTaking(tools, found, wanted.scope) : await planGiving(tools, found, shared.row);
    const outcomes = plan.items.values();
    const items = principals.map(({ subject, problem }): BatchItem => {
      if (problem === undefined) return { subject, ...outcomes.next().value! }; // one for each that was found, in their order
      return { subject, status: problem.code === 'invalid_reference' ? 'invalid' : 'not_found', problem };
    });
    if (wanted.atomic === true) refuseFailed(items);
    return {
      changes: planChanges(plan),
      audit: { action: 'assignment.batch', target: wanted.scope, ...auditOf(plan) },
      value: { items, target: shared.target },
    };
  });
}

type Outcome = Omit<BatchItem, 'subject' | 'problem'>;
type BatchPlan = Pick<AssignmentPlan, 'insert' | 'delete'> & { readonly items: readonly Outcome[] };

async function planGiving(
  tools: ControlTools,
  principals: readonly string[],
  row: Omit<AssignmentRow, 'id' | 'principal'>,
): Promise<BatchPlan> {
  return planAssignments(
    tools,
    principals.map((principal) => ({ principal, ...row })),
  );
}

async function planTaking({ members }: ControlTools, principals: readonly string[], scope: string): Promise<BatchPlan> {
  const present = await members.assignedAt(principals.map((principal) => ({ principal, scope })));
  const roles = Map.groupBy(
    present.filter(({ role }) => role !== null),
    ({ principal }) => principal,
  );
  const taken = new Set<string>();
  const items = principals.map((principal): Outcome => {
    const replaced = taken.has(principal) ? [] : (roles.get(principal) ?? []);
    taken.add(principal);
    return replaced.length === 0 ? { status: 'unchanged' } : { status: 'unassigned', replaced };
  });
  return { insert: [], delete: [...roles.values()].flat(), items };
}

interface Shared {
  /** null: roles are taken away */
  readonly row: Omit<AssignmentRow, 'id' | 'principal'> | null;
  readonly target: string | null;
}

/** @throws BitgateError `invalid_batch` (422) */
async function resolveShared({ lookup }: ControlTools, wanted: WantedBatch, level: Level): Promise<Shared> {
  const problems: Problem[] = [];
  const add = (path: string, code: string, message: string): void => void problems.push({ path, code, message });
  await resolveScope(wanted.scope, lookup, level, problems);
  const { role, policy, scope } = wanted;
  const target = role === null ? null : await resolveTarget({ role, policy }, lookup, add, level);
  const notBefore = resolveTime(wanted.not_before, 'not_before', add);
  const expiresAt = resolveTime(wanted.expires_at, 'expires_at', add);
  if (notBefore !== null && expiresAt !== null && notBefore >= expiresAt)
    add('expires_at', 'empty_window', 'must be later than `not_before`');
  if (role === null && (notBefore !== null || expiresAt !== null)) add('role', 'no_window', 'what is taken away has no window');
  if (problems.length === 0 && target !== null && target.project !== '' && !(await lookup.liesWithin(scope, `project:${target.project}`)))
    add('scope', 'outside_project', `what belongs to a project can be assigned there and at registered resources below it only`);
  throwIfAny('invalid_batch', 'the batch', problems);
  if (target === null) return { row: null, target: null };
  const [roleId, policyId] = role === undefined ? [null, target.id] : [target.id, null];
  return { row: { role: roleId, policy: policyId, scope, not_before: notBefore, expires_at: expiresAt }, target: referenceTo(target) };
}

/** @throws BitgateError `batch_refused` (409) */
function refuseFailed(items: readonly BatchItem[]): void {
  const failed = items.filter(({ problem }) => problem !== undefined);
  if (failed.length === 0) return;
  throw new BitgateError('batch_refused', 409, `${failed.length} of ${items.length} can’t be done, so none was`, {
    items: items.map(({ subject, status, problem }) =>
      problem === undefined ? { subject, status: 'not_done' } : { subject, status, problem },
    ),
  });
}

function auditOf({ insert, delete: gone }: BatchPlan): { readonly before: string | null; readonly after: string | null } {
  const text = (rows: readonly AssignmentRow[]): string | null =>
    rows.length === 0 ? null : JSON.stringify({ total: rows.length, assignments: rows.slice(0, AUDITED) });
  return { before: text(gone), after: text(insert) };
}
