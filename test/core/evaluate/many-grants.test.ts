/** Whether what a principal holds is looked through or looked up: it decides the same, and a scope is never taken for another one. */
import { describe, expect, it } from 'vitest';
import { hashText } from '../../../src/core/sets/hash.ts';
import { scopeTag } from '../../../src/core/snapshot/snapshot.ts';
import type { AssignmentRow } from '../../../src/core/terms/rows.ts';
import { randomFrom } from '../../properties/random.ts';
import { randomWorld, requestOf, type World } from '../../properties/world.ts';
import { MemoryReader } from '../../support/memory-reader.ts';
import { ask, MemoryPieces, memoryCompiler, openSnapshot } from '../../support/memory-snapshot.ts';
import { explained } from './explained.ts';

const WORLDS = 12;
/** more than is ever looked through */
const ELSEWHERE = 200;

/** The world with as many more assignments for everybody who has one, all at things that nobody asks about. */
function crowded(world: World): World {
  const [some] = world.rows.assignments;
  const principals = new Set(world.rows.assignments.map(({ principal }) => principal));
  const more = [...principals].flatMap((principal) =>
    Array.from({ length: ELSEWHERE }, (_, i): AssignmentRow => {
      const scope = `elsewhere:${i}`;
      return { ...some!, id: `${principal}@${scope}`, principal, scope, not_before: null, expires_at: null };
    }),
  );
  return { ...world, rows: { ...world.rows, assignments: [...world.rows.assignments, ...more] } };
}

async function answers(world: World): Promise<string[]> {
  const pieces = new MemoryPieces();
  const compiled = await memoryCompiler(new MemoryReader(world.rows), pieces).compile(null, true);
  const snapshot = openSnapshot(pieces, compiled!.manifest);
  return world.subjects.flatMap((subject) =>
    world.resources.flatMap((resource) =>
      world.actions.map((action) => {
        const request = requestOf(world, subject, action, resource);
        const { decision, reason } = ask(snapshot, pieces, request, world.now, world.options);
        return `${JSON.stringify(request)}: ${decision}, ${reason}`;
      }),
    ),
  );
}

describe('a principal that holds very much', () => {
  it('is decided about as it was before it held something everywhere else', async () => {
    let allows = 0;
    for (let seed = 1; seed <= WORLDS; seed++) {
      const world = randomWorld(randomFrom(seed));
      if (world.rows.assignments.length === 0) continue;
      const expected = await answers(world);
      expect(await answers(crowded(world)), `world ${seed}`).toEqual(expected);
      allows += expected.filter((answer) => answer.includes(': true, granted')).length;
    }
    expect(allows).toBeGreaterThan(100);
  });
});

/** Another thing whose scope has the same tag, by search. */
function likeTag(key: string): string {
  for (let n = 0; ; n++) if (scopeTag(hashText(`doc:${n}`)) === scopeTag(hashText(key))) return `doc:${n}`;
}

describe('a scope that looks like another one', () => {
  const allowed = async (at: string): Promise<boolean> => {
    const { decision } = await explained({
      policies: { p: { privileges: ['read'] } },
      resources: { 'doc:a': { parents: ['box:b'] }, 'box:b': {} },
      assignments: [['user:ann', 'p', at]],
    });
    return decision;
  };

  it('is not the resource', async () => {
    expect(await allowed('doc:a')).toBe(true);
    expect(likeTag('doc:a')).not.toBe('doc:a');
    expect(await allowed(likeTag('doc:a'))).toBe(false);
  });

  it('is nothing above it', async () => {
    expect(await allowed('box:b')).toBe(true);
    expect(await allowed(likeTag('box:b'))).toBe(false);
  });
});
