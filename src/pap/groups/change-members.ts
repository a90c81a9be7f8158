/** Use case: members are added to a group and removed from it, one or thousands, all in one transaction. */

import { ORG_SCOPE } from '../../core/terms/ref.ts';
import type { ControlTools } from '../control-ports.ts';
import { Problems, quote } from '../manifest/problems.ts';
import type { References } from '../manifest/resolve/context.ts';
import type { PlacedMember } from '../manifest/resolve/groups.ts';
import { findPrincipal } from '../manifest/resolve/references.ts';
import { requireRight, type Writer } from '../write/moment.ts';
import { thereIsNo } from '../write/refusals.ts';
import { changesOrNull } from '../write/row-change.ts';
import { type PublishMode, type Written, write } from '../write/write.ts';
import type { GroupWithCount } from './ports.ts';
import { principalReferences } from './principals.ts';
import { findGroup, MANAGE_MEMBERS } from './stored-group.ts';
import { checkMembersNest } from './wanted-group.ts';

/** Each `type:id` or `group:<id or name>`. */
export interface MemberChange {
  readonly add: readonly string[];
  readonly remove: readonly string[];
}

export interface MemberResult {
  /** as it was asked for */
  readonly member: string;
  readonly result: 'added' | 'unchanged' | 'removed' | 'not_found';
}

export interface ChangedMembers {
  readonly group: GroupWithCount;
  /** those to add, then those to remove, in the order in which they were asked for */
  readonly results: readonly MemberResult[];
}

/** A text with what it means; null: nothing that is there. */
interface Meant {
  readonly text: string;
  readonly member: string | null;
  readonly path: string;
}

/**
 * @param reference id or name of the group
 * @param mustBeThere refuse to remove who is no member (404) instead of telling it
 * @throws BitgateError `missing_privilege` (403), `unknown_group` (404), `invalid_members` (422)
 */
export async function changeMembers(
  tools: ControlTools,
  writer: Writer,
  reference: string,
  change: MemberChange,
  mustBeThere: boolean,
  mode: PublishMode,
): Promise<Written<ChangedMembers>> {
  const { groups } = tools;
  return write(tools, writer, mode, async (moment) => {
    await requireRight(moment, MANAGE_MEMBERS, ORG_SCOPE);
    const group = await findGroup(groups, reference);
    const problems = new Problems();
    const references = await principalReferences(groups, [...change.add, ...change.remove], problems);
    const wanted = meanings(change.add, 'add', references);
    // Who can't be a member isn't one: no fault, so nobody is told.
    const unwanted = meanings(change.remove, 'remove', { ...references, problems: new Problems() });
    refuseBoth(wanted, unwanted, problems);
    const present = new Set(await groups.present(group.id, known([...wanted, ...unwanted])));
    const added = toAdd(group.id, wanted, present);
    const gone = new Set(known(unwanted).filter((member) => present.has(member)));
    await checkMembersNest(groups, group, added, (member) => !gone.has(member), references);
    problems.throwIfAny('invalid_members', 'the change of members');
    const results = [...resultsOf(wanted, present, ['unchanged', 'added']), ...resultsOf(unwanted, present, ['removed', 'not_found'])];
    const missing = results.find(({ result }) => result === 'not_found');
    if (mustBeThere && missing !== undefined) throw thereIsNo('member', missing.member, `the group ${quote(group.name)}`);
    const rows = (members: Iterable<string>) => Array.from(members, (member) => ({ group_id: group.id, member }));
    const inserts = rows(added.map(({ member }) => member));
    return {
      changes: changesOrNull({ group_members: { insert: inserts, update: [], delete: rows(gone) } }),
      audit: {
        action: 'group.members',
        target: `group:${group.id}`,
        before: JSON.stringify({ removed: [...gone] }),
        after: JSON.stringify({ added: inserts.map(({ member }) => member) }),
      },
      value: { group: { ...group, member_count: group.member_count + inserts.length - gone.size }, results },
    };
  });
}

function meanings(texts: readonly string[], list: string, references: References): Meant[] {
  return texts.map((text, i) => {
    const path = `${list}[${i}]`;
    return { text, path, member: findPrincipal(text, path, false, references) };
  });
}

function known(all: readonly Meant[]): string[] {
  return [...new Set(all.flatMap(({ member }) => (member === null ? [] : [member])))];
}

function refuseBoth(wanted: readonly Meant[], unwanted: readonly Meant[], problems: Problems): void {
  const adding = new Set(known(wanted));
  for (const { member, text, path } of unwanted) {
    if (member === null || !adding.has(member)) continue;
    problems.add('added_and_removed', path, `${quote(text)} is to be added as well: say one of the two`);
  }
}

/** Each once, with the place that names it first. */
function toAdd(group: string, wanted: readonly Meant[], present: ReadonlySet<string>): PlacedMember[] {
  const rows = new Map<string, PlacedMember>();
  for (const { member, path } of wanted) {
    if (member !== null && !present.has(member) && !rows.has(member)) rows.set(member, { group_id: group, member, path });
  }
  return [...rows.values()];
}

/** @param outcomes of a present member, and of one that isn't; whoever is named again finds it done */
function resultsOf(
  all: readonly Meant[],
  present: ReadonlySet<string>,
  [ifPresent, ifAbsent]: readonly [MemberResult['result'], MemberResult['result']],
): MemberResult[] {
  const seen = new Set<string>();
  return all.map(({ text, member }) => {
    const again = member !== null && seen.has(member);
    if (member !== null) seen.add(member);
    const isPresent = member !== null && present.has(member);
    if (again) return { member: text, result: ifAbsent === 'added' ? 'unchanged' : 'not_found' };
    return { member: text, result: isPresent ? ifPresent : ifAbsent };
  });
}
