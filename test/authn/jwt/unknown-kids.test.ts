/** Keys that a set doesn’t have: looked for once more, and not more often than once a minute. */
import { describe, expect, it } from 'vitest';
import { asked, askedWith, first, second, setUp, within, world } from './remote.ts';
import { INVALID, type SigningKey, sign } from './world.ts';

setUp();

const MINUTE = 60_000;

describe('SEC-33', () => {
  const flood = async (count: number): Promise<string[]> =>
    Promise.all(Array.from({ length: count }, (_, i) => sign(first, world.claims(), { kid: `x${i}` })));
  const slowly = (...keys: readonly SigningKey[]): void => {
    world.answer = async () => {
      await world.clock.sleep(300);
      return Response.json({ keys: keys.map(({ jwk }) => jwk) });
    };
  };

  it('SEC-33 a flood of 1,000 unknown kids at once makes one fetch, before the keys are there', async () => {
    slowly(first);
    const tokens = await flood(1_000);
    const answers = await within(1_000, Promise.all(tokens.map((token) => asked(token))));
    expect([new Set(answers), world.fetched.length]).toEqual([new Set([INVALID]), 1]);
  });

  it('SEC-33 a flood of 1,000 unknown kids at once makes one fetch, once the keys are there', async () => {
    await askedWith(first);
    slowly(first);
    const tokens = await flood(1_000);
    const answers = await within(1_000, Promise.all(tokens.map((token) => asked(token))));
    expect([new Set(answers), world.fetched.length]).toEqual([new Set([INVALID]), 2]);
  });

  it('SEC-33 unknown kids one after another make one fetch a minute', async () => {
    await askedWith(first);
    for (let second = 0; second < 180; second++) {
      expect(await askedWith(first, { kid: `x${second}` })).toBe(INVALID);
      await world.clock.advance(1_000);
    }
    const [begin = 0, ...refreshes] = world.fetched.map(({ at }) => at);
    expect(refreshes.map((at) => at - begin)).toEqual([0, MINUTE, 2 * MINUTE]);
  });

  it('SEC-33 a new kid works within one refresh, also for those who ask during it', async () => {
    await askedWith(first);
    slowly(first, second);
    const both = Promise.all([askedWith(second), askedWith(second), askedWith(first)]);
    expect(await within(1_000, both)).toEqual(['200', '200', '200']);
    expect(world.fetched).toHaveLength(2);
  });

  it('SEC-33 a new kid waits a minute when unknown ones have used up the refresh', async () => {
    await askedWith(first);
    await askedWith(first, { kid: 'x' });
    world.serve(first, second);
    expect(await askedWith(second)).toBe(INVALID);
    await world.clock.advance(MINUTE);
    expect(await askedWith(second)).toBe('200');
  });

  it('SEC-33 an unknown kid is 401 while its issuer is down, and the known ones go on', async () => {
    await askedWith(first);
    world.answer = () => new Response('down', { status: 500 });
    expect([await askedWith(first, { kid: 'x' }), await askedWith(first)]).toEqual([INVALID, '200']);
    await world.clock.advance(MINUTE);
    expect([await askedWith(first, { kid: 'y' }), await askedWith(first, { kid: 'z' }), await askedWith(first)]).toEqual([
      INVALID,
      INVALID,
      '200',
    ]);
    expect(world.fetched).toHaveLength(3);
  });

  it('SEC-33 a wrong signature under a known kid makes no fetch', async () => {
    await askedWith(first);
    for (let i = 0; i < 20; i++) expect(await askedWith(second, { kid: 'k1' })).toBe(INVALID);
    expect(world.fetched).toHaveLength(1);
  });
});
