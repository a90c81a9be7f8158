/** Everything in a write that somebody gains or loses rights by, judged against what its writer holds. */

import type { CatalogModel } from '../../core/snapshot/model.ts';
import { BitgateError } from '../../core/terms/problem.ts';
import { formatRef } from '../../core/terms/ref.ts';
import type { ControlTools } from '../control-ports.ts';
import type { RowChanges } from '../ports.ts';
import type { Moment } from '../write/moment.ts';
import { refuseUnheld } from './hold.ts';
import { assignmentNeeds } from './needs/assignments.ts';
import { bundleNeeds } from './needs/bundles.ts';
import { Needs } from './needs/context.ts';
import { membershipNeeds, registrationNeeds, statusNeeds, subjectPropertyNeeds } from './needs/principals.ts';
import { resourceNeeds } from './needs/resources.ts';
import { routeNeeds } from './needs/routes.ts';
import { catalogNeeds, settingsNeeds } from './needs/settings.ts';

/**
 * @param changes complete
 * @param after the catalog as it will be
 * @throws BitgateError `escalation` (403), naming what the writer lacks and where
 */
export async function refuseEscalation(
  tools: Pick<ControlTools, 'rights' | 'lookup'>,
  moment: Moment,
  changes: RowChanges,
  after: () => CatalogModel,
): Promise<void> {
  const { subject } = moment.writer;
  if (subject === null) return;
  const before = moment.point?.snapshot.catalog.model();
  // Only root comes without a point, and root is not asked.
  if (before === undefined) throw new BitgateError('escalation', 403, 'the rights of the writer are not known');
  const needs = new Needs(tools.rights, changes, before, after(), moment.now, formatRef(subject.type, subject.id));
  catalogNeeds(needs);
  assignmentNeeds(needs);
  await bundleNeeds(needs);
  routeNeeds(needs);
  await settingsNeeds(needs);
  await membershipNeeds(needs);
  await registrationNeeds(needs);
  await statusNeeds(needs);
  await subjectPropertyNeeds(needs);
  await resourceNeeds(needs);
  await refuseUnheld(tools.lookup, moment, before, needs.all);
}
