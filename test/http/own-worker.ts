/** A Worker of a test's own, as a new isolate with other variables would be. Publisher, D1 and KV are those of the others. */
import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import type { Env } from '../../src/env.ts';

type Module = typeof import('../../src/worker.ts');

export interface OwnWorker {
  fetch(url: string, init?: RequestInit): Promise<Response>;
  /** its entrypoint for service bindings, of a binding without props */
  rpc(): InstanceType<Module['Pdp']>;
  /** what outlives the answers so far has come to its end */
  settled(): Promise<void>;
}

let made = 0;

export async function ownWorker(variables: Partial<Env>): Promise<OwnWorker> {
  const address = `../../src/worker.ts?${++made}`;
  // by a query the same module is another instance
  const { default: worker, Pdp } = (await import(address)) as Module;
  const own = { ...env, ...variables };
  let open: ExecutionContext[] = [];
  const life = (): ExecutionContext => {
    const context = createExecutionContext();
    open.push(context);
    return context;
  };
  return {
    fetch: async (url, init) => worker.fetch(new Request(url, init) as Parameters<typeof worker.fetch>[0], own, life()),
    rpc: () => new Pdp(life(), own),
    async settled() {
      const waited = open;
      open = [];
      for (const context of waited) await waitOnExecutionContext(context);
    },
  };
}
