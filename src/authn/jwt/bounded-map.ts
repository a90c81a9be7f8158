/** A map that stays small: what was set longest ago gives way. */

interface Entry<V> {
  readonly value: V;
  readonly weight: number;
}

export class BoundedMap<V> {
  readonly #entries = new Map<string, Entry<V>>();
  readonly #mostEntries: number;
  readonly #mostWeight: number;
  #weight = 0;

  /** @param mostWeight of all entries together; one that is heavier by itself is kept alone */
  constructor(mostEntries: number, mostWeight: number) {
    this.#mostEntries = mostEntries;
    this.#mostWeight = mostWeight;
  }

  get(key: string): V | undefined {
    return this.#entries.get(key)?.value;
  }

  set(key: string, value: V, weight: number): void {
    this.delete(key);
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size < this.#mostEntries && this.#weight + weight <= this.#mostWeight) break;
      this.delete(oldest);
    }
    this.#entries.set(key, { value, weight });
    this.#weight += weight;
  }

  delete(key: string): void {
    this.#weight -= this.#entries.get(key)?.weight ?? 0;
    this.#entries.delete(key);
  }
}
