/** How many of the active registered subjects lose anything, themselves or through what they are in. */
import { GROUP_OWNER, GROUP_OWNER_PREFIX, GROUP_TYPE } from '../../core/terms/ref.ts';
import { AccessSide, type LeafPoint, ownerGroups } from '../preview/side.ts';

export interface Losers {
  readonly lost: number;
  readonly of: number;
}

/**
 * Reads every principal once: exact, and bounded by the organization.
 * @param before the organization before the change
 * @param losers subjects, groups by id, and reserved groups
 * @param now ms since 1970: who is suspended by then isn't counted
 */
export async function countLosers(before: LeafPoint, losers: ReadonlySet<string>, now: number): Promise<Losers> {
  const side = await AccessSide.open(before);
  const owners = [...losers].some((principal) => principal === GROUP_OWNER || principal.startsWith(GROUP_OWNER_PREFIX));
  const loses = (principal: string, above: readonly string[]): boolean => {
    const all = [principal, ...above];
    if (all.some((each) => losers.has(each))) return true;
    return (
      owners && all.some((each) => (side.owned.get(each) ?? []).some(({ kind }) => ownerGroups(kind).some((group) => losers.has(group))))
    );
  };
  let [lost, of] = [0, 0];
  for (let leaf = 0; leaf < before.snapshot.manifest.directories.principals.count; leaf++) {
    for (const entry of await side.principalLeaf(leaf)) {
      const over = entry.suspended || (entry.suspendedFrom !== null && entry.suspendedFrom <= now);
      if (!entry.registered || over || entry.key.startsWith(`${GROUP_TYPE}:`)) continue;
      of++;
      if (loses(entry.key, side.holder(entry.key, entry).above)) lost++;
    }
  }
  return { lost, of };
}
