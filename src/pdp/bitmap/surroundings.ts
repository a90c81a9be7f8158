/**
 * What the rows of a place depend on, as text: places with equal texts have equal rows, which are then decided once. The evaluator sees of a place
 * its type, its owners, what lies above it (`Hierarchy`), and what the subject's principals are granted on these; conditions about the resource are left
 * open.
 */
import { Hierarchy } from '../../core/evaluate/hierarchy.ts';
import type { LeafRef } from '../../core/snapshot/snapshot.ts';
import { entityOf, type Reading } from './reading.ts';
import type { Holder } from './scopes.ts';

export interface Surroundings {
  readonly row: string;
  readonly below: string;
  /** what lies below is at project level */
  readonly project: boolean;
}

const hierarchy = new Hierarchy();

export async function surroundingsOf(reading: Reading, key: string, scopes: Holder['scopes']): Promise<Surroundings> {
  const { snapshot } = reading;
  const resource = entityOf(key);
  await opening(reading, (missing) => hierarchy.open(snapshot, resource, missing));
  const owned = isOwned() && snapshot.ownerGroups.length > 0 ? key : null;
  const row = JSON.stringify([owned, scopes.get(key), resource.type, hierarchy.registered, hierarchy.cut, above(scopes)]);
  await opening(reading, (missing) => hierarchy.openBelow(snapshot, resource, { project: false, restricted: false }, missing));
  return { row, below: JSON.stringify(above(scopes)), project: hierarchy.project };
}

async function opening(reading: Reading, open: (missing: LeafRef[]) => void): Promise<void> {
  for (;;) {
    const missing: LeafRef[] = [];
    open(missing);
    if (missing.length === 0) return;
    await reading.bring(missing);
  }
}

function isOwned(): boolean {
  const { leaf, entry } = hierarchy;
  return leaf !== undefined && leaf.leaf.ownerStarts[entry] !== leaf.leaf.ownerStarts[entry + 1];
}

function above(scopes: Holder['scopes']) {
  const { keys, reaches, orgReaches } = hierarchy.above;
  const granted = keys.flatMap((key, i) => (scopes.has(key) ? [`${reaches[i]} ${scopes.get(key)}`] : []));
  return [hierarchy.project, orgReaches, granted.sort()];
}
