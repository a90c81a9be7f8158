/** Who of the owners of a registered resource is the subject, or a group of it (RULE.md §5). */
import type { Catalog } from '../snapshot/catalog.ts';
import type { OwnerModel } from '../snapshot/model.ts';
import { GROUP_TYPE, isSomebody } from '../terms/ref.ts';
import type { Entity } from '../terms/request.ts';
import type { GroupSet } from './groups.ts';
import type { Hierarchy } from './hierarchy.ts';

const GROUP_PREFIX = `${GROUP_TYPE}:`;

/** The rows of owners that name the subject or a group of it. A subject of type `group` is never a group, and nobody is nobody: they own nothing. */
export function ownedBy(catalog: Catalog, { leaf: resident, entry }: Hierarchy, subject: Entity, groups: GroupSet): OwnerModel[] {
  if (resident === undefined || !isSomebody(subject.type)) return [];
  const { leaf } = resident;
  const key = `${subject.type}:${subject.id}`;
  const owned: OwnerModel[] = [];
  for (let o = leaf.ownerStarts[entry]!; o < leaf.ownerStarts[entry + 1]!; o++) {
    const principal = leaf.owners.get(leaf.ownerItems[o * 2]!);
    const mine =
      principal === key || (principal.startsWith(GROUP_PREFIX) && groups.has(catalog.groups.indexOf(principal.slice(GROUP_PREFIX.length))));
    if (mine) owned.push({ principal, kind: leaf.kinds.get(leaf.ownerItems[o * 2 + 1]!) });
  }
  return owned;
}
