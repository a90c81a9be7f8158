/** Use case: what changed between two revisions, row by row, in words. */
import { BitgateError } from '../../core/terms/problem.ts';
import type { FieldChange } from '../manifest/fields.ts';
import { type ManifestPlan, type PlannedChange, planChanges } from '../manifest/plan.ts';
import { dropped, type HistoryTools, requireKept } from './kept.ts';
import type { HeldRevision } from './ports.ts';

export interface RevisionDiff {
  readonly plan: ManifestPlan;
  /** the snapshots of both; null where there is none: then rows alone can be compared */
  readonly from: HeldRevision | null;
  readonly to: HeldRevision | null;
}

/**
 * @param from may be the newer one
 * @throws BitgateError `unknown_revision` (404), `revision_dropped` (410), `too_many_rows` (413)
 */
export async function diffRevisions(tools: HistoryTools, from: number, to: number): Promise<RevisionDiff> {
  const kept = [await requireKept(tools, from), await requireKept(tools, to)] as const;
  const rows = await tools.history.between(Math.min(from, to), Math.max(from, to));
  if (rows === null) throw dropped(Math.min(from, to));
  const [before, after] = from <= to ? [rows.before, rows.after] : [rows.after, rows.before];
  return { plan: withoutSecrets(planChanges(before, after).plan), from: kept[0].held, to: kept[1].held };
}

const SECRET_FIELDS = ['hash', 'previous_hash'];
const HIDDEN: FieldChange = { before: '(hidden)', after: '(hidden)' };

/** That the secret of a key changed is told, its hash is not. */
export function withoutSecrets({ summary, changes }: ManifestPlan): ManifestPlan {
  const hide = (change: PlannedChange): PlannedChange => {
    if (change.kind !== 'api_key' || change.fields === undefined) return change;
    const fields = Object.entries(change.fields).map(([name, field]) => [name, SECRET_FIELDS.includes(name) ? HIDDEN : field]);
    return { ...change, fields: Object.fromEntries(fields) };
  };
  return { summary, changes: changes.map(hide) };
}

/** @throws BitgateError `unknown_revision` (404) for what is no number of a revision */
export function parseRevision(text: string): number {
  const revision = /^[1-9]\d{0,15}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(revision)) return revision;
  throw new BitgateError('unknown_revision', 404, `\`${text.slice(0, 80)}\` is no revision: expected a whole number from 1`);
}
