/** The last table: each goal, what was measured, what it stands beside, and whether it was reached. */
import { table } from '../../lib/table.ts';
import type { Figure } from '../bench.ts';
import { shown } from '../statistics.ts';
import type { Goal } from './goals.ts';

export interface Verdict {
  readonly what: string;
  readonly target: string;
  readonly measured: string;
  readonly baseline: string;
  /** null: not measured in this run */
  readonly reached: boolean | null;
}

export const NOT_RUN = 'not run';

export function judge(goals: readonly Goal[], figures: readonly Figure[]): Verdict[] {
  const known = new Map(figures.map((figure) => [figure.id, figure]));
  return goals.map((goal) => verdict(goal, known.get(goal.figure)));
}

function verdict(goal: Goal, figure: Figure | undefined): Verdict {
  const unit = goal.of === 'ratio' ? '×' : (figure?.unit ?? '');
  const target = `${bound(goal)} ${unit}`.trim();
  if (figure === undefined) return { what: goal.figure, target, measured: NOT_RUN, baseline: '', reached: null };
  const { baseline } = figure;
  const value = goal.of === 'ratio' ? (baseline?.ratio ?? null) : figure.value;
  return {
    what: goal.of === 'ratio' ? `${figure.what}, to ${baseline?.what ?? 'nothing'}` : figure.what,
    target,
    measured: value === null ? 'not known' : `${shown(value)} ${unit}`,
    baseline: baseline === undefined ? '' : `${baseline.what}: ${shown(baseline.value) || 'not known'} ${figure.unit}`,
    reached: value === null ? null : value >= (goal.atLeast ?? -Infinity) && value <= (goal.atMost ?? Infinity),
  };
}

function bound({ atLeast, atMost }: Goal): string {
  return atLeast === undefined ? `≤ ${shown(atMost ?? null)}` : `≥ ${shown(atLeast)}`;
}

const HEADER = ['figure', 'target', 'measured', 'beside it', 'reached'];

function cells({ what, target, measured, baseline, reached }: Verdict): string[] {
  return [what, target, measured, baseline, reached === null ? '' : reached ? 'yes' : 'no'];
}

export function summaryText(verdicts: readonly Verdict[]): string {
  return table(HEADER, verdicts.map(cells));
}

/** A table to paste into a document. */
export function summaryMarkdown(verdicts: readonly Verdict[]): string {
  const line = (row: readonly string[]): string => `| ${row.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(HEADER), `|${'---|'.repeat(HEADER.length)}`, ...verdicts.map((verdict) => line(cells(verdict)))].join('\n');
}
