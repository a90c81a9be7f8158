/**
 * Use case: a member is removed, or leaves. In one transaction goes everything of its own in the scope: assignments, memberships, ownerships, keys and
 * open invitations. Of the organization that is all there is, its registration too: else everyone's rights and the default role would stay. One
 * that is suspended stays registered, since `group:anyone` reaches whoever is not.
 */
import type { RoleModel } from '../../core/snapshot/model.ts';
import { GROUP_EVERYONE, ORG_SCOPE } from '../../core/terms/ref.ts';
import type { SubjectRow } from '../../core/terms/rows.ts';
import { MANAGE } from '../assignments/authorize.ts';
import { type Level, requireLevel } from '../bundles/level.ts';
import type { ControlTools, NamedAssignment } from '../control-ports.ts';
import type { BesideChanges, RowChanges } from '../ports.ts';
import { contentOf } from '../rights/content.ts';
import { type Moment, requireRight, type Writer } from '../write/moment.ts';
import { type PublishMode, type Written, write } from '../write/write.ts';
import { requireSubject, unknownMember } from './find-member.ts';
import type { Belongings } from './ports.ts';

export interface Removal {
  readonly subject: string;
  /** false: it was suspended, and stays so */
  readonly unregistered: boolean;
  readonly removed: Belongings;
  /** what reaches it all the same, the first ones */
  readonly reaching: readonly NamedAssignment[];
  /** reference to the default role, if that does */
  readonly defaultRole: string | null;
}

/** more than a person reads */
const REACHING_SHOWN = 1_000;
/** of whoever holds more, nobody looks whether something denies */
const MAX_HELD = 1_000;

/**
 * Whoever it is may leave, whatever rights it has otherwise.
 * @throws BitgateError `missing_privilege`, `escalation` (403), `not_found`, `unknown_member` (404), `last_owner` (409)
 */
export async function removeMember(
  tools: ControlTools,
  writer: Writer,
  { subject, level }: { readonly subject: string; readonly level: Level },
  mode: PublishMode,
): Promise<Written<Removal>> {
  return write(tools, writer, mode, async (moment) => {
    const leaves = writer.subject !== null && subject === `${writer.subject.type}:${writer.subject.id}`;
    if (!leaves) await requireRight(moment, MANAGE, level.scope);
    await requireLevel(tools.lookup, level);
    requireSubject(subject);
    const removed = await tools.members.belongings(level.project, subject);
    if (removed.registered === null) throw unknownMember(subject);
    if (leaves) await refuseSheddingDenies(tools, moment, level, removed);
    const unregistered = level.project === '' && removed.registered.status === 'active';
    const reaching = await tools.members.stillReaching(level.project, subject, !unregistered, REACHING_SHOWN);
    const changes = changesOf(removed, subject, unregistered ? [removed.registered] : []);
    const value: Removal = {
      subject,
      unregistered,
      removed,
      reaching,
      defaultRole: level.project === '' ? null : (defaultRoleOf(moment, reaching)?.name ?? null),
    };
    return {
      changes,
      beside: besideOf(removed),
      own: leaves ? 'leaves' : undefined,
      audit: { action: leaves ? 'member.leave' : 'member.remove', target: subject, before: auditText(removed, level), after: null },
      value,
    };
  });
}

/**
 * Whoever leaves gives up what they hold. What is denied to them they would give up too, and may come back without: that takes more than to leave.
 * A key does not come back; of an end user the token gives its own all the same.
 */
async function refuseSheddingDenies({ rights }: ControlTools, moment: Moment, level: Level, removed: Belongings): Promise<void> {
  const { subject } = moment.writer;
  const model = moment.point?.snapshot.catalog.model();
  if (subject === null || model === undefined || (level.project === '' && subject.type === 'api_key')) return;
  const own = removed.assignments.map(({ role, policy }) => role ?? policy ?? '');
  const principals = [...(await rights.withGroups([`${subject.type}:${subject.id}`])), GROUP_EVERYONE];
  const held = level.project === '' ? await rights.heldBy(principals, moment.now, MAX_HELD) : [];
  const always = removed.assignments.filter(({ not_before, expires_at }) => not_before === null && expires_at === null);
  const defaultRole = level.project === '' ? defaultRoleOf(moment, always) : undefined;
  const targets = [...own, ...held.map(({ target }) => target), ...(defaultRole === undefined ? [] : [defaultRole.id])];
  const denying =
    held.length === MAX_HELD ||
    targets.some((target) => [...contentOf(model, target).atoms.keys()].some((atom) => atom.startsWith('deny ')));
  if (denying) await requireRight(moment, 'bitgate:escalate', level.scope);
}

/** @param going the member itself, if it goes too */
function changesOf(removed: Belongings, subject: string, going: readonly SubjectRow[]): RowChanges | null {
  const { assignments, keyAssignments, memberships, ownerships, keys, invitations } = removed;
  const isKey = keys.some(({ id }) => subject === `api_key:${id}`);
  // A key's subject goes with the key.
  const subjects = isKey ? [] : going;
  const gone = [...assignments, ...keyAssignments];
  const count = gone.length + memberships.length + ownerships.length + keys.length + subjects.length;
  if (count === 0) return invitations.length === 0 ? null : {};
  return {
    assignments: deleted(gone),
    group_members: deleted(memberships),
    resource_owners: deleted(ownerships),
    api_keys: deleted(keys),
    subjects: deleted(subjects),
  };
}

function deleted<Row>(rows: readonly Row[]): {
  readonly insert: readonly Row[];
  readonly update: readonly never[];
  readonly delete: readonly Row[];
} {
  return { insert: [], update: [], delete: rows };
}

function besideOf({ invitations }: Belongings): BesideChanges {
  return { invitations: { insert: [], update: invitations.map((before) => ({ before, after: { ...before, state: 'revoked' } })) } };
}

/** Whoever has no direct role at `org` has the default role. */
function defaultRoleOf({ point }: Moment, reaching: readonly NamedAssignment[]): RoleModel | undefined {
  const own = reaching.some((each) => each.role !== null && each.scope === ORG_SCOPE && !each.principal.startsWith('group:'));
  return own ? undefined : point?.snapshot.catalog.model().roles[point.snapshot.catalog.defaultRole];
}

/** Never a hash. */
function auditText({ assignments, keyAssignments, memberships, ownerships, keys, invitations }: Belongings, level: Level): string {
  return JSON.stringify({
    scope: level.scope,
    assignments: [...assignments, ...keyAssignments],
    memberships,
    ownerships,
    keys: keys.map(({ id, name }) => ({ id, name })),
    invitations: invitations.map(({ id }) => id),
  });
}
