/** Every byte of every piece of a small snapshot flipped, at KV and at the Publisher, through the path that every request opens by. */
import { expect, it } from 'vitest';
import { BitgateError } from '../../src/core/terms/problem.ts';
import { Pdp } from '../../src/pdp/pdp.ts';
import type { OrganizationPorts } from '../../src/pdp/ports.ts';
import { SAMPLE_CATALOG } from '../core/snapshot/samples.ts';
import { apiKey, type BuiltSnapshot, buildSnapshot, sha256 } from '../support/snapshot.ts';

const REQUEST = { subject: { type: 'user', id: 'ann' }, action: { name: 'w00' }, resource: { type: 'doc', id: 'd' } };
/** isolates at a time */
const TOGETHER = 200;

type Blobs = (hash: string) => Uint8Array;

/** Right about what is newest, whatever their pieces are. */
function ports({ pointer }: BuiltSnapshot, kv: Blobs, publisher: Blobs): OrganizationPorts {
  const copy = async (bytes: Uint8Array): Promise<ArrayBuffer> => bytes.slice().buffer as ArrayBuffer; // a buffer of its own
  return {
    publisher: { pointer: async () => pointer, blob: (hash) => copy(publisher(hash)), kept: async () => null },
    blobs: { pointer: async () => pointer, blob: (hash) => copy(kv(hash)) },
    location: { get: async () => null, put: async () => undefined },
  };
}

/** A cold isolate answers; `alarms` is what it counted. Nothing waits here, so time stands still. */
async function answerOf(all: OrganizationPorts): Promise<{ readonly answer: string; readonly alarms: number }> {
  const surroundings = { now: () => 1_700_000_000_000, random: () => 0, sleep: () => new Promise<void>(() => undefined), sha256 };
  const pdp = new Pdp(() => all, surroundings);
  const life = { waitUntil: () => undefined };
  try {
    const session = await pdp.open('acme', {}, life);
    const [decision, key] = [await session.decide(REQUEST, surroundings.now()), await session.key('k1')];
    return { answer: `${decision.reason} ${key?.key}`, alarms: pdp.metrics.alarms };
  } catch (error) {
    if (!(error instanceof BitgateError)) throw error;
    return { answer: error.code, alarms: pdp.metrics.alarms };
  }
}

const snapshot = await buildSnapshot({
  organization: 'acme',
  revision: 7,
  catalog: SAMPLE_CATALOG,
  principals: [
    {
      key: 'user:ann',
      registered: true,
      suspended: false,
      suspendedFrom: null,
      grants: [{ target: 'rol_b', scope: 'project:p', notBefore: null, expiresAt: null }],
      groups: [],
      properties: '',
    },
  ],
  resources: [{ key: 'doc:d', restricted: false, parents: ['project:p'], owners: [], properties: '' }],
  keys: [apiKey('k1')],
});

const right: Blobs = (hash) => snapshot.blobs.get(hash)!;

/** The pieces with one bit of one of them flipped. */
function wrongAt(piece: string, at: number): Blobs {
  const bad = right(piece).slice();
  bad[at]! ^= 1 << (at % 8);
  return (hash) => (hash === piece ? bad : right(hash));
}

/** Asks about every byte of every piece. @returns how many there are */
async function forEveryByte(claim: (piece: string, at: number) => Promise<void>): Promise<number> {
  const places = [...snapshot.blobs].flatMap(([piece, bytes]) => Array.from(bytes, (_, at) => ({ piece, at })));
  for (let start = 0; start < places.length; start += TOGETHER) {
    await Promise.all(places.slice(start, start + TOGETHER).map(({ piece, at }) => claim(piece, at)));
  }
  return places.length;
}

it('SEC-09 right everywhere, the snapshot allows: so an allow could come of a flipped byte', async () => {
  expect(snapshot.blobs.size).toBe(5);
  expect(await answerOf(ports(snapshot, right, right))).toEqual({ answer: 'granted k1', alarms: 0 });
});

it('SEC-09 any flipped byte of any piece, in KV and at the Publisher alike: 503 and an alarm, never an answer', async () => {
  const count = await forEveryByte(async (piece, at) => {
    const wrong = wrongAt(piece, at);
    const { answer, alarms } = await answerOf(ports(snapshot, wrong, wrong));
    expect(answer, `${piece}, byte ${at}`).toBe('stale');
    expect(alarms).toBeGreaterThan(0);
  });
  console.info(`each of ${count} bytes of ${snapshot.blobs.size} pieces flipped in both stores: refused each time, with an alarm`);
}, 120_000);

it('SEC-09 any flipped byte of any piece in KV alone: an alarm, and the answer of the right copy at the Publisher', async () => {
  const count = await forEveryByte(async (piece, at) => {
    const { answer, alarms } = await answerOf(ports(snapshot, wrongAt(piece, at), right));
    expect(answer, `${piece}, byte ${at}`).toBe('granted k1');
    expect(alarms).toBeGreaterThan(0);
  });
  console.info(`each of ${count} bytes of ${snapshot.blobs.size} pieces flipped in KV: told from the right one each time, with an alarm`);
}, 120_000);
