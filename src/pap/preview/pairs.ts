/** The principals of two states, side by side. */
import { compareCodePoints } from '../../core/sets/compare.ts';
import type { PrincipalEntry } from '../../core/snapshot/model.ts';
import { GROUP_ANYONE, GROUP_EVERYONE, GROUP_TYPE } from '../../core/terms/ref.ts';
import type { AccessSide, Holder } from './side.ts';

/** Every group and reserved group that may hold anything, before and after. */
export function* groupPairs(before: AccessSide, after: AccessSide): Generator<readonly [Holder, Holder]> {
  const sides = [before, after];
  const ids = new Set(sides.flatMap(({ closure }) => [...closure.keys()]).map((id) => `${GROUP_TYPE}:${id}`));
  const keys = new Set([...ids, GROUP_EVERYONE, GROUP_ANYONE, ...sides.flatMap(({ groupEntries }) => [...groupEntries.keys()])]);
  for (const key of [...keys].sort(compareCodePoints)) {
    yield [before.holder(key, before.groupEntries.get(key)), after.holder(key, after.groupEntries.get(key))];
  }
}

/**
 * Every other principal with an entry before or after, in key order.
 * @param everything also of the leaves that both states have
 */
export async function* principalPairs(
  before: AccessSide,
  after: AccessSide,
  everything: boolean,
): AsyncGenerator<readonly [Holder, Holder]> {
  const hashes = (side: AccessSide): Set<string> =>
    new Set(side.point.snapshot.manifest.directories.principals.records().map(({ hash }) => hash));
  // Of leaves that both have, entries are read once, and what such a principal holds is the same if its groups hold the same.
  const shared = new Map<string, readonly PrincipalEntry[]>();
  const alike = before.sharesGroups(after);
  const was = entries(before, hashes(after), everything, shared);
  const is = entries(after, hashes(before), everything, shared);
  let [old, now] = [await was.next(), await is.next()];
  while (!old.done || !now.done) {
    const order = old.done ? 1 : now.done ? -1 : compareCodePoints(old.value.key, now.value.key);
    const first: PrincipalEntry | undefined = order <= 0 && !old.done ? old.value : undefined;
    const second: PrincipalEntry | undefined = order >= 0 && !now.done ? now.value : undefined;
    const key = (first ?? second)?.key ?? '';
    const holder = before.holder(key, first);
    yield [holder, alike && first === second ? holder : after.holder(key, second)];
    if (first !== undefined) old = await was.next();
    if (second !== undefined) now = await is.next();
  }
}

/** Entries in key order but for those of groups and, unless everything is wanted, of leaves that the other side has too. */
async function* entries(
  side: AccessSide,
  others: ReadonlySet<string>,
  everything: boolean,
  shared: Map<string, readonly PrincipalEntry[]>,
): AsyncGenerator<PrincipalEntry> {
  const directory = side.point.snapshot.manifest.directories.principals;
  for (let index = 0; index < directory.count; index++) {
    const hash = directory.hash(index);
    const both = others.has(hash);
    if (both && !everything) continue;
    const known = shared.get(hash);
    const leaf = known ?? (await side.principalLeaf(index));
    if (known !== undefined) shared.delete(hash);
    else if (both) shared.set(hash, leaf);
    for (const entry of leaf) if (!entry.key.startsWith(`${GROUP_TYPE}:`)) yield entry;
  }
}

/** Scopes of assignments that are not registered and whose type was closed or opened. */
export async function closedScopes(before: AccessSide, after: AccessSide): Promise<ReadonlySet<string>> {
  const scopes = new Set<string>();
  const [was, is] = [before, after].map(({ point }) => point.snapshot.catalog.closedTypes);
  const types = new Set([...was!, ...is!].filter((type) => was!.has(type) !== is!.has(type)));
  if (types.size === 0) return scopes;
  for (const side of [before, after]) {
    const { count } = side.point.snapshot.manifest.directories.principals;
    for (let index = 0; index < count; index++) {
      for (const { grants } of await side.principalLeaf(index)) {
        for (const { scope } of grants) if (types.has(scope.slice(0, scope.indexOf(':')))) scopes.add(scope);
      }
    }
  }
  return scopes;
}
