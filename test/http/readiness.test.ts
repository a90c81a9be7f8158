/** Readiness when what it asks fails, hangs or is slow; by a clock that the test moves. And as the Worker tells it. */
import type { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { type Bindings, Readiness } from '../../src/http/ops/readiness.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import { isolateWith } from './isolate.ts';

const hang = (): Promise<never> => new Promise(() => {});
const fail = async (): Promise<never> => {
  throw new Error('down');
};

/** Bindings that answer, but for these; and how often D1 was asked. */
function readinessWith(
  clock: VirtualClock,
  other: Partial<Bindings> = {},
): { readonly readiness: Readiness; readonly asked: { d1: number } } {
  const asked = { d1: 0 };
  const behind = other.behind ?? (async () => []);
  const bindings: Bindings = {
    askKv: async () => null,
    askPublisher: async () => null,
    now: () => clock.now(),
    sleep: (ms) => clock.sleep(ms),
    ...other,
    behind: () => {
      asked.d1++;
      return behind();
    },
  };
  return { readiness: new Readiness(bindings), asked };
}

describe('readiness', () => {
  it.each([
    ['DB', { behind: hang }],
    ['DB', { behind: fail }],
    ['KV', { askKv: hang }],
    ['KV', { askKv: fail }],
    ['PUBLISHER', { askPublisher: hang }],
    ['PUBLISHER', { askPublisher: fail }],
  ])('says of a binding that hangs or fails that it can not be reached: %s', async (name, other) => {
    const clock = new VirtualClock();
    const { bindings, behind } = await clock.settle(readinessWith(clock, other).readiness.state());
    expect(bindings).toEqual({ DB: true, KV: true, PUBLISHER: true, [name]: false });
    expect(behind).toEqual(name === 'DB' ? null : []);
  });

  it('asks once a second at most, however many probes come, also at once', async () => {
    const clock = new VirtualClock();
    const { readiness, asked } = readinessWith(clock, { askKv: () => clock.sleep(300) });
    await clock.settle(Promise.all(Array.from({ length: 500 }, () => readiness.state())));
    expect(asked.d1).toBe(1);
    await clock.advance(500);
    await clock.settle(readiness.state());
    expect(asked.d1).toBe(1);
    await clock.advance(600);
    await clock.settle(readiness.state());
    expect(asked.d1).toBe(2);
  });

  it('asks again for one that was cut off while it asked', async () => {
    const clock = new VirtualClock();
    let behind: () => Promise<[]> = hang;
    const sleep = (ms: number): Promise<void> => (ms === 2_000 && behind === hang ? hang() : clock.sleep(ms));
    const { readiness, asked } = readinessWith(clock, { behind: () => behind(), sleep });
    void readiness.state();
    await clock.advance(100);
    behind = async () => [];
    expect((await clock.settle(readiness.state())).bindings.DB).toBe(true);
    expect(asked.d1).toBe(2);
  });

  it('says why an organization is behind', async () => {
    const clock = new VirtualClock();
    const record = { revision: 9, published: 7, since: 0 };
    const behind = async () => ['gone', 'late', 'stuck'].map((org) => ({ ...record, org }));
    const askPublisher: Bindings['askPublisher'] = async (org) => {
      if (org === 'gone') throw new Error('down');
      return org === 'stuck' ? { behindSince: 5 } : null;
    };
    const state = await clock.settle(readinessWith(clock, { behind, askPublisher }).readiness.state());
    expect(state.behind?.map(({ org, why }) => [org, why])).toEqual([
      ['gone', 'publisher_unreachable'],
      ['late', 'unpublished'],
      ['stuck', 'unreadable_rows'],
    ]);
  });
});

describe('/readyz and /metrics', () => {
  // `as`: all else of the binding is not asked here
  const broken = (what: object): typeof env.KV => ({ ...what }) as typeof env.KV;

  it('say so where KV fails, and what else is known', async () => {
    const isolate = await isolateWith({ KV: broken({ get: fail }) });
    const answer = await isolate.fetch('/readyz');
    expect([answer.status, await answer.json()]).toEqual([
      503,
      { status: 'not_ready', bindings: { DB: 'ok', KV: 'unreachable', PUBLISHER: 'ok' }, organizations_behind: 0, behind: [] },
    ]);
  });

  it('answer where D1 fails, without what only it knows', async () => {
    const prepare = (): never => {
      throw new Error('down');
    };
    // `as`: see above
    const isolate = await isolateWith({ DB: { prepare } as unknown as typeof env.DB });
    const answer = await isolate.fetch('/readyz');
    expect([answer.status, await answer.json()]).toEqual([
      503,
      // of the Publisher nothing: in tests its class is another one with each isolate, and the first call may fail by that
      { status: 'not_ready', bindings: expect.objectContaining({ DB: 'unreachable', KV: 'ok' }), organizations_behind: null },
    ]);
    const metrics = await isolate.fetch('/metrics');
    expect([metrics.status, await metrics.text()]).toEqual([200, expect.not.stringContaining('bitgate_organizations_behind')]);
  });
});
