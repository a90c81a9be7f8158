/** RULE.md sections 1 and 5: who the subject is, and as whom it may hold something. */
import type { Entity, TokenRole } from '../terms/request.ts';
import type { Facts, StoredSubject } from './facts.ts';
import type { NaiveOptions } from './features.ts';
import type { Place } from './place.ts';

export function refOf(entity: Entity): string {
  return `${entity.type}:${entity.id}`;
}

/** Section 1: a subject of type `group` is never a group, and whoever is not named is nobody. */
function holdsNothing({ type, id }: Entity): boolean {
  return type === 'group' || (type === '' && id === '');
}

/** Section 1: such a one is never registered. */
export function registeredSubject(facts: Facts, subject: Entity): StoredSubject | undefined {
  return holdsNothing(subject) ? undefined : facts.subjects.get(refOf(subject));
}

/** Section 1 */
export function isSuspended(facts: Facts, subject: Entity, now: number): boolean {
  if (registeredSubject(facts, subject)?.suspended) return true;
  const key = subject.type === 'api_key' ? facts.keys.get(subject.id) : undefined;
  return key !== undefined && (key.status === 'disabled' || (key.expires_at !== null && key.expires_at <= now));
}

/** Section 5 */
export function principalsOf(facts: Facts, subject: Entity, place: Place, options: NaiveOptions): Set<string> {
  const without = options.without;
  const principals = new Set<string>();
  if (without !== 'anyone') principals.add('group:anyone');
  if (holdsNothing(subject)) return principals;
  const groups = groupsOf(facts, subject, options);
  principals.add(refOf(subject));
  for (const group of groups) principals.add(group);
  if (registeredSubject(facts, subject) && without !== 'everyone') principals.add('group:everyone');
  for (const { owner, kind } of without === 'owner' ? [] : place.owners) {
    if (owner !== refOf(subject) && (without === 'owner_through_group' || !groups.has(owner))) continue;
    principals.add('group:owner');
    if (kind !== '') principals.add(`group:owner:${kind}`);
  }
  return principals;
}

/** Section 5: every group that has the subject as a member, directly or through groups within groups. */
function groupsOf(facts: Facts, subject: Entity, options: NaiveOptions): Set<string> {
  if (options.without === 'group_membership') return new Set();
  const groups = new Set(facts.groupsOf.get(refOf(subject)) ?? []);
  const byToken = options.without === 'token_group' ? [] : (options.groups ?? []);
  for (const id of byToken) if (facts.groups.has(id)) groups.add(`group:${id}`);
  if (options.without === 'nested_group') return groups;
  // a Set that grows while it is iterated is visited to its end
  for (const group of groups) for (const above of facts.groupsOf.get(group) ?? []) groups.add(above);
  return groups;
}

/** Section 6, "What a token proves": the roles that there are. */
export function rolesByToken(facts: Facts, subject: Entity, options: NaiveOptions): readonly TokenRole[] {
  if (holdsNothing(subject) || options.without === 'token_role') return [];
  return (options.roles ?? []).filter(({ role }) => facts.roles.has(role));
}
