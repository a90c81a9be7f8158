/** Which claimed parents are believed: random worlds against the rows themselves, followed step by step. */
import { describe, expect, it } from 'vitest';
import type { OrganizationRows } from '../../src/core/terms/rows.ts';
import type { Session } from '../../src/pdp/pdp.ts';
import { MemoryReader } from '../support/memory-reader.ts';
import { memorySession } from '../support/memory-session.ts';
import { MemoryPieces, memoryCompiler } from '../support/memory-snapshot.ts';
import { randomFrom } from './random.ts';
import { emptyRows, randomWorld } from './world.ts';

const SEED = Number(process.env.BITGATE_SEED ?? 20_261_122);
const WORLDS = 60;

async function sessionOf(rows: OrganizationRows, leafWeight?: number): Promise<Session> {
  const pieces = new MemoryPieces();
  const compiled = await memoryCompiler(new MemoryReader(rows), pieces, leafWeight).compile(null, true);
  if (compiled === null) throw new Error('a full compile always gives a revision');
  return memorySession(pieces, compiled.manifest, compiled.revision);
}

/** Is there a way up over rows of `resource_parents`? */
function liesBelow(rows: OrganizationRows, low: string, high: string): boolean {
  return rows.resource_parents.some(({ resource, parent }) => resource === low && (parent === high || liesBelow(rows, parent, high)));
}

function believed(rows: OrganizationRows, resource: string, parents: readonly string[]): boolean {
  const registered = (key: string): boolean => rows.resources.some((row) => row.resource === key);
  if (registered(resource)) return parents.every((parent) => liesBelow(rows, resource, parent));
  if (parents.some((parent) => parent.startsWith('project:') && !registered(parent))) return false;
  const known = parents.filter(registered);
  return known.every((one) => known.every((other) => one === other || liesBelow(rows, one, other) || liesBelow(rows, other, one)));
}

const entityOf = (key: string) => ({ type: key.slice(0, key.indexOf(':')), id: key.slice(key.indexOf(':') + 1) });

describe('claimed parents', () => {
  it(`are believed exactly where the rows don't contradict, in ${WORLDS} worlds from seed ${SEED}`, async () => {
    const answers = { registered: [0, 0], unregistered: [0, 0] };
    for (let seed = SEED; seed < SEED + WORLDS; seed++) {
      const random = randomFrom(seed);
      const { rows } = randomWorld(random);
      const session = await sessionOf(rows, random.pick([1, 90, 10_000]));
      const keys = [...rows.resources.map((row) => row.resource), 'doc:nowhere', 'project:nowhere', 'folder:nowhere'];
      for (let i = 0; i < 100; i++) {
        const resource = random.pick(keys);
        const near = keys.filter((key) => liesBelow(rows, resource, key));
        const parents = random.sample(random.chance(0.5) && near.length > 0 ? near : keys, random.between(0, 3));
        const wanted = believed(rows, resource, parents);
        expect(
          await session.placed(entityOf(resource), parents),
          `seed ${seed}: ${resource} in ${parents} of ${JSON.stringify(rows.resource_parents)}`,
        ).toBe(wanted);
        answers[resource.endsWith(':nowhere') ? 'unregistered' : 'registered'][wanted ? 1 : 0]!++;
      }
    }
    expect(Math.min(...answers.registered, ...answers.unregistered)).toBeGreaterThan(WORLDS);
  });

  it('of a thing that is not registered are one line: nobody puts their own project before a folder of another', async () => {
    const rows = emptyRows();
    const parents = { 'folder:theirs': 'project:theirs', 'folder:mine': 'project:mine', 'folder:deep': 'folder:mine' };
    for (const resource of ['project:theirs', 'project:mine', ...Object.keys(parents)])
      rows.resources.push({ resource, access: 'inherit', properties: '{}' });
    rows.resource_parents.push(...Object.entries(parents).map(([resource, parent]) => ({ resource, parent })));
    const session = await sessionOf(rows);
    const placed = async (...claimed: string[]): Promise<boolean> => session.placed({ type: 'doc', id: 'new' }, claimed);
    expect(await placed('project:mine', 'folder:theirs')).toBe(false);
    expect(await placed('project:mine', 'folder:deep', 'folder:mine')).toBe(true);
    expect(await placed('project:mine', 'folder:deep', 'folder:theirs')).toBe(false);
    expect(await placed('project:mine', 'project:theirs')).toBe(false);
    expect(await placed('project:mine', 'folder:unknown')).toBe(true);
    expect(await placed('project:unknown')).toBe(false);
    expect(await placed()).toBe(true);
  });

  it('come to an end where rows typed by hand are a cycle', async () => {
    const rows = emptyRows();
    for (const resource of ['a:1', 'a:2']) rows.resources.push({ resource, access: 'inherit', properties: '{}' });
    rows.resource_parents.push({ resource: 'a:1', parent: 'a:2' }, { resource: 'a:2', parent: 'a:1' });
    const session = await sessionOf(rows);
    expect(await session.placed({ type: 'a', id: '1' }, ['a:2'])).toBe(true);
    expect(await session.placed({ type: 'a', id: '1' }, ['a:1'])).toBe(false);
    expect(await session.placed({ type: 'b', id: '1' }, ['a:1', 'a:2'])).toBe(true);
  });
});
