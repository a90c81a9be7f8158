/** Shared by the tests of imports: an organization made from a preset, with what an import lays over it, asked as production asks. */
import { type ImportFormat, resolveImport } from '../../../../src/pap/manifest/import/import.ts';
import { planChanges } from '../../../../src/pap/manifest/plan.ts';
import { presetRows } from '../../../../src/pap/manifest/preset.ts';
import type { TableRows } from '../../../../src/pap/ports.ts';
import { type PresetName, presets } from '../../../../src/presets/index.ts';
import type { Manifest } from '../../../../src/presets/manifest.ts';
import { organizationRows, type PresetWorld, worldOf } from '../../../presets/preset-world.ts';
import { countingIds, refusal } from '../support.ts';

export interface ImportHow {
  readonly format: ImportFormat;
  readonly strict?: boolean;
  readonly preset?: PresetName;
  /** sections that the organization has before */
  readonly before?: Omit<Manifest, 'bitgate' | 'catalog' | 'settings'>;
}

export interface ImportedWorld extends PresetWorld {
  readonly tables: TableRows;
  /** `code path` of what the report tells, sorted */
  readonly told: string[];
}

export function presentRows({ preset = 'blank', before = {} }: ImportHow): TableRows {
  const { system, manifest } = presets[preset];
  return presetRows({ system, manifest: { ...manifest, ...before } }, countingIds());
}

export function imported(value: unknown, how: ImportHow, present = presentRows(how)): { tables: TableRows; told: string[] } {
  const options = { format: how.format, strict: how.strict ?? false };
  const { tables, report } = resolveImport(value, { present, newId: countingIds() }, options);
  return { tables, told: report.items.map(({ code, path }) => `${code} ${path}`).sort() };
}

export async function importedWorld(value: unknown, how: ImportHow): Promise<ImportedWorld> {
  const { tables, told } = imported(value, how);
  return { ...(await worldOf(organizationRows(tables))), tables, told };
}

/** What the import changes when it is done a second time. */
export function changedAgain(value: unknown, how: ImportHow): readonly object[] {
  const { tables } = imported(value, how);
  return planChanges(tables, imported(value, how, tables).tables).plan.changes;
}

/** `code path` of everything that the import is refused for. */
export function refusedImport(value: unknown, how: ImportHow): string[] {
  const error = refusal(() => imported(value, how));
  const problems = error.details?.problems as readonly { code: string; path: string }[]; // what the code promises
  return [error.code, ...problems.map(({ code, path }) => `${code} ${path}`)];
}
