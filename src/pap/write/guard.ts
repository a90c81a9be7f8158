/** What every write has to keep, by whatever route it comes. */
import type { ControlTools } from '../control-ports.ts';
import type { RowChanges } from '../ports.ts';
import type { Trial } from '../preview/preview.ts';
import { refuseEscalation } from '../rights/escalation.ts';
import { refuseLosingOwner } from '../rights/last-owner.ts';
import { type OwnChange, refuseOwnRights } from '../rights/own-rights.ts';
import { isUntouched } from './complete.ts';
import { refuseKeysOutside } from './key-place.ts';
import type { Moment } from './moment.ts';

/** What the catalog is compiled from. */
const CATALOG_TABLES = [
  'privileges',
  'policies',
  'roles',
  'role_policies',
  'role_inherits',
  'groups',
  'group_members',
  'routes',
  'settings',
] as const;

/**
 * @param changes complete
 * @param own how the writer may change what is its own
 * @param trial of those changes
 * @throws BitgateError `own_rights`, `escalation` (403), `last_owner` (409), `outside_project` (422), and what a preview refuses: what can't be
 *   compiled isn't written
 */
export async function guardWrite(
  tools: ControlTools,
  moment: Moment,
  changes: RowChanges,
  own: OwnChange | undefined,
  trial: Trial,
): Promise<void> {
  refuseOwnRights(moment, changes, own);
  await refuseKeysOutside(tools, changes);
  // Root repairs what can't be published, and then nothing can be decided.
  if (moment.point === null) return;
  const { point } = moment;
  const recompiled = CATALOG_TABLES.every((table) => isUntouched(changes, table)) ? point : await trial.after();
  // What is accepted is measured by who invited, and who leaves gives up what is theirs: by the use cases.
  if (own !== 'accepts' && own !== 'leaves') await refuseEscalation(tools, moment, changes, () => recompiled.snapshot.catalog.model());
  await refuseLosingOwner(tools, moment, point, changes, trial.after);
}
