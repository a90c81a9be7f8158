/** Fetches a key set. Whatever doesn't come whole, soon and small from the very address in the settings is none. */
import { KeySet } from './key-set.ts';
import type { TokenSurroundings } from './surroundings.ts';

/** for the whole answer */
export const FETCH_LIMIT_MS = 5_000;
const MOST_BYTES = 256 * 1024;

/** Null for every failure, after `FETCH_LIMIT_MS` at the latest. */
export function fetchKeySet(uri: string, { fetch, sleep }: Pick<TokenSurroundings, 'fetch' | 'sleep'>): Promise<KeySet | null> {
  const late = new AbortController();
  const limit = sleep(FETCH_LIMIT_MS).then(() => {
    late.abort();
    return null;
  });
  return Promise.race([download(uri, fetch, late.signal).catch(() => null), limit]);
}

async function download(uri: string, fetch: TokenSurroundings['fetch'], signal: AbortSignal): Promise<KeySet | null> {
  const response = await fetch(uri, {
    method: 'GET',
    headers: { accept: 'application/json' },
    redirect: 'manual', // keys are the issuer's where the settings say, and nowhere else
    cache: 'no-store',
    signal,
  });
  const { body, status } = response;
  if (status !== 200 || body === null) {
    await body?.cancel();
    return null;
  }
  const text = await textOf(body.getReader(), signal);
  return text === null ? null : KeySet.read(JSON.parse(text));
}

/** Counts while it reads: what a server says of the length is not believed. */
async function textOf(reader: ReadableStreamDefaultReader<Uint8Array>, signal: AbortSignal): Promise<string | null> {
  const cancel = (): void => void reader.cancel().catch(() => undefined);
  signal.addEventListener('abort', cancel);
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false });
  let text = '';
  let bytes = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    bytes += value.byteLength;
    if (bytes > MOST_BYTES) {
      cancel();
      return null;
    }
    text += decoder.decode(value, { stream: true });
  }
}
