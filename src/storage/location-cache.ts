/**
 * The Cache API: shares an answer of the Publisher among the isolates of one location for a second. It works on a custom domain and does
 * nothing on workers.dev; whatever fails here only means that the Publisher is asked.
 */
import type { LocationCache } from '../pdp/ports.ts';
import { parsePointer } from './pointer-json.ts';

const MAX_AGE_S = 1;

/** The Cache API's own two methods, so that a test can stand in for it. */
export type CacheApi = Pick<Cache, 'match' | 'put'>;

/** Never rejects. */
export function locationCache(organization: string, cacheOf: () => CacheApi = () => caches.default): LocationCache {
  const url = (): string => `https://location-cache.bitgate.invalid/org/${encodeURIComponent(organization)}/pointer`;
  return {
    async get() {
      try {
        const response = await cacheOf().match(url());
        if (response === undefined) return null;
        const body: unknown = await response.json();
        if (typeof body !== 'object' || body === null || !('pointer' in body) || !('confirmedAt' in body)) return null;
        const { confirmedAt } = body;
        return typeof confirmedAt === 'number' && Number.isFinite(confirmedAt)
          ? { pointer: parsePointer(body.pointer), confirmedAt }
          : null;
      } catch {
        return null;
      }
    },
    async put(pointer, confirmedAt) {
      try {
        const headers = { 'cache-control': `max-age=${MAX_AGE_S}`, 'content-type': 'application/json' };
        await cacheOf().put(url(), new Response(JSON.stringify({ pointer, confirmedAt }), { headers }));
      } catch {
        // the other isolates ask for themselves
      }
    },
  };
}
