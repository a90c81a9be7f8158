/** A small seeded generator of random numbers (mulberry32): the same seed gives the same world on every machine. */

export interface Random {
  /** in [0, 1) */
  next(): number;
  /** a whole number in [0, n) */
  below(n: number): number;
  /** a whole number in [low, high] */
  between(low: number, high: number): number;
  chance(probability: number): boolean;
  pick<Item>(items: readonly Item[]): Item;
  /** `count` different items, or all if there are fewer, in random order */
  sample<Item>(items: readonly Item[], count: number): Item[];
  /** each item with the given probability */
  some<Item>(items: readonly Item[], probability: number): Item[];
}

export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const below = (n: number): number => Math.floor(next() * n);
  return {
    next,
    below,
    between: (low, high) => low + below(high - low + 1),
    chance: (probability) => next() < probability,
    pick<Item>(items: readonly Item[]): Item {
      const item = items[below(items.length)];
      if (item === undefined) throw new Error('nothing to pick from');
      return item;
    },
    sample<Item>(items: readonly Item[], count: number): Item[] {
      const rest = [...items];
      const chosen: Item[] = [];
      while (chosen.length < count && rest.length > 0) chosen.push(...rest.splice(below(rest.length), 1));
      return chosen;
    },
    some: (items, probability) => items.filter(() => next() < probability),
  };
}
