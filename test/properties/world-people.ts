/** Subjects, API keys, groups and memberships of a random world. */
import type { OrganizationRows } from '../../src/core/terms/rows.ts';
import type { Random } from './random.ts';
import { GROUP_IDS, IDS, NOW, randomProperties } from './vocabulary.ts';

export function addPeople(random: Random, rows: OrganizationRows): void {
  for (const id of random.sample(IDS, random.between(5, 7))) addSubject(random, rows, `user:${id}`);
  addSubject(random, rows, `service:${random.pick(IDS)}`);
  for (const id of random.sample(['k1', 'k2'], random.pick([0, 0, 1, 1, 2]))) addKey(random, rows, id);
  for (const id of random.sample(GROUP_IDS, random.between(3, 5))) addGroup(random, rows, id);
}

export function addSubject(random: Random, rows: OrganizationRows, subject: string): void {
  rows.subjects.push({
    subject,
    status: random.chance(0.025) ? 'suspended' : 'active',
    properties: JSON.stringify(random.chance(0.2) ? {} : randomProperties(random)),
  });
}

/** A key is a subject too; its end may be in the past, exactly now, or later. */
export function addKey(random: Random, rows: OrganizationRows, id: string): void {
  addSubject(random, rows, `api_key:${id}`);
  rows.api_keys.push({
    id,
    project: '',
    name: `key ${id}`,
    hash: id.padEnd(64, '0').replace('k', 'a'),
    previous_hash: null,
    previous_until: null,
    status: random.chance(0.06) ? 'disabled' : 'active',
    expires_at: random.pick([null, null, null, NOW + 1, NOW + 1, NOW + 1000, NOW - 1, NOW]),
    forward_auth: '',
  });
}

/** A new group with some members, inside some of the groups that were there before: so nesting can't become a cycle. */
export function addGroup(random: Random, rows: OrganizationRows, id: string): void {
  for (const above of random.sample(rows.groups, random.pick([0, 1, 1, 2]))) {
    rows.group_nesting.push({ group_id: above.id, member: `group:${id}` });
  }
  rows.groups.push({ id, name: `Group ${id}`, description: '' });
  for (const { subject } of random.sample(rows.subjects, random.between(1, 3))) rows.memberships.push({ group_id: id, member: subject });
}
