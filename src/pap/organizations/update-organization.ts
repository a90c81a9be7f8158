/** Use case: an organization is named anew. Its id never changes. */
import type { ControlTools } from '../control-ports.ts';
import type { OrganizationRecord } from '../ports.ts';
import { requireRight, type Writer } from '../write/moment.ts';
import { attempts, type PublishMode, publishWritten, type Written } from '../write/write.ts';
import { openRecord } from './record.ts';

export interface OrganizationChange {
  readonly name?: string | undefined;
}

/**
 * @param precondition refuses when the organization isn't as the caller last saw it
 * @throws BitgateError `missing_privilege` (403), `unknown_organization` (404)
 */
export async function updateOrganization(
  tools: ControlTools,
  writer: Writer,
  change: OrganizationChange,
  precondition: (current: OrganizationRecord) => Promise<void>,
  mode: PublishMode,
): Promise<Written<OrganizationRecord>> {
  return attempts(tools, async () => {
    const { moment, record } = await openRecord(tools, writer);
    await requireRight(moment, 'bitgate:manage_settings', 'org');
    await precondition(record);
    const value = { ...record, name: change.name ?? record.name };
    const changed = value.name !== record.name;
    const still = { value, changed, revision: moment.revision, published: moment.point !== null };
    if (!changed || mode === 'dry_run') return still;
    const audit = {
      actor: writer.actor,
      requestId: writer.requestId,
      action: 'organization.update',
      target: `organization:${record.id}`,
      before: JSON.stringify(record),
      after: JSON.stringify(value),
    };
    const { revision } = await tools.life.rename(moment.revision, value, audit, moment.now);
    return { value, changed, revision, published: await publishWritten(tools, revision, mode) };
  });
}
