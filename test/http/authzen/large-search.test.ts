/** SEC-08 searches that are too much for one request, and revisions that moved on: over a store in memory, without HTTP. */
import { describe, expect, it } from 'vitest';
import { answerSearch, type Found } from '../../../src/http/authzen/search.ts';
import type { Search } from '../../../src/http/authzen/search-wire.ts';
import { Cursors } from '../../../src/http/common/cursor.ts';
import type { Session } from '../../../src/pdp/pdp.ts';
import { World } from '../../support/data-plane.ts';
import { subject } from '../../support/snapshot.ts';

const COUNT = 900;
const keys = Array.from({ length: COUNT }, (_, i) => `user:p${String(i).padStart(4, '0')}`);
/** every second one may read; each in a leaf of its own, which is more than one request may load */
const principals = keys.map((key, i) => subject(key, i % 2 === 0));
const readers = keys.filter((_, i) => i % 2 === 0).map((key) => ({ type: 'user', id: key.slice('user:'.length) }));

const LIFE = { waitUntil: () => {} };

interface Shown {
  readonly page: { readonly next_token: string; readonly count: number; readonly total?: number };
  readonly results: readonly object[];
}

async function opened(): Promise<{ readonly ask: (page: Search['page']) => Promise<Shown>; readonly kept: number[] }> {
  const world = new World();
  await world.publish({ revision: 7, principals, leafLimit: 1 });
  const session: Session = await world.open();
  const kept: number[] = [];
  const services = {
    cursors: new Cursors(['a-secret-of-more-than-32-characters-here']),
    pdp: {
      openKept: () => Promise.reject(new Error('the revision is at hand')),
      keep: (_organization: string, revision: number) => void kept.push(revision),
    },
    now: () => world.clock.now(),
  };
  const ask = async (page: Search['page']): Promise<Shown> => {
    const search: Search = { question: { of: 'subjects', type: 'user', action: { name: 'read' } }, page };
    const { text }: Found = await world.clock.settle(answerSearch(services, session, search, undefined, LIFE));
    // this is what the description says of it
    return JSON.parse(text) as Shown;
  };
  return { ask, kept };
}

describe('SEC-08 a search that is too much for one request', () => {
  it.each([undefined, 120, 10_000])('says where to go on, and ends when everything was found: pages of %s', async (limit) => {
    const { ask, kept } = await opened();
    const pages = [await ask(limit === undefined ? undefined : { limit })];
    for (let token = pages[0]?.page.next_token ?? ''; token !== ''; token = pages.at(-1)?.page.next_token ?? '')
      pages.push(await ask({ token }));
    expect(pages.flatMap(({ results }) => results)).toEqual(readers);
    expect(pages.length).toBeGreaterThan(1);
    for (const { page, results } of pages) expect([page.count, page.total]).toEqual([results.length, undefined]);
    expect(kept).toEqual(Array.from({ length: pages.length - 1 }, () => 7));
  });

  it('does not loop when it is counted alone', async () => {
    const { ask } = await opened();
    expect(await ask({ limit: 0 })).toEqual({ page: { next_token: '', count: 0 }, results: [] });
  });
});
