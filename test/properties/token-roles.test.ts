/**
 * A role by a token is held as a row of its subject without window would be: by open questions too, with all that they leave open. (That checks,
 * explanations, lists, scopes and bitmaps know token groups and roles, each against the oracle, is in their own tests: random worlds have some.)
 */
import { expect, it } from 'vitest';
import { isSomebody } from '../../src/core/terms/ref.ts';
import type { CheckOptions, CheckRequest, Clause, Clauses, Entity, OpenQuestion, TokenRole } from '../../src/core/terms/request.ts';
import type { OrganizationRows } from '../../src/core/terms/rows.ts';
import { ask, snapshotOf } from '../support/memory-snapshot.ts';
import { randomFrom } from './random.ts';
import { entityOf, randomWorld, requestOf, type World } from './world.ts';
import { randomTokenRoles } from './world-assignments.ts';

const SEED = Number(process.env.BITGATE_SEED ?? 20_261_124);
const WORLDS = Number(process.env.BITGATE_WORLDS ?? 40);
const UNTIL = 4;

type Opened = Awaited<ReturnType<typeof snapshotOf>>;

function withRows(rows: OrganizationRows, principal: string, roles: readonly TokenRole[]): OrganizationRows {
  const known = roles.filter(({ role }) => rows.roles.some(({ id }) => id === role));
  const more = known.map(({ role, scope }, i) => {
    return { id: `asg_token_${i}`, principal, role, policy: null, scope, not_before: null, expires_at: null };
  });
  return { ...rows, assignments: [...rows.assignments, ...more] };
}

const textOf = (clauses: readonly Clause[]): string[] =>
  [...new Set(clauses.map(({ under, unless, from, until }) => `${under} ${unless} ${from} ${until}`))].sort();

/** An answer with what it left open. */
function told({ snapshot, pieces }: Opened, request: CheckRequest, now: number, options: CheckOptions, open: OpenQuestion): unknown {
  const clauses: Clauses = { allows: [], denies: [] };
  const { decision } = ask(snapshot, pieces, request, now, { ...options, open });
  const hanging = ask(snapshot, pieces, request, now, { ...options, open: { ...open, clauses } });
  // Which of several denies, or of allows for certain, ends the question hangs on the order of grants; neither needs what else is open.
  if (hanging.reason === 'denied_by_policy') return { decision, hanging };
  return { decision, hanging, allows: hanging.decision ? [] : textOf(clauses.allows), denies: textOf(clauses.denies) };
}

function* opensOf({ now }: World): Generator<OpenQuestion> {
  for (const counting of ['least', 'most'] as const) {
    yield { counting, until: now + UNTIL };
    for (const project of [true, false]) yield { counting, until: now + UNTIL, below: { project, restricted: false } };
  }
}

function registeredIn({ rows, subjects }: World): Entity[] {
  return subjects.filter(({ type, id }) => rows.subjects.some(({ subject }) => subject === `${type}:${id}`));
}

it(`an open question takes a role by token for a row of its subject, in ${WORLDS} worlds (seed ${SEED})`, async () => {
  const tally = { asked: 0, changed: 0 };
  for (let n = 0; n < WORLDS; n++) {
    const random = randomFrom(SEED + n);
    const world = randomWorld(random);
    const [roles, subject] = [randomTokenRoles(random, world.rows), random.pick(registeredIn(world))];
    const opened = await snapshotOf(world.rows);
    const permanent = await snapshotOf(withRows(world.rows, `${subject.type}:${subject.id}`, roles));
    const { groups } = world.options;
    for (const resource of world.resources) {
      for (const action of world.actions) {
        const request = requestOf(world, subject, action, resource);
        for (const open of opensOf(world)) {
          const got = told(opened, request, world.now, { groups, roles }, open);
          const where = `world ${SEED + n}: ${JSON.stringify({ request, roles, open })}`;
          expect(got, where).toEqual(told(permanent, request, world.now, { groups }, open));
          tally.asked++;
          if (JSON.stringify(got) !== JSON.stringify(told(opened, request, world.now, { groups }, open))) tally.changed++;
        }
      }
    }
  }
  console.log(`${JSON.stringify(tally)}, seed ${SEED}`);
  expect(tally.changed / tally.asked).toBeGreaterThan(0.02);
}, 600_000);

it(`an open question gives neither a group nor nobody anything by a token (seed ${SEED})`, async () => {
  for (let n = 0; n < WORLDS; n++) {
    const world = randomWorld(randomFrom(SEED + n));
    const opened = await snapshotOf(world.rows);
    const options = {
      groups: world.rows.groups.map(({ id }) => id),
      roles: world.rows.roles.map(({ id }) => ({ role: id, scope: 'org' })),
    };
    for (const subject of [{ type: '', id: '' }, entityOf('group:everyone'), entityOf(`group:${world.rows.groups[0]?.id}`)]) {
      expect(isSomebody(subject.type)).toBe(false);
      for (const action of world.actions) {
        const request = requestOf(world, subject, action, world.resources[0]);
        for (const open of opensOf(world)) {
          expect(told(opened, request, world.now, options, open)).toEqual(told(opened, request, world.now, {}, open));
        }
      }
    }
  }
}, 600_000);
