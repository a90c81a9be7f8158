/** What is counted, with its names and what they mean. Each isolate answers for itself: its samples are labelled with its name. */
import { REASONS } from '../../core/terms/decision.ts';
import type { Outlet } from '../../pdp/decision-log/outlet.ts';
import type { Metrics } from '../../pdp/metrics.ts';
import { AGES_MS, type Counts, DECIDING_FACES, FACES, STATUS_CLASSES } from '../common/counts.ts';
import { Exposition, type Sample } from './exposition.ts';

export interface Counted {
  readonly counts: Counts;
  readonly pdp: { readonly metrics: Metrics; readonly cachedBytes: number; readonly pastBytes: number };
  /** of the decision log */
  readonly outlets: readonly Pick<Outlet, 'name' | 'written' | 'lost'>[];
  /** of the whole deployment; null: D1 can't be asked */
  readonly behind: readonly { readonly since: number }[] | null;
  /** ms since 1970 */
  readonly now: number;
}

/** counters of the data plane: name, meaning, value */
const PLANE: readonly (readonly [string, string, (metrics: Metrics) => number])[] = [
  ['refreshes', 'Refreshes that were begun.', (m) => m.refreshes],
  ['refresh_failures', 'Refreshes that confirmed nothing.', (m) => m.refreshFailures],
  ['evictions', 'Pieces dropped to stay below the limit of the cache.', (m) => m.evictions],
  ['alarms', 'Things that must never be: damaged pieces, revisions that went back, second decisions that differ.', (m) => m.alarms],
  ['double_compared', 'Sampled decisions that were decided again from the rows.', (m) => m.doubleCompared],
  ['double_skipped', 'Sampled decisions that were not: the rows had moved on, or were too many.', (m) => m.doubleSkipped],
  ['double_mismatched', 'Sampled decisions that the rows decide otherwise.', (m) => m.doubleMismatched],
  ['double_failed', 'Sampled decisions whose rows could not be read.', (m) => m.doubleFailed],
];

export function metricsText({ counts, pdp, outlets, behind, now }: Counted): string {
  const { metrics } = pdp;
  const text = new Exposition({ isolate: counts.isolate });
  text.family('bitgate_isolate_info', 'gauge', 'The isolate that answers. Each counts for itself: sum over the label isolate.', [
    { value: 1 },
  ]);
  text.family('bitgate_isolate_start_time_seconds', 'gauge', 'When the isolate began to count, in seconds since 1970.', [
    { value: counts.startedAt / 1_000 },
  ]);
  text.family('bitgate_decisions_total', 'counter', 'Decisions that answers were made of.', decisions(counts));
  text.family('bitgate_requests_total', 'counter', 'Answers by face and class of status.', requests(counts));
  text.family('bitgate_errors_total', 'counter', 'Refusals and failures by code; rate_limited is among them.', errors(counts));
  const seconds = AGES_MS.map((ms) => ms / 1_000);
  const age = 'Age of what answers with decisions rest on: how long ago it was known to be the newest.';
  text.histogram('bitgate_answer_age_seconds', age, seconds, counts.ages, counts.ageSumMs / 1_000);
  for (const [name, help, value] of PLANE) text.family(`bitgate_${name}_total`, 'counter', help, [{ value: value(metrics) }]);
  text.family('bitgate_pieces_loaded_total', 'counter', 'Pieces of snapshots taken from elsewhere.', [
    { labels: { from: 'kv' }, value: metrics.piecesFromKv },
    { labels: { from: 'publisher' }, value: metrics.piecesFromPublisher },
  ]);
  text.family('bitgate_cached_bytes', 'gauge', 'Bytes of snapshots held.', [
    { labels: { of: 'newest' }, value: pdp.cachedBytes },
    { labels: { of: 'past' }, value: pdp.pastBytes },
  ]);
  const written = outlets.map(({ name, written }) => ({ labels: { sink: name }, value: written }));
  text.family('bitgate_decision_log_written_total', 'counter', 'Decisions that a sink of the decision log took.', written);
  const lost = outlets.flatMap((outlet) =>
    Object.entries(outlet.lost).map(([cause, value]) => ({ labels: { sink: outlet.name, cause }, value })),
  );
  text.family('bitgate_decision_log_lost_total', 'counter', 'Decisions that are missing from the decision log.', lost);
  if (behind !== null) behindFamilies(text, behind, now);
  return text.text;
}

function behindFamilies(text: Exposition, behind: readonly { readonly since: number }[], now: number): void {
  const oldest = behind.reduce((earliest, { since }) => Math.min(earliest, since), now);
  text.family(
    'bitgate_organizations_behind',
    'gauge',
    'Organizations with changes that are not published, by D1.',
    [{ value: behind.length }],
    true,
  );
  const help = 'Age of the oldest change that is not published, by D1; 0 without one.';
  text.family('bitgate_oldest_unpublished_seconds', 'gauge', help, [{ value: Math.max(0, now - oldest) / 1_000 }], true);
}

/** Those that were. */
function decisions(counts: Counts): Sample[] {
  return DECIDING_FACES.flatMap((face, i) =>
    REASONS.flatMap((reason, j) => {
      const value = counts.decisions[i * REASONS.length + j]!;
      return value === 0 ? [] : [{ labels: { face, outcome: reason === 'granted' ? 'allow' : 'deny', reason }, value }];
    }),
  );
}

function requests(counts: Counts): Sample[] {
  return FACES.flatMap((face, i) =>
    Array.from({ length: STATUS_CLASSES }, (_, hundreds) => ({
      labels: { face, status: `${hundreds}xx` },
      value: counts.requests[i * STATUS_CLASSES + hundreds]!,
    })).filter(({ value }) => value > 0),
  );
}

function errors({ errors }: Counts): Sample[] {
  return [...errors].map(([code, value]) => ({ labels: { code }, value }));
}
