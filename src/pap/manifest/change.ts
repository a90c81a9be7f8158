/** Use case: an organization is changed as a whole, by a manifest that is put, patched or imported, or it is shown what that would change. */
import { ORG_SCOPE } from '../../core/terms/ref.ts';
import { newId } from '../assignments/new-id.ts';
import type { ControlTools } from '../control-ports.ts';
import type { TableRows } from '../ports.ts';
import { type Moment, requireRight, revisionMoved, type Writer } from '../write/moment.ts';
import { type PublishMode, type Written, write } from '../write/write.ts';
import { type ManifestPlan, planChanges } from './plan.ts';
import type { ResolveOptions } from './resolve/resolve.ts';

/** Everything that a manifest may hold. */
const NEEDED = ['manage_policies', 'manage_members', 'manage_resources', 'manage_settings'].map((name) => `bitgate:${name}`);

/** @throws BitgateError `missing_privilege` (403) */
export async function requireManifestRights(moment: Moment): Promise<void> {
  for (const privilege of NEEDED) await requireRight(moment, privilege, ORG_SCOPE);
}

/** How an organization is to be changed, and what is to hold before. */
export interface ManifestChange {
  /** what the audit says: `manifest.put` … */
  readonly action: string;
  /** every row that the organization shall have */
  aim(options: ResolveOptions): TableRows;
  /** given the organization as it is, before anything else is judged. @throws BitgateError `changed_meanwhile` (412) by rejection */
  precondition?(present: TableRows): Promise<void>;
}

export interface ManifestOutcome {
  readonly plan: ManifestPlan;
  /** what the organization has then */
  readonly tables: TableRows;
}

/**
 * @throws BitgateError `invalid_manifest` (422), `too_many_rows` (413), `last_owner` (409), `missing_privilege` (403)
 */
export async function changeByManifest(
  tools: ControlTools,
  writer: Writer,
  change: ManifestChange,
  mode: PublishMode,
): Promise<Written<ManifestOutcome>> {
  return write(tools, writer, mode, async (moment) => {
    await requireManifestRights(moment);
    const { revision, tables } = await tools.writer.load();
    if (revision !== moment.revision) throw revisionMoved();
    await change.precondition?.(tables);
    const desired = change.aim({ present: tables, newId: () => newId('asg_', tools) });
    const { changes, plan } = planChanges(tables, desired);
    const unchanged = Object.keys(plan.summary).length === 0;
    return {
      changes: unchanged ? null : changes,
      audit: { action: change.action, target: 'organization', before: null, after: JSON.stringify(plan.summary) },
      value: { plan, tables: unchanged ? tables : desired },
    };
  });
}
