/**
 * The compiled evaluator against the naive one: every subject × action × resource of random worlds, decision and reason, through bytes;
 * and again after random changes that were published incrementally, whose bytes must be those of a compile from scratch.
 */
import { describe, expect, it } from 'vitest';
import type { Reason } from '../../src/core/terms/decision.ts';
import type { CompiledRevision } from '../../src/pap/publish/ports.ts';
import { askerFor } from '../oracle/oracle.ts';
import { MemoryReader } from '../support/memory-reader.ts';
import { ask, MemoryPieces, memoryCompiler, openBefore, openSnapshot } from '../support/memory-snapshot.ts';
import { mutateWorld } from './mutate.ts';
import { randomFrom } from './random.ts';
import { randomWorld, requestOf, type World } from './world.ts';

const SEED = Number(process.env.BITGATE_SEED ?? 20_261_121);
const COMPARISONS = Number(process.env.BITGATE_COMPARISONS ?? 1_000_000);
const CHANGES_PER_WORLD = 3;
/** light leaves, so that small worlds have many and every cut is met */
const LEAF_WEIGHTS = [1, 90, 400, undefined];

interface Tally {
  comparisons: number;
  allows: number;
  reasons: Map<Reason, number>;
}

/** Compares every question of a world; throws with the first difference. */
function compare(world: World, compiled: CompiledRevision, pieces: MemoryPieces, tally: Tally, where: string): void {
  const snapshot = openSnapshot(pieces, compiled.manifest);
  const naive = askerFor(world.rows, world.now, world.options);
  for (const subject of world.subjects) {
    for (const resource of world.resources) {
      const about = naive.about(subject, resource);
      for (const action of world.actions) {
        const request = requestOf(world, subject, action, resource);
        const expected = about.decide(request.action, request.context);
        const got = ask(snapshot, pieces, request, world.now, world.options);
        tally.comparisons++;
        if (expected.decision) tally.allows++;
        tally.reasons.set(expected.reason, (tally.reasons.get(expected.reason) ?? 0) + 1);
        if (got.decision !== expected.decision || got.reason !== expected.reason) {
          throw new Error(`${where}: ${JSON.stringify(request)} is ${JSON.stringify(got)}, the oracle says ${JSON.stringify(expected)}`);
        }
      }
    }
  }
}

describe('the compiled evaluator and the naive one', () => {
  it(`agree on ${COMPARISONS} questions (seed ${SEED}), and incremental bytes are those of a full compile`, async () => {
    const tally: Tally = { comparisons: 0, allows: 0, reasons: new Map() };
    let publishes = 0;
    for (let n = 0; tally.comparisons < COMPARISONS; n++) {
      const random = randomFrom(SEED + n);
      let world = randomWorld(random);
      const leafWeight = LEAF_WEIGHTS[n % LEAF_WEIGHTS.length];
      const reader = new MemoryReader(world.rows);
      const pieces = new MemoryPieces();
      const compiler = memoryCompiler(reader, pieces, leafWeight);
      let compiled = (await compiler.compile(null, true))!;
      expect(compiled.problems, `world ${SEED + n}: every row is readable`).toEqual([]);
      compare(world, compiled, pieces, tally, `world ${SEED + n}`);
      for (let change = 1; change <= CHANGES_PER_WORLD; change++) {
        const mutation = mutateWorld(random, world);
        world = mutation.world;
        reader.commit(mutation.rows, mutation.touched);
        const where = `world ${SEED + n}, change ${change} (${mutation.done.join(', ')})`;
        compiled = (await compiler.compile(openBefore(pieces, compiled), false))!;
        expect(compiled.full, where).toBe(false);
        const scratch = await memoryCompiler(reader, new MemoryPieces(), leafWeight).compile(null, true);
        expect(compiled.manifest, `${where}: bytes`).toBe(scratch?.manifest);
        publishes++;
        if (change === CHANGES_PER_WORLD) compare(world, compiled, pieces, tally, where);
      }
    }
    const shares = [...tally.reasons].map(([reason, count]) => `${reason} ${((100 * count) / tally.comparisons).toFixed(1)} %`);
    console.log(
      `${tally.comparisons} comparisons, seed ${SEED}, ${publishes} incremental publishes, ${((100 * tally.allows) / tally.comparisons).toFixed(1)} % allows; ${shares.join(', ')}`,
    );
    expect(tally.comparisons).toBeGreaterThanOrEqual(COMPARISONS);
    expect(tally.allows / tally.comparisons).toBeGreaterThanOrEqual(0.3);
    for (const [reason, count] of tally.reasons) expect(count / tally.comparisons, reason).toBeGreaterThanOrEqual(0.01);
  }, 600_000);
});
