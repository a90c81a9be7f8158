/**
 * A list of wanted assignments → what has to be inserted and deleted, and what becomes of each. The one place that knows role cardinality:
 * where it is `single`, a new role takes the place of those that the subject holds directly at that very scope in an overlapping window.
 * Policies, groups, and scopes that are neither the organization nor a project are not counted.
 */
import { BitgateError } from '../../core/terms/problem.ts';
import { GROUP_TYPE, ORG_SCOPE, PROJECT_TYPE } from '../../core/terms/ref.ts';
import type { AssignmentRow } from '../../core/terms/rows.ts';
import type { ControlTools, NamedAssignment } from '../control-ports.ts';
import type { Cardinality } from '../members/ports.ts';
import type { RowChanges } from '../ports.ts';
import { newId } from './new-id.ts';

/** A row but for its id. */
export type WantedRow = Omit<AssignmentRow, 'id'>;

export interface PlannedItem {
  /** `unchanged`: it is so already; `replaced`: assigned, and others had to go */
  readonly status: 'assigned' | 'unchanged' | 'replaced';
  readonly row: AssignmentRow;
  readonly replaced: readonly NamedAssignment[];
}

export interface AssignmentPlan {
  readonly insert: readonly AssignmentRow[];
  readonly delete: readonly NamedAssignment[];
  /** in the order of what was wanted */
  readonly items: readonly PlannedItem[];
}

/**
 * Looks up what is there with two queries, however many are wanted.
 * @param leaving assignments that go in the same change anyway: they are in nobody's way
 * @throws BitgateError `single_role` (422) when the list itself wants two roles where one is allowed
 */
export async function planAssignments(
  tools: Pick<ControlTools, 'members' | 'fill'>,
  wanted: readonly WantedRow[],
  leaving: readonly NamedAssignment[] = [],
): Promise<AssignmentPlan> {
  const [cardinality, present] = await Promise.all([tools.members.cardinality(), tools.members.assignedAt(wanted)]);
  const going = new Set(leaving.map(({ id }) => id));
  const planner = new Planner(
    cardinality,
    present.filter(({ id }) => !going.has(id)),
  );
  const items = wanted.map((row) => planner.want(row, () => newId('asg_', tools)));
  return { insert: planner.insert, delete: [...leaving, ...planner.replaced], items };
}

/** Whether a row's cardinality is counted, and is `single`. */
export function isSingle({ org, project }: Cardinality, { principal, role, scope }: WantedRow): boolean {
  if (role === null || principal.startsWith(`${GROUP_TYPE}:`)) return false;
  if (scope === ORG_SCOPE) return org === 'single';
  return scope.startsWith(`${PROJECT_TYPE}:`) && project === 'single';
}

export function overlaps(
  a: Pick<AssignmentRow, 'not_before' | 'expires_at'>,
  b: Pick<AssignmentRow, 'not_before' | 'expires_at'>,
): boolean {
  const before = (end: number | null, start: number | null): boolean => end !== null && start !== null && end <= start;
  return !before(a.expires_at, b.not_before) && !before(b.expires_at, a.not_before);
}

export function planChanges({ insert, delete: gone }: Pick<AssignmentPlan, 'insert' | 'delete'>): RowChanges | null {
  if (insert.length === 0 && gone.length === 0) return null;
  return { assignments: { insert, update: [], delete: gone } };
}

class Planner {
  readonly insert: AssignmentRow[] = [];
  readonly replaced: NamedAssignment[] = [];
  readonly #cardinality: Cardinality;
  readonly #present: Map<string, NamedAssignment[]>;
  readonly #made = new Map<string, AssignmentRow[]>();

  constructor(cardinality: Cardinality, present: readonly NamedAssignment[]) {
    this.#cardinality = cardinality;
    this.#present = Map.groupBy(present, placeOf);
  }

  want(wanted: WantedRow, id: () => string): PlannedItem {
    const place = placeOf(wanted);
    const present = this.#present.get(place) ?? [];
    const made = this.#made.get(place) ?? [];
    const equal = [...present, ...made].find((row) => isEqual(row, wanted));
    const replaced = isSingle(this.#cardinality, wanted) ? this.#makeWay(wanted, present, made) : [];
    if (replaced.length > 0) {
      this.replaced.push(...replaced);
      this.#present.set(
        place,
        present.filter((row) => !replaced.includes(row)),
      );
    }
    if (equal === undefined) {
      const row = { id: id(), ...columnsOf(wanted) };
      this.insert.push(row);
      this.#made.set(place, [...made, row]);
      return { status: replaced.length > 0 ? 'replaced' : 'assigned', row, replaced };
    }
    return { status: replaced.length > 0 ? 'replaced' : 'unchanged', row: { id: equal.id, ...columnsOf(wanted) }, replaced };
  }

  #makeWay(wanted: WantedRow, present: readonly NamedAssignment[], made: readonly AssignmentRow[]): NamedAssignment[] {
    const inTheWay = (row: AssignmentRow): boolean => row.role !== null && overlaps(row, wanted) && !isEqual(row, wanted);
    if (made.some(inTheWay)) {
      throw new BitgateError(
        'single_role',
        422,
        `\`${wanted.principal.slice(0, 80)}\` can hold one role at \`${wanted.scope.slice(0, 80)}\` at a time`,
        {
          subject: wanted.principal,
          scope: wanted.scope,
        },
      );
    }
    return present.filter(inTheWay);
  }
}

/** As JSON, so that no two pairs share a key. */
function placeOf({ principal, scope }: Pick<AssignmentRow, 'principal' | 'scope'>): string {
  return JSON.stringify([principal, scope]);
}

function isEqual(a: WantedRow, b: WantedRow): boolean {
  return a.role === b.role && a.policy === b.policy && a.not_before === b.not_before && a.expires_at === b.expires_at;
}

/** Without what a named row has more. */
function columnsOf({ principal, role, policy, scope, not_before, expires_at }: WantedRow): WantedRow {
  return { principal, role, policy, scope, not_before, expires_at };
}
