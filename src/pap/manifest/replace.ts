/** Use case: an organization is made equal to a manifest, or it is shown what that would change. */
import { ORG_SCOPE } from '../../core/terms/ref.ts';
import { newId } from '../assignments/assign.ts';
import type { ControlTools } from '../control-ports.ts';
import { type Moment, requireRight, revisionMoved, type Writer } from '../write/moment.ts';
import { type PublishMode, type Written, write } from '../write/write.ts';
import { type ManifestPlan, planChanges } from './plan.ts';
import { resolve } from './resolve/resolve.ts';

/** Everything that a manifest may hold. */
const NEEDED = ['manage_policies', 'manage_members', 'manage_resources', 'manage_settings'].map((name) => `bitgate:${name}`);

async function requireAll(moment: Moment): Promise<void> {
  for (const privilege of NEEDED) await requireRight(moment, privilege, ORG_SCOPE);
}

/**
 * @param document parsed, of any shape
 * @throws BitgateError `invalid_manifest` (422), `too_many_rows` (413), `last_owner` (409), `missing_privilege` (403)
 */
export async function replaceManifest(
  tools: ControlTools,
  writer: Writer,
  document: unknown,
  mode: PublishMode,
): Promise<Written<ManifestPlan>> {
  return write(tools, writer, mode, async (moment) => {
    await requireAll(moment);
    const { revision, tables } = await tools.writer.load();
    if (revision !== moment.revision) throw revisionMoved();
    const desired = resolve(document, { present: tables, newId: () => newId('asg_', tools) });
    const { changes, plan } = planChanges(tables, desired);
    const unchanged = Object.keys(plan.summary).length === 0;
    return {
      changes: unchanged ? null : changes,
      audit: { action: 'manifest.put', target: 'organization', before: null, after: JSON.stringify(plan.summary) },
      value: plan,
    };
  });
}
