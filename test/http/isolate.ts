/** A Worker of its own, as a new isolate with other bindings and variables would be; the rest is that of the tests. */
import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import type { Env } from '../../src/env.ts';
import { ROOT } from './client.ts';

export interface Sent {
  readonly method?: string;
  readonly body?: unknown;
  /** null: no credentials; absent: root's */
  readonly token?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Isolate {
  fetch(path: string, sent?: Sent): Promise<Response>;
  /** its entrypoint for service bindings, of a binding without props */
  rpc(): InstanceType<typeof import('../../src/worker.ts').Pdp>;
  /** Waits for what outlives the answers so far. */
  settled(): Promise<void>;
}

let made = 0;

export async function isolateWith(variables: Partial<Env>): Promise<Isolate> {
  const address = `../../src/worker.ts?${++made}`;
  // By a query the same module is another instance, and that of the Publisher stays what it is.
  const { default: worker, Pdp } = (await import(address)) as typeof import('../../src/worker.ts');
  const bindings = { ...env, ...variables };
  const contexts: ExecutionContext[] = [];
  const life = (): ExecutionContext => {
    const context = createExecutionContext();
    contexts.push(context);
    return context;
  };
  return {
    fetch: async (path, { method = 'GET', body, token = ROOT, headers = {} } = {}) => {
      const all = new Headers(headers);
      if (token !== null) all.set('authorization', `Bearer ${token}`);
      const request = new Request(`https://bitgate.test${path}`, {
        method,
        headers: all,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      if (body !== undefined) request.headers.set('content-type', 'application/json');
      // `as`: a request from outside, as the runtime makes it
      return worker.fetch(request as Parameters<typeof worker.fetch>[0], bindings, life());
    },
    rpc: () => new Pdp(life(), bindings),
    settled: async () => {
      for (const context of contexts.splice(0)) await waitOnExecutionContext(context);
    },
  };
}
