/**
 * What the rows of a place depend on, as text: places with equal texts have equal rows, which are then decided once. The evaluator sees of a place
 * its type, its owners, what lies above it (`Hierarchy`), and which of these are scopes of the subject's grants; conditions about the resource are left open.
 */
import { Hierarchy } from '../../core/evaluate/hierarchy.ts';
import { compareCodePoints } from '../../core/sets/compare.ts';
import type { LeafRef } from '../../core/snapshot/snapshot.ts';
import { entityOf, type Reading } from './reading.ts';

export interface Surroundings {
  readonly row: string;
  readonly below: string;
  /** what lies below is at project level */
  readonly project: boolean;
}

const hierarchy = new Hierarchy();

/** @param scopes of all grants that the subject's principals hold, but for owners' groups */
export async function surroundingsOf(reading: Reading, key: string, scopes: ReadonlySet<string>): Promise<Surroundings> {
  const { snapshot } = reading;
  const resource = entityOf(key);
  await opening(reading, (missing) => hierarchy.open(snapshot, resource, missing));
  const own = isOwned() && snapshot.ownerGroups.length > 0 ? [key, 'owned'] : scopes.has(key) ? [key] : [];
  const row = JSON.stringify([own, resource.type, hierarchy.registered, hierarchy.cut, above(scopes)]);
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

function above(scopes: ReadonlySet<string>) {
  const { keys, reaches, orgReaches } = hierarchy.above;
  const granted = keys.map((key, i) => [key, reaches[i]] as const).filter(([key]) => scopes.has(key));
  return [hierarchy.project, orgReaches, granted.sort(([a], [b]) => compareCodePoints(a, b))];
}
