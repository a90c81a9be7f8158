import { describe, expect, it } from 'vitest';
import { readJson, readProperties, readTexts } from '../../../src/core/compile/read.ts';
import { LIMITS } from '../../../src/core/terms/limits.ts';

describe('reading a JSON column', () => {
  it('refuses what is nested deeper than the limit, but not brackets within texts', () => {
    const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
    expect(readJson(nested(LIMITS.jsonDepth))).toBeDefined();
    expect(readJson(nested(LIMITS.jsonDepth + 1))).toBeUndefined();
    expect(readJson(nested(1e6))).toBeUndefined();
    expect(readJson(JSON.stringify(`\\"${nested(100)}`))).toBe(`\\"${nested(100)}`);
  });

  it('gives texts sorted by code point, each once', () => {
    expect(readTexts('["\u{1F600}", "\uFFFD", "a", "a"]')).toEqual(['a', '\uFFFD', '\u{1F600}']);
    expect(readTexts('["a", null]')).toBeUndefined();
    expect(readTexts('{"length": 0}')).toBeUndefined();
  });

  it('gives properties in one form, and none as an empty text', () => {
    expect(readProperties(' { } ')).toBe('');
    expect(readProperties('{"b":1,"a":{"d":1,"c":2}}')).toBe('{"a":{"c":2,"d":1},"b":1}');
    expect(readProperties('null')).toBeUndefined();
    expect(readProperties('"{}"')).toBeUndefined();
  });
});
