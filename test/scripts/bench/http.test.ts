import { describe, expect, it } from 'vitest';
import { figures } from '../../../scripts/bench/http.ts';
import { decodeAnswer, encodeRequest } from '../../../scripts/bench/http-client.ts';
import type { Exchange, Target } from '../../../scripts/bench/target.ts';
import { portOf } from '../../../scripts/bench/workerd.ts';
import { table } from '../../../scripts/lib/table.ts';

const exchange: Exchange = { method: 'POST', path: '/check', headers: { a: 'b' }, body: 'é', expect: '' };

describe('the load generator', () => {
  it('writes requests with their length in bytes', () => {
    expect(encodeRequest(exchange, 'h').toString()).toBe('POST /check HTTP/1.1\r\nhost: h\r\na: b\r\ncontent-length: 2\r\n\r\né');
  });

  it('reads an answer off what has arrived, and waits for the rest', () => {
    const whole = Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhelloHTTP/1.1');
    expect(decodeAnswer(whole.subarray(0, 41))).toBeNull();
    expect(decodeAnswer(whole)).toEqual({ status: 200, body: Buffer.from('hello'), length: 43 });
  });

  it('reads chunked answers, cut anywhere', () => {
    const whole = Buffer.from('HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\na\r\n0123456789\r\n0\r\n\r\n');
    for (let cut = 0; cut < whole.length; cut++) expect(decodeAnswer(whole.subarray(0, cut))).toBeNull();
    expect(decodeAnswer(whole)).toEqual({ status: 404, body: Buffer.from('abc0123456789'), length: whole.length });
  });
});

describe('the figures', () => {
  const target: Target = { name: 't', start: async () => Promise.reject(new Error('not started')), exchanges: [], comparedWith: 'o' };

  it('are medians, ratios being taken within a round', () => {
    const own = [10, 20, 90].map((requests) => ({ requests, seconds: 1, cpuMs: 1 }));
    const other = [20, 40, 90].map((requests) => ({ requests, seconds: 1, cpuMs: 1 }));
    expect(figures(target, own, other)).toMatchObject({
      requestsPerSecond: 20,
      best: 90,
      cpuPerRequest: 50,
      requestRatio: 0.5,
      cpuRatio: 2,
    });
  });

  it('are absent where the system does not tell CPU time', () => {
    const own = [{ requests: 10, seconds: 1, cpuMs: null }];
    expect(figures(target, own, own)).toMatchObject({ requestRatio: 1, cpuPerRequest: null, cpuRatio: null });
  });
});

describe('the port of workerd', () => {
  it('is read from whole lines alone', () => {
    const line = '{"event":"listen","socket":"direct:0:default","port":36877}';
    expect([portOf(line, 'direct:'), portOf(`${line}\n`, 'direct:'), portOf(`${line}\n`, 'http')]).toEqual([null, 36_877, null]);
  });
});

describe('a table', () => {
  it('sets numbers right and words left', () => {
    expect(
      table(
        ['name', 'n'],
        [
          ['a', '10'],
          ['bcdef', ''],
        ],
      ),
    ).toBe('name    n\n-----  --\na      10\nbcdef');
  });
});
