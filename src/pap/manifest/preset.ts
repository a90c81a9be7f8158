/**
 * A preset → the rows of an organization newly made from it. Its system part is a manifest too: resolved first, it then lies outside the
 * rest.
 */
import type { Preset } from '../../presets/manifest.ts';
import type { TableRows } from '../ports.ts';
import { resolve } from './resolve/resolve.ts';
import { emptyTables } from './tables.ts';

/**
 * @param newId makes the ids of assignments
 * @throws BitgateError `invalid_manifest` (422) when the preset itself is wrong
 */
export function presetRows(preset: Pick<Preset, 'system' | 'manifest'>, newId: () => string): TableRows {
  return resolve(preset.manifest, { present: systemRows(preset, newId), newId });
}

/** What nobody in the organization can change, and the catalog that it names. */
export function systemRows({ system, manifest }: Pick<Preset, 'system' | 'manifest'>, newId: () => string): TableRows {
  const reserved = {
    bitgate: 1,
    // System policies may name what the preset's own catalog defines.
    catalog: { privileges: [...system.catalog.privileges, ...(manifest.catalog?.privileges ?? [])] },
    policies: system.policies,
    roles: system.roles,
  };
  return resolve(reserved, { present: emptyTables(), newId, system: true });
}
