/** The wire form of readiness. */
import type { BehindRecord } from './routes.ts';

export function readyBody(bindings: { readonly database: boolean; readonly kv: boolean }, behind: readonly BehindRecord[]): object {
  const state = (up: boolean): string => (up ? 'ok' : 'unreachable');
  return {
    status: bindings.database && bindings.kv ? 'ready' : 'not_ready',
    bindings: { DB: state(bindings.database), KV: state(bindings.kv) },
    behind: behind.map(behindBody),
  };
}

export function behindBody({ org, revision, published, since }: BehindRecord): object {
  return { org, revision, published, since: new Date(since).toISOString() };
}
