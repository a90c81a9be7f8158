/** When keys were last used: seldom written, many at once, and never in the way. */
import { describe, expect, it } from 'vitest';
import { type KeyUse, KeyUses } from '../../src/authn/key-uses.ts';

const key = (id: string): { organization: string; keyId: string; hash: string } => ({
  organization: 'o',
  keyId: id,
  hash: `hash of ${id}`,
});

function world(note: (uses: readonly KeyUse[]) => Promise<void> = async () => {}) {
  const written: (readonly KeyUse[])[] = [];
  const work: Promise<unknown>[] = [];
  const uses = new KeyUses(
    {
      note: (given) => {
        written.push(given);
        return note(given);
      },
    },
    async () => {},
  );
  const life = { waitUntil: (promise: Promise<unknown>) => void work.push(promise) };
  return { uses, life, written, settle: () => Promise.all(work), work };
}

describe('noting when keys are used', () => {
  it('writes a key down once a minute, however often it is used', async () => {
    const { uses, life, written, settle } = world();
    for (let now = 0; now < 130_000; now += 1_000) {
      uses.note(key('a'), now, life);
      await settle();
    }
    expect(written.map(([use]) => use?.at)).toEqual([0, 60_000, 120_000]);
  });

  it('gathers all keys that come meanwhile into one write', async () => {
    const { uses, life, written, settle, work } = world();
    for (let i = 0; i < 500; i++) uses.note(key(`k${i}`), i % 900, life);
    expect(work).toHaveLength(1);
    await settle();
    expect(written.map((each) => each.length)).toEqual([500]);
  });

  it('loses a note that can not be written, and nothing else', async () => {
    const { uses, life, written, settle } = world(async () => {
      throw new Error('the database is down');
    });
    uses.note(key('a'), 0, life);
    await expect(settle()).resolves.toBeDefined();
    uses.note(key('b'), 1_500, life);
    await settle();
    expect(written.map(([use]) => use?.keyId)).toEqual(['a', 'b']);
  });

  it('is taken over by another request when the one that gathers was cut off', async () => {
    const waiting: (() => void)[] = [];
    const written: (readonly KeyUse[])[] = [];
    const store = { note: async (given: readonly KeyUse[]) => void written.push(given) };
    const uses = new KeyUses(store, () => new Promise((resolve) => waiting.push(resolve)));
    const life = { waitUntil: () => {} };
    uses.note(key('a'), 0, life);
    uses.note(key('b'), 9_000, life);
    expect(waiting).toHaveLength(1);
    uses.note(key('c'), 11_000, life);
    expect(waiting).toHaveLength(2);
    waiting[1]!();
    await new Promise((resolve) => setTimeout(resolve, 0));
    expect(written.flat().map(({ keyId }) => keyId)).toEqual(['a', 'b', 'c']);
  });
});
