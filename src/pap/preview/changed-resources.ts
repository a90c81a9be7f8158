/** Which resources differ between two states. Leaves that both have are not opened. */
import type { ResourceEntry } from '../../core/snapshot/model.ts';
import type { AccessSide } from './side.ts';

export interface ChangedResources {
  /** parents, access, or being registered at all */
  readonly structure: ReadonlySet<string>;
  readonly properties: ReadonlySet<string>;
}

export async function changedResources(before: AccessSide, after: AccessSide): Promise<ChangedResources> {
  const was = await differingEntries(before, after);
  const is = await differingEntries(after, before);
  const structure = new Set<string>();
  const properties = new Set<string>();
  for (const key of new Set([...was.keys(), ...is.keys()])) {
    const [old, now] = [was.get(key), is.get(key)];
    if (structureOf(old) !== structureOf(now)) structure.add(key);
    if (old?.properties !== now?.properties) properties.add(key);
  }
  return { structure, properties };
}

function structureOf(entry: ResourceEntry | undefined): string {
  return entry === undefined ? '' : JSON.stringify([entry.restricted, entry.parents]);
}

async function differingEntries({ point }: AccessSide, other: AccessSide): Promise<ReadonlyMap<string, ResourceEntry>> {
  const { resources } = point.snapshot.manifest.directories;
  const same = new Set(other.point.snapshot.manifest.directories.resources.records().map(({ hash }) => hash));
  const entries = new Map<string, ResourceEntry>();
  for (let index = 0; index < resources.count; index++) {
    if (same.has(resources.hash(index))) continue;
    await point.bring({ kind: 'resources', leaf: index });
    const { leaf } = point.snapshot.resources[index]!;
    for (let i = 0; i < leaf.keys.count; i++) entries.set(leaf.keys.get(i), leaf.entry(i));
  }
  return entries;
}
