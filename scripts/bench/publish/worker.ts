/** The real Publisher, counting at its bindings what each of its invocations asks. `POST /publish?full=`, `GET /pointer`, `GET /invocations`. */
import type { DurableObjectState } from '@cloudflare/workers-types';
import type { Env } from '../../../src/env.ts';
import { Publisher as Real } from '../../../src/storage/publisher/publisher.ts';

const ORGANIZATION = 'bench';

/** What one call, or one alarm, asked of D1 (statements, those of a batch each) and KV (operations). Such that overlap count each other's. */
interface Invocation {
  readonly name: string;
  d1: number;
  kv: number;
}

const asked = { d1: 0, kv: 0 };
const invocations: Invocation[] = [];

const RUNS = new Set<PropertyKey>(['first', 'all', 'run', 'raw']);

/** Stands before an object: told of each call of a method, it gives what the caller gets. */
function before<T extends object>(target: T, called: (name: PropertyKey, given: readonly unknown[], answer: unknown) => unknown): T {
  return new Proxy(target, {
    get(object, name) {
      const member: unknown = Reflect.get(object, name);
      if (typeof member !== 'function') return member;
      return (...given: unknown[]) => called(name, given, member.apply(object, given));
    },
  });
}

function counted(statement: object): object {
  return before(statement, (name, _, answer) => {
    if (RUNS.has(name)) asked.d1++;
    // `as`: what `bind` gives is a statement again.
    return name === 'bind' ? counted(answer as object) : answer;
  });
}

function countingEnv(env: Env): Env {
  const DB = before(env.DB, (name, given, answer) => {
    // `as`: what `batch` is given are statements, and what `prepare` gives is one.
    if (name === 'batch') asked.d1 += (given[0] as unknown[]).length;
    return name === 'prepare' ? counted(answer as object) : answer;
  });
  const KV = before(env.KV, (_, __, answer) => {
    asked.kv++;
    return answer;
  });
  return { ...env, DB, KV };
}

export class Publisher extends Real {
  constructor(state: DurableObjectState, env: Env) {
    super(state, countingEnv(env));
  }

  override publish(options: Parameters<Real['publish']>[0]): ReturnType<Real['publish']> {
    return this.#counted('publish', () => super.publish(options));
  }

  override alarm(): Promise<void> {
    return this.#counted('alarm', () => super.alarm());
  }

  async #counted<T>(name: string, work: () => Promise<T>): Promise<T> {
    const { d1, kv } = asked;
    try {
      return await work();
    } finally {
      invocations.push({ name, d1: asked.d1 - d1, kv: asked.kv - kv });
    }
  }

  invocations(): readonly Invocation[] {
    return invocations.splice(0);
  }
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    // `as`: the binding's class is the one above.
    const stub = env.PUBLISHER.get(env.PUBLISHER.idFromName(ORGANIZATION)) as unknown as Publisher;
    if (pathname === '/publish') return Response.json(await stub.publish({ org: ORGANIZATION, full: searchParams.has('full') }));
    if (pathname === '/pointer') return Response.json(await stub.pointer());
    if (pathname === '/invocations') return Response.json(await stub.invocations());
    return new Response();
  },
};
