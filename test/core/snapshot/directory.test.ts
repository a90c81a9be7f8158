/** Directories: the leaf of a key is the last one whose first key is not above it, however it is asked for. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareCodePoints } from '../../../src/core/sets/compare.ts';
import { type Directory, encodeManifest, Manifest } from '../../../src/core/snapshot/manifest.ts';
import { CorruptPiece } from '../../../src/core/snapshot/sections.ts';
import { SoughtRef } from '../../../src/core/snapshot/sought-ref.ts';
import { text } from './arbitrary.ts';

const sought = new SoughtRef();

function directoryOf(firstKeys: readonly string[]): Directory {
  const principals = firstKeys.map((firstKey) => ({ firstKey, hash: '0'.repeat(64), bytes: 1, weight: 1, top: 0 }));
  const leaves = { principals, resources: [], keys: [] };
  const catalog = { hash: '0'.repeat(64), bytes: 1 };
  return new Manifest(encodeManifest({ organization: 'acme', revision: 1, catalog, reserved: [], leaves })).directories.principals;
}

/** The definition, key by key. */
function linear(firstKeys: readonly string[], key: string): number {
  return firstKeys.findLastIndex((first) => compareCodePoints(first, key) <= 0);
}

/** Neighbours of a text in the order of code points: below it, above it, and longer ones. */
function around(key: string): string[] {
  const points = [...key];
  const last = points.pop();
  const rest = points.join('');
  if (last === undefined) return ['\0'];
  const point = last.codePointAt(0)!;
  const step = (by: number): string[] => {
    let next = point + by;
    if (next >= 0xd800 && next <= 0xdfff) next = by < 0 ? 0xd7ff : 0xe000;
    return next < 0 || next > 0x10ffff ? [] : [rest + String.fromCodePoint(next)];
  };
  return [rest, ...step(-1), ...step(-1).map((below) => `${below}\u{10ffff}`), ...step(1), `${key}\0`, `${key}a`, `${key}\u{10ffff}`];
}

function check(firstKeys: readonly string[], wanted: readonly string[]): void {
  const directory = directoryOf(firstKeys);
  for (const key of wanted) {
    const expected = linear(firstKeys, key);
    expect(directory.find(key), JSON.stringify(key)).toBe(expected);
    const colon = key.indexOf(':');
    // one leaf is asked in any case: it says itself what it doesn't hold
    const found = firstKeys.length === 1 ? 0 : expected;
    if (colon >= 0) expect(directory.findRef(sought.set(key.slice(0, colon), key.slice(colon + 1))), JSON.stringify(key)).toBe(found);
  }
}

const type = fc.constantFrom('user', 'use', 'user-', 'users', 'us', 'a', 'é', 'e', 'group', '\u{1f600}', '\uffff');
const id = fc.oneof(
  text,
  fc.integer({ min: 0, max: 10_000 }).map((n) => `u${String(n).padStart(5, '0')}`),
  fc.string({ unit: fc.constantFrom('\0', 'a', 'b', '\xff', '\u0100', '\u{10000}'), minLength: 1, maxLength: 7 }),
);
const key = fc.tuple(type, id).map((parts) => parts.join(':'));
const sorted = (keys: string[]): string[] => [...new Set(keys)].sort(compareCodePoints);

describe('a directory', () => {
  it('finds the leaf that a linear search finds: of random keys, of every first key and of its neighbours', () => {
    fc.assert(
      fc.property(fc.array(key, { maxLength: 40 }).map(sorted), fc.array(key, { maxLength: 10 }), (firstKeys, others) => {
        check(firstKeys, [...others, ...firstKeys, ...firstKeys.flatMap(around)]);
      }),
      { numRuns: 400 },
    );
  });

  it('does so when the first keys of a type begin alike', () => {
    fc.assert(
      fc.property(text, fc.array(id, { maxLength: 30 }), fc.array(id, { maxLength: 10 }), (prefix, ids, others) => {
        const firstKeys = sorted(['doc:z', 'users:a', ...ids.map((one) => `user:${prefix}${one}`)]);
        const wanted = [...others, ...others.map((one) => prefix + one), prefix, prefix.slice(0, -1)].map((one) => `user:${one}`);
        check(firstKeys, [...wanted.filter((one) => one.isWellFormed()), ...firstKeys, ...firstKeys.flatMap(around)]);
      }),
      { numRuns: 400 },
    );
  });

  it('finds API keys, whose ids have no type, and hold a colon or none', () => {
    fc.assert(
      fc.property(fc.array(text, { maxLength: 30 }).map(sorted), fc.array(text, { maxLength: 10 }), (firstKeys, others) => {
        check(firstKeys, [...others, ...firstKeys, ...firstKeys.flatMap(around)]);
      }),
    );
  });

  it('finds nothing when it is empty, and nothing below its first key', () => {
    check([], ['', 'a', 'user:a']);
    check(['user:b'], ['', 'user:a', 'user:b', 'user:c', 'use:z', 'users:a', 'a:a']);
    check(['user:'], ['user:', 'user:a', 'use:a']);
  });

  it('is refused when its first keys do not strictly ascend by code point', () => {
    for (const firstKeys of [
      ['b', 'a'],
      ['a', 'a'],
      ['\u{10000}', '\uffff'],
    ])
      expect(() => directoryOf(firstKeys)).toThrow(CorruptPiece);
    expect(() => directoryOf(['\uffff', '\u{10000}'])).not.toThrow();
  });
});
