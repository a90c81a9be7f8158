/**
 * No lock-out: a write after which no active subject would hold `bitgate:manage_policies` at `org` without end is refused, if one holds it now.
 * Only grants that hold always count: no condition, no types, no end.
 */
import type { CatalogModel } from '../../core/snapshot/model.ts';
import { BitgateError } from '../../core/terms/problem.ts';
import { GROUP_ANYONE, GROUP_EVERYONE, isReservedGroup, ORG_SCOPE, parseRef } from '../../core/terms/ref.ts';
import type { AssignmentRow } from '../../core/terms/rows.ts';
import type { ControlTools } from '../control-ports.ts';
import { decides, type Moment } from '../write/moment.ts';
import { FAR } from './escalation.ts';
import { unconditionalTargets } from './target-privileges.ts';

export const OWNING_PRIVILEGE = 'bitgate:manage_policies';
const PAGE = 500;

export function lastOwner(): BitgateError {
  return new BitgateError(
    'last_owner',
    409,
    `nobody would hold \`${OWNING_PRIVILEGE}\` at \`org\` without end any more: give it to somebody else first`,
    {
      privilege: OWNING_PRIVILEGE,
    },
  );
}

/**
 * @param removed assignments that are about to go, all of them at once
 * @throws BitgateError `last_owner` (409)
 */
export async function refuseLastOwner(tools: ControlTools, moment: Moment, removed: readonly AssignmentRow[]): Promise<void> {
  // Root repairs what can't be published, and then nothing can be decided.
  const model = moment.point?.snapshot.catalog.model();
  if (model === undefined || !removed.some((row) => couldOwn(model, row))) return;
  const going = new Set(removed.map(({ id }) => id));
  let owned = false;
  for await (const assignment of candidates(tools, moment, model)) {
    if (!(await anyHolds(tools, moment, assignment.principal))) continue;
    if (!going.has(assignment.id)) return;
    owned = true;
  }
  if (owned) throw lastOwner();
}

/**
 * @param subject who is about to go, or to be shut out
 * @throws BitgateError `last_owner` (409)
 */
export async function refuseRetiringLastOwner(tools: ControlTools, moment: Moment, subject: string): Promise<void> {
  return refuseRetiringLastOwners(tools, moment, [subject]);
}

/** As `refuseRetiringLastOwner`, of several that go at once. */
export async function refuseRetiringLastOwners(tools: ControlTools, moment: Moment, subjects: readonly string[]): Promise<void> {
  const model = moment.point?.snapshot.catalog.model();
  const owning = await Promise.all(subjects.map((subject) => holdsForEver(moment, subject)));
  if (model === undefined || !owning.includes(true)) return;
  let owned = false;
  for await (const { principal } of candidates(tools, moment, model)) {
    for await (const holder of holders(tools, moment, principal)) {
      if (!subjects.includes(holder)) return;
      owned = true;
    }
  }
  if (owned) throw lastOwner();
}

function couldOwn(model: CatalogModel, { scope, expires_at, role, policy }: AssignmentRow): boolean {
  return scope === ORG_SCOPE && expires_at === null && unconditionalTargets(model, OWNING_PRIVILEGE).includes(role ?? policy ?? '');
}

async function* candidates({ lookup }: ControlTools, { now }: Moment, model: CatalogModel): AsyncGenerator<AssignmentRow> {
  const targets = unconditionalTargets(model, OWNING_PRIVILEGE);
  for (let after: string | undefined = ''; after !== undefined; ) {
    const page = await lookup.unendingAtOrg(targets, now, after, PAGE);
    yield* page.rows;
    after = page.next?.[0];
  }
}

async function anyHolds(tools: ControlTools, moment: Moment, principal: string): Promise<boolean> {
  for await (const _holder of holders(tools, moment, principal)) return true;
  return false;
}

/** The subjects that the principal stands for and that hold the privilege now and for ever. Their denies and their state are in the decision. */
async function* holders(tools: ControlTools, moment: Moment, principal: string): AsyncGenerator<string> {
  for await (const subject of standsFor(tools, principal)) if (await holdsForEver(moment, subject)) yield subject;
}

async function* standsFor({ lookup }: ControlTools, principal: string): AsyncGenerator<string> {
  const group = principal === GROUP_ANYONE ? GROUP_EVERYONE : principal;
  if (!group.startsWith('group:')) yield group;
  if (!group.startsWith('group:') || (isReservedGroup(group) && group !== GROUP_EVERYONE)) return;
  for (let after: string | undefined = ''; after !== undefined; ) {
    const page = await lookup.subjectsIn(group, after, PAGE);
    yield* page.rows;
    after = page.next?.[0];
  }
}

async function holdsForEver(moment: Moment, subject: string): Promise<boolean> {
  const request = { subject: parseRef(subject), action: { name: OWNING_PRIVILEGE } };
  return (await decides(moment, request, moment.now)) && decides(moment, request, FAR);
}
