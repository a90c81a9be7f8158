/** Equal data give equal bytes: whatever order rows come in, whatever else the tables hold. */
import { describe, expect, it } from 'vitest';
import type { OrganizationRows } from '../../../src/core/terms/rows.ts';
import { randomFrom } from '../../properties/random.ts';
import { randomWorld, worldFromSeed } from '../../properties/world.ts';
import { MemoryReader } from '../../support/memory-reader.ts';
import { MemoryPieces, memoryCompiler } from '../../support/memory-snapshot.ts';
import { shuffled } from '../compile/rows.ts';
import { contents, fromScratch, LEAF_WEIGHT, smallPages } from './support.ts';

const WORLDS = Array.from({ length: 50 }, (_, i) => i + 1);

/** The rows with every id of a group, role or policy made another one, in the same order. */
function renamed<Value>(value: Value): Value {
  return JSON.parse(JSON.stringify(value).replaceAll(/(grp|rol|pol)_/g, '$1-x_'));
}

/** JSON of the same value with the keys of each object in reverse order, and blanks. */
function reversedJson(text: string): string {
  const reverse = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(reverse);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value)
        .reverse()
        .map(([key, held]) => [key, reverse(held)]),
    );
  };
  return JSON.stringify(reverse(JSON.parse(text)), null, 2);
}

describe('the bytes of 50 random worlds', () => {
  it('are the same when all tables are shuffled, and when rows come in pages of any size', async () => {
    for (const seed of WORLDS) {
      const { rows } = worldFromSeed(seed);
      const expected = await fromScratch(rows);
      expect(await fromScratch(shuffled(rows, seed)), `seed ${seed}`).toEqual(expected);
      const manifests = new Set<string>();
      for (const size of [1, 2, 7, 1_000]) {
        const reader = smallPages(new MemoryReader(shuffled(rows, seed + size)), size);
        manifests.add((await memoryCompiler(reader, new MemoryPieces(), LEAF_WEIGHT).compile(null, true))!.manifest);
      }
      expect(manifests.size, `seed ${seed}`).toBe(1);
    }
  });

  it('are the same when titles and descriptions are others, and JSON is written in another way', async () => {
    for (const seed of WORLDS) {
      const { rows } = worldFromSeed(seed);
      const others: OrganizationRows = {
        ...rows,
        privileges: rows.privileges.map((row) => ({ ...row, title: 'T', description: 'D', applies_to: '["x"]' })),
        policies: rows.policies.map((row) => ({ ...row, description: 'D', system: 1, privileges: reversedText(row.privileges) })),
        roles: rows.roles.map((row) => ({ ...row, title: 'T', description: 'D', system: 1, privileges: reversedText(row.privileges) })),
        groups: rows.groups.map((row) => ({ ...row, description: 'D' })),
        subjects: rows.subjects.map((row) => ({ ...row, properties: reversedJson(row.properties) })),
        resources: rows.resources.map((row) => ({ ...row, properties: reversedJson(row.properties) })),
        settings: rows.settings.map((row) => ({ settings: reversedJson(row.settings) })),
        assignments: rows.assignments.map((row, i) => ({ ...row, id: `other${i}` })),
      };
      expect(await fromScratch(others), `seed ${seed}`).toEqual(await fromScratch(rows));
    }
  });

  it('are others when one row goes that decides something', async () => {
    let compared = 0;
    for (const seed of WORLDS) {
      const { rows } = randomWorld(randomFrom(seed));
      const gone = rows.assignments[0];
      if (gone === undefined) continue;
      const twin = rows.assignments.some(
        (row) => row !== gone && JSON.stringify({ ...row, id: '' }) === JSON.stringify({ ...gone, id: '' }),
      );
      if (twin) continue;
      expect(await fromScratch({ ...rows, assignments: rows.assignments.slice(1) }), `seed ${seed}`).not.toEqual(await fromScratch(rows));
      compared++;
    }
    expect(compared).toBeGreaterThan(30);
  });
});

describe('a world in which all groups, roles and policies have other ids', () => {
  it('holds the same, with the other ids in their place', async () => {
    for (const seed of WORLDS) {
      const { rows } = worldFromSeed(seed);
      expect(await contents(renamed(rows)), `seed ${seed}`).toEqual(renamed(await contents(rows)));
    }
  });
});

/** A JSON array in another order, with a repeated item. */
function reversedText(text: string): string {
  const items: unknown[] = JSON.parse(text);
  return JSON.stringify([...items, ...items.slice(0, 1)].reverse(), null, 1);
}
