/** An assignment that is assumed decides as its row would: decision and reason, against the oracle with the row added. */
import { describe, expect, it } from 'vitest';
import { isSomebody } from '../../src/core/terms/ref.ts';
import type { AssumedAssignment } from '../../src/core/terms/request.ts';
import type { AssignmentRow, OrganizationRows } from '../../src/core/terms/rows.ts';
import { askerFor } from '../oracle/oracle.ts';
import { ask, snapshotOf } from '../support/memory-snapshot.ts';
import { type Random, randomFrom } from './random.ts';
import { randomWorld, requestOf, type World } from './world.ts';
import { addAssignment } from './world-assignments.ts';

const SEED = Number(process.env.BITGATE_SEED ?? 20_261_122);
const WORLDS = Number(process.env.BITGATE_WORLDS ?? 30);

/** Up to three that are not there yet; now and then of somebody who isn't registered, or of a key that is nobody's. */
function someAssignments(random: Random, { rows, subjects }: World): AssignmentRow[] {
  const more = { ...rows, assignments: [...rows.assignments] };
  for (let i = random.between(1, 3); i > 0; i--) addAssignment(random, more);
  const strangers = subjects.filter(({ type, id }) => isSomebody(type) && !rows.subjects.some((row) => row.subject === `${type}:${id}`));
  return more.assignments.slice(rows.assignments.length).map((row) => {
    const stranger = random.chance(0.4) ? strangers[0] : undefined;
    return stranger === undefined ? row : { ...row, principal: `${stranger.type}:${stranger.id}` };
  });
}

/** The rows with the assignments, whoever is named being registered. */
function added(rows: OrganizationRows, assignments: readonly AssignmentRow[]): OrganizationRows {
  const registered = new Set(rows.subjects.map(({ subject }) => subject));
  const named = new Set(assignments.map(({ principal }) => principal));
  const fresh = [...named].filter((principal) => !principal.startsWith('group:') && !registered.has(principal));
  return {
    ...rows,
    subjects: [...rows.subjects, ...fresh.map((subject) => ({ subject, status: 'active' as const, properties: '{}' }))],
    assignments: [...rows.assignments, ...assignments],
  };
}

const assumedOf = ({ principal, role, policy, scope, not_before, expires_at }: AssignmentRow): AssumedAssignment => ({
  principal,
  target: role ?? policy ?? '',
  scope,
  notBefore: not_before,
  expiresAt: expires_at,
});

describe('an assumed assignment', () => {
  it(`decides as its row would, in ${WORLDS} worlds (seed ${SEED})`, async () => {
    let changed = 0;
    let asked = 0;
    for (let n = 0; n < WORLDS; n++) {
      const random = randomFrom(SEED + n);
      const world = randomWorld(random);
      const { snapshot, pieces } = await snapshotOf(world.rows, 90);
      const before = askerFor(world.rows, world.now, world.options);
      for (let round = 0; round < 3; round++) {
        const rows = someAssignments(random, world);
        const after = askerFor(added(world.rows, rows), world.now, world.options);
        const options = { ...world.options, assume: rows.map(assumedOf) };
        for (const subject of world.subjects) {
          for (const resource of world.resources) {
            for (const action of world.actions) {
              const request = requestOf(world, subject, action, resource);
              const expected = after.about(subject, resource).decide(request.action, request.context);
              const got = ask(snapshot, pieces, request, world.now, options);
              asked++;
              if (before.about(subject, resource).decide(request.action, request.context).reason !== expected.reason) changed++;
              expect(got, `world ${SEED + n}: ${JSON.stringify({ request, rows })}`).toEqual(expected);
            }
          }
        }
      }
    }
    console.log(`${asked} questions with assumed assignments, ${changed} of them answered otherwise than without`);
    expect(changed / asked).toBeGreaterThan(0.02);
  }, 600_000);
});
