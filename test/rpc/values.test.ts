/** The entrypoint `Pdp` and whatever may be sent to it: nothing makes it throw, and what is a question is answered as over HTTP. */
import { RpcTarget } from 'cloudflare:workers';
import { beforeAll, describe, expect, it } from 'vitest';
import { call } from '../http/client.ts';
import { type Random, randomFrom } from '../properties/random.ts';
import { makeAsked, pdp, question, refusal } from './face.ts';

const SEED = 20_261_122;
const RANDOM = 300;

let key: string;

beforeAll(async () => {
  ({ key } = await makeAsked());
});

describe('SEC-27 hostile values', () => {
  class Target extends RpcTarget {
    toJSON(): object {
      throw new Error('called');
    }
    subject(): string {
      throw new Error('called');
    }
  }
  const cyclic: Record<string, unknown> = { ...question };
  cyclic.context = { cyclic };
  let shared: unknown = 'x';
  for (let i = 0; i < 28; i++) shared = [shared, shared];
  const deep = (levels: number): unknown => {
    let value: unknown = 1;
    for (let i = 0; i < levels; i++) value = [value];
    return value;
  };

  const hostile: [string, () => unknown, string][] = [
    ['a function', () => () => true, 'malformed_body'],
    ['a function as resource', () => ({ ...question, resource: () => 'dataset:d1' }), 'malformed_body'],
    ['a function in the context', () => ({ ...question, context: { f: () => 1 } }), 'malformed_body'],
    ['an object with methods', () => new Target(), 'malformed_body'],
    ['an object with methods as context', () => ({ ...question, context: new Target() }), 'malformed_body'],
    ['a cycle', () => cyclic, 'malformed_body'],
    ['what is held twice, 28 times over', () => ({ ...question, context: { shared } }), 'body_too_large'],
    ['a map', () => new Map(Object.entries(question)), 'malformed_body'],
    ['a set in the context', () => ({ ...question, context: { s: new Set([1]) } }), 'malformed_body'],
    ['a date', () => ({ ...question, context: { d: new Date(0) } }), 'malformed_body'],
    ['an error', () => ({ ...question, context: { e: new Error('x') } }), 'malformed_body'],
    ['bytes', () => ({ ...question, context: { b: new Uint8Array(4) } }), 'malformed_body'],
    ['a regular expression', () => ({ ...question, context: { r: /x/ } }), 'malformed_body'],
    ['headers', () => ({ ...question, context: { r: new Headers() } }), 'malformed_body'],
    ['a BigInt', () => ({ ...question, context: { n: 1n } }), 'malformed_body'],
    ['no number', () => ({ ...question, context: { n: Number.NaN } }), 'malformed_body'],
    ['infinity', () => ({ ...question, context: { n: Number.NEGATIVE_INFINITY } }), 'malformed_body'],
    ['a list with a hole', () => ({ ...question, context: { l: new Array(4_000_000_000) } }), 'malformed_body'],
    ['an undefined item', () => ({ ...question, any_of: [undefined] }), 'malformed_body'],
    ['a lone surrogate', () => ({ ...question, subject: 'user:\ud800' }), 'malformed_body'],
    ['a lone surrogate in a name', () => ({ ...question, context: { '\udc00': 1 } }), 'malformed_body'],
    ['33 levels', () => ({ ...question, context: { a: deep(31) } }), 'malformed_body'],
    ['1,000 levels', () => deep(1_000), 'malformed_body'],
    ['a text of 10 MB', () => 'x'.repeat(10_000_000), 'body_too_large'],
    ['an id of 1 MB', () => ({ ...question, subject: `user:${'x'.repeat(1_000_000)}` }), 'body_too_large'],
    ['a context that is too large', () => ({ ...question, context: { a: 'é'.repeat(33_000 * 7) } }), 'body_too_large'],
    ['many names', () => Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`k${i}`, 1])), 'body_too_large'],
  ];

  it.each(hostile)('%s is a refusal, never an error', async (_name, value, code) => {
    const answer = await pdp.check(value());
    expect(answer).toEqual(refusal(code));
  });

  it.each(hostile)('%s in a batch too', async (_name, value, code) => {
    const answer = await pdp.checkBatch({ checks: [value(), 'x'.repeat(8 * 1024 * 1024 - 200_000)] });
    expect(answer).toEqual(refusal(code));
  });

  it.each(hostile)('%s in place of the options too', async (_name, value) => {
    expect(await pdp.check(question, value())).toMatchObject({ decision: false, error: {} });
  });

  it('names where it lies', async () => {
    expect((await pdp.check({ ...question, context: { rows: [1, { at: new Date() }] } })).error?.message).toBe(
      'the argument holds an object of a kind that JSON has not, at `context.rows.1.at`',
    );
  });

  it('is not what is at the limit: 32 levels, and 64 KiB', async () => {
    expect(await pdp.check({ ...question, context: { a: deep(30) } })).toMatchObject({ decision: true });
    const rest = JSON.stringify({ ...question, context: { a: '' } }).length;
    const at = { ...question, context: { a: 'x'.repeat(64 * 1024 - rest) } };
    expect(await pdp.check(at)).toMatchObject({ decision: true });
    expect(await pdp.check({ ...question, context: { a: `${at.context.a}x` } })).toMatchObject(refusal('body_too_large'));
  });

  it('is not a member that is undefined, nor one with the name of the prototype', async () => {
    expect(await pdp.check({ ...question, context: undefined, min_revision: undefined })).toMatchObject({ decision: true });
    const asked = JSON.parse('{"subject":"user:v","action":"view","resource":"dataset:d1","context":{"__proto__":{"x":1}}}');
    expect(await pdp.check(asked)).toMatchObject({ decision: true });
    expect(await pdp.check(JSON.parse('{"subject":"user:v","action":"view","__proto__":{"resource":"dataset:d1"}}'))).toEqual(
      refusal('invalid_check'),
    );
  });

  it('no argument, and too many, are answered', async () => {
    expect(await pdp.check()).toEqual(refusal('invalid_check'));
    expect(await pdp.checkBatch()).toEqual(refusal('invalid_batch'));
    expect(await pdp.check(question, {}, 1, 2, 3)).toMatchObject({ decision: true });
  });

  it('a batch of one more than 10,000 is refused', async () => {
    const checks = Array.from({ length: 10_001 }, () => ({ action: 'view' }));
    expect(await pdp.checkBatch({ defaults: { subject: 'user:v' }, checks })).toEqual(refusal('batch_too_large'));
    const answer = await pdp.checkBatch({ defaults: { subject: 'user:v' }, checks: checks.slice(1) });
    expect(answer.results).toHaveLength(10_000);
  });
});

describe('random questions', () => {
  const PIECES: readonly unknown[] = [
    ...[
      null,
      true,
      0,
      -1,
      1.5,
      2 ** 53,
      '',
      'x',
      ':',
      'user:',
      ':v',
      'user:v',
      'a:b:c',
      'view',
      'edit',
      '\u0000',
      '\u{1f600}',
      'é'.repeat(300),
    ],
    ...[[], {}, ['view'], [null], { name: 'view' }, { name: '' }, { type: 'user', id: 'v' }, { type: 'a:b', id: 'v' }, { x: { y: [1] } }],
  ];
  const MEMBERS = [
    'subject',
    'action',
    'any_of',
    'all_of',
    'resource',
    'context',
    'org',
    'min_revision',
    'max_age_ms',
    'at_time',
    'explain',
    'assume',
    'x',
  ];
  const HOSTILE = [() => 1, 1n, Number.NaN, new Map(), new Date(0), '\ud800', new Uint8Array(1)];

  function randomQuestion(random: Random): Record<string, unknown> {
    const asked: Record<string, unknown> = { ...question };
    for (const member of random.sample(MEMBERS, random.between(1, 3))) {
      const inside = asked[member];
      if (random.chance(0.2)) delete asked[member];
      else if (random.chance(0.3) && typeof inside === 'object' && inside !== null)
        asked[member] = { ...inside, properties: random.pick(PIECES) };
      else asked[member] = random.pick(PIECES);
    }
    return asked;
  }

  it(`are answered as HTTP answers them, decision, reason and code alike (seed ${SEED})`, async () => {
    const random = randomFrom(SEED);
    const codes = new Set<string>();
    for (let n = 0; n < RANDOM; n++) {
      const asked = randomQuestion(random);
      const { body } = await call('POST', '/check', JSON.stringify(asked), { token: key });
      const { age_ms: _, ...answer } = await pdp.check(asked, { key });
      expect(answer, JSON.stringify(asked)).toEqual(body);
      codes.add(answer.error?.code ?? answer.reason ?? '');
    }
    expect([...codes]).toEqual(expect.arrayContaining(['granted', 'no_grant', 'unknown_privilege', 'invalid_check']));
  });

  it('with something in them that is no JSON are refused, wherever it is', async () => {
    const random = randomFrom(SEED);
    for (let n = 0; n < RANDOM; n++) {
      const piece = random.pick(HOSTILE);
      const place = random.pick(MEMBERS);
      const asked = { ...randomQuestion(random), [place]: random.pick([piece, [piece], { a: piece }, { a: [{ b: piece }] }]) };
      expect(await pdp.check(asked), place).toEqual(refusal('malformed_body'));
    }
  });
});
