/** What is made when it is first used, so that a start of the Worker makes none of it; and what is made for descriptions alone. */

/** Of a build without descriptions: see `DESCRIBED` in wrangler.toml. Absent: true. */
declare const DESCRIBED: boolean | undefined;

/**
 * What an operation says of itself, beside what handles it. A build without descriptions leaves it out: the bundler drops calls of a function that
 * does nothing, with what stands in them. Nothing that answers a request may read it.
 */
export function described<T>(make: () => T): T {
  if (typeof DESCRIBED === 'undefined' || DESCRIBED) return make();
  // `as`: who reads operations is left out, too
  return undefined as unknown as T;
}

/**
 * A schema, or an object of schemas, that is made when something of it is first read. A build that describes its API makes it at once: descriptions
 * are kept by the schema itself.
 * @param make no side effects; nothing with private members
 */
export function lazy<T extends object>(make: () => T): T {
  return typeof DESCRIBED === 'undefined' || DESCRIBED ? make() : deferred(make);
}

/**
 * Stands for what `make` gives, whose members are all its own: reading any makes it, once.
 * @param make no side effects; nothing with private members
 */
export function deferred<T extends object>(make: () => T): T {
  let made: T | undefined;
  const whole = (): T => {
    made ??= make();
    return made;
  };
  const stand: ProxyHandler<T> = {
    get: (_, key) => Reflect.get(whole(), key),
    has: (_, key) => Reflect.has(whole(), key),
    ownKeys: () => Reflect.ownKeys(whole()),
    // what isn't on the target itself has to be called configurable
    getOwnPropertyDescriptor: (_, key) => {
      const found = Reflect.getOwnPropertyDescriptor(whole(), key);
      return found && { ...found, configurable: true };
    },
    getPrototypeOf: () => Reflect.getPrototypeOf(whole()),
  };
  // `as`: the traps answer for it
  return new Proxy({} as T, stand);
}
