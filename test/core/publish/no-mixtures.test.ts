/** Whatever is committed while a compile reads: what it labels with a revision are the rows of that revision, and nothing else. */
import { describe, expect, it } from 'vitest';
import { Manifest } from '../../../src/core/snapshot/manifest.ts';
import type { OrganizationRows } from '../../../src/core/terms/rows.ts';
import { mutateWorld } from '../../properties/mutate.ts';
import { randomFrom } from '../../properties/random.ts';
import { randomWorld } from '../../properties/world.ts';
import { MemoryReader } from '../../support/memory-reader.ts';
import { MemoryPieces, memoryCompiler, openBefore } from '../../support/memory-snapshot.ts';
import { contentOf, fromScratch, LEAF_WEIGHT, smallPages } from './support.ts';

/** A world whose rows of every revision are kept. */
function keptWorld(seed: number) {
  const random = randomFrom(seed);
  let world = randomWorld(random);
  const reader = new MemoryReader(world.rows);
  const rowsOf = new Map<number, OrganizationRows>([[1, world.rows]]);
  const commit = (): void => {
    const mutation = mutateWorld(random, world);
    world = mutation.world;
    reader.commit(mutation.rows, mutation.touched);
    rowsOf.set(rowsOf.size + 1, mutation.rows);
  };
  return { random, reader, rowsOf, commit };
}

/** Compiles everything while a transaction commits before each read that `when` picks. Returns how many reads there were. */
async function compileAmid(seed: number, when: (read: number) => boolean): Promise<number> {
  const { reader, rowsOf, commit } = keptWorld(seed);
  let reads = 0;
  reader.onRead = () => {
    reads++;
    if (when(reads)) commit();
  };
  const pieces = new MemoryPieces();
  const compiled = await memoryCompiler(smallPages(reader, 3), pieces, LEAF_WEIGHT).compile(null, true);
  const where = `seed ${seed}, revision ${compiled?.revision}`;
  expect(compiled?.full, where).toBe(true);
  expect(compiled?.problems, where).toEqual([]);
  expect(new Manifest(pieces.bytes.get(compiled!.manifest)!).revision, where).toBe(compiled!.revision);
  expect(contentOf(pieces, compiled!.manifest), where).toEqual(await fromScratch(rowsOf.get(compiled!.revision)!));
  return reads;
}

describe('SEC-16 a full compile', () => {
  it('is that of one revision when a transaction commits before any one of its reads', async () => {
    let committed = 0;
    for (let seed = 1; seed <= 20; seed++) {
      const reads = await compileAmid(seed, () => false);
      expect(reads).toBeGreaterThan(6);
      for (let n = 1; n <= reads; n++) {
        await compileAmid(seed, (read) => read === n);
        committed++;
      }
    }
    expect(committed).toBeGreaterThan(200);
  });

  it('is that of one revision when transactions commit before all of its reads, or many', async () => {
    for (let seed = 100; seed < 160; seed++) {
      const random = randomFrom(seed);
      await compileAmid(seed, (read) => read <= 40 && (seed % 2 === 0 || random.chance(0.4)));
    }
  });
});

/** Steps of so few keys and changes that everything takes many. */
const SMALL = { keys: 3, changes: 2 };

/**
 * Compiles in steps, put away as text after every few of them and taken up by another compiler, while a transaction commits before each read that
 * `when` picks. Returns how many reads and turns it took.
 */
async function compileInTurns(seed: number, budget: number, when: (read: number) => boolean): Promise<{ reads: number; turns: number }> {
  const { reader, rowsOf, commit } = keptWorld(seed);
  const pieces = new MemoryPieces();
  const compiler = () => memoryCompiler(reader, pieces, LEAF_WEIGHT, SMALL);
  const first = (await compiler().compile(null, true))!;
  let reads = 0;
  reader.onRead = () => {
    reads++;
    if (when(reads)) commit();
  };
  const full = seed % 2 === 0;
  if (!full) for (let i = 0; i < 6; i++) commit();
  let draft = await compiler().begin(openBefore(pieces, first), full);
  for (let turns = 1; ; turns++) {
    let left = budget;
    const compiled = await compiler().advance(draft, () => --left > 0);
    draft = JSON.parse(JSON.stringify(draft));
    if (compiled === null) continue;
    const where = `seed ${seed}, budget ${budget}, revision ${compiled.revision}`;
    expect(compiled.full, where).toBe(full);
    expect(contentOf(pieces, compiled.manifest), where).toEqual(await fromScratch(rowsOf.get(compiled.revision)!));
    return { reads, turns };
  }
}

describe('SEC-16 a compile in steps, put away between any two of them', () => {
  it('is that of one revision, when a transaction commits before any one of its reads, whatever the budget', async () => {
    let most = 0;
    for (const budget of [1, 2, 5]) {
      for (let seed = 300; seed < 306; seed++) {
        const { reads, turns } = await compileInTurns(seed, budget, () => false);
        most = Math.max(most, turns);
        for (let n = 1; n <= reads; n++) await compileInTurns(seed, budget, (read) => read === n);
      }
    }
    expect(most).toBeGreaterThan(10);
  });

  it('is that of one revision when transactions commit before many of its reads, and ends while they go on', async () => {
    for (let seed = 400; seed < 440; seed++) {
      const random = randomFrom(seed);
      await compileInTurns(seed, 1 + (seed % 4), () => random.chance(0.6));
    }
  });

  it('ends, at a writer that commits before every read, once a step brings in more than one of its transactions', async () => {
    for (let seed = 500; seed < 520; seed++) await compileInTurns(seed, 3, () => true);
  });
});

describe('SEC-16 an incremental compile', () => {
  it('is that of one revision when transactions commit before it reads, and the next one brings the rest', async () => {
    for (let seed = 200; seed < 240; seed++) {
      const { reader, rowsOf, commit } = keptWorld(seed);
      const pieces = new MemoryPieces();
      const compiler = memoryCompiler(smallPages(reader, 3), pieces, LEAF_WEIGHT);
      let compiled = (await compiler.compile(null, true))!;
      let commits = 3;
      reader.onRead = () => {
        if (commits-- > 0) commit();
      };
      for (let round = 0; round < 4; round++) {
        const next = await compiler.compile(openBefore(pieces, compiled), false);
        if (next === null) break;
        compiled = next;
        expect(contentOf(pieces, compiled.manifest), `seed ${seed}`).toEqual(await fromScratch(rowsOf.get(compiled.revision)!));
      }
      expect(compiled.revision).toBe(rowsOf.size);
      expect(await compiler.compile(openBefore(pieces, compiled), false)).toBe(null);
    }
  });
});
