/** Key sets from the web: fetched seldom, one at a time, and never believed when they don't come as they should. */
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Catalog } from '../../../src/core/snapshot/catalog.ts';
import { INVALID, KEYS_URI, outcome, type SigningKey, sign, signingKey, UNAVAILABLE, World, withUri } from './world.ts';

let first: SigningKey;
let second: SigningKey;
let catalog: Catalog;
let world: World;

beforeAll(async () => {
  [first, second] = await Promise.all([signingKey('ES256', 'k1'), signingKey('ES256', 'k2')]);
  catalog = withUri();
});

beforeEach(() => {
  world = new World();
  world.serve(first);
});

const asked = (token: string, organization = 'acme', of: Catalog = catalog): Promise<string> =>
  outcome(() => world.tokens.proof(token, organization, of));
const askedWith = async (key: SigningKey, header: object = {}): Promise<string> =>
  asked(await sign(key, world.claims({ jti: crypto.randomUUID() }), header));
/** Passes time while the question is open. */
const within = async <T>(ms: number, question: Promise<T>): Promise<T> => {
  await world.clock.advance(ms);
  return question;
};
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

describe('SEC-32', () => {
  const keys = (): string => JSON.stringify({ keys: [first.jwk] });
  const streamOf = (pull: (controller: ReadableStreamDefaultController<Uint8Array>) => void | Promise<void>, cancelled: () => void) =>
    new Response(new ReadableStream<Uint8Array>({ pull, cancel: cancelled }, { highWaterMark: 0 }));

  it('SEC-32 keys are fetched with GET, without following redirects, credentials or caches', async () => {
    await askedWith(first, { jku: 'https://evil.example', x5u: 'https://evil.example' });
    const [{ uri, init } = { uri: '', init: {} }] = world.fetched;
    expect([uri, init.method, init.redirect, init.cache]).toEqual([KEYS_URI, 'GET', 'manual', 'no-store']);
    expect(init.headers).toEqual({ accept: 'application/json' });
  });

  it.each([301, 302, 303, 307, 308])('SEC-32 a redirect (%i) is refused and not followed', async (status) => {
    world.answer = ({ uri }) =>
      uri === KEYS_URI
        ? new Response(keys(), { status, headers: { location: 'https://evil.example/keys' } })
        : Response.json({ keys: [first.jwk] });
    expect([await askedWith(first), world.fetched.length]).toEqual([UNAVAILABLE, 1]);
  });

  it.each([201, 203, 204, 206, 304, 400, 401, 403, 404, 410, 429, 500, 503])('SEC-32 the status %i brings no keys', async (status) => {
    world.answer = () => new Response([204, 304].includes(status) ? null : keys(), { status });
    expect(await askedWith(first)).toBe(UNAVAILABLE);
  });

  it.each(['', 'null', '[]', '{}', '{"keys":{}}', '{"keys":null}', '"keys"', '<html>', '{"keys":[', '\u0000'])(
    'SEC-32 %j is no set of keys',
    async (text) => {
      world.answer = () => new Response(text);
      expect(await askedWith(first)).toBe(UNAVAILABLE);
    },
  );

  it('SEC-32 bytes that are no text are no set of keys', async () => {
    world.answer = () => new Response(Uint8Array.of(0xff, 0xfe, 0x00));
    expect(await askedWith(first)).toBe(UNAVAILABLE);
  });

  it('SEC-32 odd keys in a set leave the others alone', async () => {
    const odd = [
      null,
      3,
      'x',
      [],
      {},
      { kty: 'RSA' },
      { kty: 'EC', kid: 'k9', crv: 'P-256', x: 'AA', y: 'AA' },
      { kty: 'AKP', alg: 'ML-DSA-44' },
    ];
    world.answer = () => Response.json({ keys: [...odd, first.jwk, ...odd], more: 1 });
    expect([await askedWith(first), await askedWith(second, { kid: 'k9' })]).toEqual(['200', INVALID]);
  });

  it('SEC-32 a key set as deep as it can be is no error', async () => {
    const deep = '['.repeat(100_000) + ']'.repeat(100_000);
    world.answer = () => new Response(`{"keys":[{"kty":"EC","kid":"k1","x":${deep}},${JSON.stringify(first.jwk)}]}`);
    expect(await askedWith(first)).toBe('200');
  });

  it('SEC-32 a key set’s private and symmetric keys are as good as not there', async () => {
    const secret = { ...(await crypto.subtle.exportKey('jwk', first.privateKey)), kid: 'k1' };
    world.answer = () => Response.json({ keys: [secret, { kty: 'oct', k: 'AAAA', kid: 'k1' }] });
    expect(await askedWith(first)).toBe(INVALID);
  });

  it('SEC-32 a key set that does not come within five seconds is none', async () => {
    let signal: AbortSignal | null | undefined;
    world.answer = ({ init }) => {
      signal = init.signal;
      return new Promise<Response>(() => {});
    };
    const question = askedWith(first);
    await world.clock.advance(4_999);
    expect(signal?.aborted).toBe(false);
    expect(await within(1, question)).toBe(UNAVAILABLE);
    expect(signal?.aborted).toBe(true);
  });

  it('SEC-32 a key set that trickles in is given up, and its body cancelled', async () => {
    let cancelled = 0;
    world.answer = () =>
      streamOf(
        async (controller) => {
          await world.clock.sleep(1_000);
          controller.enqueue(Uint8Array.of(0x20));
        },
        () => cancelled++,
      );
    expect(await within(5_001, askedWith(first))).toBe(UNAVAILABLE);
    expect([cancelled, world.fetched.length]).toEqual([1, 1]);
  });

  it('SEC-32 an endless key set is given up at 256 KiB, whatever its length says', async () => {
    let [cancelled, chunks] = [0, 0];
    world.answer = () => {
      const { body } = streamOf(
        (controller) => {
          chunks++;
          controller.enqueue(new Uint8Array(16_384).fill(0x20));
        },
        () => cancelled++,
      );
      return new Response(body, { headers: { 'content-length': '200' } });
    };
    expect(await askedWith(first)).toBe(UNAVAILABLE);
    expect([cancelled, chunks]).toEqual([1, 17]);
  });

  it('SEC-32 a key set of 256 KiB is taken, one byte more is not', async () => {
    const whole = keys();
    const padded = (bytes: number): string => whole + ' '.repeat(bytes - whole.length);
    world.answer = () => new Response(padded(256 * 1024));
    expect(await askedWith(first)).toBe('200');
    world = new World();
    world.answer = () => new Response(padded(256 * 1024 + 1));
    expect(await askedWith(first)).toBe(UNAVAILABLE);
  });

  it('SEC-32 a fetch that throws brings no keys, and no other error', async () => {
    world.answer = () => {
      throw new TypeError('no route to host');
    };
    expect(await askedWith(first)).toBe(UNAVAILABLE);
  });
});

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
