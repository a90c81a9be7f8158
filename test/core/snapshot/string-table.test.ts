/** Text tables: a text is found iff it is there, byte for byte, whatever its hash. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareCodePoints } from '../../../src/core/sets/compare.ts';
import { hash32, hashAscii, hashText } from '../../../src/core/sets/hash.ts';
import { encodeUtf8 } from '../../../src/core/sets/utf8.ts';
import { CorruptPiece, SectionReader, writeSections } from '../../../src/core/snapshot/sections.ts';
import { SoughtRef } from '../../../src/core/snapshot/sought-ref.ts';
import { encodeSharing, encodeTexts, StringTable } from '../../../src/core/snapshot/string-table.ts';
import { ref, text } from './arbitrary.ts';

function tableOf(texts: readonly string[], names = false): StringTable {
  return open(names ? encodeSharing(texts) : encodeTexts(texts), names);
}

function open(sections: readonly ArrayBufferView[], names: boolean): StringTable {
  return new StringTable('keys', new SectionReader('keys', writeSections('keys', sections), 2), names);
}

const sought = new SoughtRef();

const sorted = (texts: Iterable<string>): string[] => [...new Set(texts)].sort(compareCodePoints);

/** Two texts `user:<n>` with one `hashText`, by search: 30 bits meet among some 40,000. */
function withOneHash(): [string, string] {
  const seen = new Map<number, string>();
  for (let n = 0; ; n++) {
    const candidate = `user:${n}`;
    const other = seen.get(hashText(candidate));
    if (other !== undefined) return [other, candidate];
    seen.set(hashText(candidate), candidate);
  }
}

describe('a text table', () => {
  it('finds each of its texts at its index, and no other', () => {
    fc.assert(
      fc.property(fc.array(text, { maxLength: 30 }).map(sorted), text, (texts, other) => {
        const table = tableOf(texts);
        texts.forEach((one, i) => {
          expect(table.get(i)).toBe(one);
          expect(table.indexOf(one)).toBe(i);
        });
        expect(table.indexOf(other)).toBe(texts.indexOf(other));
      }),
    );
  });

  it('finds `type:id` as two parts where it finds it as one', () => {
    const parts = fc.tuple(fc.constantFrom('user', 'us', 'é', 'a/b', ''), text);
    fc.assert(
      fc.property(fc.array(ref, { maxLength: 20 }).map(sorted), parts, (texts, [type, id]) => {
        const table = tableOf(texts);
        expect(table.indexOfRef(sought.set(type, id))).toBe(texts.indexOf(`${type}:${id}`));
        for (const one of texts) {
          const colon = one.indexOf(':');
          const [ownType, ownId] = [one.slice(0, colon), one.slice(colon + 1)];
          expect(table.indexOfRef(sought.set(ownType, ownId))).toBe(texts.indexOf(one));
        }
      }),
    );
  });

  it('never takes the two bytes of one character for two characters', () => {
    const bytesAsLatin1 = (one: string): string => String.fromCharCode(...encodeUtf8(one));
    for (const one of ['é', 'ÿ', 'user:é', 'éé', '日', '\u{1f600}', 'user:\u{1f600}']) {
      const table = tableOf([one]);
      const other = bytesAsLatin1(one);
      expect(other.length).toBe(encodeUtf8(one).length);
      expect(table.indexOf(other)).toBe(-1);
      // even when the hash is the one that would find it
      expect(table.indexOfHashed(other, hashText(one))).toBe(-1);
      expect(table.isRef(0, sought.set('user', other.slice('user:'.length)))).toBe(false);
      expect(table.indexOfHashed(one, hashText(one))).toBe(0);
    }
  });

  it('tells texts of one hash apart', () => {
    const [a, b] = withOneHash();
    expect(a).not.toBe(b);
    const both = tableOf(sorted([a, b]));
    expect(both.get(both.indexOf(a))).toBe(a);
    expect(both.get(both.indexOf(b))).toBe(b);
    const one = tableOf([a]);
    expect(one.indexOf(b)).toBe(-1);
    expect(one.indexOfRef(sought.set('user', b.slice('user:'.length)))).toBe(-1);
    expect(one.indexOfRef(sought.set('user', a.slice('user:'.length)))).toBe(0);
  });

  it('ends its search in a table where every slot that may be taken is', () => {
    for (const count of [0, 1, 2, 3, 4, 7, 8, 9, 1_023, 1_024, 1_025]) {
      const texts = sorted(Array.from({ length: count }, (_, i) => `k${i}`));
      const table = tableOf(texts);
      expect(table.count).toBe(count);
      for (let i = 0; i < 2_000; i++) expect(table.indexOf(`no${i}`)).toBe(-1);
      for (const [i, one] of texts.entries()) expect(table.indexOf(one)).toBe(i);
    }
  });

  it('SEC-09 holds 65,535, 65,536 and 65,537 texts', () => {
    for (const count of [65_535, 65_536, 65_537]) {
      const texts = sorted(Array.from({ length: count }, (_, i) => `user:${i}`));
      const table = tableOf(texts);
      for (const i of [0, 1, 65_534, count - 1]) expect(table.indexOf(texts[i]!)).toBe(i);
      expect(table.indexOf('user:x')).toBe(-1);
    }
  });

  it('is refused when its texts do not strictly ascend by code point', () => {
    for (const texts of [
      ['b', 'a'],
      ['a', 'a'],
      ['ab', 'a'],
      ['\u{10000}', '\uffff'],
      ['é', 'z'],
    ]) {
      expect(() => tableOf(texts), JSON.stringify(texts)).toThrow(CorruptPiece);
    }
    expect(() => tableOf(['\uffff', '\u{10000}'])).not.toThrow();
    expect(() => tableOf([''])).not.toThrow();
  });

  it('that allows repeats finds the first of equal texts', () => {
    const table = tableOf(['a', 'b', 'b', 'c'], true);
    expect([table.indexOf('a'), table.indexOf('b'), table.indexOf('c')]).toEqual([0, 1, 3]);
    expect(() => tableOf(['b', 'a'], true)).toThrow(CorruptPiece);
  });
});

describe('hashes', () => {
  it('are the same for a text, its parts and its ASCII bytes, and `hashText` the low 30 bits of `hash32`', () => {
    fc.assert(
      fc.property(fc.constantFrom('user', 'é', ''), text, (type, id) => {
        const whole = `${type}:${id}`;
        expect(hashText(whole)).toBe(hash32(whole) & 0x3fff_ffff);
        expect(sought.set(type, id).hash).toBe(hashText(whole));
        const bytes = encodeUtf8(whole);
        expect(hashAscii(bytes, 0, bytes.length)).toBe(bytes.length === whole.length ? hashText(whole) : -1);
      }),
    );
  });
});

describe('a table of names', () => {
  const alike = fc.array(
    fc.tuple(fc.constantFrom('', 'a', 'area.', 'area.thing:', 'aré', 'ar\u{1f600}'), text).map((parts) => parts.join('')),
  );

  it('gives and finds each of its names, also one that is there twice, at its first index', () => {
    fc.assert(
      fc.property(alike, (names) => {
        const all = [...names].sort(compareCodePoints);
        const table = tableOf(all, true);
        expect(Array.from({ length: table.count }, (_, i) => table.get(i))).toEqual(all);
        for (const name of all) expect(table.indexOf(name)).toBe(all.indexOf(name));
      }),
    );
  });

  it('takes fewer bytes where names share their beginnings, and holds none that is longer than 65,535', () => {
    const names = Array.from({ length: 1_000 }, (_, i) => `some-service.some-resource:${i}`).sort(compareCodePoints);
    const size = (sections: readonly ArrayBufferView[]): number => sections.reduce((sum, { byteLength }) => sum + byteLength, 0);
    expect(size(encodeSharing(names))).toBeLessThan(size(encodeTexts(names)) / 4);
    expect(tableOf(['x'.repeat(65_535)], true).get(0)).toHaveLength(65_535);
    expect(() => encodeSharing(['x'.repeat(65_536)])).toThrow(RangeError);
  });

  it('is refused in every form but the one', () => {
    // 100,000 texts of 60,000 bytes, from few: not even tried
    const vast = Uint16Array.from({ length: 200_000 }, (_, i) => (i === 0 ? 0 : i === 1 || i % 2 === 0 ? 60_000 : 0));
    expect(() => open([vast, new Uint8Array(60_000)], true)).toThrow(CorruptPiece);
    const bytes = (letters: string): Uint8Array => encodeUtf8(letters);
    expect(open([Uint16Array.of(0, 2, 1, 1), bytes('abc')], true).get(1)).toBe('ac');
    for (const [lengths, rests] of [
      [[0, 2, 0, 2], 'abac'],
      [[1, 1], 'a'],
      [[0, 2, 3, 1], 'abc'],
      [[0, 2, 1], 'ab'],
      [[0, 2, 1, 2], 'abc'],
      [[0, 2, 1, 0], 'abc'],
      [[0, 2, 1, 0], 'ab'],
      [[0, 1, 0, 1], 'ba'],
    ] as const) {
      expect(() => open([Uint16Array.from(lengths), bytes(rests)], true), `${lengths} ${rests}`).toThrow(CorruptPiece);
    }
  });
});
