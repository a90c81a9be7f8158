/**
 * The default role comes and goes with other writes: who is registered has it, unless a role of their own at `org` stands in its place.
 * So whoever registers a subject, or changes its roles at `org`, must be able to give that role. On the safe side where rows don't tell.
 */
import { GROUP_TYPE, ORG_SCOPE } from '../../core/terms/ref.ts';
import type { AssignmentRow } from '../../core/terms/rows.ts';
import type { Lookup } from '../control-ports.ts';
import type { Moment } from '../write/moment.ts';
import { refuseEscalation } from './escalation.ts';

/**
 * For an assignment that is made or taken away.
 * @throws BitgateError `escalation` (403)
 */
export async function refuseMovingDefaultRole(
  lookup: Lookup,
  moment: Moment,
  row: Omit<AssignmentRow, 'id'>,
  probe: string,
): Promise<void> {
  if (moment.writer.subject === null || row.principal.startsWith(`${GROUP_TYPE}:`)) return;
  const registered = await lookup.subject(row.principal);
  const replaces = row.role !== null && row.scope === ORG_SCOPE;
  const always = row.not_before === null && row.expires_at === null;
  if (replaces ? registered || !always : !registered) await refuseGivingDefaultRole(lookup, moment, null, probe);
}

/**
 * @param expiresAt when whoever gets it ends, ms
 * @throws BitgateError `escalation` (403)
 */
export async function refuseGivingDefaultRole(lookup: Lookup, moment: Moment, expiresAt: number | null, probe: string): Promise<void> {
  const catalog = moment.point?.snapshot.catalog;
  const role = catalog?.model().roles[catalog.defaultRole];
  if (role === undefined) return;
  await refuseEscalation(lookup, moment, { target: role.id, name: role.name, scope: ORG_SCOPE, notBefore: null, expiresAt }, probe);
}
