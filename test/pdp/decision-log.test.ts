/** The decision log on a virtual clock, with sinks that take, refuse and hang. */
import { describe, expect, it, vi } from 'vitest';
import type { Answered } from '../../src/pdp/answered.ts';
import { DecisionLog } from '../../src/pdp/decision-log/decision-log.ts';
import { WAITING_CHARS, WAITING_LIMIT } from '../../src/pdp/decision-log/outlet.ts';
import type { DecisionSink } from '../../src/pdp/decision-log/ports.ts';
import { type DecisionRecord, recordOf, VALUE_CHARS } from '../../src/pdp/decision-log/record.ts';
import type { RequestLife } from '../../src/pdp/ports.ts';
import { analyticsSink, queueSink } from '../../src/storage/decision-sinks.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

const logged = (id: string, allowed = false): Answered => ({
  ...{ face: 'check', organization: 'acme', revision: 7, ageMs: 12.4, at: 5, past: false, caller: 'api_key:k' },
  request: { subject: { type: 'user', id }, action: { name: 'view' }, resource: { type: 'doc', id: 'd', properties: { secret: 'x' } } },
  options: undefined,
  decision: allowed ? { decision: true, reason: 'granted' } : { decision: false, reason: 'no_grant' },
});

/** One log with one sink, and the lives of the requests that it is told of. */
class Bench {
  readonly clock = new VirtualClock();
  readonly got: string[][] = [];
  readonly log: DecisionLog;
  readonly random = { value: 0.5 };
  send: DecisionSink['send'] = async (records) => {
    this.got.push(records.map(({ subject }) => subject));
    return records.length;
  };

  constructor({ perInvocation = 100, share = 1 } = {}) {
    const sink: DecisionSink = { name: 'queue', perInvocation, send: (records) => this.send(records) };
    this.log = new DecisionLog(share, [sink], {
      now: () => this.clock.now(),
      sleep: (ms) => this.clock.sleep(ms),
      random: () => this.random.value,
    });
  }

  life(): RequestLife & { readonly work: Promise<unknown>[] } {
    const work: Promise<unknown>[] = [];
    return { work, waitUntil: (promise) => void work.push(promise) };
  }

  get outlet() {
    return this.log.outlets[0]!;
  }
}

describe('the decision log', () => {
  it('gathers what many requests decide, and one of them brings it', async () => {
    const bench = new Bench();
    const lives = Array.from({ length: 10 }, () => bench.life());
    lives.forEach((life, i) => void bench.log.decided(logged(`u${i}`), life));
    expect(lives.map(({ work }) => work.length)).toEqual([1, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    await bench.clock.settle(Promise.all(lives[0]!.work));
    expect(bench.got).toEqual([Array.from({ length: 10 }, (_, i) => `user:u${i}`)]);
    expect(bench.outlet.written).toBe(10);
  });

  it('gives no more in one invocation than it may, and the rest with later ones', async () => {
    const bench = new Bench();
    const [first, second, third] = [bench.life(), bench.life(), bench.life()];
    for (let i = 0; i < 250; i++) bench.log.decided(logged(`u${i}`), first);
    await bench.clock.settle(Promise.all(first.work));
    expect(bench.got.map(({ length }) => length)).toEqual([100]);
    bench.log.decided(logged('v'), second);
    bench.log.decided(logged('w'), third);
    await bench.clock.settle(Promise.all([...second.work, ...third.work]));
    expect(bench.got.map(({ length }) => length)).toEqual([100, 100, 52]);
    expect(new Set(bench.got.flat()).size).toBe(252);
  });

  it('counts as lost what its sink refuses, does not answer, or what finds no room; and says so once a minute', async () => {
    const warned = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    const bench = new Bench({ perInvocation: WAITING_LIMIT });
    const decide = async (id: string): Promise<void> => {
      const life = bench.life();
      bench.log.decided(logged(id), life);
      await bench.clock.settle(Promise.all(life.work));
    };
    bench.send = async () => {
      throw new Error('no queue');
    };
    await decide('refused');
    bench.send = () => new Promise(() => {});
    await decide('unanswered');
    bench.send = async () => 0;
    await decide('not taken');
    expect(bench.outlet.lost).toEqual({ full: 0, failed: 2, late: 1 });
    const life = { waitUntil: () => {} };
    const small = new Bench({ perInvocation: 0 });
    for (let i = 0; i < WAITING_LIMIT + 5; i++) small.log.decided(logged(`u${i}`), life);
    expect([small.outlet.lost, small.outlet.written]).toEqual([{ full: 5, failed: 0, late: 0 }, 0]);
    expect(warned.mock.calls.map(([line]) => line)).toEqual([
      expect.objectContaining({ event: 'decision_log_lost', sink: 'queue', error: 'no queue', lost: { full: 0, failed: 1, late: 0 } }),
      expect.objectContaining({ event: 'decision_log_lost', lost: { full: 1, failed: 0, late: 0 } }),
    ]);
    warned.mockRestore();
  });

  it('has nothing packed or sent before the answer that it is told of', async () => {
    const bench = new Bench({ perInvocation: 2 });
    const [first, second] = [bench.life(), bench.life()];
    for (const id of ['a', 'b', 'c']) bench.log.decided(logged(id), first);
    bench.log.decided(logged('d'), second);
    expect([bench.got, second.work.length]).toEqual([[], 1]);
    await bench.clock.settle(Promise.all([...first.work, ...second.work]));
    expect(bench.got).toEqual([
      ['user:a', 'user:b'],
      ['user:c', 'user:d'],
    ]);
  });

  it('holds no more text than it says, however long the ids are', async () => {
    const warned = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    const bench = new Bench({ perInvocation: WAITING_LIMIT });
    const life = bench.life();
    const long = 'x'.repeat(500);
    const request = { subject: { type: 'user', id: long }, action: { name: long }, resource: { type: 'doc', id: long } };
    const most = Math.floor(WAITING_CHARS / (3 * long.length));
    for (let i = 0; i <= most; i++) bench.log.decided({ ...logged('a'), request }, life);
    expect(bench.outlet.lost.full).toBeGreaterThan(0);
    await bench.clock.settle(Promise.all(life.work));
    expect(bench.outlet.written + bench.outlet.lost.full).toBe(most + 1);
    bench.log.decided({ ...logged('a'), request }, bench.life());
    expect(bench.outlet.written + bench.outlet.lost.full).toBe(most + 1);
    warned.mockRestore();
  });

  it('goes on when the request that was to bring it is gone', async () => {
    const bench = new Bench();
    bench.log.decided(logged('gone'), { waitUntil: () => bench.clock.dropTimers() });
    await bench.clock.advance(31_000);
    const life = bench.life();
    bench.log.decided(logged('later'), life);
    await bench.clock.settle(Promise.all(life.work));
    expect(bench.got).toEqual([['user:gone', 'user:later']]);
  });

  it('of allowed decisions gets the share that it is to get, of denied ones all', async () => {
    const bench = new Bench({ share: 0.25 });
    const life = bench.life();
    const records: DecisionRecord[] = [];
    bench.send = async (some) => records.push(...some);
    for (const [value, allowed] of [
      [0.2, true],
      [0.25, true],
      [0.9, true],
      [0.9, false],
    ] as const) {
      bench.random.value = value;
      bench.log.decided(logged(`${value}`, allowed), life);
    }
    await bench.clock.settle(Promise.all(life.work));
    expect(records.map(({ subject, share }) => [subject, share])).toEqual([
      ['user:0.2', 0.25],
      ['user:0.9', 1],
    ]);
  });
});

describe('a record', () => {
  it('says who was answered what; no property, and nothing beyond its length', () => {
    expect(
      recordOf(
        {
          ...logged('a'),
          past: true,
          options: { assume: [{ principal: 'p', target: 't', scope: 'org', notBefore: null, expiresAt: null }] },
        },
        99,
        1,
      ),
    ).toEqual({
      ...{
        time: 99,
        organization: 'acme',
        revision: 7,
        face: 'check',
        caller: 'api_key:k',
        subject: 'user:a',
        action: 'view',
        resource: 'doc:d',
      },
      ...{ decision: false, reason: 'no_grant', age_ms: 12, share: 1, past_at: 5, assumed: true },
    });
    const long = recordOf(logged('é'.repeat(5_000)), 99, 1);
    expect([long.cut, long.subject.length, long.subject.endsWith('é…')]).toEqual([['subject'], VALUE_CHARS, true]);
  });
});

describe('a key that was sent where an id belongs', () => {
  it('is in no record: ids of keys are public, their secrets are not', () => {
    const key = 'bg_acme_abcdefgh_a-secret-that-nobody-may-ever-read';
    const sent = { subject: { type: 'api_key', id: key }, action: { name: key }, resource: { type: 'doc', id: `of ${key}` } };
    const record = recordOf({ ...logged('a'), request: sent }, 99, 1);
    expect(record).toMatchObject({ subject: 'api_key:[token]', action: '[token]', resource: 'doc:of [token]' });
    expect(recordOf(logged('bg_a'), 99, 1).subject).toBe('user:bg_a');
  });
});

describe('what the sinks send', () => {
  const records = (count: number, id: string): DecisionRecord[] =>
    Array.from({ length: count }, (_, i) => recordOf(logged(`${id}${i}`), 99, 1));
  const bytes = (value: unknown): number => new TextEncoder().encode(JSON.stringify(value)).length;

  it('keeps to the limits of queues: 128 KB a message, 256 KB and 100 messages at once', async () => {
    const batches: { readonly body: { readonly records: readonly DecisionRecord[] } }[][] = [];
    // `as`: what is called of it
    const queue = {
      sendBatch: async (batch: Iterable<(typeof batches)[number][number]>) => void batches.push([...batch]),
    } as unknown as Queue;
    const all = records(2_000, '漢'.repeat(600));
    expect(await queueSink(queue).send(all)).toBe(2_000);
    for (const batch of batches) {
      expect(bytes(batch.map(({ body }) => body))).toBeLessThan(256_000);
      for (const { body } of batch) expect(bytes(body)).toBeLessThan(128_000);
    }
    expect(batches.flat().flatMap(({ body }) => body.records)).toEqual(all);
  });

  it('says how much a queue took that failed in between', async () => {
    let left = 1;
    const sendBatch = async (): Promise<void> => {
      if (left === 0) throw new Error('down');
      left--;
    };
    // `as`: what is called of it
    const sink = queueSink({ sendBatch } as unknown as Queue);
    const taken = await sink.send(records(2_000, 'x'.repeat(400)));
    expect(taken).toBeGreaterThan(0);
    expect(taken).toBeLessThan(2_000);
    await expect(sink.send(records(1, 'a'))).rejects.toThrow('down');
  });

  it('keeps to the limits of Analytics Engine: 16 KB of blobs, an index of 96 bytes', async () => {
    const points: AnalyticsEngineDataPoint[] = [];
    const texts = '漢'.repeat(5_000);
    const sink = analyticsSink({ writeDataPoint: (point) => void points.push(point ?? {}) });
    const odd = { ...logged(texts), caller: texts, organization: 'o'.repeat(63) };
    const request = { subject: { type: 'user', id: texts }, action: { name: texts }, resource: { type: 'doc', id: texts } };
    await sink.send([recordOf({ ...odd, request }, 99, 1), ...records(1, 'a')]);
    const [{ blobs = [], doubles = [], indexes = [] } = {}, plain] = points;
    expect(bytes(blobs)).toBeLessThan(16_000);
    expect([blobs.length <= 20, doubles.length <= 20, indexes.length, bytes(indexes[0]) <= 96]).toEqual([true, true, 1, true]);
    expect(blobs.at(-1)).toBe('cut');
    expect(plain).toEqual({
      indexes: ['acme'],
      blobs: ['check', 'api_key:k', 'user:a0', 'view', 'doc:d', 'deny', 'no_grant', ''],
      doubles: [99, 7, 12, 1, 0],
    });
  });
});
