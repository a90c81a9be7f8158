/** The data plane's stores over real bindings: KV, the Cache API, the Publisher's stub. */
import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { kvBlobStore } from '../../../src/storage/kv/blob-store.ts';
import { blobKey, pointerKey } from '../../../src/storage/kv/keys.ts';
import { locationCache } from '../../../src/storage/location-cache.ts';
import { publisherPort } from '../../../src/storage/publisher-port.ts';

const HASH = 'ab'.repeat(32);
const POINTER = { revision: 42, manifest: HASH, behindSince: null };

describe('KV', () => {
  it('gives bytes and pointer of the organization, null for what is not there', async () => {
    await env.KV.put(blobKey('acme', HASH), Uint8Array.of(1, 2, 3));
    await env.KV.put(pointerKey('acme'), JSON.stringify(POINTER));
    const acme = kvBlobStore(env.KV, 'acme');
    expect(new Uint8Array((await acme.blob(HASH))!)).toEqual(Uint8Array.of(1, 2, 3));
    expect(await acme.pointer()).toEqual(POINTER);
    expect(await acme.blob('cd'.repeat(32))).toBeNull();
    const other = kvBlobStore(env.KV, 'other');
    expect(await other.blob(HASH)).toBeNull();
    expect(await other.pointer()).toBeNull();
  });

  it('rejects what is no pointer', async () => {
    const store = kvBlobStore(env.KV, 'odd');
    for (const text of [
      '',
      'null',
      '[]',
      '{"revision":"1"}',
      JSON.stringify({ ...POINTER, revision: -1 }),
      JSON.stringify({ ...POINTER, manifest: '../other' }),
      JSON.stringify({ revision: 1, manifest: HASH }),
    ]) {
      await env.KV.put(pointerKey('odd'), text);
      await expect(store.pointer()).rejects.toThrow();
    }
  });
});

describe('the location cache', () => {
  it('gives back what was put, for its organization alone', async () => {
    const cache = locationCache('acme');
    expect(await cache.get()).toBeNull();
    await cache.put(POINTER, 1_700_000_000_123);
    expect(await cache.get()).toEqual({ pointer: POINTER, confirmedAt: 1_700_000_000_123 });
    expect(await locationCache('acme/pointer').get()).toBeNull();
    expect(await locationCache('other').get()).toBeNull();
  });

  it('never rejects: no Cache API, one that fails, and one that holds something else', async () => {
    const none = locationCache('acme', () => {
      throw new Error('there is no cache here');
    });
    const failing = locationCache('acme', () => ({
      match: () => Promise.reject(new Error('no')),
      put: () => Promise.reject(new Error('no')),
    }));
    const odd = locationCache('acme', () => ({ match: async () => new Response('{"pointer":{}}'), put: async () => undefined }));
    for (const cache of [none, failing, odd]) {
      await expect(cache.put(POINTER, 1)).resolves.toBeUndefined();
      expect(await cache.get()).toBeNull();
    }
    expect(await locationCache('\ud800').get()).toBeNull();
  });

  it('forgets after a second', async () => {
    const cache = locationCache('brief');
    await cache.put(POINTER, 1);
    await new Promise((resolve) => setTimeout(resolve, 2_100));
    expect(await cache.get()).toBeNull();
  });
});

describe('the Publisher', () => {
  it('knows nothing of an organization that was never published', async () => {
    const port = publisherPort(env.PUBLISHER, 'nobody');
    expect(await port.pointer()).toBeNull();
    expect(await port.blob(HASH)).toBeNull();
  });

  it('rejects when it can not be reached', async () => {
    const failing = {
      idFromName: () => {
        throw new Error('no');
      },
      get: (): never => {
        throw new Error('no');
      },
    };
    await expect(publisherPort(failing, 'acme').pointer()).rejects.toThrow('no');
    await expect(publisherPort(failing, 'acme').blob(HASH)).rejects.toThrow('no');
  });
});
