/** Which revisions are kept, told by examples. */
import { describe, expect, it } from 'vitest';
import { droppable, RETENTION_DEFAULTS, retentionOf } from '../../../src/pap/history/retention.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** midnight, UTC */
const START = Date.UTC(2027, 0, 1);
const NONE = new Set<number>();

/** Revisions 1, 2, 3 … at these times. */
const at = (...times: number[]): { revision: number; at: number }[] => times.map((time, i) => ({ revision: i + 1, at: START + time }));

const dropped = (times: number[], now: number, wanted: ReadonlySet<number> = NONE): number[] =>
  droppable(at(...times), wanted, START + now, RETENTION_DEFAULTS);

describe('retention', () => {
  it('keeps everything for 24 hours', () => {
    expect(dropped([0, 1, 2, 3], 23 * HOUR)).toEqual([]);
  });

  it('keeps the last of each hour after that, for 30 days', () => {
    const times = [0, 1_000, 2_000, HOUR, HOUR + 1, 2 * HOUR];
    expect(dropped(times, 29 * DAY)).toEqual([1, 2, 4]);
  });

  it('keeps the last of each day after that, for 400 days', () => {
    const times = [0, HOUR, 2 * HOUR, DAY, DAY + HOUR, 2 * DAY];
    expect(dropped(times, 399 * DAY)).toEqual([1, 2, 4]);
    expect(dropped(times, 500 * DAY)).toEqual([1, 2, 3, 4, 5]);
  });

  it('counts from when the next one took its place: what was the newest an hour ago is no old revision', () => {
    expect(dropped([0, 1_000, 500 * DAY], 500 * DAY + HOUR)).toEqual([1]);
  });

  it('keeps the newest and what is wanted, however old', () => {
    expect(dropped([0, 1, 2], 5_000 * DAY, new Set([2]))).toEqual([1]);
  });

  it('can be run again on what it left, and drops nothing that it would not have dropped at once', () => {
    const times = Array.from({ length: 500 }, (_, i) => i * 7 * 61_000 * ((i % 13) + 1)).toSorted((a, b) => a - b);
    let left = at(...times);
    const end = (times.at(-1) ?? 0) + 450 * DAY;
    for (let now = times.at(-1) ?? 0; now <= end; now += 11 * HOUR) {
      const gone = new Set(droppable(left, NONE, START + now, RETENTION_DEFAULTS));
      const atOnce = new Set(dropped(times, now));
      for (const revision of gone) expect(atOnce).toContain(revision);
      left = left.filter(({ revision }) => !gone.has(revision));
    }
    expect(left.map(({ revision }) => revision)).toEqual([500]);
  });
});

describe('what an organization sets', () => {
  it('stands for the defaults that it names', () => {
    expect(retentionOf('{"retention":{"all_hours":2}}')).toEqual({ ...RETENTION_DEFAULTS, all_hours: 2 });
  });

  it('is passed over when it can not be read', () => {
    for (const settings of [null, '{}', '{"retention":{"all_hours":0}}', '{"retention":7}', 'nonsense']) {
      expect(retentionOf(settings)).toEqual(RETENTION_DEFAULTS);
    }
  });
});
