/** Damaged pieces: the hash tells all of them; and the constructors, alone, refuse or read on, but never throw anything else nor hang. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { describePiece } from '../../../src/core/snapshot/describe.ts';
import { CorruptPiece, type PieceKind } from '../../../src/core/snapshot/sections.ts';
import { READ, SAMPLES } from './samples.ts';

// the kinds are the keys
const KINDS = Object.keys(SAMPLES) as PieceKind[];

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** What reading the bytes to their end comes to. Whatever is thrown but CorruptPiece fails the test. */
function outcome(kind: PieceKind, bytes: Uint8Array): 'read' | 'refused' {
  try {
    READ[kind](bytes);
    return 'read';
  } catch (error) {
    if (error instanceof CorruptPiece) return 'refused';
    throw error;
  }
}

/** The bytes with those at `at` set to `values`. */
function withBytes(bytes: Uint8Array, at: number, values: readonly number[]): Uint8Array {
  const copy = bytes.slice();
  copy.set(values, at);
  return copy;
}

function withU32(bytes: Uint8Array, at: number, value: number): Uint8Array {
  const copy = bytes.slice();
  new DataView(copy.buffer).setUint32(at, value, true);
  return copy;
}

/** The bytes that lie in no section: [from, to). */
function paddings(bytes: Uint8Array): [number, number][] {
  const view = new DataView(bytes.buffer);
  const count = view.getUint32(8, true);
  const found: [number, number][] = [];
  let end = 16 + 4 * count;
  let next = Math.ceil(end / 8) * 8;
  for (let i = 0; i <= count; i++) {
    found.push([end, next]);
    if (i === count) break;
    end = next + view.getUint32(16 + 4 * i, true);
    next = Math.ceil(end / 8) * 8;
  }
  return found;
}

describe.each(KINDS)('a damaged %s piece', (kind) => {
  const good = SAMPLES[kind];

  it('whole, can be read', () => {
    expect(outcome(kind, good)).toBe('read');
  });

  it('has another hash after each single flip, and is refused or read without any other error', () => {
    const name = sha256(good);
    let refused = 0;
    for (let at = 0; at < good.length; at++) {
      for (const mask of [1, 2, 4, 8, 16, 32, 64, 128, 255]) {
        const bytes = withBytes(good, at, [good[at]! ^ mask]);
        expect(sha256(bytes)).not.toBe(name);
        if (outcome(kind, bytes) === 'refused') refused++;
      }
    }
    expect(refused).toBeGreaterThan(good.length);
  });

  it('is refused when it is cut short or goes on, whether its header says so or not', () => {
    for (let length = 0; length < good.length; length++) {
      expect(outcome(kind, good.slice(0, length)), `${length}`).toBe('refused');
      if (length >= 8) expect(outcome(kind, withU32(good.slice(0, length), 4, length)), `${length}, said`).toBe('refused');
    }
    for (const extra of [1, 8]) {
      const longer = new Uint8Array(good.length + extra);
      longer.set(good);
      expect(outcome(kind, longer)).toBe('refused');
      expect(outcome(kind, withU32(longer, 4, longer.length))).toBe('refused');
    }
  });

  it('is refused when any byte of its padding is not zero', () => {
    let padded = 0;
    for (const [from, to] of paddings(good)) {
      for (let at = from; at < to; at++) {
        expect(good[at]).toBe(0);
        expect(outcome(kind, withBytes(good, at, [1])), `byte ${at}`).toBe('refused');
        padded++;
      }
    }
    expect(padded).toBeGreaterThan(0);
  });

  it('SEC-09 is refused when lengths of sections, near 2^31 and 2^32 too, only add up modulo 2^32', () => {
    const count = new DataView(good.buffer).getUint32(8, true);
    const lengthAt = (i: number): number => new DataView(good.buffer).getUint32(16 + 4 * i, true);
    for (let i = 0; i < count; i++) {
      for (const length of [2 ** 31 - 8, 2 ** 31, 2 ** 32 - 8, 2 ** 32 - 1])
        expect(outcome(kind, withU32(good, 16 + 4 * i, length))).toBe('refused');
      for (let j = 0; j < count; j++) {
        if (i === j) continue;
        // one section 8 bytes longer than the space that is there modulo 2^32, another one shorter by what is too much
        const wrapped = withU32(
          withU32(good, 16 + 4 * i, (lengthAt(i) + 2 ** 31) % 2 ** 32),
          16 + 4 * j,
          (lengthAt(j) + 2 ** 31) % 2 ** 32,
        );
        expect(outcome(kind, wrapped), `${i}, ${j}`).toBe('refused');
      }
    }
  });

  it('SEC-09 never reads outside of itself when any aligned word of it holds a boundary value', () => {
    for (let at = 0; at + 4 <= good.length; at += 4) {
      for (const value of [0, 1, 2 ** 5, 2 ** 16 - 1, 2 ** 16, 2 ** 24, 2 ** 31 - 1, 2 ** 31, 2 ** 31 + 1, 2 ** 32 - 1]) {
        outcome(kind, withU32(good, at, value));
      }
    }
  });

  it('is refused when its format version or kind is another', () => {
    for (const version of ['0', '2', 'a', '\0']) expect(outcome(kind, withBytes(good, 3, [version.charCodeAt(0)]))).toBe('refused');
    for (const other of KINDS) if (other !== kind) expect(outcome(other, good)).toBe('refused');
  });

  it('has a description, and none when it is of an unknown kind or version', () => {
    expect(describePiece(good)).toBe(describePiece(good.slice()));
    for (const at of [0, 1, 2, 3]) expect(() => describePiece(withBytes(good, at, [0x7e]))).toThrow(CorruptPiece);
    expect(() => describePiece(good.slice(0, 3))).toThrow(CorruptPiece);
    expect(() => describePiece(new Uint8Array(0))).toThrow(CorruptPiece);
  });
});

describe('noise', () => {
  it('behind a right header is refused, or read without any other error', () => {
    let state = 1;
    const next = (): number => {
      state = (state * 48_271) % 2_147_483_647;
      return state;
    };
    for (const kind of KINDS) {
      const good = SAMPLES[kind];
      const body = 16 + 4 * new DataView(good.buffer).getUint32(8, true);
      for (let round = 0; round < 300; round++) {
        const bytes = good.slice();
        for (let hits = 1 + (next() % 8); hits > 0; hits--)
          bytes[body + (next() % (good.length - body))] = next() % 5 === 0 ? 255 : next() % 4;
        outcome(kind, bytes);
      }
    }
  });
});
