/**
 * I/O that breaks on command. Whatever passes a binding (D1, KV, a stub of the Publisher) or the object's own storage is counted as one operation, however
 * the code is written; the n-th one is refused, or done with its answer lost, or the object is stopped there.
 */
import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';

/**
 * `refused`: nothing happens, and it throws. `lost`: it happens, and throws nevertheless. `stopped`: the object ends there, as when it is evicted or its
 * machine dies; only operations that are waited for count then, since what is written between two of those is one step.
 */
export type Fault = 'refused' | 'lost' | 'stopped';

/** `D1`, `KV`, `publisher`; `own`: the object's storage */
export type Place = 'D1' | 'KV' | 'publisher' | 'own';

/** what never answers */
const NEVER = new Promise<never>(() => undefined);

export class Breaking {
  /** operations since it was armed */
  passed = 0;
  /** the operation that broke, e.g. `KV put`; null: none did */
  broke: string | null = null;
  /** places that are down, whatever is counted */
  readonly down = new Set<Place>();
  /** places that never answer */
  readonly hanging = new Set<Place>();
  #at = 0;
  #fault: Fault = 'refused';
  #stop: (() => void) | null = null;
  #only: Place | null = null;

  /** @param at the how manieth operation breaks, of all or those at one place */
  arm(fault: Fault, at: number, stop: (() => void) | null = null, only: Place | null = null): void {
    this.#only = only;
    this.passed = 0;
    this.broke = null;
    this.#at = at;
    this.#fault = fault;
    this.#stop = stop;
    armed = this;
  }

  disarm(): void {
    armed = null;
  }

  async waitedFor<T>(place: Place, name: string, work: () => Promise<T>): Promise<T> {
    if (this.hanging.has(place)) return NEVER;
    if (this.down.has(place)) throw new Error(failure(place, name));
    if (!this.#meets(place, name)) return work();
    if (this.#fault === 'stopped') this.#stop?.();
    if (this.#fault === 'lost') await work();
    throw new Error(failure(place, name));
  }

  atOnce<T>(name: string, work: () => T): T {
    if (this.#fault === 'stopped' || !this.#meets('own', name)) return work();
    if (this.#fault === 'lost') work();
    throw new Error(failure('own', name));
  }

  #meets(place: Place, name: string): boolean {
    if (armed !== this || (this.#only !== null && place !== this.#only)) return false;
    this.passed++;
    if (this.passed !== this.#at) return false;
    this.broke = `${place} ${name}`;
    return true;
  }
}

/** As the bindings say it: D1 begins all its errors so. */
function failure(place: Place, name: string): string {
  return `${place === 'D1' ? 'D1_ERROR: ' : ''}${place} ${name} broke on command`;
}

/** whose operations of the object's own storage are counted */
let armed: Breaking | null = null;

type Bindings = typeof env;

/** The Worker's bindings, each operation of which may break. */
export function breakable(real: Bindings, breaking: Breaking): Bindings {
  return { ...real, DB: database(real.DB, breaking), KV: store(real.KV, breaking), PUBLISHER: objects(real.PUBLISHER, breaking) };
}

/** The target with some of its methods in front of it; all others are its own. */
function before<T extends object>(target: T, methods: Readonly<Record<string, (...given: never[]) => unknown>>): T {
  return new Proxy(target, {
    get(_, name) {
      if (typeof name === 'string' && Object.hasOwn(methods, name)) return methods[name];
      const member: unknown = Reflect.get(target, name);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
}

function database(real: D1Database, breaking: Breaking): D1Database {
  const realOf = new WeakMap<D1PreparedStatement, D1PreparedStatement>();
  const statement = (inner: D1PreparedStatement): D1PreparedStatement => {
    const asked = Object.fromEntries(
      (['run', 'all', 'first', 'raw'] as const).map((name) => [
        name,
        // `as`: the four differ in what they give, and it is handed on
        (...given: unknown[]) => breaking.waitedFor('D1', name, () => (inner[name] as (...all: unknown[]) => Promise<unknown>)(...given)),
      ]),
    );
    const outer = before(inner, { ...asked, bind: (...values: unknown[]) => statement(inner.bind(...values)) });
    realOf.set(outer, inner);
    return outer;
  };
  return before(real, {
    prepare: (sql: string) => statement(real.prepare(sql)),
    batch: (statements: D1PreparedStatement[]) =>
      breaking.waitedFor('D1', 'batch', () => real.batch(statements.map((each) => realOf.get(each) ?? each))),
  });
}

function store(real: KVNamespace, breaking: Breaking): KVNamespace {
  const methods = (['get', 'put', 'delete', 'list'] as const).map((name) => [
    name,
    // `as`: the overloads of KV, handed on as they are
    (...given: unknown[]) =>
      breaking.waitedFor('KV', name, () => (real[name] as (...all: unknown[]) => Promise<unknown>).apply(real, given)),
  ]);
  return before(real, Object.fromEntries(methods));
}

function objects(real: Bindings['PUBLISHER'], breaking: Breaking): Bindings['PUBLISHER'] {
  const stubOf = (id: DurableObjectId): object =>
    new Proxy(real.get(id), {
      get(target, name) {
        // `as`: every name of a stub is a method of the object, and is called on the stub
        const methods = target as unknown as Readonly<Record<string, (...all: unknown[]) => Promise<unknown>>>;
        return (...given: unknown[]) => breaking.waitedFor('publisher', String(name), async () => methods[String(name)]!(...given));
      },
    });
  return before(real, { get: stubOf });
}

/** Puts the object's own storage under the same command, for all objects of this test file. Once is enough. */
export async function breakOwnStorage(): Promise<void> {
  const any = env.PUBLISHER.get(env.PUBLISHER.idFromName('storage'));
  await runInDurableObject(any, (_, { storage }) => {
    const sql: SqlStorage = Object.getPrototypeOf(storage.sql);
    const whole: DurableObjectStorage = Object.getPrototypeOf(storage);
    replace(sql, 'exec', (text, work) => (armed === null ? work() : armed.atOnce(`sql ${text}`, work)));
    replace(whole, 'transactionSync', (_given, work) => (armed === null ? work() : armed.atOnce('transaction', work)));
    for (const method of ['getAlarm', 'setAlarm'] as const) {
      // `as`: both are asynchronous
      replace(whole, method, (_given, work) => (armed === null ? work() : armed.waitedFor('own', method, work as () => Promise<unknown>)));
    }
  });
}

/** @param around is told the first argument, and what the method would do */
function replace(target: object, method: string, around: (first: string, work: () => unknown) => unknown): void {
  // `as`: one of the methods named above
  const real = Reflect.get(target, method) as (...given: unknown[]) => unknown;
  Reflect.set(target, method, function (this: unknown, ...given: unknown[]) {
    return around(String(given[0]).slice(0, 40), () => real.apply(this, given));
  });
}
