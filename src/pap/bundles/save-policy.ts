/** Use cases: a policy is made, or changed. What a change doesn't name stays; assignments and the roles that bundle it survive it. */
import { LIMITS } from '../../core/terms/limits.ts';
import type { CatalogRows, PolicyRow } from '../../core/terms/rows.ts';
import type { ControlTools } from '../control-ports.ts';
import { sameRow } from '../manifest/fields.ts';
import { Problems } from '../manifest/problems.ts';
import { policyColumns } from '../manifest/resolve/bundle.ts';
import type { PolicyItem } from '../manifest/schema.ts';
import type { Writer } from '../write/moment.ts';
import { type Decided, type PublishMode, type Written, write } from '../write/write.ts';
import {
  checkName,
  contextOf,
  findAt,
  newIdFor,
  POLICY,
  readCatalog,
  refuseSystem,
  refuseTakenName,
  refuseTooMany,
  sameName,
} from './catalog.ts';
import { type Level, requireToManage } from './level.ts';

export type WantedPolicy = Omit<PolicyItem, 'id'>;

/** Undefined: stays as it is. */
export type PolicyChange = { readonly [Key in keyof WantedPolicy]?: WantedPolicy[Key] | undefined };

/** What a body leaves out has when it replaces everything. */
export const POLICY_DEFAULTS: Omit<WantedPolicy, 'name' | 'privileges'> = {
  description: '',
  effect: 'allow',
  state: 'ACTIVE',
  resource_types: [],
  condition: null,
};

/**
 * @param ifExists `return`: one of that name is given as it is
 * @throws BitgateError `missing_privilege` (403), `unknown_project` (404), `invalid_policy` (422), `policy_exists`, `system_name` (409)
 */
export async function createPolicy(
  tools: ControlTools,
  writer: Writer,
  level: Level,
  wanted: WantedPolicy,
  ifExists: 'refuse' | 'return',
  mode: PublishMode,
): Promise<Written<PolicyRow>> {
  return write(tools, writer, mode, async (moment) => {
    await requireToManage(tools.lookup, moment, level);
    const rows = await readCatalog(tools, moment);
    const present = ifExists === 'return' ? sameName(POLICY, rows, level.project, wanted.name) : undefined;
    if (present !== undefined && present.system === 0) return unchanged('policy.create', present);
    const columns = columnsOf(wanted, wanted, level.project, rows);
    const row: PolicyRow = { id: newIdFor(POLICY, rows, level.project, wanted.name), project: level.project, ...columns, system: 0 };
    refuseTakenName(POLICY, rows, row);
    refuseTooMany(POLICY, rows, LIMITS.policies);
    return {
      changes: { policies: { insert: [row], update: [], delete: [] } },
      audit: { action: 'policy.create', target: `policy:${row.id}`, before: null, after: JSON.stringify(row) },
      value: row,
    };
  });
}

/**
 * @param reference id or name
 * @param precondition called with the present state
 * @throws BitgateError `missing_privilege` (403), `unknown_project`, `unknown_policy` (404), `invalid_policy` (422), `policy_exists`,
 *   `system_name`, `system_policy` (409), and what the precondition throws
 */
export async function updatePolicy(
  tools: ControlTools,
  writer: Writer,
  level: Level,
  reference: string,
  change: PolicyChange,
  precondition: (present: PolicyRow) => Promise<void>,
  mode: PublishMode,
): Promise<Written<PolicyRow>> {
  return write(tools, writer, mode, async (moment) => {
    await requireToManage(tools.lookup, moment, level);
    const rows = await readCatalog(tools, moment);
    const before = findAt(POLICY, rows, level.project, reference);
    refuseSystem(POLICY, before);
    await precondition(before);
    const after = changedPolicy(before, change, rows);
    if (after.name !== before.name) refuseTakenName(POLICY, rows, after);
    if (sameRow(before, after)) return unchanged('policy.update', before);
    return {
      changes: { policies: { insert: [], update: [{ before, after }], delete: [] } },
      audit: { action: 'policy.update', target: `policy:${before.id}`, before: JSON.stringify(before), after: JSON.stringify(after) },
      value: after,
    };
  });
}

function unchanged(action: string, row: PolicyRow): Decided<PolicyRow> {
  return { changes: null, audit: { action, target: `policy:${row.id}`, before: null, after: null }, value: row };
}

/** Only what is named is judged: the rest may be as somebody typed it. */
function changedPolicy(before: PolicyRow, change: PolicyChange, rows: CatalogRows): PolicyRow {
  const whole = { name: before.name, privileges: [], ...definedOf(change) };
  const columns = columnsOf(whole, change, before.project, rows);
  const named = Object.entries(columns).filter(([column]) => change[column as keyof WantedPolicy] !== undefined); // columns are named as keys
  return { ...before, ...Object.fromEntries(named) };
}

function definedOf(change: PolicyChange): Partial<WantedPolicy> {
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
}

/** @throws BitgateError `invalid_policy` (422) */
function columnsOf(
  item: WantedPolicy,
  named: PolicyChange,
  project: string,
  rows: CatalogRows,
): Omit<PolicyRow, 'id' | 'project' | 'system'> {
  const problems = new Problems();
  if (named.name !== undefined) checkName(POLICY, named.name, problems);
  const columns = policyColumns(item, '', project, contextOf(rows, project, problems));
  problems.throwIfAny('invalid_policy', 'the policy');
  return columns;
}
