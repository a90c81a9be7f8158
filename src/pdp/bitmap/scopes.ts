/** Where a subject's principals hold grants, in whatever window, and which: there, and below, its rights differ from those elsewhere. */
import { GroupSet } from '../../core/evaluate/groups.ts';
import type { PrincipalLeaf } from '../../core/snapshot/principal-leaf.ts';
import { GROUP_ANYONE, GROUP_EVERYONE, GROUP_TYPE, ORG_SCOPE } from '../../core/terms/ref.ts';
import type { Entity } from '../../core/terms/request.ts';
import { bringLeaf, type Reading } from './reading.ts';

export interface Holder {
  readonly registered: boolean;
  /** `type:id` → what is granted there, equal texts for equal grants; the organization is none of them, and grants of owners' groups don't count */
  readonly scopes: ReadonlyMap<string, string>;
}

export async function holderOf(reading: Reading, subject: Entity): Promise<Holder> {
  const { snapshot } = reading;
  const grants = new Map<string, string[]>();
  // A subject of type `group` is never a group.
  const own = subject.type === GROUP_TYPE ? undefined : await find(reading, `${subject.type}:${subject.id}`);
  const registered = own?.leaf.registered(own.entry) === true;
  const principals: string[] = [];
  if (own !== undefined) {
    addGrants(grants, 'own', own);
    const groups = new GroupSet();
    groups.clear();
    groups.addOf(snapshot.catalog, own.resident, own.entry);
    for (const group of groups.items.slice(0, groups.count)) principals.push(`${GROUP_TYPE}:${snapshot.catalog.groups.get(group)}`);
  }
  if (registered) principals.push(GROUP_EVERYONE);
  principals.push(GROUP_ANYONE);
  for (const principal of principals) {
    const found = await find(reading, principal);
    if (found !== undefined) addGrants(grants, principal, found);
  }
  grants.delete(ORG_SCOPE);
  return { registered, scopes: new Map([...grants].map(([scope, texts]) => [scope, JSON.stringify(texts.sort())])) };
}

async function find(reading: Reading, key: string) {
  const index = await bringLeaf(reading, 'principals', key);
  const resident = index < 0 ? undefined : reading.snapshot.principals[index];
  const entry = resident?.leaf.keys.indexOf(key) ?? -1;
  return resident === undefined || entry < 0 ? undefined : { resident, leaf: resident.leaf, entry };
}

type Entry = { readonly leaf: PrincipalLeaf; readonly entry: number };

function addGrants(grants: Map<string, string[]>, principal: string, { leaf, entry }: Entry): void {
  for (let g = leaf.grantStarts[entry]!; g < leaf.grantStarts[entry + 1]!; g++) {
    const scope = leaf.scopes.get(leaf.grantScopes[g]!);
    const text = JSON.stringify([principal, leaf.targets.get(leaf.grantTargets[g]!), ...leaf.windowOf(g).map(String)]);
    const there = grants.get(scope);
    if (there === undefined) grants.set(scope, [text]);
    else there.push(text);
  }
}
