/** What callers make an isolate read that holds nothing yet: one who isn't proved, no more than what could have proved it. */
import { env } from 'cloudflare:workers';
import { beforeAll, expect, it } from 'vitest';
import { kindOf } from '../../src/core/snapshot/sections.ts';
import { assign, makeAcme } from './acme.ts';
import { makeKey } from './client.ts';
import { type Isolate, isolateWith } from './isolate.ts';

let checker = '';
let stranger = '';

beforeAll(async () => {
  await makeAcme();
  await assign({ subject: 'user:asked', role: 'Viewer', scope: 'org' });
  checker = (await makeKey('acme', ['bitgate:checker'])).token;
  stranger = (await makeKey('acme', [])).token;
});

/** A new isolate, and which kinds of pieces it read from KV so far. */
async function counting(): Promise<{ readonly isolate: Isolate; kinds(): string[] }> {
  const read = new Set<string>();
  const KV = new Proxy(env.KV, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key, target);
      if (typeof value !== 'function') return value;
      if (key !== 'get') return value.bind(target);
      return async (...args: unknown[]) => {
        const answer: unknown = await Reflect.apply(value, target, args);
        if (answer instanceof ArrayBuffer) read.add(kindOf(new Uint8Array(answer)));
        return answer;
      };
    },
  });
  return { isolate: await isolateWith({ KV }), kinds: () => [...read].filter((kind) => kind !== 'manifest').sort() };
}

const question = { subject: 'user:asked', action: 'view', resource: 'dataset:d1' };

it('a wrong secret, or a key that there isn’t, makes nothing be read but catalog and leaf of keys', async () => {
  const last = checker.at(-1) === 'a' ? 'b' : 'a';
  const [, , id = ''] = checker.split('_');
  for (const token of [`${checker.slice(0, -1)}${last}`, checker.replace(id, 'zzzzzzzzzzzzzzzz')]) {
    const { isolate, kinds } = await counting();
    const response = await isolate.fetch('/check', { method: 'POST', body: question, token });
    await isolate.settled();
    expect([response.status, kinds()]).toEqual([401, ['catalog', 'keys']]);
  }
});

it('a proved key’s first check is answered, with the leaves that it needs', async () => {
  const { isolate, kinds } = await counting();
  const response = await isolate.fetch('/check', { method: 'POST', body: question, token: checker });
  await isolate.settled();
  expect([response.status, await response.json()]).toMatchObject([200, { decision: true }]);
  expect(kinds()).toEqual(['catalog', 'keys', 'principals', 'resources']);
});

it('a proved key without the right is refused as before', async () => {
  const { isolate } = await counting();
  const response = await isolate.fetch('/check', { method: 'POST', body: question, token: stranger });
  await isolate.settled();
  expect([response.status, await response.json()]).toMatchObject([403, { error: { code: 'missing_privilege' } }]);
});
