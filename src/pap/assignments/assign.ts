/** Use case: a principal is assigned a role or policy at a scope. Assigning what is assigned already changes nothing. */

import type { AssignmentRow } from '../../core/terms/rows.ts';
import type { ControlTools, Lookup } from '../control-ports.ts';
import { requireRight, type Writer } from '../write/moment.ts';
import { type PublishMode, type Written, write } from '../write/write.ts';
import { isScope, type Resolved, resolveAssignment, type WantedAssignment } from './wanted.ts';

/** An assignment as it is shown: the row, with references that can be sent back. */
export interface ShownAssignment {
  readonly row: AssignmentRow;
  /** as it was asked for */
  readonly subject: string;
  readonly target: string;
}

const PAGE = 1_000;
export const MANAGE = 'bitgate:manage_members';

/**
 * @throws BitgateError `missing_privilege`, `escalation`, `own_rights` (403), `invalid_assignment` (422)
 */
export async function assign(
  tools: ControlTools,
  writer: Writer,
  wanted: WantedAssignment,
  mode: PublishMode,
): Promise<Written<ShownAssignment>> {
  return write(tools, writer, mode, async (moment) => {
    // First of all: who may not write here is not told what there is.
    if (isScope(wanted.scope)) await requireRight(moment, MANAGE, wanted.scope);
    const resolved = await resolveAssignment(wanted, tools.lookup);
    await requireRight(moment, MANAGE, resolved.row.scope);
    const existing = await findEqual(tools.lookup, resolved.row);
    const row = existing ?? { id: newId('asg_', tools), ...resolved.row };
    return {
      changes: existing === null ? { assignments: { insert: [row], update: [], delete: [] } } : null,
      audit: { action: 'assignment.create', target: `assignment:${row.id}`, before: null, after: JSON.stringify(row) },
      value: { row, subject: wanted.subject, target: resolved.target },
    };
  });
}

async function findEqual(lookup: Lookup, wanted: Resolved['row']): Promise<AssignmentRow | null> {
  const { principal, scope } = wanted;
  const target = wanted.role === null ? { policy: wanted.policy ?? '' } : { role: wanted.role };
  for (let after: string | undefined = ''; after !== undefined; ) {
    const page = await lookup.assignments({ principal, scope, ...target }, after, PAGE);
    for (const { id, role, policy, not_before, expires_at } of page.rows) {
      if (not_before === wanted.not_before && expires_at === wanted.expires_at)
        return { id, principal, role, policy, scope, not_before, expires_at };
    }
    after = page.next?.[0];
  }
  return null;
}

/** 64 random bits. */
export function newId(prefix: string, { fill }: Pick<ControlTools, 'fill'>): string {
  const bytes = new Uint8Array(8);
  fill(bytes);
  return prefix + Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
