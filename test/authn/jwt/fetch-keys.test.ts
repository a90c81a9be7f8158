/** Key sets that don’t come as they should are not believed. */
import { exportJWK } from 'jose';
import { describe, expect, it } from 'vitest';
import { askedWith, beginAnew, first, second, setUp, within, world } from './remote.ts';
import { INVALID, KEYS_URI, UNAVAILABLE } from './world.ts';

setUp();

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

  it('SEC-32 a key set has 200 keys at most, of whatever kind', async () => {
    const keysOf = (others: number): Response => Response.json({ keys: [first.jwk, ...new Array<object>(others).fill({})] });
    world.answer = () => keysOf(199);
    expect(await askedWith(first)).toBe('200');
    beginAnew();
    world.answer = () => keysOf(200);
    expect(await askedWith(first)).toBe(UNAVAILABLE);
  });

  it('SEC-32 a key set as deep as it can be is no error', async () => {
    const deep = '['.repeat(100_000) + ']'.repeat(100_000);
    world.answer = () => new Response(`{"keys":[{"kty":"EC","kid":"k1","x":${deep}},${JSON.stringify(first.jwk)}]}`);
    expect(await askedWith(first)).toBe('200');
  });

  it('SEC-32 a key set’s private and symmetric keys are as good as not there', async () => {
    const { d } = await exportJWK(first.privateKey);
    world.answer = () =>
      Response.json({
        keys: [
          { ...first.jwk, d },
          { kty: 'oct', k: 'AAAA', kid: 'k1' },
        ],
      });
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
    beginAnew();
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
