/** The real Worker, what its Publisher writes to KV counted; `/bench/writes` tells it. The objects run in the isolate of the Worker. */
import type { Env } from '../../../src/env.ts';
import worker, { Publisher as Real } from '../../../src/worker.ts';

export { Pdp } from '../../../src/worker.ts';

/** Since the isolate started. */
export interface Writes {
  readonly blobs: number;
  readonly pointers: number;
  readonly bytes: number;
}

const writes = { blobs: 0, pointers: 0, bytes: 0 };

function note(key: unknown, value: unknown): void {
  if (String(key).includes('/blob/')) writes.blobs++;
  else writes.pointers++;
  writes.bytes +=
    typeof value === 'string' ? value.length : value instanceof ArrayBuffer || ArrayBuffer.isView(value) ? value.byteLength : 0;
}

function counted(env: Env): Env {
  const KV = new Proxy(env.KV, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== 'function') return member;
      return (...given: unknown[]): unknown => {
        if (name === 'put') note(given[0], given[1]);
        return Reflect.apply(member, target, given);
      };
    },
  });
  return { ...env, KV };
}

export class Publisher extends Real {
  constructor(...[state, env]: ConstructorParameters<typeof Real>) {
    super(state, counted(env));
  }
}

type Asked = Parameters<typeof worker.fetch>;

export default {
  fetch(...[request, env, context]: Asked): Response | Promise<Response> {
    return new URL(request.url).pathname === '/bench/writes' ? Response.json(writes) : worker.fetch(request, env, context);
  },
  scheduled: worker.scheduled,
};
