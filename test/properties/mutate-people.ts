/** Random changes to subjects, keys, groups, memberships and assignments. */
import type { Change } from './mutate.ts';
import { pickFrom, reachable, removeWhere } from './rows-edit.ts';
import { GROUP_IDS, IDS, NOW, randomProperties } from './vocabulary.ts';
import { addAssignment, randomWindow } from './world-assignments.ts';
import { addGroup, addKey, addSubject } from './world-people.ts';

export const PEOPLE_CHANGES: Readonly<Record<string, Change>> = {
  'add an assignment': addAssignment,

  'remove an assignment'(random, rows) {
    const gone = pickFrom(random, rows.assignments);
    removeWhere(rows.assignments, (row) => row === gone);
  },

  'change a window'(random, rows) {
    const row = pickFrom(random, rows.assignments);
    if (row) Object.assign(row, randomWindow(random));
  },

  'add a subject'(random, rows) {
    const subject = `user:${random.pick(IDS)}`;
    if (!rows.subjects.some((row) => row.subject === subject)) addSubject(random, rows, subject);
  },

  'add a key'(random, rows) {
    const id = random.pick(['k1', 'k2', 'k3']);
    if (!rows.api_keys.some((row) => row.id === id)) addKey(random, rows, id);
  },

  'remove a subject'(random, rows) {
    const gone = pickFrom(random, rows.subjects);
    if (!gone || rows.subjects.length < 3) return;
    removeWhere(rows.subjects, (row) => row === gone);
    removeWhere(rows.memberships, (row) => row.member === gone.subject);
    removeWhere(rows.assignments, (row) => row.principal === gone.subject);
    removeWhere(rows.resource_owners, (row) => row.owner === gone.subject);
    removeWhere(rows.api_keys, (row) => `api_key:${row.id}` === gone.subject);
  },

  'suspend or activate a subject'(random, rows) {
    const row = pickFrom(random, rows.subjects);
    if (row) row.status = row.status === 'active' ? 'suspended' : 'active';
  },

  'change the properties of a subject'(random, rows) {
    const row = pickFrom(random, rows.subjects);
    if (row) row.properties = JSON.stringify(randomProperties(random));
  },

  'change a key'(random, rows) {
    const row = pickFrom(random, rows.api_keys);
    if (!row) return;
    if (random.chance(0.5)) row.status = row.status === 'active' ? 'disabled' : 'active';
    else row.expires_at = random.pick([null, NOW - 1, NOW, NOW + 1]);
  },

  'add a group'(random, rows) {
    const id = random.pick(GROUP_IDS);
    if (!rows.groups.some((row) => row.id === id)) addGroup(random, rows, id);
  },

  'remove a group'(random, rows) {
    const gone = pickFrom(random, rows.groups);
    if (!gone) return;
    const principal = `group:${gone.id}`;
    removeWhere(rows.groups, (row) => row === gone);
    removeWhere(rows.group_nesting, (row) => row.group_id === gone.id || row.member === principal);
    removeWhere(rows.memberships, (row) => row.group_id === gone.id);
    removeWhere(rows.assignments, (row) => row.principal === principal);
    removeWhere(rows.resource_owners, (row) => row.owner === principal);
  },

  'add a member'(random, rows) {
    const group = pickFrom(random, rows.groups);
    const { subject } = random.pick(rows.subjects);
    if (!group || rows.memberships.some((row) => row.group_id === group.id && row.member === subject)) return;
    rows.memberships.push({ group_id: group.id, member: subject });
  },

  'remove a member'(random, rows) {
    const gone = pickFrom(random, rows.memberships);
    removeWhere(rows.memberships, (row) => row === gone);
  },

  'nest a group'(random, rows) {
    const [above, below] = random.sample(rows.groups, 2);
    if (!above || !below) return;
    const edges = rows.group_nesting.map((row): [string, string] => [row.member, `group:${row.group_id}`]);
    const member = `group:${below.id}`;
    if (reachable(edges, `group:${above.id}`).has(member)) return;
    if (rows.group_nesting.some((row) => row.group_id === above.id && row.member === member)) return;
    rows.group_nesting.push({ group_id: above.id, member });
  },

  'take a group out of another'(random, rows) {
    const gone = pickFrom(random, rows.group_nesting);
    removeWhere(rows.group_nesting, (row) => row === gone);
  },
};
