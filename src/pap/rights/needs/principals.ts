/** Who is in which group, who is registered, suspended, or held by a key, and what conditions may read of them. */
import { GROUP_ANYONE, GROUP_EVERYONE, GROUP_TYPE, ORG_SCOPE } from '../../../core/terms/ref.ts';
import type { ApiKeyRow } from '../../../core/terms/rows.ts';
import { KEY_SUBJECT_PREFIX } from '../../manifest/tables.ts';
import { changeOf } from '../../write/complete.ts';
import { conditionalAtoms, contentOf, reads } from '../content.ts';
import type { HeldTarget } from '../ports.ts';
import { earlier, MAX_GRANTS, type Needs } from './context.ts';
import { heldNeeds, ofOwners } from './held.ts';
import { changedKeys } from './properties.ts';
import { defaultRoleNeeds, defaultRoles, mappedGroups, mappedRoles } from './settings.ts';

const GROUP_PREFIX = `${GROUP_TYPE}:`;
/** more subjects than these: the default role is taken to be theirs */
const ASKED_ONE_BY_ONE = 20;

/** Whoever comes into a group, or goes, gets or loses all that the group holds and owns, and all groups that it is in. */
export async function membershipNeeds(needs: Needs): Promise<void> {
  const { insert, update, delete: gone } = changeOf(needs.changes, 'group_members');
  const rows = [...insert, ...gone, ...update.flatMap(({ before, after }) => [before, after])];
  if (rows.length === 0) return;
  const ids = new Set(rows.map(({ group_id }) => group_id));
  await heldNeeds(
    needs,
    [...ids, ...groupsAbove(needs, ids)].map((id) => GROUP_PREFIX + id),
    null,
  );
}

/** As they will be: what is nested anew is not in the rows yet. */
function groupsAbove({ after: { groups } }: Needs, ids: ReadonlySet<string>): string[] {
  return groups.filter(({ id }) => ids.has(id)).flatMap(({ above }) => above.map((index) => groups[index]!.id));
}

/** Registered or no more: what everyone holds, and the default role. */
export async function registrationNeeds(needs: Needs): Promise<void> {
  const { insert, delete: gone } = changeOf(needs.changes, 'subjects');
  if (insert.length + gone.length === 0) return;
  const ends = new Map(changeOf(needs.changes, 'api_keys').insert.map(({ id, expires_at }) => [KEY_SUBJECT_PREFIX + id, expires_at]));
  const withRole = new Set(
    changeOf(needs.changes, 'assignments')
      .insert.filter(
        ({ role, scope, not_before, expires_at }) => role !== null && scope === ORG_SCOPE && not_before === null && expires_at === null,
      )
      .map(({ principal }) => principal),
  );
  for (const { subject } of insert) if (!withRole.has(subject)) defaultRoleNeeds(needs, ends.get(subject) ?? null);
  if (gone.length > 0) defaultRoleNeeds(needs, null);
  await everyoneNeeds(needs, latest([...insert, ...gone].map(({ subject }) => ends.get(subject) ?? null)));
}

/** Suspended or not, disabled or not, until another time, or with another secret: all that the subject holds. */
export async function statusNeeds(needs: Needs): Promise<void> {
  const { update, delete: gone } = changeOf(needs.changes, 'subjects');
  const suspended = update.filter(({ before, after }) => before.status !== after.status);
  const keys = changeOf(needs.changes, 'api_keys').update.filter(
    ({ before, after }) => opensOtherwise(before, after) && needs.self !== KEY_SUBJECT_PREFIX + before.id,
  );
  // Anyone is also who is not registered, but nobody who is suspended.
  if (suspended.length > 0 || gone.some(({ status }) => status === 'suspended')) await anyoneNeeds(needs);
  if (suspended.length > 0)
    await subjectNeeds(
      needs,
      suspended.map(({ before }) => before.subject),
      null,
    );
  for (const { before, after } of keys) {
    const until = before.expires_at === null || after.expires_at === null ? null : Math.max(before.expires_at, after.expires_at);
    await subjectNeeds(needs, [KEY_SUBJECT_PREFIX + before.id], until);
  }
}

/** Not by a new name, nor by another family of proxies. */
function opensOtherwise(before: ApiKeyRow, after: ApiKeyRow): boolean {
  return (['hash', 'previous_hash', 'previous_until', 'status', 'expires_at'] as const).some((column) => before[column] !== after[column]);
}

/** What conditional policies could say otherwise of those whose properties change. */
export async function subjectPropertyNeeds(needs: Needs): Promise<void> {
  const { insert, update, delete: gone } = changeOf(needs.changes, 'subjects');
  const changed = [
    ...insert.map(({ subject, properties }) => ({ subject, keys: changedKeys('{}', properties) })),
    ...update.map(({ before, after }) => ({ subject: after.subject, keys: changedKeys(before.properties, after.properties) })),
    // Of who is not registered, a request says the properties.
    ...gone.map(({ subject, properties }) => ({ subject, keys: changedKeys(properties, '{}') })),
  ].filter(({ keys }) => keys.length > 0);
  if (changed.length === 0 || needs.before.conditions.length === 0) return;
  const keys = [...new Set(changed.flatMap((each) => each.keys))];
  const principals = await needs.lookup.withGroups([...changed.map(({ subject }) => subject), ...mappedGroups(needs)]);
  const conditionalNeeds = (held: readonly HeldTarget[], place?: readonly string[]): void => {
    if (held.length > MAX_GRANTS) needs.beyond(`it concerns more than ${MAX_GRANTS} grants`, []);
    else for (const grant of held) needs.bits(grant, bitsReading(needs, grant.target, keys), { place });
  };
  conditionalNeeds(await needs.lookup.heldBy([...principals, GROUP_EVERYONE, GROUP_ANYONE], needs.now, MAX_GRANTS + 1));
  conditionalNeeds([...defaultRoles(needs), ...mappedRoles(needs)]);
  const owned = await needs.lookup.ownedBy(principals, MAX_GRANTS + 1);
  if (owned.length > MAX_GRANTS) return needs.beyond(`it concerns more than ${MAX_GRANTS} owned resources`, []);
  await ofOwners(
    needs,
    owned.map(({ resource, kind }) => ({ kind, place: [resource] })),
    conditionalNeeds,
  );
}

function bitsReading({ before }: Needs, target: string, keys: readonly string[]): number[] {
  return conditionalAtoms(before, target)
    .filter(({ condition }) => reads(condition, 'subject', keys))
    .map(({ bit }) => bit);
}

async function subjectNeeds(needs: Needs, subjects: readonly string[], until: number | null): Promise<void> {
  await heldNeeds(needs, subjects, until);
  await everyoneNeeds(needs, until);
  if (!(await allHaveOwnRole(needs, subjects))) defaultRoleNeeds(needs, until);
}

/** Has each of them a role of its own at `org`, always? Then none has the default role. */
async function allHaveOwnRole({ lookup, before, now }: Needs, subjects: readonly string[]): Promise<boolean> {
  if (subjects.length > ASKED_ONE_BY_ONE) return false;
  const roles = new Set(before.roles.map(({ id }) => id));
  for (const subject of subjects) {
    const own = await lookup.heldBy([subject], now, MAX_GRANTS);
    if (!own.some(({ target, scope, since, until }) => scope === ORG_SCOPE && since === 0 && until === null && roles.has(target)))
      return false;
  }
  return true;
}

async function everyoneNeeds(needs: Needs, until: number | null): Promise<void> {
  const held = await needs.lookup.heldBy([GROUP_EVERYONE], needs.now, MAX_GRANTS + 1);
  needs.targets(
    held.map((grant) => ({ ...grant, until: earlier(grant.until, until) })),
    undefined,
    { asEverybody: true },
  );
}

/** What it denies, it denies to the suspended as well: they have nothing. */
async function anyoneNeeds(needs: Needs): Promise<void> {
  const held = await needs.lookup.heldBy([GROUP_ANYONE], needs.now, MAX_GRANTS + 1);
  if (held.length > MAX_GRANTS) return needs.beyond(`it concerns more than ${MAX_GRANTS} grants`, []);
  for (const grant of held) {
    const allowed = [...contentOf(needs.before, grant.target).atoms].filter(([atom]) => atom.startsWith('allow '));
    needs.bits(
      grant,
      allowed.map(([, bit]) => bit),
      { asEverybody: true },
    );
  }
}

/** The latest of ends, null being none. */
function latest(ends: readonly (number | null)[]): number | null {
  return ends.some((end) => end === null) ? null : Math.max(...ends.map(Number));
}
