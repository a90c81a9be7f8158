/** Cutting leaves: against the rule written down as a recursion, from scratch and after changes, for keys of any priorities. */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CutItem, LeafCutter, priority } from '../../../src/core/compile/cutter.ts';
import { type EntryChange, TreeBuilder, type TreeIo, updateTree } from '../../../src/core/compile/tree.ts';
import { compareCodePoints } from '../../../src/core/sets/compare.ts';
import type { LeafCodec } from '../../../src/core/snapshot/codec.ts';
import type { LeafRecord } from '../../../src/core/snapshot/manifest.ts';
import { type Random, randomFrom } from '../../properties/random.ts';

interface Entry {
  readonly key: string;
  readonly weight: number;
  readonly content: number;
}

/** Leaves as JSON: what is tested is where they are cut. */
const CODEC: LeafCodec<Entry> = {
  weight: (entry) => entry.weight,
  encode: (entries) => new TextEncoder().encode(JSON.stringify(entries)),
  decode: (bytes) => JSON.parse(new TextDecoder().decode(bytes)),
  count: (bytes) => JSON.parse(new TextDecoder().decode(bytes)).length,
};

/** The rule, word for word. */
function cutByRule(range: readonly Entry[], limit: number): (readonly Entry[])[] {
  if (range.length === 0) return [];
  if (range.length === 1 || range.reduce((sum, entry) => sum + entry.weight, 0) <= limit) return [range];
  let cut = 1;
  for (let i = 2; i < range.length; i++) if (priority(range[i]!.key) > priority(range[cut]!.key)) cut = i;
  return [...cutByRule(range.slice(0, cut), limit), ...cutByRule(range.slice(cut), limit)];
}

class Store implements TreeIo {
  readonly pieces = new Map<string, Uint8Array>();
  loads = 0;
  puts = 0;

  async load(record: LeafRecord): Promise<Uint8Array> {
    this.loads++;
    return this.pieces.get(record.hash)!;
  }

  async put(bytes: Uint8Array): Promise<string> {
    const hash = createHash('sha256').update(bytes).digest('hex');
    if (!this.pieces.has(hash)) this.puts++;
    this.pieces.set(hash, bytes);
    return hash;
  }

  entries(records: readonly LeafRecord[]): Entry[][] {
    return records.map((record) => CODEC.decode(this.pieces.get(record.hash)!));
  }
}

async function build(entries: readonly Entry[], limit: number, store = new Store()): Promise<LeafRecord[]> {
  const builder = new TreeBuilder(CODEC, store, limit);
  await builder.entries(entries);
  return builder.finish();
}

const byKey = (a: Entry, b: Entry): number => compareCodePoints(a.key, b.key);

function sorted(entries: Iterable<Entry>): Entry[] {
  return [...entries].sort(byKey);
}

/** What must be true of leaves whoever made them. */
function checkLeaves(leaves: readonly (readonly Entry[])[], entries: readonly Entry[], limit: number): void {
  expect(leaves.flat()).toEqual(entries);
  for (const leaf of leaves) {
    expect(leaf.length).toBeGreaterThan(0);
    if (leaf.length > 1) expect(leaf.reduce((sum, entry) => sum + entry.weight, 0)).toBeLessThanOrEqual(limit);
  }
}

const entry: fc.Arbitrary<Entry> = fc.record({
  key: fc.string({ unit: fc.constantFrom('a', 'b', 'é', '\u{1f600}', '\uffff', '\0'), maxLength: 5 }),
  weight: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.constantFrom(49, 50, 51, 500)),
  content: fc.nat(9),
});
const world = fc.uniqueArray(entry, { maxLength: 60, selector: ({ key }) => key }).map(sorted);
const LIMIT = 50;

/** Random inserts, updates and deletes, in key order; `pool` names keys that may be there. */
function randomChanges(random: Random, entries: readonly Entry[], most: number): EntryChange<Entry>[] {
  const changes = new Map<string, Entry | null>();
  for (let n = random.between(1, most); n > 0; n--) {
    const known = entries.length > 0 && random.chance(0.6);
    const key = known ? random.pick(entries).key : `key${random.below(5_000)}`;
    const made = { key, weight: random.between(1, 30), content: random.below(100) };
    changes.set(key, random.chance(0.35) ? null : made);
  }
  return [...changes].map(([key, made]) => ({ key, entry: made })).sort((a, b) => compareCodePoints(a.key, b.key));
}

function apply(entries: readonly Entry[], changes: readonly EntryChange<Entry>[]): Entry[] {
  const result = new Map(entries.map((one) => [one.key, one]));
  for (const { key, entry: made } of changes) {
    if (made === null) result.delete(key);
    else result.set(key, made);
  }
  return sorted(result.values());
}

/** Keys in ascending order whose priorities lie in the given slots of `of`: found by search. */
function keysOfPriorities(slots: readonly number[], of: number): string[] {
  const width = 2 ** 32 / of;
  return slots.map((slot, i) => {
    for (let salt = 0; ; salt++) {
      const key = `k${String(i).padStart(5, '0')}-${salt}`;
      if (Math.floor(priority(key) / width) === slot) return key;
    }
  });
}

/** Pairs of keys of one priority, found by search. */
const TWINS = [
  ['key1hhxkup', 'key1sb51s8'],
  ['key1ktaxgw', 'keyzo39iw'],
  ['key4m2sy', 'keyl49c81'],
  ['key5kvr0f', 'keywg6lgs'],
] as const;

describe('leaves', () => {
  it('lie where the rule says, hold all entries in order, and are light unless they hold one entry alone', async () => {
    await fc.assert(
      fc.asyncProperty(world, async (entries) => {
        const store = new Store();
        const leaves = store.entries(await build(entries, LIMIT, store));
        expect(leaves).toEqual(cutByRule(entries, LIMIT));
        checkLeaves(leaves, entries, LIMIT);
      }),
      { numRuns: 500 },
    );
  });

  it('are recorded with their first key, size, weight, and the highest priority but the first', async () => {
    const entries = sorted(Array.from({ length: 100 }, (_, i) => ({ key: `key${i}`, weight: 7, content: i })));
    const store = new Store();
    const records = await build(entries, LIMIT, store);
    store.entries(records).forEach((leaf, i) => {
      const record = records[i]!;
      expect(record.firstKey).toBe(leaf[0]!.key);
      expect(record.weight).toBe(7 * leaf.length);
      expect(record.top).toBe(Math.max(0, ...leaf.slice(1).map(({ key }) => priority(key))));
      expect(record.bytes).toBe(store.pieces.get(record.hash)!.byteLength);
    });
  });

  it.each([
    ['ascending', Array.from({ length: 80 }, (_, i) => i)],
    ['descending', Array.from({ length: 80 }, (_, i) => 79 - i)],
    ['rising to the middle', Array.from({ length: 80 }, (_, i) => 79 - Math.abs(2 * i - 79))],
    ['falling to the middle', Array.from({ length: 80 }, (_, i) => Math.abs(2 * i - 79))],
    ['alternating', Array.from({ length: 80 }, (_, i) => (i % 2 === 0 ? i : 79 - i))],
  ])('lie where the rule says when priorities are %s, from scratch and after each change of one entry', async (_, slots) => {
    const entries = keysOfPriorities(slots, 80).map((key, i) => ({ key, weight: 1 + (i % 9), content: 0 }));
    const store = new Store();
    const records = await build(entries, LIMIT, store);
    expect(store.entries(records)).toEqual(cutByRule(entries, LIMIT));
    for (const one of entries) {
      for (const made of [null, { ...one, content: 1 }, { ...one, weight: 60 }]) {
        const changes = [{ key: one.key, entry: made }];
        const after = await updateTree(CODEC, records, changes, store, LIMIT);
        expect(store.entries(after)).toEqual(cutByRule(apply(entries, changes), LIMIT));
      }
    }
  });

  it('are cut before the first of keys of equal priority, from scratch and after changes', async () => {
    const random = randomFrom(3);
    for (const [first, second] of TWINS) {
      const top = priority(first);
      expect(priority(second)).toBe(top);
      const all = Array.from({ length: 300 }, (_, n) => `key${((n * 2_654_435_761) % 2 ** 32).toString(36)}`);
      for (let round = 0; round < 300; round++) {
        // all others are lower, so that the pair decides the first cuts, or some are higher, so that the first one lies inside a leaf
        const others = round % 2 === 0 ? all : all.filter((key) => priority(key) < top);
        const entries = sorted(
          [first, second, ...random.sample(others, random.between(6, 30))].map((key) => ({ key, weight: 5, content: 0 })),
        );
        const store = new Store();
        expect(store.entries(await build(entries, LIMIT, store))).toEqual(cutByRule(entries, LIMIT));
        // the second one comes, as the first key of what follows a leaf that may hold the first one
        const without = entries.filter(({ key }) => key !== second);
        const records = await build(without, LIMIT, store);
        const place = records.filter(({ firstKey }) => compareCodePoints(firstKey, second) < 0).at(-1)!;
        const gone = without.filter(({ key }) => compareCodePoints(place.firstKey, key) <= 0 && compareCodePoints(key, second) < 0);
        const added = { key: second, entry: entries.find(({ key }) => key === second)! };
        const changes = [...gone.map(({ key }) => ({ key, entry: null })), added];
        const after = await updateTree(CODEC, records, changes, store, LIMIT);
        expect(store.entries(after)).toEqual(cutByRule(apply(without, changes), LIMIT));
      }
    }
  });
});

describe('leaves after changes', () => {
  it('are those made from scratch, after each of many batches of inserts, updates and deletes', async () => {
    for (let seed = 1; seed <= 60; seed++) {
      const random = randomFrom(seed);
      const store = new Store();
      let entries: Entry[] = [];
      let records: LeafRecord[] = [];
      for (let batch = 0; batch < 40; batch++) {
        const changes = randomChanges(random, entries, random.pick([1, 1, 3, 40]));
        records = await updateTree(CODEC, records, changes, store, LIMIT);
        entries = apply(entries, changes);
        const where = `seed ${seed}, batch ${batch}`;
        expect(records, where).toEqual(await build(entries, LIMIT));
        expect(store.entries(records), where).toEqual(cutByRule(entries, LIMIT));
      }
    }
  });

  it('are those made from scratch when all entries go, when the first leaf goes, and when nothing changes', async () => {
    const entries = sorted(Array.from({ length: 200 }, (_, i) => ({ key: `key${i}`, weight: 7, content: i })));
    const store = new Store();
    const records = await build(entries, LIMIT, store);
    const gone = (those: readonly Entry[]): EntryChange<Entry>[] => those.map(({ key }) => ({ key, entry: null }));
    expect(await updateTree(CODEC, records, gone(entries), store, LIMIT)).toEqual([]);
    for (const leaf of store.entries(records)) {
      const rest = entries.filter((one) => !leaf.includes(one) && !leaf.some(({ key }) => key === one.key));
      expect(await updateTree(CODEC, records, gone(leaf), store, LIMIT)).toEqual(await build(rest, LIMIT));
    }
    const [loads, puts] = [store.loads, store.puts];
    expect(await updateTree(CODEC, records, [], store, LIMIT)).toEqual(records);
    expect([store.loads, store.puts]).toEqual([loads, puts]);
    expect(await updateTree(CODEC, records, [{ key: 'key5', entry: entries.find(({ key }) => key === 'key5')! }], store, LIMIT)).toEqual(
      records,
    );
  });

  it('are few: of 20,000 entries one change loads and writes at most 2 leaves in 19 cases of 20, and never many', async () => {
    const random = randomFrom(7);
    const limit = 4_000;
    const entries = sorted(Array.from({ length: 20_000 }, (_, i) => ({ key: `user:${i}`, weight: random.between(20, 80), content: 0 })));
    const store = new Store();
    const records = await build(entries, limit, store);
    expect(records.length).toBeGreaterThan(250);
    const touched: number[] = [];
    for (let n = 0; n < 600; n++) {
      const key = random.chance(0.5) ? random.pick(entries).key : `user:${random.below(20_000)}x`;
      const made = random.chance(0.3) ? null : { key, weight: random.between(20, 80), content: n + 1 };
      [store.loads, store.puts] = [0, 0];
      await updateTree(CODEC, records, [{ key, entry: made }], store, limit);
      touched.push(Math.max(store.loads, store.puts));
    }
    expect(touched.filter((leaves) => leaves <= 2).length / touched.length).toBeGreaterThanOrEqual(0.95);
    expect(Math.max(...touched)).toBeLessThanOrEqual(6);
  });
});

describe('the cutter', () => {
  it('holds few entries at a time: of 50,000 keys that nobody chose, less than 100 when each is a leaf', () => {
    const keys = Array.from({ length: 50_000 }, (_, i) => `user:${i}`).sort(compareCodePoints);
    const cutter = new LeafCutter<Entry>(1);
    let held = 0;
    let most = 0;
    for (const key of keys) {
      const item: CutItem<Entry> = { entry: { key, weight: 1, content: 0 }, key, weight: 1 };
      cutter.push(item);
      held += 1 - cutter.take().flat().length;
      most = Math.max(most, held);
    }
    expect(most).toBeLessThan(100);
    expect(held).toBe(cutter.finish().flat().length);
  });
});
