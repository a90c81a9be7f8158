/** Use case: a revision gets a name, and with that is kept for ever; or it loses it. */
import { BitgateError } from '../../core/terms/problem.ts';
import { ORG_SCOPE } from '../../core/terms/ref.ts';
import type { ControlTools } from '../control-ports.ts';
import { requireRight, type Writer } from '../write/moment.ts';
import { type PublishMode, type Written, write } from '../write/write.ts';
import { requireKept } from './kept.ts';

export interface RevisionTag {
  readonly tagged: number;
  readonly tag: string;
}

/**
 * @param tag null: takes the one it has
 * @returns the tag that it has now, or had
 * @throws BitgateError `missing_privilege` (403), `unknown_revision`, `unknown_tag` (404), `revision_dropped` (410)
 */
export async function tagRevision(
  tools: ControlTools,
  writer: Writer,
  revision: number,
  tag: string | null,
  mode: PublishMode,
): Promise<Written<RevisionTag>> {
  // A tag is no data of the organization: what is committed is the tag with its line of audit, and the revision stays what it is.
  const apply: ControlTools['writer']['apply'] = (expected, _changes, audit, now) => tools.history.tag(expected, revision, tag, audit, now);
  return write({ ...tools, writer: { ...tools.writer, apply } }, writer, mode, async (moment) => {
    await requireRight(moment, 'bitgate:manage_settings', ORG_SCOPE);
    const { place } = await requireKept(tools, revision);
    const shown = tag ?? place.tag;
    if (shown === null) throw new BitgateError('unknown_tag', 404, `revision ${revision} has no tag`, { revision });
    return {
      changes: place.tag === tag ? null : {},
      audit: {
        action: tag === null ? 'revision.untag' : 'revision.tag',
        target: `revision:${revision}`,
        before: JSON.stringify(place.tag),
        after: JSON.stringify(tag),
      },
      value: { tagged: revision, tag: shown },
    };
  });
}
