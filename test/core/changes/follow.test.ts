/** Waiting for a change: ever more seldom, to the end of the time, and not for somebody who has gone. */
import { describe, expect, it } from 'vitest';
import { somethingAfter } from '../../../src/pap/changes/follow.ts';

interface World {
  readonly tools: Parameters<typeof somethingAfter>[0];
  readonly pauses: number[];
}

/** A clock that only sleeping moves. @param written when the revision becomes 2, ms */
function world(written: number, onSleep?: () => void): World {
  let now = 0;
  const pauses: number[] = [];
  const tools = {
    now: () => now,
    sleep: async (ms: number) => {
      pauses.push(ms);
      now += ms;
      onSleep?.();
    },
    reader: { revision: async () => (now >= written ? 2 : 1) },
    // `as`: waiting asks the log for nothing else
  } as unknown as World['tools'];
  return { tools, pauses };
}

describe('waiting for a change', () => {
  it('asks nothing twice when it is there', async () => {
    const { tools, pauses } = world(0);
    expect(await somethingAfter(tools, 1, 25_000, new AbortController().signal)).toBe(true);
    expect(pauses).toEqual([]);
  });

  it('asks ever more seldom, at most some twenty times in all, and ends when its time does', async () => {
    const { tools, pauses } = world(Number.POSITIVE_INFINITY);
    expect(await somethingAfter(tools, 1, 25_000, new AbortController().signal)).toBe(false);
    expect(pauses.length).toBeLessThan(20);
    expect(pauses.slice(0, -1)).toEqual(pauses.slice(0, -1).toSorted((a, b) => a - b));
    expect(pauses.reduce((sum, pause) => sum + pause, 0)).toBeCloseTo(25_000);
  });

  it('ends at the first change', async () => {
    const { tools, pauses } = world(450);
    expect(await somethingAfter(tools, 1, 25_000, new AbortController().signal)).toBe(true);
    expect(pauses.length).toBe(2);
  });

  it('asks no more when the client hung up', async () => {
    const client = new AbortController();
    const { tools, pauses } = world(Number.POSITIVE_INFINITY, () => client.abort());
    expect(await somethingAfter(tools, 1, 25_000, client.signal)).toBe(false);
    expect(pauses.length).toBe(1);
  });
});
