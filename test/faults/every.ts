/** The n-th operation breaks, for n = 1, 2, … until there is none left to break: how often that was is printed. */
import { expect } from 'vitest';
import type { Fault } from './breaking.ts';
import type { Breakable } from './organization.ts';

export const FAULTS: readonly Fault[] = ['refused', 'lost', 'stopped'];

/** @param round what is done with a fault at the n-th operation. @returns whose it was; it tells whether there was such an operation */
export async function forEveryOperation(what: string, fault: Fault, round: (n: number) => Promise<Breakable>): Promise<void> {
  const broke: string[] = [];
  for (let n = 1; ; n++) {
    const { breaking } = await round(n);
    if (breaking.broke === null) break;
    broke.push(breaking.broke);
  }
  const places = ['D1', 'KV', 'own'].map((place) => `${place} ${broke.filter((each) => each.startsWith(place)).length}`);
  console.info(`${what}: each of ${broke.length} operations ${fault} (${places.join(', ')}), then none broke`);
  expect(broke.length).toBeGreaterThan(3);
}

/** Whatever fails in it is said together with where the fault was. */
export async function atFault<T>({ breaking }: Breakable, n: number, claims: () => Promise<T>): Promise<T> {
  try {
    return await claims();
  } catch (error) {
    throw new Error(`after a fault at operation ${n}, ${breaking.broke}: ${error}`, { cause: error });
  }
}
