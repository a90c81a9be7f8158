import { describe, expect, it } from 'vitest';
import { LIMITS } from '../../../src/core/terms/limits.ts';
import { type ManifestFormat, parseManifest } from '../../../src/pap/manifest/parse.ts';
import { formatTime, parseTime } from '../../../src/pap/manifest/times.ts';
import { toYaml } from '../../../src/pap/manifest/yaml-write.ts';
import { organization, RICH, refusal, resolved } from './support.ts';

const fault = (text: string, format: ManifestFormat): string => {
  const { code, status, details } = refusal(() => parseManifest(text, format));
  return `${status} ${code} ${details?.line}:${details?.column}`;
};

describe('JSON text', () => {
  it.each([
    ['', '1:1'],
    ['{', '1:2'],
    ['{"a": 1,}', '1:9'],
    ['{"a": 1, "a": 2}', '1:10'],
    ['{"a": {"b": 1,\n  "\\u0062": 2}}', '2:3'],
    ['[1, 2', '1:6'],
    ['[1 2]', '1:4'],
    ['[1]]', '1:4'],
    ['{"a" 1}', '1:6'],
    ['{a: 1}', '1:2'],
    ['[01]', '1:3'],
    ['[1e400]', '1:2'],
    ['[nul]', '1:2'],
    ['"a\nb"', '1:3'],
    ['"\\x"', '1:2'],
    ['"\\u12"', '1:2'],
    ['"abc', '1:1'],
    ['"abc\\', '1:1'],
    ["{'a': 1}", '1:2'],
    ['// no\n{}', '1:1'],
  ])('%j is malformed at %s', (text, place) => {
    expect(fault(text, 'json')).toBe(`400 malformed_document ${place}`);
  });

  it('is judged as JSON.parse judges it, duplicate keys apart', () => {
    for (const text of [
      '{}',
      '[]',
      'null',
      ' [1, -0.5e-3, true, "\\ud83d\\ude00 \\/"] ',
      '{"": {"a": [[], {}]}, "__proto__": 1}',
      '"x"',
      '-0',
    ]) {
      expect(parseManifest(text, 'json')).toEqual(JSON.parse(text));
    }
    for (const text of [
      '[',
      ']',
      '{]',
      '[}',
      '[,]',
      '{,}',
      '[1,]',
      '-',
      '+1',
      '.5',
      '1.',
      '"\t"',
      'undefined',
      '[1][2]',
      '\u00a0{}',
      '{"a":}',
    ]) {
      expect(() => JSON.parse(text)).toThrow();
      expect(refusal(() => parseManifest(text, 'json')).code).toBe('malformed_document');
    }
  });

  it('takes 32 MiB in bounded time, and no more', () => {
    const text = `[${'{"name":"abcdefgh"},'.repeat(1_600_000)}0]`;
    expect(parseManifest(text, 'json')).toHaveLength(1_600_001);
    expect(refusal(() => parseManifest(' '.repeat(LIMITS.manifestBodyBytes + 1), 'json'))).toMatchObject({
      status: 413,
      code: 'document_too_large',
    });
  });
});

describe('YAML text', () => {
  it.each([
    ['a: 1\na: 2\n', '2:1'],
    ['a: {b: 1, b: 2}', '1:11'],
    ['a: [1', '1:6'],
    ['a: "x', '1:6'],
    ['a: 1\n b: 2', '2:3'],
    ['--- 1\n--- 2', '2:1'],
    ['a: *x', '1:4'],
    ['a: !!binary aGk=', '1:4'],
    ['a: !mine 1', '1:4'],
    ['a: !!map {b: 1}', '1:4'],
    ['a: !mine "1"', '1:4'],
    ['*x : 1', '1:1'],
    ['a: &x 1\n*x : 2', '2:1'],
    ['"a": 1\n"a": 2', '2:1'],
    ['a: &x [*x]', '1:8'],
    ['1: a', '1:1'],
    ['[a]: 1', '1:1'],
    ['a: .inf', '1:4'],
    ['a: .nan', '1:4'],
    ['a:\n  - 1e400', '2:5'],
  ])('%j is malformed at %s', (text, place) => {
    expect(fault(text, 'yaml')).toBe(`400 malformed_document ${place}`);
  });

  it('has no more than a hundred aliases, those of aliases counted', () => {
    expect(parseManifest('a: &x [1]\nb: *x', 'yaml')).toEqual({ a: [1], b: [1] });
    const bomb = ['a0: &a0 [x, x]', ...Array.from({ length: 20 }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}, *a${i}, *a${i}]`)].join('\n');
    expect(refusal(() => parseManifest(bomb, 'yaml')).code).toBe('malformed_document');
    expect(refusal(() => parseManifest('a: &a [*a]', 'yaml')).status).toBeLessThan(500);
  });

  it('counts the depth of what an alias stands for', () => {
    const deep = `a: &a ${'['.repeat(20)}${']'.repeat(20)}`;
    expect(parseManifest(`${deep}\nb: [[*a]]`, 'yaml')).toBeInstanceOf(Object);
    expect(fault(`${deep}\nb: ${'['.repeat(12)}*a${']'.repeat(12)}`, 'yaml')).toBe('422 document_too_deep 2:16');
  });

  it('keeps keys that objects have by nature, empty values, quotes, blocks and texts that look like numbers', () => {
    const text =
      "__proto__: {a: 1}\nconstructor:\n\"q\": 'it''s'\nblock: |\n  one\n  two\nfolded: >-\n  one\n  two\ntext: !!str 5\n<<: 1.5\n";
    const value = parseManifest(text, 'yaml');
    expect(Object.entries(Object(value))).toEqual([
      ['__proto__', { a: 1 }],
      ['constructor', null],
      ['q', "it's"],
      ['block', 'one\ntwo\n'],
      ['folded', 'one two'],
      ['text', '5'],
      ['<<', 1.5],
    ]);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  });

  it('is YAML 1.2: `no` and times are texts', () => {
    expect(parseManifest('a: no\nb: 2027-01-01T00:00:00Z\nc: 0o17', 'yaml')).toEqual({ a: 'no', b: '2027-01-01T00:00:00Z', c: 15 });
  });

  it('finds duplicate keys among many in bounded time', () => {
    const keys = Array.from({ length: 50_000 }, (_, i) => `  k${i}: 1`).join('\n');
    expect(fault(`a:\n${keys}\n  k7: 2`, 'yaml')).toBe('400 malformed_document 50002:3');
  });

  it('larger than 8 MiB has to be sent as JSON', () => {
    expect(refusal(() => parseManifest('#'.repeat(8 * 1024 * 1024 + 1), 'yaml'))).toMatchObject({
      status: 413,
      code: 'document_too_large',
    });
  });
});

describe('either', () => {
  it.each(['json', 'yaml'] as const)('%s may be 32 levels deep, and no deeper', (format) => {
    const nested = (levels: number): string => `${'['.repeat(levels)}${']'.repeat(levels)}`;
    expect(parseManifest(nested(32), format)).toBeInstanceOf(Array);
    expect(fault(nested(33), format)).toBe('422 document_too_deep 1:33');
    expect(refusal(() => parseManifest(nested(10_000), format))).toMatchObject({ status: 422, code: 'document_too_deep' });
    expect(refusal(() => parseManifest('['.repeat(200_000), format)).status).toBeLessThan(500);
  });

  it('says the same: YAML written from a document resolves to the rows of the JSON', () => {
    const json = parseManifest(JSON.stringify(RICH), 'json');
    const yaml = parseManifest(toYaml(RICH as Parameters<typeof toYaml>[0]), 'yaml');
    expect(yaml).toEqual(json);
    expect(resolved(yaml, organization())).toEqual(resolved(json, organization()));
  });
});

describe('times', () => {
  it.each([
    ['2027-01-01T00:00:00Z', Date.UTC(2027, 0, 1)],
    ['2027-01-01T00:00Z', Date.UTC(2027, 0, 1)],
    ['2028-02-29T23:59:59.9999+05:30', Date.UTC(2028, 1, 29, 18, 29, 59, 999)],
    ['0050-01-01T00:00:00-12:00', Date.parse('0050-01-01T12:00:00Z')],
    ['+012345-01-01T00:00:00Z', Date.parse('+012345-01-01T00:00:00Z')],
  ])('%s is read', (text, ms) => {
    expect(parseTime(text)).toBe(ms);
  });

  it.each([
    '2027-01-01',
    '2027-01-01T00:00:00',
    '2027-13-01T00:00:00Z',
    '2027-04-31T00:00:00Z',
    '2027-01-01T24:00:00Z',
    '2027-01-01T00:60:00Z',
    '2027-01-01T00:00:60Z',
    '2027-01-01T00:00:00+24:00',
    '2027-01-01t00:00:00z',
    ' 2027-01-01T00:00:00Z',
    '-000000-01-01T00:00:00Z',
    '+999999-01-01T00:00:00Z',
    '1767225600000',
    '',
  ])('%j is none', (text) => {
    expect(parseTime(text)).toBeNull();
  });

  it('are written as they are read, without zero milliseconds', () => {
    expect(formatTime(Date.UTC(2027, 0, 1))).toBe('2027-01-01T00:00:00Z');
    expect(formatTime(1)).toBe('1970-01-01T00:00:00.001Z');
    for (const ms of [0, -1, 253_402_300_800_000, -62_200_000_000_000, 8.64e15]) expect(parseTime(formatTime(ms))).toBe(ms);
    expect(parseTime(formatTime(9e15))).toBe(8.64e15);
  });
});
