import { describe, expect, it } from 'vitest';
import { mutateWorld } from './mutate.ts';
import { randomFrom } from './random.ts';
import { faultsOf } from './validity.ts';
import { worldFromSeed } from './world.ts';

describe('random worlds', () => {
  it('are the same for the same seed', () => {
    expect(worldFromSeed(7)).toEqual(worldFromSeed(7));
    expect(worldFromSeed(7)).not.toEqual(worldFromSeed(8));
  });

  it('hold valid rows', () => {
    for (let seed = 1; seed <= 300; seed++) expect(faultsOf(worldFromSeed(seed).rows), `seed ${seed}`).toEqual([]);
  });
});

describe('random changes', () => {
  it('keep the rows valid, one after another, and leave the world before as it was', () => {
    const random = randomFrom(1);
    const done = new Set<string>();
    for (let seed = 1; seed <= 60; seed++) {
      let world = worldFromSeed(seed);
      for (let step = 0; step < 20; step++) {
        const before = structuredClone(world);
        const mutation = mutateWorld(random, world);
        expect(world).toEqual(before);
        expect(faultsOf(mutation.rows), `seed ${seed}: ${mutation.done.join(', ')}`).toEqual([]);
        for (const name of mutation.done) done.add(name);
        world = mutation.world;
      }
    }
    expect(done.size).toBeGreaterThan(40);
  });

  it('name what they touched', () => {
    const world = worldFromSeed(3);
    const random = randomFrom(3);
    let mutation = mutateWorld(random, world, 1);
    while (mutation.done[0] !== 'restrict or open a resource') mutation = mutateWorld(random, world, 1);
    expect(mutation.touched).toEqual({ catalog: false, principals: [], resources: [expect.any(String)], keys: [] });
  });
});
