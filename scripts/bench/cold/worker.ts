/** The real Worker, its reads from KV and the Publisher counted; `/bench/reads` hands them out. */
import type { Env } from '../../../src/env.ts';
import worker from '../../../src/worker.ts';
import { ReadLog } from './reads.ts';

export { Pdp, Publisher } from '../../../src/worker.ts';

const log = new ReadLog();

/** Bytes wherever they are, and what else there is as JSON. */
function sizeOf(value: unknown): number {
  if (value === null || value === undefined) return 0;
  if (value instanceof ArrayBuffer) return value.byteLength;
  if (typeof value === 'string') return value.length;
  const buffers = Object.values(value).filter((member) => member instanceof ArrayBuffer);
  return JSON.stringify(value).length + buffers.reduce((sum, { byteLength }) => sum + byteLength, 0);
}

/** An object whose methods are counted; everything else is its own. */
function counted<T extends object>(of: T, name: string, methods: ReadonlySet<string>): T {
  return new Proxy(of, {
    get(target, key) {
      // bindings are called on themselves, never on a proxy
      const value: unknown = Reflect.get(target, key, target);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]): unknown => {
        const result: unknown = Reflect.apply(value, target, args);
        if (typeof key !== 'string' || !methods.has(key)) return result;
        const ended = log.begin(`${name}.${key} ${typeof args[0] === 'string' ? args[0] : ''}`);
        return Promise.resolve(result).then((answer) => {
          ended(sizeOf(answer));
          return answer;
        });
      };
    },
  });
}

const KV_READS: ReadonlySet<string> = new Set(['get']);
const PUBLISHER_READS: ReadonlySet<string> = new Set(['pointer', 'blob', 'kept']);

function countedEnv(env: Env): Env {
  const namespace = env.PUBLISHER;
  const publisher = new Proxy(namespace, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key, target);
      if (key === 'get') return (id: Parameters<Env['PUBLISHER']['get']>[0]) => counted(target.get(id), 'publisher', PUBLISHER_READS);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  return { ...env, KV: counted(env.KV, 'kv', KV_READS), PUBLISHER: publisher };
}

let held: Env | undefined;

type Asked = Parameters<typeof worker.fetch>;

export default {
  fetch(...[request, env, context]: Asked): Response | Promise<Response> {
    if (new URL(request.url).pathname === '/bench/reads') return Response.json(log.take());
    held ??= countedEnv(env);
    return worker.fetch(request, held, context);
  },
};
