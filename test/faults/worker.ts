/** The Worker over bindings that break on command: what `call` asks after that goes through them. */
import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import worker from '../../src/worker.ts';
import { Breaking, breakable } from './breaking.ts';

/** Once in a file, and before anything else is asked: the isolate keeps the bindings of its first request. */
export async function breakWorker(): Promise<Breaking> {
  const breaking = new Breaking();
  const context = createExecutionContext();
  // `as`: the Worker's own bindings, and the request as it comes in
  const first = new Request('https://bitgate.test/healthz') as Parameters<typeof worker.fetch>[0];
  await worker.fetch(first, breakable(env, breaking) as Parameters<typeof worker.fetch>[1], context);
  await waitOnExecutionContext(context);
  return breaking;
}
