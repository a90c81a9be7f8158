/**
 * Revisions of the past through the data plane against the naive evaluator on the rows of then: random worlds, several revisions each, published one by
 * one or some together; every revision by its number and by times at which it was the newest, with the clock of then or of now.
 */
import { describe, expect, it } from 'vitest';
import type { OrganizationRows } from '../../src/core/terms/rows.ts';
import { Pdp, type Session, type WantedPast } from '../../src/pdp/pdp.ts';
import type { KeptRefusal, KeptRevision, OrganizationPorts, Pointer, WantedRevision } from '../../src/pdp/ports.ts';
import { askerFor } from '../oracle/oracle.ts';
import { MemoryReader } from '../support/memory-reader.ts';
import { MemoryPieces, memoryCompiler, openBefore, sha256 } from '../support/memory-snapshot.ts';
import { mutateWorld } from './mutate.ts';
import { type Random, randomFrom } from './random.ts';
import { randomWorld, requestOf, type World } from './world.ts';

const SEED = Number(process.env.BITGATE_SEED ?? 20_261_122);
const COMPARISONS = 100_000;
const PUBLISHES = 5;
const HOUR = 3_600_000;
const ORG = 'acme';

interface Published extends Pointer {
  readonly world: World;
  /** ms since 1970, and when the next one took its place */
  readonly at: number;
  until: number;
  kept: boolean;
}

/** The Publisher of one world: what it published, and what of that it keeps. */
class History {
  readonly pieces = new MemoryPieces();
  readonly published: Published[] = [];
  now = 0;

  readonly ports: OrganizationPorts = {
    publisher: {
      pointer: async () => this.newest,
      blob: async (hash) => this.#bytes(hash),
      kept: async (wanted) => this.#find(wanted),
    },
    blobs: { pointer: async () => this.newest, blob: async (hash) => this.#bytes(hash) },
    location: { get: async () => null, put: async () => {} },
  };

  get newest(): Published {
    return this.published.at(-1)!;
  }

  #bytes(hash: string): ArrayBuffer | null {
    const bytes = this.pieces.bytes.get(hash);
    return bytes === undefined ? null : (bytes.slice().buffer as ArrayBuffer); // `slice` copies into a buffer of its own
  }

  #find(wanted: WantedRevision): KeptRevision | KeptRefusal {
    const found = this.published.find(({ revision, at, until }) =>
      'revision' in wanted ? revision === wanted.revision : at <= wanted.time && wanted.time < until,
    );
    if (found === undefined || !found.kept) return { refused: 'dropped', nearest: null, next: null };
    return { revision: found.revision, manifest: found.manifest };
  }
}

/** Publishes some revisions of a world that changes, each some hours after the one before. */
async function publishSome(random: Random, history: History): Promise<void> {
  let world = randomWorld(random);
  const reader = new MemoryReader(world.rows);
  const compiler = memoryCompiler(reader, history.pieces, random.pick([1, 90, 400]));
  let compiled = (await compiler.compile(null, true))!;
  history.now = world.now - PUBLISHES * 12 * HOUR;
  for (let n = 0; n < PUBLISHES; n++) {
    history.published.push({
      revision: await reader.revision(),
      manifest: compiled.manifest,
      behindSince: null,
      world,
      at: history.now,
      until: Number.POSITIVE_INFINITY,
      kept: true,
    });
    const lasting = random.between(1, 24) * HOUR;
    history.now += lasting;
    if (n === PUBLISHES - 1) return;
    history.newest.until = history.now;
    for (let commits = random.between(1, 2); commits > 0; commits--) {
      const mutation = mutateWorld(random, world, 8);
      world = mutation.world;
      reader.commit(mutation.rows, mutation.touched);
    }
    compiled = (await compiler.compile(openBefore(history.pieces, compiled), false))!;
  }
}

function isolate(history: History, pastBytes: number): Pdp {
  const surroundings = {
    now: () => history.now,
    random: () => 0,
    sleep: (ms: number) => new Promise<void>((wake) => setTimeout(wake, ms)),
    sha256: async (bytes: ArrayBuffer) => sha256(new Uint8Array(bytes)),
  };
  return new Pdp(() => history.ports, surroundings, {}, undefined, pastBytes);
}

/** Each question of the world, to a session and to the naive one. @returns how many, and how many of them the present rows answer otherwise */
async function compare(session: Session, then: World, present: OrganizationRows, now: number, where: string): Promise<[number, number]> {
  const time = session.at ?? now;
  const naive = askerFor(then.rows, time, then.options);
  const today = askerFor(present, now, then.options);
  let [comparisons, otherwise] = [0, 0];
  for (const subject of then.subjects) {
    for (const resource of then.resources) {
      const [about, aboutToday] = [naive.about(subject, resource), today.about(subject, resource)];
      for (const action of then.actions) {
        const request = requestOf(then, subject, action, resource);
        const expected = about.decide(request.action, request.context);
        const got = await session.decide(request, time, then.options);
        comparisons++;
        if (aboutToday.decide(request.action, request.context).reason !== expected.reason) otherwise++;
        if (got.decision !== expected.decision || got.reason !== expected.reason)
          throw new Error(`${where}: ${JSON.stringify(request)} is ${JSON.stringify(got)}, the oracle says ${JSON.stringify(expected)}`);
      }
    }
  }
  return [comparisons, otherwise];
}

describe('a revision of the past, through the data plane', () => {
  it(`answers as the naive evaluator on the rows of then: ${COMPARISONS} questions (seed ${SEED})`, async () => {
    const tally = { comparisons: 0, otherwise: 0, refused: 0 };
    for (let n = 0; tally.comparisons < COMPARISONS; n++) {
      const random = randomFrom(SEED + n);
      const history = new History();
      await publishSome(random, history);
      for (const each of history.published.slice(0, -1)) each.kept = random.chance(0.8);
      // A memory that holds nothing, that has to make room, or that holds it all.
      const pdp = isolate(history, random.pick([1_000, 120_000, 8_000_000]));
      const life = { waitUntil: () => {} };
      if (random.chance(0.7)) await pdp.open(ORG, {}, life);
      const { world: present } = history.newest;
      for (let questions = 0; questions < 8; questions++) {
        const { revision, at, until, kept, world } = random.pick(history.published);
        const within = Math.min(until, history.now + 1) - at;
        const time = at + Math.floor((random.between(0, 1_000) / 1_001) * within);
        const wanted: WantedPast = random.pick<WantedPast>([
          { revision },
          { time },
          { revision, time: world.now + random.between(-72, 72) * HOUR },
        ]);
        const where = `world ${SEED + n}, ${JSON.stringify(wanted)}`;
        if (!kept) {
          await expect(pdp.openKept(ORG, wanted), where).rejects.toMatchObject({ code: 'revision_dropped' });
          tally.refused++;
          continue;
        }
        const session = await pdp.openKept(ORG, wanted);
        expect([session.revision, session.at], where).toEqual([revision, wanted.time ?? null]);
        const [comparisons, otherwise] = await compare(session, world, present.rows, history.now, where);
        tally.comparisons += comparisons;
        tally.otherwise += otherwise;
      }
    }
    const share = ((100 * tally.otherwise) / tally.comparisons).toFixed(1);
    console.log(
      `${tally.comparisons} questions about the past, ${share} % of them answered otherwise today; ${tally.refused} refused; seed ${SEED}`,
    );
    expect(tally.otherwise / tally.comparisons, 'the past differs').toBeGreaterThan(0.05);
    expect(tally.refused).toBeGreaterThan(0);
  }, 300_000);
});
