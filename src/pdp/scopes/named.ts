/** The scopes that grants of a subject's principals name: nothing else can make one scope differ from another. */
import { GroupSet } from '../../core/evaluate/groups.ts';
import type { ResidentPrincipals } from '../../core/snapshot/snapshot.ts';
import { GROUP_ANYONE, GROUP_EVERYONE, GROUP_TYPE, ORG_SCOPE } from '../../core/terms/ref.ts';
import type { Entity } from '../../core/terms/request.ts';
import type { Scan } from '../scan.ts';

/**
 * Without owner groups: they concern registered resources only, each by itself.
 * @param groups further direct groups, by id
 * @throws BitgateError `stale` (503)
 */
export async function namedScopes(scan: Scan, { type, id }: Entity, groups: readonly string[] = []): Promise<Set<string>> {
  const { catalog } = scan.snapshot;
  const named = new Set<string>();
  const above = new GroupSet();
  above.clear();
  for (const principal of [GROUP_ANYONE, GROUP_EVERYONE]) collect(await find(scan, principal), named);
  if (type !== GROUP_TYPE) {
    const own = await find(scan, `${type}:${id}`);
    collect(own, named);
    if (own !== undefined) above.addOf(catalog, own.resident, own.entry);
    for (const group of groups) above.add(catalog, catalog.groups.indexOf(group));
  }
  for (let i = 0; i < above.count; i++) {
    collect(await find(scan, `${GROUP_TYPE}:${catalog.groups.get(above.items[i]!)}`), named);
    scan.trim(null);
  }
  named.delete(ORG_SCOPE);
  return named;
}

interface Found {
  readonly resident: ResidentPrincipals;
  readonly entry: number;
}

async function find(scan: Scan, key: string): Promise<Found | undefined> {
  const leaf = scan.snapshot.manifest.directories.principals.find(key);
  if (leaf < 0) return undefined;
  await scan.bring([{ kind: 'principals', leaf }]);
  const resident = scan.snapshot.principals[leaf]!;
  const entry = resident.leaf.keys.indexOf(key);
  return entry < 0 ? undefined : { resident, entry };
}

function collect(found: Found | undefined, named: Set<string>): void {
  if (found === undefined) return;
  const { scopes, grantStarts, grantScopes } = found.resident.leaf;
  for (let g = grantStarts[found.entry]!; g < grantStarts[found.entry + 1]!; g++) named.add(scopes.get(grantScopes[g]!));
}
