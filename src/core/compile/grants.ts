/** Assignment rows of one principal → its grants. An assignment that can't be read is fatal, unless its role or policy surely denies nothing. */
import { compareCodePoints } from '../sets/compare.ts';
import type { GrantModel } from '../snapshot/model.ts';
import { ORG_SCOPE } from '../terms/ref.ts';
import type { AssignmentRow } from '../terms/rows.ts';
import type { KnownIds } from './known.ts';
import { isTime } from './read.ts';
import { isRef } from './refs.ts';
import { quote, type Report } from './report.ts';

/**
 * Sorted by scope, target, window; without duplicates.
 * @param principalFault what is wrong with the principal of all of them, null if nothing is
 */
export function compileGrants(
  rows: readonly AssignmentRow[],
  principalFault: string | null,
  known: KnownIds,
  report: Report,
): GrantModel[] {
  const grants = rows.flatMap((row) => readGrant(row, principalFault, known, report) ?? []).sort(compareGrants);
  return grants.filter((grant, i) => i === 0 || compareGrants(grant, grants[i - 1]!) !== 0);
}

function readGrant(row: AssignmentRow, principalFault: string | null, known: KnownIds, report: Report): GrantModel | null {
  const path = `assignments/${row.id}`;
  const targets = [row.role, row.policy].filter((id) => id !== null);
  const harmless = targets.length > 0 && targets.every(known.deniesNothing);
  const complain = harmless ? report.problem.bind(report) : report.fatal.bind(report);
  const target = readTarget(row, path, known, complain);
  const scopeFine = row.scope === ORG_SCOPE || isRef(row.scope);
  if (!scopeFine) complain('malformed_scope', `${path}/scope`, `${quote(row.scope)} is neither \`org\` nor \`type:id\``);
  const timesFine = isTime(row.not_before) && isTime(row.expires_at);
  if (!timesFine) complain('malformed_time', path, 'a window is bounded by whole milliseconds');
  if (principalFault !== null) complain('malformed_principal', `${path}/principal`, principalFault);
  if (target === null || !scopeFine || !timesFine || principalFault !== null) return null;
  return { target, scope: row.scope, notBefore: row.not_before, expiresAt: row.expires_at };
}

type Complain = (code: string, path: string, message: string) => void;

function readTarget(row: AssignmentRow, path: string, known: KnownIds, complain: Complain): string | null {
  if ((row.role === null) === (row.policy === null)) {
    complain('malformed_target', path, 'exactly one of role and policy must be given');
    return null;
  }
  if (row.role !== null) {
    if (known.roles.has(row.role)) return row.role;
    complain('unknown_role', `${path}/role`, `there is no role ${quote(row.role)}`);
  } else if (row.policy !== null) {
    if (known.policies.has(row.policy)) return row.policy;
    complain('unknown_policy', `${path}/policy`, `there is no policy ${quote(row.policy)}`);
  }
  return null;
}

function compareGrants(a: GrantModel, b: GrantModel): number {
  return (
    compareCodePoints(a.scope, b.scope) ||
    compareCodePoints(a.target, b.target) ||
    compareTimes(a.notBefore, b.notBefore) ||
    compareTimes(a.expiresAt, b.expiresAt)
  );
}

/** No bound before all bounds. */
function compareTimes(a: number | null, b: number | null): number {
  if (a === null || b === null) return Number(a !== null) - Number(b !== null);
  return a - b;
}
