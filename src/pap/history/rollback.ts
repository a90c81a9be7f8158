/** Use case: the rows of a past revision are restored, as a new one. */
import { BitgateError } from '../../core/terms/problem.ts';
import { ORG_SCOPE } from '../../core/terms/ref.ts';
import type { ControlTools } from '../control-ports.ts';
import { type ManifestPlan, planChanges } from '../manifest/plan.ts';
import type { TableRows } from '../ports.ts';
import { requireRight, revisionMoved, type Writer } from '../write/moment.ts';
import { type PublishMode, type Written, write } from '../write/write.ts';
import { withoutSecrets } from './diff.ts';
import { dropped, requireKept } from './kept.ts';
import type { RemovedMember } from './ports.ts';
import { type NotRestored, restorable, withdrawnKey } from './restorable.ts';

const NEEDED = ['manage_policies', 'manage_members', 'manage_resources', 'manage_settings'].map((name) => `bitgate:${name}`);

/** named in a refusal */
const SHOWN = 100;

export interface Rollback {
  readonly restored: number;
  readonly plan: ManifestPlan;
  /** in the order of tables */
  readonly notRestored: readonly NotRestored[];
}

/**
 * @throws BitgateError `missing_privilege` (403), `unknown_revision` (404), `project_in_use` (409), `revision_dropped` (410),
 *   `too_many_rows` (413)
 */
export async function rollBack(tools: ControlTools, writer: Writer, revision: number, mode: PublishMode): Promise<Written<Rollback>> {
  return write(tools, writer, mode, async (moment) => {
    for (const privilege of NEEDED) await requireRight(moment, privilege, ORG_SCOPE);
    await requireKept(tools, revision);
    const rows = await tools.history.between(revision, moment.revision);
    if (rows === null) throw dropped(revision);
    if (rows.newest !== moment.revision) throw revisionMoved();
    const removed = await tools.history.membersRemoved(revision);
    const { desired, notRestored } = restorable(rows.after, rows.before, {
      subjects: new Set([...rows.deletedSubjects, ...removed.flatMap(wholeMember)]),
      rows: new Set(removed.flatMap(rowsOfMember)),
    });
    refuseStrandingKeys(rows.after, desired);
    const { changes, plan } = planChanges(rows.after, desired);
    const value: Rollback = { restored: revision, plan: withoutSecrets(plan), notRestored };
    return {
      changes: Object.keys(plan.summary).length === 0 ? null : changes,
      audit: {
        action: 'revision.rollback',
        target: `revision:${revision}`,
        before: null,
        after: JSON.stringify({ revision, base: moment.revision, summary: plan.summary, not_restored: notRestored.length }),
      },
      value,
    };
  });
}

/** What the audit's line of a removal says: where from, and what went. */
interface RemovalText {
  readonly scope?: unknown;
  readonly assignments?: readonly { readonly id: string }[];
  readonly ownerships?: readonly { readonly resource: string; readonly owner: string; readonly kind: string }[];
}

function removalOf({ before }: RemovedMember): RemovalText {
  return JSON.parse(before ?? '{}') as RemovalText; // written by the removal of members alone
}

/** Removed from the organization: nothing of theirs comes back, wherever it was. */
function wholeMember(member: RemovedMember): string[] {
  return removalOf(member).scope === ORG_SCOPE ? [member.subject] : [];
}

function rowsOfMember(member: RemovedMember): string[] {
  const { assignments = [], ownerships = [] } = removalOf(member);
  return [
    ...assignments.map(({ id }) => withdrawnKey('assignments', JSON.stringify([id]))),
    ...ownerships.map(({ resource, owner, kind }) => withdrawnKey('resource_owners', JSON.stringify([resource, owner, kind]))),
  ];
}

/** Keys stay, so what they belong to must. */
function refuseStrandingKeys(present: TableRows, desired: TableRows): void {
  const staying = new Set(desired.projects.map(({ id }) => id));
  const going = new Set(present.projects.map(({ id }) => id).filter((id) => !staying.has(id)));
  const keys = present.api_keys.filter(({ project }) => going.has(project)).map(({ id, project }) => ({ id, project }));
  if (keys.length === 0) return;
  const message = `${keys.length} API keys belong to projects that were made since: delete those keys first, a rollback deletes none`;
  throw new BitgateError('project_in_use', 409, message, { api_keys: keys.slice(0, SHOWN), total: keys.length });
}
