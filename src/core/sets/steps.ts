/** Work in steps: a generator that yields where others may run, and returns what it came to. Whoever has nobody to let run takes it at once. */

export type Steps<Result> = Generator<void, Result>;

/** All steps at once. */
export function atOnce<Result>(steps: Steps<Result>): Result {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/** Numbers made of items in order, with a step after every so many. */
export function* numbersOf<Item>(items: readonly Item[], every: number, numberOf: (item: Item) => number): Steps<Uint32Array> {
  const numbers = new Uint32Array(items.length);
  for (let i = 0; i < items.length; i++) {
    numbers[i] = numberOf(items[i]!);
    if ((i + 1) % every === 0) yield;
  }
  return numbers;
}
