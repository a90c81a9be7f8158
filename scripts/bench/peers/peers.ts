/** bitgate beside other engines in one process, all asked the same questions; rounds in turn, every answer compared. */
import { table } from '../../lib/table.ts';
import { type BenchOptions, type BenchResult, type Figure, roundsOf } from '../bench.ts';
import { decide, proveSame, time } from '../core/deciding.ts';
import { compileInMemory } from '../core/in-memory.ts';
import { MapOfSets } from '../core/map-of-sets.ts';
import { populate, SHAPES, type Shape } from '../core/population.ts';
import { REAL_SHAPE } from '../core/real-shape.ts';
import { count, middle, ratio } from '../statistics.ts';
import { casbin } from './casbin.ts';
import { casl } from './casl.ts';
import { cedar } from './cedar.ts';
import { Holdings } from './holdings.ts';
import { installPeers } from './install.ts';
import type { Ask, Peer } from './peer.ts';
import { sqlite } from './sqlite.ts';

const ROUNDS = 5;
const QUESTIONS = 20_000;
const SEED = 77;

const mapOfSets: Peer = {
  name: 'Map of Sets',
  how: 'written by hand',
  asked: { S: QUESTIONS, M: QUESTIONS, L: QUESTIONS, catalog: QUESTIONS },
  async prepare({ rows }) {
    const map = new MapOfSets(rows);
    return (question) => map.check(question);
  },
};

const PEERS: readonly Peer[] = [mapOfSets, sqlite, casl, cedar, casbin];

interface Measured {
  readonly peer: Peer;
  readonly asked: number;
  /** decisions per second, of each round */
  readonly perSecond: number[];
}

interface WorldFigures {
  readonly shape: Shape;
  readonly bitgate: readonly number[];
  readonly peers: readonly Measured[];
}

async function benchWorld(shape: Shape, rounds: number): Promise<WorldFigures> {
  const population = populate(shape);
  const { snapshot } = await compileInMemory(population.rows);
  const questions = population.questions(QUESTIONS, SEED);
  const world = { name: shape.name, rows: population.rows, holdings: new Holdings(population.rows) };
  const asks: Ask[] = [];
  for (const peer of PEERS) asks.push(await peer.prepare({ ...world, questions: questions.slice(0, peer.asked[shape.name]) }));
  const bitgate: number[] = [];
  const peers = PEERS.map((peer): Measured => ({ peer, asked: peer.asked[shape.name] ?? 0, perSecond: [] }));
  const ours = new Uint8Array(QUESTIONS);
  const theirs = new Uint8Array(QUESTIONS);
  // the first round warms up
  for (let round = -1; round < rounds; round++) {
    // anew each round: a request's strings are never those of the one before
    const asked = population.questions(QUESTIONS, SEED);
    const answered = (ask: Ask, amount: number, answers: Uint8Array): number =>
      (amount * 1e9) /
      time(() => {
        for (let i = 0; i < amount; i++) answers[i] = ask(asked[i]!) ? 1 : 0;
      });
    const own = answered((question) => decide(snapshot, question), QUESTIONS, ours);
    if (round >= 0) bitgate.push(own);
    for (let turn = 0; turn < peers.length; turn++) {
      const index = (turn + round + peers.length) % peers.length;
      const { peer, asked: amount, perSecond } = peers[index]!;
      const rate = answered(asks[index]!, amount, theirs);
      proveSame(asked.slice(0, amount), ours, theirs, peer.name);
      if (round >= 0) perSecond.push(rate);
    }
  }
  return { shape, bitgate, peers };
}

function rows({ shape, bitgate, peers }: WorldFigures): string[][] {
  const row = (name: string, asked: number, perSecond: readonly number[]): string[] => {
    const rate = middle(perSecond);
    return [shape.name, name, count(asked), count(rate), (1e6 / rate).toFixed(2), (ratio(bitgate, perSecond) ?? 0).toPrecision(3)];
  };
  return [row('bitgate', QUESTIONS, bitgate), ...peers.map(({ peer, asked, perSecond }) => row(peer.name, asked, perSecond))];
}

function figures({ shape, bitgate, peers }: WorldFigures): Figure[] {
  return peers.map(({ peer, perSecond }) => ({
    id: `peers.${shape.name}.${peer.name}`,
    what: `decisions beside ${peer.name}, ${shape.name}`,
    value: middle(bitgate),
    unit: '/s',
    baseline: { what: peer.name, value: middle(perSecond), ratio: ratio(bitgate, perSecond) },
    rounds: bitgate.length,
  }));
}

/** Other engines at S, M, L and with a real catalog. @throws Error when they aren't installed and can't be */
export async function benchPeers(options: BenchOptions): Promise<BenchResult> {
  await installPeers();
  const rounds = roundsOf(options, ROUNDS);
  const worlds: WorldFigures[] = [];
  for (const shape of [...SHAPES, REAL_SHAPE]) worlds.push(await benchWorld(shape, rounds));
  const header = ['world', 'engine', 'asked', 'decisions/s', 'µs each', 'bitgate ×'];
  const how = PEERS.map(({ name, how }) => `${name}: ${how}`).join('\n');
  const note = `(medians of ${rounds} rounds in turn, of the thread's CPU time, one core, Node ${process.versions.node}; who is slow is asked fewer of the same questions; every answer compared with bitgate's)`;
  return { text: `${table(header, worlds.flatMap(rows))}\n${how}\n${note}`, figures: worlds.flatMap(figures) };
}
