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
  const was = entries(before, everything ? new Set() : hashes(after));
  const is = entries(after, everything ? new Set() : hashes(before));
  let [old, now] = [await was.next(), await is.next()];
  while (!old.done || !now.done) {
    const order = old.done ? 1 : now.done ? -1 : compareCodePoints(old.value.key, now.value.key);
    const first: PrincipalEntry | undefined = order <= 0 && !old.done ? old.value : undefined;
    const second: PrincipalEntry | undefined = order >= 0 && !now.done ? now.value : undefined;
    const key = (first ?? second)?.key ?? '';
    yield [before.holder(key, first), after.holder(key, second)];
    if (first !== undefined) old = await was.next();
    if (second !== undefined) now = await is.next();
  }
}

/** Entries in key order but for those of groups and of leaves that are left out. */
async function* entries(side: AccessSide, leftOut: ReadonlySet<string>): AsyncGenerator<PrincipalEntry> {
  const directory = side.point.snapshot.manifest.directories.principals;
  for (let index = 0; index < directory.count; index++) {
    if (leftOut.has(directory.hash(index))) continue;
    for (const entry of await side.principalLeaf(index)) if (!entry.key.startsWith(`${GROUP_TYPE}:`)) yield entry;
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
