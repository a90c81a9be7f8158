/** Open questions against ordinary ones: what is held whatever is asked is granted each time, and what is granted once might be held. */
import { describe, expect, it } from 'vitest';
import type { Snapshot } from '../../../src/core/snapshot/snapshot.ts';
import type { CheckOptions, CheckRequest, Entity } from '../../../src/core/terms/request.ts';
import { randomFrom } from '../../properties/random.ts';
import { NOW, randomContext, randomProperties } from '../../properties/vocabulary.ts';
import { randomWorld, type World } from '../../properties/world.ts';
import { ask, type MemoryPieces, snapshotOf } from '../../support/memory-snapshot.ts';

const WORLDS = Number(process.env.BITGATE_WORLDS ?? 150);
const SPAN = 4;

interface Opened {
  readonly world: World;
  readonly snapshot: Snapshot;
  readonly pieces: MemoryPieces;
}

async function opened(seed: number): Promise<Opened> {
  const world = randomWorld(randomFrom(seed));
  return { world, ...(await snapshotOf(world.rows)) };
}

const decide = (
  { snapshot, pieces }: Opened,
  request: CheckRequest,
  now: number,
  options: CheckOptions,
): { decision: boolean; reason: string } => ask(snapshot, pieces, request, now, options);

/** Both ends of what an open question can answer. */
function bounds(
  opening: Opened,
  request: CheckRequest,
  open: Partial<NonNullable<CheckOptions['open']>>,
): { least: boolean; most: boolean } {
  const options = (counting: 'least' | 'most'): CheckOptions => ({ open: { ...open, counting, until: NOW + SPAN } });
  return {
    least: decide(opening, request, NOW, options('least')).decision,
    most: decide(opening, request, NOW, options('most')).decision,
  };
}

const subjectsOf = (world: World): Entity[] => world.subjects.filter(({ type }) => type !== 'group');
const namesOf = (world: World): string[] => [...new Set(world.rows.privileges.map(({ name }) => name))];

describe('an open question', () => {
  it('about a resource bounds every decision made there in its time, whatever context and properties are sent', async () => {
    let between = 0;
    let open = 0;
    for (let seed = 1; seed <= WORLDS; seed++) {
      const opening = await opened(seed);
      const random = randomFrom(seed);
      for (const subject of subjectsOf(opening.world)) {
        for (const resource of opening.world.resources) {
          for (const name of namesOf(opening.world)) {
            const { least, most } = bounds(opening, { subject, action: { name }, resource }, {});
            if (least !== most) open++;
            const request = {
              subject: { ...subject, properties: randomProperties(random) },
              action: { name, properties: randomProperties(random) },
              resource,
              context: randomContext(random),
            };
            const { decision, reason } = decide(opening, request, NOW + random.between(0, SPAN), {});
            // A short name may mean another entry with the type before it: an open question names entries whole.
            if (reason === 'unknown_privilege' || namesOf(opening.world).includes(`${resource?.type}:${name}`)) continue;
            if ((least && !decision) || (decision && !most)) {
              throw new Error(`seed ${seed}: ${JSON.stringify(request)} is ${reason}, least ${least}, most ${most}`);
            }
            between++;
          }
        }
      }
    }
    expect(between).toBeGreaterThan(10_000);
    expect(open).toBeGreaterThan(500);
  });

  it('about something below a scope bounds the decisions of what is not registered there, of any type', async () => {
    let compared = 0;
    for (let seed = 1; seed <= WORLDS; seed++) {
      const opening = await opened(seed);
      const random = randomFrom(seed);
      const closed = opening.snapshot.catalog.closedTypes;
      for (const subject of subjectsOf(opening.world)) {
        for (const { resource: above } of opening.world.rows.resources) {
          const type = random.pick(['doc', 'folder', 'dataset', 'unheard']);
          if (closed.has(type)) continue;
          const resource = { type, id: 'not-there', properties: { ...randomProperties(random), parents: [above] } };
          for (const name of namesOf(opening.world)) {
            if (namesOf(opening.world).includes(`${type}:${name}`)) continue;
            const scope = { type: above.slice(0, above.indexOf(':')), id: above.slice(above.indexOf(':') + 1) };
            const request = { subject, action: { name }, resource: scope };
            const { least, most } = bounds(opening, request, { below: { project: false, restricted: false } });
            const { decision, reason } = decide(opening, { ...request, resource, context: randomContext(random) }, NOW, {});
            if (reason === 'unknown_privilege') continue;
            if ((least && !decision) || (decision && !most)) {
              throw new Error(`seed ${seed}: ${JSON.stringify(resource)} ${name} is ${reason}, least ${least}, most ${most}`);
            }
            compared++;
          }
        }
      }
    }
    expect(compared).toBeGreaterThan(10_000);
  });

  it('has one answer where there is no condition, no typed policy and no window', async () => {
    for (let seed = 1; seed <= 40; seed++) {
      const world = randomWorld(randomFrom(seed));
      for (const row of world.rows.policies) Object.assign(row, { condition: null, resource_types: '[]' });
      for (const row of world.rows.assignments) Object.assign(row, { not_before: null, expires_at: null });
      for (const row of world.rows.api_keys) row.expires_at = null;
      const assignments = new Map(world.rows.assignments.map((row) => [`${row.principal} ${row.role} ${row.policy} ${row.scope}`, row]));
      const opening = { world, ...(await snapshotOf({ ...world.rows, assignments: [...assignments.values()] })) };
      for (const subject of subjectsOf(world)) {
        for (const resource of world.resources) {
          for (const name of namesOf(world)) {
            const { least, most } = bounds(opening, { subject, action: { name }, resource }, {});
            expect(least).toBe(most);
          }
        }
      }
    }
  });
});
