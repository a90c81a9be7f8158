/** D1 answers the guards of rights as memory does, which the properties of escalation are proved with; and whatever number of keys it is asked for. */
import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import type { RowChanges } from '../../../src/pap/ports.ts';
import type { RightsLookup } from '../../../src/pap/rights/ports.ts';
import { d1RightsLookup } from '../../../src/storage/d1/rights-lookup.ts';
import { d1RowWriter } from '../../../src/storage/d1/row-writer.ts';
import { type Random, randomFrom } from '../../properties/random.ts';
import { randomWorld, type World } from '../../properties/world.ts';
import { AUDIT } from '../../storage/d1/believable.ts';
import { freshOrganization, revisionOf } from '../../storage/d1/by-hand.ts';
import { strict } from '../../storage/d1/strict-db.ts';
import { memoryRights } from '../../support/memory-rights.ts';
import { tablesOf } from '../../support/table-rows.ts';

const WORLDS = 12;
const QUESTIONS = 8;

async function store({ rows }: World, db: D1Database = env.DB): Promise<RightsLookup> {
  const org = await freshOrganization();
  const tables = Object.entries(tablesOf(rows)).map(([table, insert]) => [table, { insert, update: [], delete: [] }]);
  await d1RowWriter(env.DB, org).apply(await revisionOf(org), Object.fromEntries(tables) as RowChanges, AUDIT, 1); // keyed by their tables
  return d1RightsLookup(db, org);
}

/** What may be asked about, and something that isn't there. */
function keysOf({ rows }: World): { readonly principals: string[]; readonly targets: string[]; readonly resources: string[] } {
  const groups = rows.groups.map(({ id }) => `group:${id}`);
  const resources = rows.resources.map(({ resource }) => resource);
  return {
    principals: [...rows.subjects.map(({ subject }) => subject), ...groups, 'group:everyone', 'group:anyone', 'group:owner', 'user:nobody'],
    targets: [...[...rows.roles, ...rows.policies].map(({ id }) => id), 'rol_none'],
    resources: [...resources, 'org', 'doc:nowhere', ...rows.resource_parents.map(({ parent }) => parent)],
  };
}

const sorted = (rows: readonly unknown[]): string[] =>
  rows.map((row) => JSON.stringify(row, Object.keys(Object(row)).toSorted())).toSorted();

/** One question of each kind. */
function questions(world: World, random: Random): ((lookup: RightsLookup) => Promise<readonly unknown[]>)[] {
  const { principals, targets, resources } = keysOf(world);
  const some = (keys: readonly string[]): string[] => random.sample(keys, random.below(keys.length + 1));
  const [who, what, where] = [some(principals), some(targets), some(resources)];
  const now = world.now + random.between(-2, 2);
  return [
    (lookup) => lookup.heldBy(who, now, 1_000),
    (lookup) => lookup.assignmentsOf(what, now, 1_000),
    (lookup) => lookup.assignedAt(where, now, 1_000),
    (lookup) => lookup.withGroups(who),
    (lookup) => lookup.ownedBy(who, 1_000),
    (lookup) => lookup.withAncestors(where),
    (lookup) => lookup.parentsOf(where),
    (lookup) => lookup.restricted(where),
    (lookup) => lookup.known([...new Set(where)]),
  ];
}

describe('who holds what, in D1 and in memory', () => {
  it('is the same in random worlds, for every question', async () => {
    const random = randomFrom(20_261_121);
    const answered = new Array<number>(9).fill(0);
    for (let i = 0; i < WORLDS; i++) {
      const world = randomWorld(random);
      const [stored, remembered] = [await store(world), memoryRights(world.rows)];
      for (let j = 0; j < QUESTIONS; j++) {
        for (const [kind, ask] of questions(world, random).entries()) {
          const expected = await ask(remembered);
          expect(sorted(await ask(stored)), `world ${i}, question ${j}.${kind}`).toEqual(sorted(expected));
          answered[kind]! += expected.length;
        }
      }
    }
    // Each kind of question found something.
    expect(Math.min(...answered)).toBeGreaterThan(WORLDS);
  });

  it('is cut at the limit', async () => {
    const world = randomWorld(randomFrom(7));
    const lookup = await store(world);
    const { principals, resources } = keysOf(world);
    const all = await lookup.heldBy(principals, 0, 1_000);
    expect(await lookup.heldBy(principals, 0, 2)).toEqual(all.slice(0, 2));
    expect(await lookup.assignedAt(resources, 0, 1)).toHaveLength(1);
  });
});

describe('more keys than a parameter of D1 holds', () => {
  const many = (prefix: string): string[] => Array.from({ length: 4_500 }, (_, i) => `${prefix}${i}-${'x'.repeat(480)}`);

  it('are asked for in parts, whose answers are put together', async () => {
    const world = randomWorld(randomFrom(11));
    const [stored, remembered] = [await store(world, strict(env.DB)), memoryRights(world.rows)];
    const { principals, targets, resources } = keysOf(world);
    // At both ends, so that each part finds some, of the same role at the same scope too.
    const around = (keys: readonly string[], prefix: string): string[] => {
      const distinct = [...new Set(keys)];
      return [...distinct.filter((_, i) => i % 2 === 0), ...many(prefix), ...distinct.filter((_, i) => i % 2 === 1)];
    };
    const [who, what, where] = [around(principals, 'user:none'), around(targets, 'rol_none'), around(resources, 'doc:none')];
    const { now } = world;
    const same = async (ask: (lookup: RightsLookup) => Promise<readonly unknown[]>): Promise<void> => {
      expect(sorted(await ask(stored))).toEqual(sorted(await ask(remembered)));
    };
    await same((lookup) => lookup.heldBy(who, now, 1_000));
    await same((lookup) => lookup.assignmentsOf(what, now, 1_000));
    await same((lookup) => lookup.assignedAt(where, now, 1_000));
    await same((lookup) => lookup.withGroups(who));
    await same((lookup) => lookup.ownedBy(who, 1_000));
    await same((lookup) => lookup.withAncestors(where));
    await same((lookup) => lookup.parentsOf(where));
    await same((lookup) => lookup.restricted(where));
    await same((lookup) => lookup.known(where));
  });
});
