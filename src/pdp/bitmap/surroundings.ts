/**
 * What the rows of a place depend on, as text: places with equal texts have equal rows, which are then decided once. The evaluator sees of a place
 * its type, its owners, what lies above it (`Hierarchy`), and what the subject's principals are granted on these; conditions about the resource are left
 * open.
 */
import { Hierarchy } from '../../core/evaluate/hierarchy.ts';
import type { LeafRef } from '../../core/snapshot/snapshot.ts';
import { entityOf, type Reading } from './reading.ts';
import type { Held } from './scopes.ts';

export interface Surroundings {
  readonly row: string;
  readonly below: string;
  /** what lies below is at project level */
  readonly project: boolean;
}

export class SurroundingsReader {
  readonly #reading: Reading;
  readonly #scopes: Held['scopes'];
  /** its own: others may read while this one waits */
  readonly #hierarchy = new Hierarchy();

  constructor(reading: Reading, scopes: Held['scopes']) {
    this.#reading = reading;
    this.#scopes = scopes;
  }

  /** One after the other. @throws BitgateError `stale` (503) when a leaf can't be loaded */
  async of(key: string): Promise<Surroundings> {
    const { snapshot } = this.#reading;
    const hierarchy = this.#hierarchy;
    const resource = entityOf(key);
    await this.#opening((missing) => hierarchy.open(snapshot, resource, missing));
    const owned = this.#isOwned() && snapshot.ownerGroups.length > 0 ? key : null;
    const row = JSON.stringify([owned, this.#scopes.get(key), resource.type, hierarchy.registered, hierarchy.cut, this.#above()]);
    await this.#opening((missing) => hierarchy.openBelow(snapshot, resource, { project: false, restricted: false }, missing));
    return { row, below: JSON.stringify(this.#above()), project: hierarchy.project };
  }

  async #opening(open: (missing: LeafRef[]) => void): Promise<void> {
    for (;;) {
      const missing: LeafRef[] = [];
      open(missing);
      if (missing.length === 0) return;
      await this.#reading.bring(missing);
    }
  }

  #isOwned(): boolean {
    const { leaf, entry } = this.#hierarchy;
    return leaf !== undefined && leaf.leaf.ownerStarts[entry] !== leaf.leaf.ownerStarts[entry + 1];
  }

  #above() {
    const { above, project } = this.#hierarchy;
    const granted = above.keys.flatMap((key, i) => {
      const grants = this.#scopes.get(key);
      return grants === undefined ? [] : [`${above.reaches[i]} ${grants}`];
    });
    return [project, above.orgReaches, granted.sort()];
  }
}
