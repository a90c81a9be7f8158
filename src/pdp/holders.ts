/** Who holds what concerns a subject: itself, its groups, everyone and anyone, one after the other, each with its leaf at hand. */
import { GroupSet } from '../core/evaluate/groups.ts';
import type { ResidentPrincipals } from '../core/snapshot/snapshot.ts';
import { GROUP_ANYONE, GROUP_EVERYONE, GROUP_TYPE, isSomebody } from '../core/terms/ref.ts';
import type { Entity } from '../core/terms/request.ts';
import type { Scan } from './scan.ts';

/** An entry with what is granted to it. */
export interface Holder {
  readonly resident: ResidentPrincipals;
  readonly entry: number;
}

/**
 * Without owner groups: they concern registered resources only, each by itself.
 * @param groups further direct groups, by id
 * @param visit called with each principal that has an entry, `type:id` or a group; it keeps nothing of the leaf
 * @returns whether the subject is registered
 * @throws BitgateError `stale` (503)
 */
export async function eachHolder(
  scan: Pick<Scan, 'snapshot' | 'bring' | 'trim'>,
  { type, id }: Entity,
  groups: readonly string[],
  visit: (principal: string, holder: Holder) => void,
): Promise<boolean> {
  const { catalog } = scan.snapshot;
  const above = new GroupSet();
  above.clear();
  let registered = false;
  if (isSomebody(type)) {
    const own = await find(scan, `${type}:${id}`);
    if (own !== undefined) {
      registered = own.resident.leaf.registered(own.entry);
      visit(`${type}:${id}`, own);
      above.addOf(catalog, own.resident, own.entry);
    }
    for (const group of groups) above.add(catalog, catalog.groups.indexOf(group));
  }
  const all = above.items.slice(0, above.count).map((group) => `${GROUP_TYPE}:${catalog.groups.get(group)}`);
  for (const principal of [...all, ...(registered ? [GROUP_EVERYONE] : []), GROUP_ANYONE]) {
    const holder = await find(scan, principal);
    if (holder !== undefined) visit(principal, holder);
    scan.trim(null);
  }
  return registered;
}

async function find(scan: Pick<Scan, 'snapshot' | 'bring'>, key: string): Promise<Holder | undefined> {
  const leaf = scan.snapshot.manifest.directories.principals.find(key);
  if (leaf < 0) return undefined;
  await scan.bring([{ kind: 'principals', leaf }]);
  const resident = scan.snapshot.principals[leaf]!;
  const entry = resident.leaf.keys.indexOf(key);
  return entry < 0 ? undefined : { resident, entry };
}
