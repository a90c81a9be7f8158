/** Feature rows that are statements about every world: F50 and F51. */
import { describe, expect, it } from 'vitest';
import type { AssignmentRow, OrganizationRows, PolicyRow } from '../../src/core/terms/rows.ts';
import { shuffled } from '../core/compile/rows.ts';
import { askerFor } from '../oracle/oracle.ts';
import { ask, snapshotOf } from '../support/memory-snapshot.ts';
import { type Random, randomFrom } from './random.ts';
import { emptyRows, entityOf, randomWorld, requestOf, type World } from './world.ts';

const WORLDS = Array.from({ length: 40 }, (_, i) => 900 + i);

async function decisions(world: World, rows: OrganizationRows): Promise<boolean[]> {
  const { snapshot, pieces } = await snapshotOf(rows);
  const asked = world.subjects.flatMap((subject) =>
    world.resources.flatMap((resource) => world.actions.map((action) => requestOf(world, subject, action, resource))),
  );
  return asked.map((request) => ask(snapshot, pieces, request, world.now, world.options).decision);
}

function allowsOnly(rows: OrganizationRows): OrganizationRows {
  return { ...rows, policies: rows.policies.map((row) => ({ ...row, effect: 'allow' as const })) };
}

function policy(random: Random, rows: OrganizationRows, effect: PolicyRow['effect']): PolicyRow {
  return {
    ...{ id: `pol_added_${effect}`, project: '', name: `Added ${effect}`, description: '', effect, state: 'ACTIVE' },
    ...{
      privileges: JSON.stringify(random.sample(rows.privileges, 3).map(({ name }) => name)),
      resource_types: '[]',
      condition: null,
      system: 0,
    },
  };
}

function assigned(principal: string, target: Pick<AssignmentRow, 'policy'>, scope: string): AssignmentRow {
  return { id: `asg_added_${target.policy}_${scope}`, principal, role: null, ...target, scope, not_before: null, expires_at: null };
}

describe('F50 default deny, grants add up', () => {
  it('F50 an empty store denies every check', async () => {
    for (const seed of WORLDS.slice(0, 5)) {
      const world = randomWorld(randomFrom(seed));
      expect((await decisions(world, emptyRows())).some((decision) => decision)).toBe(false);
    }
  });

  it('F50 adding an ACTIVE policy that allows never turns an allow into a deny', async () => {
    let gained = 0;
    for (const seed of WORLDS) {
      const random = randomFrom(seed);
      const world = randomWorld(random);
      const rows = allowsOnly(world.rows);
      const added = policy(random, rows, 'allow');
      const scope = random.pick(['org', ...rows.resources.map(({ resource }) => resource)]);
      const principal = random.pick([...rows.subjects.map(({ subject }) => subject), 'group:everyone', 'group:anyone']);
      const after = {
        ...rows,
        policies: [...rows.policies, added],
        assignments: [...rows.assignments, assigned(principal, { policy: added.id }, scope)],
      };
      const [old, young] = [await decisions(world, rows), await decisions(world, after)];
      expect(
        old.flatMap((allowed, i) => (allowed && !young[i] ? [i] : [])),
        `world ${seed}`,
      ).toEqual([]);
      gained += young.filter((allowed, i) => allowed && !old[i]).length;
    }
    expect(gained).toBeGreaterThan(100);
  });
});

describe('F51 explicit denies', () => {
  it('F51 one deny beats any number of allows, at every scope and through every principal', async () => {
    let beaten = 0;
    for (const seed of WORLDS) {
      const random = randomFrom(seed);
      const world = randomWorld(random);
      const deny = policy(random, world.rows, 'deny');
      const denied: string[] = JSON.parse(deny.privileges);
      const subject = random.pick(world.rows.subjects).subject;
      const rows = { ...world.rows, policies: [...world.rows.policies, deny] };
      for (const scope of ['org', ...world.rows.resources.slice(0, 2).map(({ resource }) => resource)]) {
        const after = { ...rows, assignments: [...rows.assignments, assigned(subject, { policy: deny.id }, scope)] };
        const { snapshot, pieces } = await snapshotOf(after);
        const naive = askerFor(after, world.now);
        for (const name of denied) {
          const resource = scope === 'org' ? undefined : entityOf(scope);
          const request = { subject: entityOf(subject), action: { name }, resource };
          const answer = ask(snapshot, pieces, request, world.now);
          expect(answer.decision, `world ${seed}: ${name} at ${scope}`).toBe(false);
          expect(answer).toEqual(naive.about(request.subject, resource).decide(request.action, undefined));
          if (answer.reason === 'denied_by_policy') beaten++;
        }
      }
    }
    expect(beaten).toBeGreaterThan(100);
  });

  it('F51 whoever is excluded loses that privilege and no other, and nobody else loses anything', async () => {
    for (const seed of WORLDS) {
      const random = randomFrom(seed);
      const world = randomWorld(random);
      const deny = policy(random, world.rows, 'deny');
      const denied = new Set<string>(JSON.parse(deny.privileges));
      const excluded = random.pick(world.rows.subjects).subject;
      const after = {
        ...world.rows,
        policies: [...world.rows.policies, deny],
        assignments: [...world.rows.assignments, assigned(excluded, { policy: deny.id }, 'org')],
      };
      const [old, young] = [askerFor(world.rows, world.now), askerFor(after, world.now)];
      for (const subject of world.subjects) {
        for (const resource of world.resources) {
          for (const action of world.actions) {
            const before = old.about(subject, resource).decide({ name: action }, world.context).decision;
            const now = young.about(subject, resource).decide({ name: action }, world.context).decision;
            const named = denied.has(action) || (resource !== undefined && denied.has(`${resource.type}:${action}`));
            if (`${subject.type}:${subject.id}` !== excluded || !named) expect(now, `world ${seed}`).toBe(before);
          }
        }
      }
    }
  });

  it('F51 the order of policies changes no decision', async () => {
    for (const seed of WORLDS.slice(0, 10)) {
      const world = randomWorld(randomFrom(seed));
      expect(await decisions(world, shuffled(world.rows, seed))).toEqual(await decisions(world, world.rows));
    }
  });
});
