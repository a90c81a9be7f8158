/** The wire form of readiness. */

/** An organization with changes that aren't published. */
export interface BehindRecord {
  readonly org: string;
  readonly revision: number;
  readonly published: number;
  /** ms since 1970 */
  readonly since: number;
}

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
