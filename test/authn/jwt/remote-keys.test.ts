/** Key sets from the web: fetched seldom, one at a time, and not used for ever. */
import { describe, expect, it } from 'vitest';
import { asked, askedWith, catalog, first, second, setUp, within, world } from './remote.ts';
import { INVALID, KEYS_URI, sign, signingKey, UNAVAILABLE } from './world.ts';

setUp();

const MINUTE = 60_000;

describe('a key set', () => {
  it('is fetched once, for all tokens of its issuer', async () => {
    expect([await askedWith(first), await askedWith(first), await askedWith(first)]).toEqual(['200', '200', '200']);
    expect(world.fetched.map(({ uri }) => uri)).toEqual([KEYS_URI]);
  });

  it('is one organization’s: another one that names the same address fetches its own', async () => {
    const token = await sign(first, world.claims());
    expect([await asked(token, 'acme'), await asked(token, 'other')]).toEqual(['200', '200']);
    expect(world.fetched).toHaveLength(2);
  });

  it('is fetched anew after ten minutes', async () => {
    await askedWith(first);
    await world.clock.advance(10 * MINUTE - 1);
    await askedWith(first);
    expect(world.fetched).toHaveLength(1);
    await world.clock.advance(1);
    world.serve(second);
    expect([await askedWith(first), await askedWith(second)]).toEqual([INVALID, '200']);
    expect(world.fetched).toHaveLength(2);
  });

  it('is used for an hour while it can’t be fetched anew, and then no more', async () => {
    await askedWith(first);
    world.answer = () => new Response('down', { status: 500 });
    for (let minute = 1; minute < 60; minute++) {
      await world.clock.advance(MINUTE);
      expect(await askedWith(first)).toBe('200');
    }
    await world.clock.advance(MINUTE);
    expect(await askedWith(first)).toBe(UNAVAILABLE);
    world.serve(first);
    await world.clock.advance(10_000);
    expect(await askedWith(first)).toBe('200');
  });

  it('is not asked for in the ten seconds after a failure', async () => {
    world.answer = () => new Response('down', { status: 500 });
    expect([await askedWith(first), await askedWith(first)]).toEqual([UNAVAILABLE, UNAVAILABLE]);
    world.serve(first);
    await world.clock.advance(9_999);
    expect(await askedWith(first)).toBe(UNAVAILABLE);
    await world.clock.advance(1);
    expect(await askedWith(first)).toBe('200');
    expect(world.fetched).toHaveLength(2);
  });

  it('that is not to be had is told with its issuer and when to try again, without the token', async () => {
    world.answer = () => new Response('down', { status: 500 });
    const token = await sign(first, world.claims());
    const error = await Promise.resolve(world.tokens.proof(token, 'acme', catalog)).catch((caught: unknown) => caught);
    expect(error).toMatchObject({
      code: 'keys_unavailable',
      status: 503,
      message: 'the keys of the issuer can not be fetched: nothing it signed can be verified',
      details: { issuer: 'https://id.example', retry_after_s: 10 },
    });
  });

  it('is not fetched for a token that can’t be right anyway', async () => {
    const wrong = [{ exp: 1 }, { exp: 'x' }, { iss: 'https://evil.example' }, { nbf: 9e9 }];
    for (const more of wrong) expect(await asked(await sign(first, world.claims(more)))).toBe(INVALID);
    const other = await signingKey('RS256', 'k1');
    expect(await asked(await sign(other, world.claims()))).toBe(INVALID);
    expect(world.fetched).toEqual([]);
  });

  it('is loaded by one request, the others look for it', async () => {
    world.answer = async () => {
      await world.clock.sleep(500);
      return Response.json({ keys: [first.jwk] });
    };
    const tokens = await Promise.all(Array.from({ length: 50 }, (_, i) => sign(first, world.claims({ jti: i }))));
    const answers = await within(1_000, Promise.all(tokens.map((token) => asked(token))));
    expect([new Set(answers), world.fetched.length]).toEqual([new Set(['200']), 1]);
  });

  it('that a dead request was fetching is fetched by another one after six seconds', async () => {
    world.answer = () => new Promise<Response>(() => {});
    void askedWith(first);
    await world.clock.advance(1);
    world.clock.dropTimers();
    world.serve(first);
    const next = askedWith(first);
    await world.clock.advance(5_000);
    expect(world.fetched).toHaveLength(1);
    expect(await within(1_100, next)).toBe('200');
    expect(world.fetched).toHaveLength(2);
  });

  it('that comes after a later one does not take its place', async () => {
    let release = (_: Response): void => {};
    world.answer = () => new Promise<Response>((resolve) => (release = resolve));
    const slow = askedWith(first);
    await world.clock.advance(1);
    world.clock.dropTimers();
    await world.clock.advance(6_000);
    world.serve(second);
    expect(await askedWith(second)).toBe('200');
    release(Response.json({ keys: [first.jwk] }));
    expect(await within(1, slow)).toBe(INVALID);
    expect([await askedWith(second), world.fetched.length]).toEqual(['200', 2]);
  });

  it('is found stale by one request only: the others go on with it meanwhile', async () => {
    await askedWith(first);
    await world.clock.advance(10 * MINUTE);
    world.answer = async () => {
      await world.clock.sleep(4_000);
      return Response.json({ keys: [first.jwk] });
    };
    const waiting = askedWith(first);
    await world.clock.advance(1);
    expect(await askedWith(first)).toBe('200');
    expect(await within(4_000, waiting)).toBe('200');
    expect(world.fetched).toHaveLength(2);
  });
});
