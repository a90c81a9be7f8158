/** SEC-43: conditions on IP addresses compare addresses, not texts; against Node's own parser. */
import { describe, expect, it } from 'vitest';
import { type ConditionOutcome, evaluateCondition, parseCondition } from '../../src/core/condition/condition.ts';
import { inCidr } from '../../src/core/condition/ip.ts';
import { workDone } from '../../src/core/condition/work.ts';
import type { Json } from '../../src/core/terms/json.ts';
import { outcomeOf } from '../oracle/condition.ts';
import { inCidr as naive } from '../oracle/ip.ts';
import { type Random, randomFrom } from '../properties/random.ts';

const SEED = Number(process.env.BITGATE_SEED ?? 20_261_125);

/** The outcome of both implementations, which must be one. */
function outcome(source: string, context: Record<string, Json>): ConditionOutcome {
  const nothing = { type: '', id: '', properties: {} };
  const variables = { subject: nothing, resource: nothing, action: { name: '', properties: {} }, context };
  const outcome = evaluateCondition(parseCondition(source), { ...variables, now: 0 });
  expect(outcomeOf(source, { ...variables, now: new Date(0) }), `${source} ${JSON.stringify(context)}`).toBe(outcome);
  return outcome;
}

const at = (ip: Json, network: string): ConditionOutcome => outcome('context.ip.in_cidr(context.network)', { ip, network });

describe('SEC-43 an address in a network', () => {
  it.each([
    ['10.1.2.3', '10.0.0.0/8', 'true'],
    ['11.1.2.3', '10.0.0.0/8', 'false'],
    ['10.1.2.3', '10.1.2.3/32', 'true'],
    ['10.1.2.2', '10.1.2.3/32', 'false'],
    ['10.1.2.2', '10.1.2.3/31', 'true'],
    ['192.168.127.255', '192.168.0.0/17', 'true'],
    ['192.168.128.0', '192.168.0.0/17', 'false'],
    ['255.255.255.255', '0.0.0.0/0', 'true'],
    ['10.1.2.3', '10.9.9.9/8', 'true'],
    ['2001:db8::1', '2001:db8::/32', 'true'],
    ['2001:0DB8:0000:0000:0000:0000:0000:0001', '2001:db8::1/128', 'true'],
    ['2001:db9::1', '2001:db8::/32', 'false'],
    ['2001:db9::1', '2001:db8::/31', 'true'],
    ['::1', '0:0:0:0:0:0:0:1/128', 'true'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0/128', 'true'],
    ['::', '::/0', 'true'],
  ])('%s in %s is %s', (ip, network, expected) => {
    expect(at(ip, network)).toBe(expected);
  });

  it.each([
    ['::ffff:10.1.2.3', '10.0.0.0/8'],
    ['::FFFF:0a01:0203', '10.0.0.0/8'],
    ['0:0:0:0:0:ffff:10.1.2.3', '10.1.2.3/32'],
    ['10.1.2.3', '::ffff:10.0.0.0/104'],
    ['::ffff:a01:203', '::ffff:0:0/96'],
    ['10.1.2.3', '::ffff:10.1.2.3/128'],
  ])('%s, mapped or not, is in %s', (ip, network) => {
    expect(at(ip, network)).toBe('true');
  });

  it.each([
    ['10.1.2.3', '::/0'],
    ['::ffff:10.1.2.3', '::/0'],
    ['10.1.2.3', '::ffff:0:0/95'],
    ['::10.1.2.3', '10.0.0.0/8'],
    ['64:ff9b::10.1.2.3', '10.0.0.0/8'],
    ['2001:db8::1', '0.0.0.0/0'],
  ])('%s is not in %s: it is of the other family', (ip, network) => {
    expect(at(ip, network)).toBe('false');
  });
});

describe('SEC-43 what is no address', () => {
  it.each([
    '',
    ' 10.1.2.3',
    '10.1.2.3 ',
    '10.1.2',
    '10.1.2.3.4',
    '10.1.2.256',
    '010.1.2.3',
    '10.1.2.03',
    '0x0a.1.2.3',
    '167838211',
    '10.1.2.3:80',
    '+10.1.2.3',
    '1e1.1.2.3',
    '١.1.2.3',
    'fe80::1%eth0',
    '[::1]',
    ':',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4::5:6:7:8',
    ':1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:',
    '12345::',
    'g::1',
    '1.2.3.4::',
    '::1.2.3.4:5',
    '::1.2.3',
    '::01.2.3.4',
    `${'0'.repeat(5_000)}::1`,
    'office',
  ])('%j is an error, which never allows, negated or not', (ip) => {
    for (const network of ['0.0.0.0/0', '::/0']) expect(at(ip, network)).toBe('error');
    expect(outcome('!context.ip.in_cidr("10.0.0.0/8")', { ip })).toBe('error');
  });

  it.each([5, null, true, ['10.1.2.3'], { ip: '10.1.2.3' }])('%j, which is no text, is an error', (ip) => {
    expect(at(ip, '10.0.0.0/8')).toBe('error');
  });

  it.each([
    '',
    '/',
    '10.0.0.0',
    '10.0.0.0/',
    '10.0.0.0/33',
    '10.0.0.0/08',
    '10.0.0.0/-1',
    '10.0.0.0/8.0',
    '10.0.0.0/8/8',
    '::/129',
    '/8',
    '::1%1/64',
  ])('a network %j is an error', (network) => {
    for (const ip of ['10.1.2.3', '::1']) expect(at(ip, network)).toBe('error');
  });
});

describe('SEC-43 a network that is written out', () => {
  it('is refused when it is none, where it stands', () => {
    expect(() => parseCondition('has(context.ip) && context.ip.in_cidr("10.0.0.0/33")')).toThrowError(
      expect.objectContaining({ code: 'invalid_condition', status: 422, details: { position: { offset: 38, line: 1, column: 39 } } }),
    );
  });

  it('may be one of several', () => {
    const source = '["10.0.0.0/8", "::1/128"].exists(n, context.ip.in_cidr(n))';
    expect(['10.1.2.3', '::1', '11.1.2.3', 'x'].map((ip) => outcome(source, { ip }))).toEqual(['true', 'true', 'false', 'error']);
  });
});

it('SEC-25 in loops its work is bounded, and all of it counts', () => {
  const numbers = Array.from({ length: 1_000 }, (_, i) => i);
  const asked = (source: string): ConditionOutcome => {
    const nothing = { type: '', id: '', properties: {} };
    const context = { ip: '2001:db8::1', numbers };
    return evaluateCondition(parseCondition(source), {
      subject: nothing,
      resource: nothing,
      action: { name: '', properties: {} },
      context,
      now: 0,
    });
  };
  const one = 'context.ip.in_cidr("2001:db9::/32")';
  expect(asked(`context.numbers.exists(a, ${one})`)).toBe('false');
  expect(asked(`context.numbers.exists(a, context.numbers.exists(b, ${one}))`)).toBe('error');
  const before = workDone();
  expect(asked(Array.from({ length: 40 }, () => one).join(' || '))).toBe('false');
  expect(workDone() - before).toBeGreaterThan(40 * 300);
});

it(`SEC-43 random addresses and networks are as Node has them (seed ${SEED})`, () => {
  const random = randomFrom(SEED);
  const tally = { true: 0, false: 0, error: 0 };
  for (let n = 0; n < 60_000; n++) {
    const [address, network] = pair(random);
    const got = outcomeOfBoth(() => inCidr(address, network));
    expect(got, `${address} in ${network}`).toBe(outcomeOfBoth(() => naive(address, network)));
    tally[got]++;
  }
  console.log(`${JSON.stringify(tally)}, seed ${SEED}`);
  expect(Math.min(tally.true, tally.false, tally.error)).toBeGreaterThan(5_000);
});

function outcomeOfBoth(ask: () => boolean): 'true' | 'false' | 'error' {
  try {
    return ask() ? 'true' : 'false';
  } catch {
    return 'error';
  }
}

/** Near to each other, so that both answers are given; now and then with a fault. */
function pair(random: Random): [string, string] {
  const v4 = random.chance(0.5);
  const bytes = Array.from({ length: v4 ? 4 : 16 }, () => (random.chance(0.5) ? 0 : random.below(256)));
  const near = bytes.map((byte, i) => (i >= random.below(bytes.length + 1) ? byte ^ random.below(4) : byte));
  const show = (of: readonly number[]): string => damaged(random, of.length === 4 ? v4Text(random, of) : v6Text(random, of));
  const base = show(near);
  return [show(bytes), `${base}/${random.below(base.includes(':') ? 130 : 34)}`];
}

function v4Text(random: Random, bytes: readonly number[]): string {
  return random.chance(0.6) ? bytes.join('.') : v6Text(random, [...Array.from({ length: 10 }, () => 0), 255, 255, ...bytes]);
}

function v6Text(random: Random, bytes: readonly number[]): string {
  const groups = Array.from({ length: 8 }, (_, i) => bytes[i * 2]! * 256 + bytes[i * 2 + 1]!);
  const texts = groups.map((group) => (random.chance(0.2) ? group.toString(16).padStart(4, '0') : group.toString(16)));
  if (random.chance(0.3)) texts.splice(6, 2, bytes.slice(12).join('.'));
  const text = texts.join(':');
  return random.chance(0.7) ? text.replace(/(^|:)0(:0)*(:|$)/, '::') : text;
}

function damaged(random: Random, text: string): string {
  if (random.chance(0.85)) return text;
  const place = random.below(text.length + 1);
  return text.slice(0, place) + random.pick(['0', ':', '.', '::', 'f', '%', ' ', '']) + text.slice(place + random.below(2));
}
