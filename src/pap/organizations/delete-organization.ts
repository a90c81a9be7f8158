/**
 * Use case: an organization is deleted. At once there is none any more, for checks within the freshness bound; its rows are swept behind that.
 * Only root can: who makes organizations ends them, and no key of an owner that got into the wrong hands takes a whole organization with it.
 */
import { BitgateError } from '../../core/terms/problem.ts';
import type { ControlTools } from '../control-ports.ts';
import type { OrganizationRecord } from '../ports.ts';
import type { Writer } from '../write/moment.ts';
import { attempts, type PublishMode, publishWritten, type Written } from '../write/write.ts';
import { openRecord } from './record.ts';

/**
 * @param confirm the organization's id once more
 * @returns the organization as it was
 * @throws BitgateError `missing_privilege` (403), `unknown_organization` (404), `not_confirmed` (422)
 */
export async function deleteOrganization(
  tools: ControlTools,
  writer: Writer,
  confirm: string | undefined,
  mode: PublishMode,
): Promise<Written<OrganizationRecord>> {
  if (writer.subject !== null) throw new BitgateError('missing_privilege', 403, 'only the root token can delete an organization');
  const ended = await attempts(tools, async () => {
    const { moment, record } = await openRecord(tools, writer);
    if (mode === 'dry_run') return { value: record, changed: true, revision: moment.revision, published: moment.point !== null };
    if (confirm !== record.id) {
      throw new BitgateError(
        'not_confirmed',
        422,
        `this deletes everything in \`${record.id}\`, for good: say so with \`?confirm=${record.id}\``,
        {
          confirm: record.id,
        },
      );
    }
    const audit = {
      actor: writer.actor,
      requestId: writer.requestId,
      action: 'organization.delete',
      target: `organization:${record.id}`,
      before: JSON.stringify(record),
      after: null,
    };
    const { revision } = await tools.life.end(moment.revision, audit, moment.now);
    return { value: record, changed: true, revision, published: await publishWritten(tools, revision, mode) };
  });
  // What fails or is left over, the sweep of every minute makes up for.
  if (mode !== 'dry_run') tools.later(tools.life.sweep().catch(() => false));
  return ended;
}
