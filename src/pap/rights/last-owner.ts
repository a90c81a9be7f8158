/**
 * No lock-out: a write after which no active subject would be allowed `bitgate:manage_policies` at `org` for ever is refused, if one is allowed
 * it now. Asked of the organization as it would be, so whatever takes the right away is seen: a role, a group, a deny, a suspension.
 */
import type { CatalogModel } from '../../core/snapshot/model.ts';
import { BitgateError } from '../../core/terms/problem.ts';
import { GROUP_ANYONE, GROUP_EVERYONE, isReservedGroup, ORG_SCOPE, parseRef } from '../../core/terms/ref.ts';
import type { AssignmentRow } from '../../core/terms/rows.ts';
import type { ControlTools, DecisionPoint } from '../control-ports.ts';
import type { RowChanges } from '../ports.ts';
import { changeOf, isUntouched } from '../write/complete.ts';
import type { Moment } from '../write/moment.ts';
import { FAR } from './hold.ts';
import { denyingTargets, unconditionalTargets } from './target-privileges.ts';

export const OWNING_PRIVILEGE = 'bitgate:manage_policies';
const PAGE = 500;

/** Any change of these may take the right away. */
const TABLES = ['privileges', 'policies', 'roles', 'role_policies', 'role_inherits', 'group_members', 'settings'] as const;

/**
 * @param before decides on what is there
 * @param preview decides on what would be there
 * @throws BitgateError `last_owner` (409)
 */
export async function refuseLosingOwner(
  tools: Pick<ControlTools, 'lookup'>,
  moment: Moment,
  before: DecisionPoint,
  changes: RowChanges,
  preview: () => Promise<DecisionPoint>,
): Promise<void> {
  if (!couldLose(changes, () => before.snapshot.catalog.model())) return;
  // Where a deny under a condition leaves nobody for sure, who it may leave counts.
  const counting = (await isOwned(tools, moment, before, {}, 'least')) ? 'least' : 'most';
  if (counting === 'most' && !(await isOwned(tools, moment, before, {}, 'most'))) return;
  if (await isOwned(tools, moment, await preview(), changes, counting)) return;
  throw new BitgateError(
    'last_owner',
    409,
    `nobody would hold \`${OWNING_PRIVILEGE}\` at \`org\` without end any more: give it to somebody else first`,
    { privilege: OWNING_PRIVILEGE },
  );
}

function couldLose(changes: RowChanges, catalog: () => CatalogModel): boolean {
  const subjects = changeOf(changes, 'subjects');
  const keys = changeOf(changes, 'api_keys');
  return (
    TABLES.some((table) => !isUntouched(changes, table)) ||
    subjects.delete.length > 0 ||
    subjects.update.some(({ before, after }) => before.status !== after.status) ||
    keys.delete.length > 0 ||
    keys.update.some(({ before, after }) => before.status !== after.status || before.expires_at !== after.expires_at) ||
    assignmentsCouldLose(changes, catalog)
  );
}

function assignmentsCouldLose(changes: RowChanges, catalog: () => CatalogModel): boolean {
  const { insert, update, delete: gone } = changeOf(changes, 'assignments');
  const target = ({ role, policy }: AssignmentRow): string => role ?? policy ?? '';
  const taken = [...gone, ...update.map(({ before }) => before)].filter(({ scope }) => scope === ORG_SCOPE);
  const given = [...insert, ...update.map(({ after }) => after)].filter(({ scope }) => scope === ORG_SCOPE);
  if (taken.length + given.length === 0) return false;
  const owning = new Set(unconditionalTargets(catalog(), OWNING_PRIVILEGE));
  const denying = denyingTargets(catalog(), OWNING_PRIVILEGE);
  return taken.some((row) => owning.has(target(row))) || given.some((row) => denying.has(target(row)));
}

/** @param changes what the rows don't show yet. Candidates may be too many: each is decided */
async function isOwned(
  tools: Pick<ControlTools, 'lookup'>,
  moment: Moment,
  point: DecisionPoint,
  changes: RowChanges,
  counting: 'least' | 'most',
): Promise<boolean> {
  const seen = new Set<string>();
  for await (const subject of candidates(tools, moment, point, changes)) {
    if (seen.has(subject)) continue;
    seen.add(subject);
    if (await ownsForEver(point, moment.now, subject, counting)) return true;
  }
  return false;
}

async function* candidates(
  tools: Pick<ControlTools, 'lookup'>,
  moment: Moment,
  point: DecisionPoint,
  changes: RowChanges,
): AsyncGenerator<string> {
  const { catalog } = point.snapshot;
  const model = catalog.model();
  const targets = unconditionalTargets(model, OWNING_PRIVILEGE);
  const { insert, update } = changeOf(changes, 'assignments');
  for (const { principal } of [...insert, ...update.map(({ after }) => after)]) yield* standsFor(tools, principal);
  for (let after: string | undefined = ''; after !== undefined; ) {
    const page = await tools.lookup.unendingAtOrg(targets, moment.now, after, PAGE);
    for (const { principal } of page.rows) yield* standsFor(tools, principal);
    after = page.next?.[0];
  }
  for (const { member } of changeOf(changes, 'group_members').insert) yield* standsFor(tools, member);
  const defaultRole = model.roles[catalog.defaultRole]?.id;
  if (defaultRole !== undefined && targets.includes(defaultRole)) yield* standsFor(tools, GROUP_EVERYONE);
}

async function* standsFor({ lookup }: Pick<ControlTools, 'lookup'>, principal: string): AsyncGenerator<string> {
  const group = principal === GROUP_ANYONE ? GROUP_EVERYONE : principal;
  if (!group.startsWith('group:')) yield group;
  if (!group.startsWith('group:') || (isReservedGroup(group) && group !== GROUP_EVERYONE)) return;
  for (let after: string | undefined = ''; after !== undefined; ) {
    const page = await lookup.subjectsIn(group, after, PAGE);
    yield* page.rows;
    after = page.next?.[0];
  }
}

async function ownsForEver(point: DecisionPoint, now: number, subject: string, counting: 'least' | 'most'): Promise<boolean> {
  const request = { subject: parseRef(subject), action: { name: OWNING_PRIVILEGE } };
  const { decision } = await point.decide(request, now, { open: { counting, until: FAR } });
  return decision;
}
