/** The wire form of readiness. */
import type { State } from './readiness.ts';

/** An organization with changes that aren't published. */
export interface BehindRecord {
  readonly org: string;
  readonly revision: number;
  readonly published: number;
  /** ms since 1970 */
  readonly since: number;
  readonly why: 'unpublished' | 'unreadable_rows' | 'publisher_unreachable';
}

export function isReady({ bindings }: State): boolean {
  return bindings.DB && bindings.KV && bindings.PUBLISHER;
}

/** @param named whether who asks may know the organizations by their ids */
export function readyBody(state: State, named: boolean): object {
  const { bindings, behind } = state;
  const shown = Object.entries(bindings).map(([name, up]) => [name, up ? 'ok' : 'unreachable']);
  return {
    status: isReady(state) ? 'ready' : 'not_ready',
    bindings: Object.fromEntries(shown),
    organizations_behind: behind === null ? null : behind.length,
    ...(named && behind !== null ? { behind: behind.map(behindBody) } : {}),
  };
}

export function behindBody({ org, revision, published, since, why }: BehindRecord): object {
  return { org, revision, published, since: new Date(since).toISOString(), why };
}
