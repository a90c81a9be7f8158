/** Decisions that are decided a second time: what agrees is silent, what differs is an alarm, and whatever fails concerns no decision. */
import { afterEach, beforeEach, describe, expect, it, type MockInstance, vi } from 'vitest';
import type { Decision } from '../../src/core/terms/decision.ts';
import type { CheckRequest } from '../../src/core/terms/request.ts';
import type { OrganizationRows } from '../../src/core/terms/rows.ts';
import type { Answered } from '../../src/pdp/answered.ts';
import { DoubleEvaluation } from '../../src/pdp/double/double-evaluation.ts';
import type { ReadQuestion } from '../../src/pdp/double/ports.ts';
import { Metrics } from '../../src/pdp/metrics.ts';
import { oracle } from '../oracle/oracle.ts';
import { requestOf, type World, worldFromSeed } from '../properties/world.ts';
import { rows as rowsOf } from '../scenarios/rows.ts';
import { ask, bring, snapshotOf } from '../support/memory-snapshot.ts';

const SEEDS = [20_261_140, 20_261_141, 20_261_142];
const REVISION = 7;
const T = 1_800_000_000_000;

const ROWS = rowsOf({
  privileges: { read: {}, write: {} },
  policies: { careful: { privileges: ['write'], condition: 'context.calm' } },
  roles: { reader: { privileges: ['read'], policies: ['careful'] } },
  assignments: [['user:alice', 'reader', 'org']],
});
const READS: CheckRequest = { subject: { type: 'user', id: 'alice' }, action: { name: 'read' } };
const GRANTED: Decision = { decision: true, reason: 'granted' };
const DENIED: Decision = { decision: false, reason: 'no_grant' };

interface More {
  readonly share?: number;
  readonly read?: ReadQuestion;
  /** absent: none is waited for */
  readonly everyMs?: number | undefined;
}

/** An isolate that decides a share twice, by a clock and draws that the test sets. */
class Isolate {
  readonly metrics = new Metrics();
  readonly background: Promise<unknown>[] = [];
  readonly double: DoubleEvaluation;
  now = T;
  draw = 0;
  draws = 0;

  constructor({ share = 1, read = reading(ROWS), ...more }: More = {}) {
    const random = (): number => {
      this.draws++;
      return this.draw;
    };
    const surroundings = { now: () => this.now, random, sleep: async () => {} };
    this.double = new DoubleEvaluation(share, read, this.metrics, surroundings, 'everyMs' in more ? more.everyMs : 0);
  }

  tell(answered: Partial<Answered> = {}): void {
    const whole = {
      ...{ face: 'check', organization: 'acme', revision: REVISION, ageMs: 0, at: T, past: false, caller: 'api_key:app' },
      ...{ request: READS, options: undefined, decision: GRANTED },
      ...answered,
    };
    if (this.double.wants()) this.double.decided(whole, { waitUntil: (promise) => void this.background.push(promise) });
  }

  /** Tells, and waits for what comes of it. */
  async told(answered: Partial<Answered> = {}): Promise<readonly number[]> {
    this.tell(answered);
    await Promise.all(this.background);
    return this.counts;
  }

  /** compared, skipped, mismatched, failed */
  get counts(): readonly number[] {
    const { doubleCompared, doubleSkipped, doubleMismatched, doubleFailed } = this.metrics;
    return [doubleCompared, doubleSkipped, doubleMismatched, doubleFailed];
  }
}

function reading(rows: OrganizationRows, revision = REVISION): ReadQuestion {
  return async () => ({ revision, rows });
}

function* questions(world: World): Generator<CheckRequest> {
  for (const subject of world.subjects)
    for (const resource of world.resources) for (const action of world.actions) yield requestOf(world, subject, action, resource);
}

let errors: MockInstance<typeof console.error>;
let warnings: MockInstance<typeof console.warn>;
beforeEach(() => {
  errors = vi.spyOn(console, 'error').mockImplementation(() => {});
  warnings = vi.spyOn(console, 'warn').mockImplementation(() => {});
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** The lines of what differed; an alarm has one of its own. */
const logged = (): unknown[][] => errors.mock.calls.filter(([line]) => line.event === 'decision_mismatch');

describe('a decision that is decided twice', () => {
  it.each(SEEDS)('agrees with the rows that it was published from: world %i', async (seed) => {
    const world = worldFromSeed(seed);
    const { snapshot, pieces } = await snapshotOf(world.rows);
    const isolate = new Isolate({ read: reading(world.rows) });
    let asked = 0;
    for (const request of questions(world)) {
      const decision = ask(snapshot, pieces, request, world.now, world.options);
      await isolate.told({ request, at: world.now, options: world.options, decision });
      asked++;
    }
    expect(asked).toBeGreaterThan(100);
    expect(isolate.counts).toEqual([asked, 0, 0, 0]);
    expect([isolate.metrics.alarms, errors.mock.calls]).toEqual([0, []]);
  });

  it.each(SEEDS)('is an alarm wherever other rows were published: world %i', async (seed) => {
    const world = worldFromSeed(seed);
    const rows = { ...world.rows, assignments: world.rows.assignments.filter((_, i) => i % 2 === 0) };
    const { snapshot, pieces } = await snapshotOf(world.rows);
    const isolate = new Isolate({ read: reading(rows) });
    let differ = 0;
    for (const request of questions(world)) {
      const decision = ask(snapshot, pieces, request, world.now, world.options);
      if (decision.reason !== oracle(rows, request, world.now, world.options).reason) differ++;
      await isolate.told({ request, at: world.now, options: world.options, decision });
    }
    expect(differ).toBeGreaterThan(0);
    expect([isolate.metrics.doubleMismatched, isolate.metrics.alarms, logged().length]).toEqual([differ, differ, differ]);
  });

  it('is an alarm when a leaf of an older revision answered', async () => {
    const old = await snapshotOf(ROWS);
    const revoked = { ...ROWS, assignments: [] };
    const { snapshot, pieces } = await snapshotOf({
      ...revoked,
      subjects: [{ subject: 'user:alice', status: 'active', properties: '{}' }],
    });
    expect(ask(snapshot, pieces, READS, T)).toEqual(DENIED);
    bring(old.snapshot, old.pieces, { kind: 'principals', leaf: 0 });
    snapshot.principals[0] = old.snapshot.principals[0]!;
    const isolate = new Isolate({ read: reading(revoked) });
    expect(await isolate.told({ decision: ask(snapshot, pieces, READS, T) })).toEqual([1, 0, 1, 0]);
  });

  it('is an alarm when the decision is another, and when only the reason is', async () => {
    const isolate = new Isolate();
    expect(await isolate.told({ decision: DENIED })).toEqual([1, 0, 1, 0]);
    const writes = { ...READS, action: { name: 'write' } };
    expect(await isolate.told({ request: writes, decision: { decision: false, reason: 'condition_error' } })).toEqual([2, 0, 1, 0]);
    expect(await isolate.told({ request: writes, decision: { decision: false, reason: 'condition_false' } })).toEqual([3, 0, 2, 0]);
    expect(isolate.metrics.lastAlarm).toBe('`acme` at revision 7: answered condition_false, the rows say condition_error');
  });

  it('is logged with what it takes to ask again, and with no property', async () => {
    const properties = { secret: 'hidden', parents: ['doc:up', 7], project: 'p' };
    const request: CheckRequest = {
      subject: { type: 'user', id: 'alice', properties },
      action: { name: 'read', properties },
      resource: { type: 'doc', id: '1', properties },
      context: properties,
    };
    const options = { groups: ['grp_a'], roles: [{ role: 'rol_a', scope: 'org' }] };
    await new Isolate().told({ request, options, decision: DENIED });
    expect(logged()).toEqual([
      [
        {
          event: 'decision_mismatch',
          ...{ organization: 'acme', revision: REVISION, at: T, face: 'check', caller: 'api_key:app' },
          ...{ subject: 'user:alice', action: 'read', resource: 'doc:1', parents: ['doc:up'], project: 'p' },
          properties: ['subject', 'action', 'resource', 'context'],
          ...{ assert: false, ...options, answered: DENIED, from_rows: GRANTED },
        },
      ],
    ]);
    expect(JSON.stringify(errors.mock.calls)).not.toContain('hidden');
  });

  it('is of its own time: a window that has ended since held then', async () => {
    const [assignment] = ROWS.assignments;
    const rows = { ...ROWS, assignments: [{ ...assignment!, expires_at: T + 1 }] };
    const isolate = new Isolate({ read: reading(rows) });
    isolate.now = T + 60_000;
    expect(await isolate.told({ at: T })).toEqual([1, 0, 0, 0]);
    expect(await isolate.told({ at: T + 1, decision: { decision: false, reason: 'expired' } })).toEqual([2, 0, 0, 0]);
  });
});

describe('properties', () => {
  it('are seen in the order in which they are served, however they were typed', async () => {
    const rows = rowsOf({
      privileges: { read: {} },
      policies: { first: { privileges: ['read'], condition: 'subject.properties.of.map(name, name)[0] == "a"' } },
      subjects: { 'user:alice': { properties: { of: { b: 1, a: 2 } } } },
      assignments: [['user:alice', 'first', 'org']],
    });
    const { snapshot, pieces } = await snapshotOf(rows);
    const decision = ask(snapshot, pieces, READS, T);
    expect(decision).toEqual(GRANTED);
    expect(await new Isolate({ read: reading(rows) }).told({ decision })).toEqual([1, 0, 0, 0]);
  });
});

describe('skipped is', () => {
  it.each([
    ['what rests on another revision than the rows', {}, reading(ROWS, REVISION + 1)],
    ['what takes too many rows', {}, async () => null],
    ['the past', { past: true }, undefined],
    ['what if', { options: { assume: [{ principal: 'user:a', target: 'r', scope: 'org', notBefore: null, expiresAt: null }] } }, undefined],
    ['what is asked of no single request', { options: { open: { counting: 'most' as const, until: T } } }, undefined],
    ['a list that is none', {}, reading({ ...ROWS, roles: ROWS.roles.map((row) => ({ ...row, privileges: '[7]' })) })],
    [
      'an end that no number holds, typed by hand: the assignment is left out when published',
      {},
      reading({ ...ROWS, assignments: ROWS.assignments.map((row) => ({ ...row, expires_at: 2 ** 63 })) }),
    ],
    ['properties that are none', {}, reading({ ...ROWS, subjects: [{ subject: 'user:alice', status: 'active', properties: '[]' }] })],
    [
      'a condition that is none',
      { request: { ...READS, action: { name: 'write' } } },
      reading({ ...ROWS, policies: ROWS.policies.map((row) => ({ ...row, condition: 'context.' })) }),
    ],
  ] as const)('%s', async (_what, answered, read) => {
    const isolate = new Isolate(read === undefined ? {} : { read });
    expect(await isolate.told({ ...answered, decision: DENIED })).toEqual([0, 1, 0, 0]);
    expect(isolate.metrics.alarms).toBe(0);
  });

  it('what comes while another one is under way, or within a second of it', async () => {
    const isolate = new Isolate({ everyMs: undefined });
    isolate.tell();
    isolate.now += 5_000;
    isolate.tell();
    expect(isolate.counts).toEqual([0, 1, 0, 0]);
    await Promise.all(isolate.background);
    expect(isolate.counts).toEqual([1, 1, 0, 0]);
    expect(await isolate.told()).toEqual([2, 1, 0, 0]);
    isolate.now += 999;
    expect(await isolate.told()).toEqual([2, 2, 0, 0]);
    isolate.now += 1;
    expect(await isolate.told()).toEqual([3, 2, 0, 0]);
  });

  it('nothing for ever: one that was lost with its request is waited for no longer than a minute, and a clock set back for no time', async () => {
    let reads = 0;
    const lost = new Promise<never>(() => {});
    const isolate = new Isolate({ everyMs: undefined, read: (...asked) => (reads++ === 0 ? lost : reading(ROWS)(...asked)) });
    isolate.tell();
    isolate.background.length = 0;
    isolate.now += 59_999;
    expect(await isolate.told()).toEqual([0, 1, 0, 0]);
    isolate.now += 1;
    expect(await isolate.told()).toEqual([1, 1, 0, 0]);
    isolate.now -= 86_400_000;
    expect(await isolate.told()).toEqual([2, 1, 0, 0]);
  });
});

describe('rows that can not be read', () => {
  it('fail no decision: they are counted, and told once a minute', async () => {
    const isolate = new Isolate({ read: () => Promise.reject(new Error('D1 is down')) });
    for (let i = 0; i < 3; i++) await isolate.told();
    expect(isolate.counts).toEqual([0, 0, 0, 3]);
    const line = { event: 'double_evaluation_failed', organization: 'acme', message: 'D1 is down' };
    expect(warnings.mock.calls).toEqual([[line]]);
    isolate.now += 60_000;
    await isolate.told();
    expect(warnings.mock.calls).toEqual([[line], [line]]);
    expect(isolate.metrics.alarms).toBe(0);
  });

  it('are not waited for by whoever tells of the decision, and whatever fails at once is no different', async () => {
    const isolate = new Isolate({
      read: () => {
        throw new Error('at once');
      },
    });
    isolate.tell();
    expect(isolate.counts).toEqual([0, 0, 0, 0]);
    await Promise.all(isolate.background);
    expect(isolate.counts).toEqual([0, 0, 0, 1]);
  });
});

describe('the share', () => {
  it.each([
    [0, [0, 0.5, 0.999]],
    [0.25, [0.25, 0.5, 0.999]],
  ])('%d leaves alone what is drawn at or above it', async (share, draws) => {
    const isolate = new Isolate({ share });
    for (const draw of draws) {
      isolate.draw = draw;
      isolate.tell();
    }
    expect([isolate.draws, isolate.background.length, isolate.counts]).toEqual([draws.length, 0, [0, 0, 0, 0]]);
  });

  it.each([
    [0.25, [0, 0.2499]],
    [1, [0, 0.5, 0.999]],
  ])('%d takes what is drawn below it, whatever the decision is', async (share, draws) => {
    const isolate = new Isolate({ share });
    for (const draw of draws) {
      isolate.draw = draw;
      await isolate.told({ past: draw === 0.5 });
    }
    expect(isolate.draws).toBe(draws.length);
    expect(isolate.metrics.doubleCompared + isolate.metrics.doubleSkipped).toBe(draws.length);
  });
});
