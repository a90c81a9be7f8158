/** Conditions: what may be written, what holds, and that nothing runs long. */
import { describe, expect, it } from 'vitest';
import { type Activation, conditionError, evaluateCondition, parseCondition } from '../../src/core/condition/condition.ts';
import { WorkMeter } from '../../src/core/condition/work.ts';
import type { JsonObject } from '../../src/core/terms/json.ts';
import { LIMITS } from '../../src/core/terms/limits.ts';
import { BitgateError } from '../../src/core/terms/problem.ts';

const NOON = Date.UTC(2026, 5, 15, 12);

function activation(subject: JsonObject, context: JsonObject = {}): Activation {
  return {
    subject: { type: 'user', id: 'alice', properties: subject },
    resource: { type: 'dataset', id: 'd1', properties: { status: 'live', owners: ['alice', 'bob'] } },
    action: { name: 'dataset:view', properties: { reason: 'audit' } },
    context,
    now: NOON,
  };
}

function outcome(source: string, subject: JsonObject = {}, context: JsonObject = {}): string {
  return evaluateCondition(parseCondition(source), activation(subject, context));
}

function refusal(source: string): BitgateError {
  try {
    parseCondition(source);
  } catch (error) {
    if (error instanceof BitgateError) return error;
    throw error;
  }
  throw new Error(`\`${source}\` was accepted`);
}

/** Parsed from text, so that `__proto__` is a key like any other. */
function json(text: string): JsonObject {
  return JSON.parse(text);
}

describe('a condition that can be used', () => {
  it.each([
    ['subject.properties.age >= 18', 'true'],
    ['subject.properties.age == 18', 'true'],
    ['subject.properties.age > 18', 'false'],
    ['subject.properties.age + 0.5 == 18.5', 'true'],
    ['subject.type == "user" && subject.id == "alice"', 'true'],
    ['subject.id in resource.properties.owners', 'true'],
    ['resource.type == "dataset" && resource.id.startsWith("d")', 'true'],
    ['action.name == "dataset:view" && action.properties.reason == "audit"', 'true'],
    ['now < timestamp("2026-06-15T12:00:01Z")', 'true'],
    ['now.getHours("Europe/Berlin") == 14', 'true'],
    ['now - timestamp("2026-06-15T11:00:00Z") == duration("1h")', 'true'],
    ['has(context.network)', 'false'],
    ['has(context.network) && context.network == "office"', 'false'],
    ['subject.properties.tags.exists(t, t.startsWith("a"))', 'true'],
    ['subject.properties.mixed == {"a": 1, "b": "x"}', 'true'],
    ['subject.properties.nothing == null', 'true'],
  ])('%s is %s', (source, expected) => {
    const subject = { age: 18, tags: ['b', 'apple'], mixed: { b: 'x', a: 1 }, nothing: null };
    expect(outcome(source, subject)).toBe(expected);
  });

  it('holds only if its value is exactly true', () => {
    expect(outcome('subject.properties.flag', { flag: 1 })).toBe('false');
    expect(outcome('subject.properties.flag', { flag: 'true' })).toBe('false');
    expect(outcome('subject.properties.flag', { flag: true })).toBe('true');
    expect(outcome('dyn("true")')).toBe('false');
  });

  it('errs when a key is missing or a type is wrong', () => {
    expect(outcome('subject.properties.age >= 18')).toBe('error');
    expect(outcome('subject.properties.age >= 18', { age: '18' })).toBe('error');
    expect(outcome('!context.flag', {}, { flag: 'yes' })).toBe('error');
  });

  it('does not err when the other side of a logical operator decides', () => {
    expect(outcome('subject.properties.missing == 1 || true')).toBe('true');
    expect(outcome('subject.properties.missing == 1 && false')).toBe('false');
  });

  it('teaches has() when a key is missing, and says nothing when all is well', () => {
    const condition = parseCondition('subject.properties.age >= 18');
    expect(conditionError(condition, activation({}))).toBe('no such key: `age`; ask `has(subject.properties.age)` first');
    expect(conditionError(condition, activation({ age: 20 }))).toBe('');
  });

  it('gives the same outcome every time and for every activation', () => {
    const condition = parseCondition('subject.properties.tags.exists(t, context.tags.exists(u, t == u))');
    for (let i = 0; i < 3; i++) {
      expect(evaluateCondition(condition, activation({ tags: ['a'] }, { tags: ['b', 'a'] }))).toBe('true');
      expect(evaluateCondition(condition, activation({ tags: ['a'] }, { tags: ['b'] }))).toBe('false');
      expect(evaluateCondition(condition, activation({ tags: 5 }, {}))).toBe('error');
    }
  });
});

describe('properties have only the keys that were sent', () => {
  it.each(['constructor', '__proto__', 'toString', 'hasOwnProperty', 'prototype', 'size', 'get', 'entries'])(
    '%s is missing unless sent',
    (key) => {
      const sent = json(`{"${key}": "x", "nested": {"${key}": 1}}`);
      expect(outcome(`context["${key}"] == "x"`)).toBe('error');
      expect(outcome(`context["${key}"] == "x"`, {}, sent)).toBe('true');
      expect(outcome(`"${key}" in subject.properties`)).toBe('false');
      expect(outcome(`"${key}" in subject.properties`, sent)).toBe('true');
      expect(outcome(`context.nested["${key}"] == 1`, {}, sent)).toBe('true');
    },
  );

  it('a key named constructor does not hide its neighbours', () => {
    expect(outcome('subject.properties.age == 18', json('{"constructor": null, "__proto__": {"age": 1}, "age": 18}'))).toBe('true');
  });

  it('an inherited key is not there', () => {
    const subject: JsonObject = Object.create({ admin: true });
    expect(outcome('has(subject.properties.admin)', subject)).toBe('false');
  });
});

describe('SEC-25 a condition that is refused', () => {
  it.each([
    ['', 'unexpected token: EOF', 1, 1],
    ['true &&', 'unexpected token: EOF', 1, 8],
    ['true &&\n  (subject.id == "a"', 'expected RPAREN', 2, 21],
    ['subject.id == 1', 'no such overload: string == int', 1, 1],
    ['true && user.id == "a"', 'unknown variable: user', 1, 9],
    ['true && __proto__ == 1', 'reserved identifier', 1, 9],
    ['subject.name == "a"', 'no such key: `name`', 1, 9],
    ['"true"', 'the result is `string`, not `bool`', 1, 1],
    ['1', 'the result is `int`', 1, 1],
    ['subject', 'not `bool`', 1, 1],
    ['null', 'the result is `null`', 1, 1],
    ['true && context.a.matches("(a+)+$")', '`matches` is not a function', 1, 9],
    ['context.a.split(",").size() == 1', '`split` is not a function', 1, 1],
    ['cel.bind(x, 1, x == 1)', '`bind` is not a function', 1, 1],
    ['bytes("a").json().x', '`bytes` is not a function', 1, 1],
    ['duration(context.a) == duration("1h")', '`duration` takes a literal text', 1, 1],
    ['context.a.exists(x, x.exists(y, y.exists(z, z)))', 'nested more than 2 deep', 1, 33],
    ['"\ud800" == "a"', 'lone surrogate', 1, 1],
  ])('%j: %s', (source, message, line, column) => {
    const error = refusal(source);
    expect(error).toMatchObject({ code: 'invalid_condition', status: 422 });
    expect(error.message).toContain(message);
    expect(error.details?.position).toMatchObject({ line, column });
  });

  it('tells the offset of the fault', () => {
    expect(refusal('true &&\n user').details).toEqual({ position: { offset: 9, line: 2, column: 2 } });
  });

  it('is longer than the limit', () => {
    const source = `${' '.repeat(LIMITS.conditionChars - 4)}true`;
    expect(parseCondition(source).source).toBe(source);
    expect(refusal(` ${source}`).message).toContain('longer than 2048 characters');
  });

  it('has a list literal longer than the limit', () => {
    const list = (items: number): string => `1 in [${'1,'.repeat(items)}]`;
    expect(outcome(list(LIMITS.conditionListItems))).toBe('true');
    expect(refusal(list(LIMITS.conditionListItems + 1)).message).toContain('exceeded maxListElements (1000)');
  });

  it('macros may follow each other, and nest twice', () => {
    const tags = { tags: [['a'], ['b']] };
    expect(outcome('subject.properties.tags.filter(x, x.exists(y, y == "a")).all(z, size(z) == 1)', tags)).toBe('true');
  });

  it.each(['!', '-', '(', '[', '{', 'a.', '1+', '"a".', 'true?', 'has('])('nothing made of %j breaks the parser', (piece) => {
    const source = piece.repeat(LIMITS.conditionChars / piece.length);
    expect(refusal(source).code).toBe('invalid_condition');
  });
});

describe('SEC-25 no input makes a condition run long', () => {
  const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

  it('two nested macros over 1,000 items are fine', () => {
    const lists = { l: numbers(1000), m: numbers(1000).map((i) => i + 1000) };
    expect(outcome('context.l.all(x, context.m.all(y, x != y))', {}, lists)).toBe('true');
    expect(outcome('context.l.exists(x, x in context.m)', {}, lists)).toBe('false');
  });

  it.each([
    ['two macros over a long list', 'context.l.exists(x, context.l.exists(y, x + y < 0.0))'],
    ['even where CEL would swallow the error', 'context.l.exists(x, context.l.exists(y, x + y < 0.0)) || true'],
    ['a macro over keys', 'context.m.exists(x, context.m.exists(y, x + y == ""))'],
    ['comparing long lists', 'context.l.exists(x, context.l2 == context.l3 && x < 0.0)'],
    ['searching long lists', 'context.l.exists(x, context.l.all(y, -1.0 in context.l))'],
    ['a list of lists', '[context.l.map(x, context.l2), context.l.map(x, context.l3)].exists(p, context.l.exists(y, p == [p[1], p[0]]))'],
    ['copies in memory', 'size(context.l.map(x, context.l.map(y, context.l + context.l))) == 0'],
    ['copies of a text in memory', 'size(context.l.map(x, context.l.map(y, context.s.upperAscii()))) == 0'],
    ['time zones', 'context.l.all(x, context.l.all(y, now.getHours("Asia/Tokyo") == 21))'],
  ])('%s is an error, soon', (_, source) => {
    const l = numbers(8000);
    const context = {
      ...{ l, l2: l.map((i) => [i]), l3: l.map((i) => [i]), s: 'ab'.repeat(8000) },
      m: Object.fromEntries(l.map((i) => [`k${i}`, i])),
    };
    const condition = parseCondition(source);
    const started = performance.now();
    expect(evaluateCondition(condition, activation({}, context))).toBe('error');
    expect(conditionError(condition, activation({}, context))).toContain('too much work');
    // two evaluations; the bound is there to tell seconds from hours
    expect(performance.now() - started).toBeLessThan(15_000);
  });

  it('is metered only if it loops, or reads addresses', () => {
    expect(parseCondition('context.ip.in_cidr("::/0")').meter).toBeInstanceOf(WorkMeter);
    expect(parseCondition('subject.id == "a"').meter).toBeNull();
    expect(parseCondition('context.l.exists(x, x == 1)').meter).toBeInstanceOf(WorkMeter);
  });

  it('values nested too deep are an error, however deep', () => {
    const nested = (depth: number): JsonObject => json(`{"a":${'['.repeat(depth)}${']'.repeat(depth)}}`);
    expect(outcome('has(context.a)', {}, nested(LIMITS.jsonDepth - 1))).toBe('true');
    expect(outcome('has(context.a)', {}, nested(LIMITS.jsonDepth))).toBe('error');
    expect(outcome('has(context.a)', {}, nested(20_000))).toBe('error');
  });
});
