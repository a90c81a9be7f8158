/** Use case: the settings are replaced, or some of them changed. */
import { ORG_SCOPE } from '../../core/terms/ref.ts';
import type { SettingsRow } from '../../core/terms/rows.ts';
import type { ControlTools } from '../control-ports.ts';
import { meaningOf } from '../manifest/resolve/settings.ts';
import type { SettingsItem } from '../manifest/settings-schema.ts';
import type { RowChanges } from '../ports.ts';
import { MANAGE_SETTINGS } from '../routes/stored-routes.ts';
import { requireRight, type Writer } from '../write/moment.ts';
import { inserted, removed } from '../write/row-change.ts';
import { type PublishMode, type Written, write } from '../write/write.ts';
import { readSettings, resolveSettings, type WholeSettings } from './stored-settings.ts';

/**
 * @param change what shall be, given how to read what is; what is left out of it has its default
 * @param precondition refuses settings that the writer didn't mean
 * @throws BitgateError `missing_privilege` (403), `unreadable_rows` (409) when the present ones must be read and can't,
 *   `changed_meanwhile` (412), `invalid_settings` (422)
 */
export async function changeSettings(
  tools: ControlTools,
  writer: Writer,
  change: (current: () => Promise<WholeSettings>) => Promise<SettingsItem>,
  precondition: (current: () => Promise<WholeSettings>) => Promise<void>,
  mode: PublishMode,
): Promise<Written<WholeSettings>> {
  const { configuration } = tools;
  return write(tools, writer, mode, async (moment) => {
    await requireRight(moment, MANAGE_SETTINGS, ORG_SCOPE);
    const before = await configuration.settings();
    const current = (): Promise<WholeSettings> => readSettings(configuration, before);
    await precondition(current);
    const after = await resolveSettings(tools, await change(current));
    return {
      changes: changesOf(before, after),
      audit: { action: 'settings.update', target: 'settings', before: before?.settings ?? '{}', after: after?.settings ?? '{}' },
      value: await readSettings(configuration, after),
    };
  });
}

/** A stored row may spell out defaults: it is left alone when it means what is wanted. */
function changesOf(before: SettingsRow | null, after: SettingsRow | null): RowChanges | null {
  if (before === null) return after === null ? null : { settings: inserted([after]) };
  if (meaningOf(before.settings) === (after?.settings ?? '{}')) return null;
  return { settings: after === null ? removed([before]) : { insert: [], update: [{ before, after }], delete: [] } };
}
