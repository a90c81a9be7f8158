/** The base right to change assignments; what else a write has to keep is guarded where everything is written. */
import type { AssignmentRow } from '../../core/terms/rows.ts';
import { type Moment, requireRight } from '../write/moment.ts';

export const MANAGE = 'bitgate:manage_members';

/** At the scope of each: asked once for equal ones. @throws BitgateError `missing_privilege` (403) */
export async function requireManaging(moment: Moment, rows: readonly Pick<AssignmentRow, 'scope'>[]): Promise<void> {
  for (const scope of new Set(rows.map((row) => row.scope))) await requireRight(moment, MANAGE, scope);
}
