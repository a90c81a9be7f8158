import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../../src/core/sets/canonical-json.ts';

describe('canonicalJson', () => {
  it('sorts keys by code point on every level and writes no whitespace', () => {
    expect(canonicalJson({ b: [{ d: 1, c: null }], a: 'x' })).toBe('{"a":"x","b":[{"c":null,"d":1}]}');
    expect(canonicalJson({ '\u{1F600}': 1, '\uFFFD': 2 })).toBe('{"\uFFFD":2,"\u{1F600}":1}');
  });

  it.each(['{"__proto__":{"a":1},"constructor":2}', '1e999', '-1e999', '"\\ud800"', '[]', '{}', '-0.5'])(
    '%s reads back as it was',
    (text) => {
      expect(canonicalJson(JSON.parse(text))).toBe(text);
    },
  );
});
