/** Use case: an organization gets what its preset has become since. */
import { BitgateError } from '../../core/terms/problem.ts';
import { type PresetName, presets } from '../../presets/index.ts';
import type { Preset } from '../../presets/manifest.ts';
import { newId } from '../assignments/new-id.ts';
import type { ControlTools } from '../control-ports.ts';
import { requireManifestRights } from '../manifest/change.ts';
import { type ManifestPlan, planChanges } from '../manifest/plan.ts';
import { revisionMoved, type Writer } from '../write/moment.ts';
import { type PublishMode, type Written, write } from '../write/write.ts';
import { type KeptPart, upgraded } from './upgrade.ts';

export interface UpgradeOutcome {
  readonly preset: string;
  readonly plan: ManifestPlan;
  readonly kept: readonly KeptPart[];
}

/** @throws BitgateError `missing_privilege` (403), `unknown_preset` (409), `invalid_manifest` (422) */
export async function upgradePreset(tools: ControlTools, writer: Writer, mode: PublishMode): Promise<Written<UpgradeOutcome>> {
  return write(tools, writer, mode, async (moment) => {
    await requireManifestRights(moment);
    const preset = await presetOf(tools);
    const [before, { revision, tables }] = await Promise.all([tools.presetParts.given(), tools.writer.load()]);
    if (revision !== moment.revision) throw revisionMoved();
    const upgrade = upgraded(tables, preset, before, () => newId('asg_', tools));
    const { changes, plan } = planChanges(tables, upgrade.tables);
    return {
      changes: Object.keys(plan.summary).length === 0 ? null : changes,
      audit: { action: 'preset.upgrade', target: `preset:${preset.name}`, before: null, after: JSON.stringify(plan.summary) },
      beside: { presetParts: upgrade.given },
      value: { preset: preset.name, plan, kept: upgrade.kept },
    };
  });
}

async function presetOf({ organizations, organization }: ControlTools): Promise<Preset> {
  const name = (await organizations.get(organization))?.preset ?? '';
  if (Object.hasOwn(presets, name)) return presets[name as PresetName]; // its own key
  throw new BitgateError('unknown_preset', 409, `the preset \`${name}\` that the organization was made from does not exist any more`);
}
