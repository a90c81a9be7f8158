/** Lists over stores that are slow, fail or change: complete, or an error, or a page that says where to go on; and beside checks, not in their way. */
import { describe, expect, it } from 'vitest';
import type { PrincipalEntry, ResourceEntry } from '../../src/core/snapshot/model.ts';
import { listPage } from '../../src/pdp/list/list.ts';
import { LIST_START, type ListPage, type ListQuestion } from '../../src/pdp/list/question.ts';
import type { Session } from '../../src/pdp/pdp.ts';
import { World } from '../support/data-plane.ts';
import { subject } from '../support/snapshot.ts';

const READERS: ListQuestion = { of: 'subjects', action: { name: 'read' } };
const numbered = (count: number): string[] => Array.from({ length: count }, (_, i) => `user:p${String(i).padStart(4, '0')}`);
/** every second one may read */
const people = (count: number): PrincipalEntry[] => numbered(count).map((key, i) => subject(key, i % 2 === 0));
const readers = (count: number): string[] => numbered(count).filter((_, i) => i % 2 === 0);
const ONE_EACH = { leafLimit: 1 };

async function listing(
  world: World,
  session: Pick<Session, 'scan'>,
  from = LIST_START,
  limit = 10_000,
  question = READERS,
): Promise<ListPage> {
  return world.clock.settle(listPage(session, question, from, limit, world.clock.now()));
}

/** All pages, and the whole list. */
async function pagesOf(
  world: World,
  session: Pick<Session, 'scan'>,
  limit = 10_000,
  question = READERS,
): Promise<{ pages: ListPage[]; items: string[] }> {
  const pages = [await listing(world, session, LIST_START, limit, question)];
  for (let next = pages[0]!.next; next !== null; next = pages.at(-1)!.next)
    pages.push(await listing(world, session, next, limit, question));
  return { pages, items: pages.flatMap(({ items }) => items) };
}

function atHand({ snapshot }: Pick<Session, 'snapshot'>): number {
  return [...snapshot.principals, ...snapshot.resources].filter((leaf) => leaf !== undefined).length;
}

describe('a list beside checks', () => {
  it('leaves the cache as it was: nothing goes, nothing comes', async () => {
    const world = new World({}, 200_000);
    await world.publish({ revision: 7, principals: people(300), leafLimit: 400 });
    const session = await world.open();
    await world.decide(session, { subject: { type: 'user', id: 'p0100' }, action: { name: 'read' } });
    const before = [world.pdp.cachedBytes, world.metrics.evictions, atHand(session)];
    const { items, total, next } = await listing(world, session);
    expect([items, total, next]).toEqual([readers(300), 150, null]);
    expect([world.pdp.cachedBytes, world.metrics.evictions, atHand(session)]).toEqual(before);
  });

  it('borrows what is at hand, and lets go of what it has looked through', async () => {
    const world = new World();
    await world.publish({ revision: 7, principals: people(60), ...ONE_EACH });
    const session = await world.open();
    for (const key of numbered(60).slice(0, 30)) {
      await world.decide(session, { subject: { type: 'user', id: key.slice(5) }, action: { name: 'read' } });
    }
    world.blobsAsked.length = 0;
    const scan = session.scan();
    await listing(world, { scan: () => scan });
    expect(world.blobsAsked).toHaveLength(30);
    expect(atHand(scan)).toBe(0);
    expect(atHand(session)).toBe(30);
  });

  it('is right when the leaves that it borrowed are evicted meanwhile', async () => {
    const world = new World({}, 40_000);
    await world.publish({ revision: 7, principals: people(120), ...ONE_EACH });
    const session = await world.open();
    const list = listPage(session, READERS, LIST_START, 10_000, world.clock.now());
    const checks = numbered(120).map((key) =>
      session.decide({ subject: { type: 'user', id: key.slice(5) }, action: { name: 'read' } }, world.clock.now()),
    );
    const [page, decided] = await world.clock.settle(Promise.all([list, Promise.all(checks)]));
    expect(world.metrics.evictions).toBeGreaterThan(0);
    expect(decided.map(({ decision }) => decision)).toEqual(numbered(120).map((_, i) => i % 2 === 0));
    expect([page.items, page.total]).toEqual([readers(120), 60]);
  });

  it('may run twice at once, and each is whole', async () => {
    const world = new World();
    await world.publish({ revision: 7, principals: people(100), ...ONE_EACH });
    const session = await world.open();
    const both = [1, 2].map(() => listPage(session, READERS, LIST_START, 10_000, world.clock.now()));
    for (const page of await world.clock.settle(Promise.all(both))) expect([page.items, page.total]).toEqual([readers(100), 50]);
  });

  it('pauses, so that others get in between', async () => {
    const world = new World();
    await world.publish({ revision: 7, principals: people(3_500), leafLimit: 10_000_000 });
    const session = await world.open();
    const { sleep } = world.clock;
    let pauses = 0;
    world.clock.sleep = (ms) => {
      if (ms === 0) pauses++;
      return sleep.call(world.clock, ms);
    };
    expect((await listing(world, session)).total).toBe(1_750);
    expect(pauses).toBe(3);
  });

  it('is of its own revision, whatever is published meanwhile', async () => {
    const world = new World();
    await world.publish({ revision: 7, principals: people(40), ...ONE_EACH });
    const session = await world.open();
    world.kv = 10;
    const list = listPage(session, READERS, LIST_START, 10_000, world.clock.now());
    await world.publish({ revision: 8, principals: people(40).map((entry) => ({ ...entry, grants: [] })), ...ONE_EACH });
    const now = await world.open({ minRevision: 8 });
    expect((await world.clock.settle(list)).items).toEqual(readers(40));
    expect((await listing(world, now)).items).toEqual([]);
    expect((await listing(world, session)).items).toEqual(readers(40));
  });
});

describe('SEC-08 a list that is too much for one request', () => {
  it('ends its page early, says where to go on, and knows the total when all was counted', async () => {
    const world = new World();
    await world.publish({ revision: 7, principals: people(900), ...ONE_EACH });
    const session = await world.open();
    const loads: number[] = [];
    const pages: ListPage[] = [];
    for (let from: ListPage['next'] = LIST_START; from !== null; from = pages.at(-1)!.next) {
      world.blobsAsked.length = 0;
      pages.push(await listing(world, session, from));
      loads.push(world.blobsAsked.length);
    }
    expect(pages.flatMap(({ items }) => items)).toEqual(readers(900));
    expect(pages.map(({ total }) => total)).toEqual([null, null, 450]);
    expect(Math.max(...loads)).toBeLessThan(420);
  });

  it.each([1, 7, 120])('is counted on while pages of %i are given', async (limit) => {
    const world = new World();
    await world.publish({ revision: 7, principals: people(900), ...ONE_EACH });
    const { pages, items } = await pagesOf(world, await world.open(), limit);
    expect(items).toEqual(readers(900));
    const totals = pages.map(({ total }) => total);
    const known = totals.indexOf(450);
    expect(known, 'not on the first two, and soon').toBeGreaterThanOrEqual(2);
    expect(known).toBeLessThan(5);
    expect(totals).toEqual(totals.map((_, i) => (i < known ? null : 450)));
    expect(pages.length - Math.ceil(450 / limit)).toBeLessThanOrEqual(1);
  });

  it('is counted without being listed, in several requests', async () => {
    const world = new World();
    await world.publish({ revision: 7, principals: people(900), ...ONE_EACH });
    const { pages } = await pagesOf(world, await world.open(), 0);
    expect(pages.map(({ total, items }) => [total, items.length])).toEqual([
      [null, 0],
      [null, 0],
      [450, 0],
    ]);
  });

  it('goes on also where nobody is that could be a member', async () => {
    const world = new World();
    const strangers = numbered(900).map((key) => ({ ...subject(key, true), registered: false }));
    await world.publish({ revision: 7, principals: [...strangers, subject('user:z', true)], ...ONE_EACH });
    const { pages, items } = await pagesOf(world, await world.open());
    expect([items, pages.length, pages.at(-1)?.total]).toEqual([['user:z'], 3, 1]);
  });

  it('ends early also when stores are slow', async () => {
    const world = new World();
    await world.publish({ revision: 7, principals: people(300), ...ONE_EACH });
    const session = await world.open();
    world.kv = 400;
    const began = world.clock.now();
    const first = await listing(world, session);
    expect(first.total).toBeNull();
    expect(world.clock.now() - began).toBeLessThan(11_000);
    world.kv = 'up';
    const rest = await listing(world, session, first.next!);
    expect([[...first.items, ...rest.items], rest.total, rest.next]).toEqual([readers(300), 150, null]);
  });

  it('is an error when a leaf is nowhere to be had, never a shorter list', async () => {
    const world = new World();
    const { principalLeaves } = await world.publish({ revision: 7, principals: people(40), ...ONE_EACH });
    const session = await world.open();
    for (const blobs of [world.kvBlobs, world.publisherBlobs]) blobs.delete(principalLeaves[30]!);
    await expect(listing(world, session)).rejects.toMatchObject({ code: 'stale', status: 503 });
    // The members on the page are all there; how many there are can't be said.
    await expect(listing(world, session, LIST_START, 2)).rejects.toMatchObject({ code: 'stale', status: 503 });
  });

  it.each(['kv', 'publisher'] as const)('is whole when %s alone answers', async (up) => {
    const world = new World();
    await world.publish({ revision: 7, principals: people(20), ...ONE_EACH });
    const session = await world.open();
    world.kv = up === 'kv' ? 'up' : 'hang';
    world.publisher = up === 'publisher' ? 'up' : 'hang';
    expect((await listing(world, session)).items).toEqual(readers(20));
  });

  it('is an error when nothing answers', async () => {
    const world = new World();
    await world.publish({ revision: 7, principals: people(20), ...ONE_EACH });
    const session = await world.open();
    world.kv = 'hang';
    world.publisher = 'hang';
    await expect(listing(world, session)).rejects.toMatchObject({ code: 'stale', status: 503 });
  });
});

describe('what a list looks through', () => {
  it('is of one type alone where types begin alike, and in the order of code points', async () => {
    const world = new World();
    const keys = ['user-x:a', 'user:\u{1f600}', 'user:a', 'user:\uffee', 'user;:a', 'users:a'];
    const principals = keys.map((key) => subject(key, true));
    principals.sort((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)));
    await world.publish({ revision: 7, principals, ...ONE_EACH });
    const session = await world.open();
    for (const limit of [1, 2, 100]) {
      expect((await pagesOf(world, session, limit, { ...READERS, type: 'user' })).items).toEqual([
        'user:a',
        'user:\uffee',
        'user:\u{1f600}',
      ]);
      expect((await pagesOf(world, session, limit)).items).toEqual(principals.map(({ key }) => key));
      for (const type of ['use', 'userz', 'a', 'zebra', 'group'])
        expect((await pagesOf(world, session, limit, { ...READERS, type })).items).toEqual([]);
    }
  });

  it('is nothing in an organization that holds nothing', async () => {
    const world = new World();
    await world.publish({ revision: 7, principals: [] });
    const session = await world.open();
    const noOne = { type: 'user', id: 'a' };
    for (const question of [
      READERS,
      { of: 'resources', subject: noOne, action: { name: 'read' } },
      { of: 'actions', subject: noOne },
    ] as const)
      expect(await listing(world, session, LIST_START, 10, question)).toEqual({ items: [], total: 0, next: null });
  });

  it('are no groups: their leaves are not even loaded', async () => {
    const world = new World();
    const groups = Array.from({ length: 50 }, (_, i) => ({ ...subject(`group:g${String(i).padStart(2, '0')}`, true), registered: false }));
    await world.publish({ revision: 7, principals: [...groups, ...people(4)], ...ONE_EACH });
    const session = await world.open();
    world.blobsAsked.length = 0;
    expect((await listing(world, session)).items).toEqual(readers(4));
    expect(world.blobsAsked.length).toBeLessThan(15);
  });

  it('is on a later page what is behind the one before, and no more than fills it', async () => {
    const world = new World();
    await world.publish({ revision: 7, principals: people(200), ...ONE_EACH });
    const session = await world.open();
    const first = await listing(world, session, LIST_START, 10);
    world.blobsAsked.length = 0;
    const second = await listing(world, session, first.next!, 10);
    expect([second.items, second.total]).toEqual([readers(200).slice(10, 20), 100]);
    expect(world.blobsAsked.length).toBeLessThan(30);
  });

  it('is held little of at a time, however much lies above it', async () => {
    const world = new World();
    const heavy = JSON.stringify({ text: 'x'.repeat(15_000) });
    const resource = (key: string, parents: string[]): ResourceEntry => ({
      key,
      restricted: false,
      parents,
      owners: [],
      properties: parents.length > 0 ? '' : heavy,
    });
    const count = 700;
    const name = (i: number): string => String(i).padStart(3, '0');
    const above = Array.from({ length: count }, (_, i) => resource(`folder:${name(i)}`, []));
    const below = Array.from({ length: count }, (_, i) => resource(`doc:${name(i)}`, [`folder:${name((i * 37) % count)}`]));
    await world.publish({ revision: 7, resources: [...below, ...above], principals: [subject('user:a', true)] });
    const session = await world.open();
    const scan = session.scan();
    const { decide } = scan;
    let most = 0;
    scan.decide = (...asked) => {
      const { resources } = scan.snapshot.manifest.directories;
      const held = scan.snapshot.resources.reduce((sum, leaf, i) => sum + (leaf === undefined ? 0 : resources.bytes(i)), 0);
      most = Math.max(most, held);
      return decide.apply(scan, asked);
    };
    const question: ListQuestion = { of: 'resources', type: 'doc', subject: { type: 'user', id: 'a' }, action: { name: 'read' } };
    const page = await listing(world, { scan: () => scan }, LIST_START, 10_000, question);
    expect([page.items.length > 0, most > 1_000_000, most < 5_000_000]).toEqual([true, true, true]);
    expect((await pagesOf(world, session, 10_000, question)).items).toHaveLength(count);
  });
});
