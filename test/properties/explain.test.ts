/**
 * Explanations of random worlds, against the oracle: the decision and its reason are those of a check, what is said to apply agrees with it, and whatever
 * is offered against a deny, added as a row, is an allow.
 */
import { describe, expect, it } from 'vitest';
import type { Explanation, NearMiss } from '../../src/core/terms/explanation.ts';
import type { CheckRequest } from '../../src/core/terms/request.ts';
import type { AssignmentRow, OrganizationRows, RoleRow } from '../../src/core/terms/rows.ts';
import { oracle } from '../oracle/oracle.ts';
import { askWhy, snapshotOf } from '../support/memory-snapshot.ts';
import { randomFrom } from './random.ts';
import { randomWorld, requestOf, type World } from './world.ts';

const SEED = Number(process.env.BITGATE_SEED ?? 20_261_123);
const WORLDS = Number(process.env.BITGATE_WORLDS ?? 24);

const OWNER: RoleRow = {
  id: 'rol_owner',
  project: '',
  name: 'bitgate:owner',
  title: '',
  description: '',
  privileges: '[]',
  all_privileges: 1,
  reaches_restricted: 1,
  system: 1,
};

/** With the role that every organization has. */
function worldWithOwner(seed: number): World {
  const world = randomWorld(randomFrom(seed));
  return { ...world, rows: { ...world.rows, roles: [...world.rows.roles, OWNER] } };
}

/** The rows with a near miss, as it is offered: by name. */
function given(rows: OrganizationRows, { assignment, role_id, policy_id }: NearMiss): OrganizationRows {
  const { subject, role, policy, scope } = assignment;
  const row: AssignmentRow = {
    id: 'asg_near',
    principal: subject,
    role: role === undefined ? null : (role_id ?? role),
    policy: policy === undefined ? null : (policy_id ?? policy),
    scope,
    not_before: null,
    expires_at: null,
  };
  const known = rows.subjects.some((each) => each.subject === subject);
  const subjects = known ? rows.subjects : [...rows.subjects, { subject, status: 'active' as const, properties: '{}' }];
  return { ...rows, subjects, assignments: [...rows.assignments, row] };
}

/** What an explanation says by its grants alone. */
function said({ grants }: Explanation): boolean {
  const applying = grants.filter(({ outcome }) => outcome === 'applies');
  return applying.some(({ effect }) => effect === 'allow') && applying.every(({ effect }) => effect === 'allow');
}

describe('explanations of random worlds', () => {
  it(`agree with the oracle in ${WORLDS} worlds (seed ${SEED}), and so does every near miss`, async () => {
    const tally = { explained: 0, blocked: 0, misses: 0, grants: 0 };
    for (let n = 0; n < WORLDS; n++) {
      const world = worldWithOwner(SEED + n);
      const opened = await snapshotOf(world.rows, [1, 90, undefined][n % 3]);
      for (const subject of world.subjects) {
        for (const resource of world.resources) {
          for (const action of world.actions) {
            const request = requestOf(world, subject, action, resource);
            const explanation = askWhy(opened, request, world.now, world.options);
            const expected = oracle(world.rows, request, world.now, world.options);
            const where = `world ${SEED + n}: ${JSON.stringify(request)}: ${JSON.stringify(explanation)}`;
            if (explanation.decision !== expected.decision || explanation.reason !== expected.reason)
              throw new Error(`${where}: the oracle says ${JSON.stringify(expected)}`);
            if (said(explanation) !== expected.decision) throw new Error(`${where}: what applies isn't what was decided`);
            checkWays(world, request, explanation, where);
            tally.explained++;
            tally.grants += explanation.grants.length;
            if (!explanation.decision) checkMisses(world, request, explanation, where, tally);
          }
        }
      }
    }
    console.log(`${JSON.stringify(tally)}, seed ${SEED}`);
    expect(tally.misses).toBeGreaterThan(tally.explained / 2);
  }, 600_000);
});

function checkMisses(
  world: World,
  request: CheckRequest,
  explanation: Explanation,
  where: string,
  tally: { blocked: number; misses: number },
): void {
  const { near_misses: misses, blocked_by: blocked } = explanation;
  if ((misses.length === 0) !== (blocked !== null)) throw new Error(`${where}: neither blocked nor to be overcome`);
  if (blocked !== null) {
    tally.blocked++;
    checkBlocked(world, request, where);
    return;
  }
  for (const miss of misses) {
    tally.misses++;
    const { decision, reason } = oracle(given(world.rows, miss), request, world.now, world.options);
    if (!decision) throw new Error(`${where}: with ${JSON.stringify(miss)} the oracle says ${reason}`);
  }
}

/** Where nothing is offered, not even everything allows. */
function checkBlocked(world: World, request: CheckRequest, where: string): void {
  const { subject, resource } = request;
  for (const scope of ['org', ...(resource === undefined ? [] : [`${resource.type}:${resource.id}`])]) {
    const assignment = { subject: `${subject.type}:${subject.id}`, role: OWNER.id, scope };
    const rows = given(world.rows, { assignment, privileges: 0 });
    if (oracle(rows, request, world.now, world.options).decision) throw new Error(`${where}: ${JSON.stringify(assignment)} allows it`);
  }
}

/** Each step of a path is a row (or a claim), and what cuts an allow off is restricted and on its way. */
function checkWays({ rows, options }: World, { resource }: CheckRequest, explanation: Explanation, where: string): void {
  const { scopes, principals, grants } = explanation;
  const stored = new Set(rows.resources.map((row) => row.resource));
  const restricted = new Set(rows.resources.filter(({ access }) => access === 'restricted').map((row) => row.resource));
  const groupKey = (shown: string): string => {
    const group = rows.groups.find(({ name }) => shown === `group:${name}`);
    return group === undefined ? shown : `group:${group.id}`;
  };
  const claimed = !stored.has(`${resource?.type}:${resource?.id}`);
  for (const { scope, path, reaches, cut_at } of scopes) {
    for (let i = 0; i + 1 < path.length && path[i + 1] !== 'org'; i++) {
      const isRow = rows.resource_parents.some((row) => row.resource === path[i] && row.parent === path[i + 1]);
      if (!isRow && !(i === 0 && claimed)) throw new Error(`${where}: \`${path[i]}\` isn't below \`${path[i + 1]}\``);
    }
    if (path[path.length - 1] !== scope || reaches !== (cut_at === undefined)) throw new Error(`${where}: \`${scope}\``);
    if (cut_at !== undefined && !(restricted.has(cut_at) && path.includes(cut_at) && cut_at !== scope))
      throw new Error(`${where}: \`${cut_at}\``);
    if (reaches && path.slice(0, -1).some((step) => step !== scope && restricted.has(step)))
      throw new Error(`${where}: \`${scope}\` is cut`);
  }
  for (const { as, path } of principals) {
    if (as !== 'member' && as !== 'token' && as !== 'owner') continue;
    for (let i = 0; i + 1 < path.length; i++) {
      const [member, group] = [groupKey(path[i]!), groupKey(path[i + 1]!)];
      const isRow = [...rows.memberships, ...rows.group_nesting].some((row) => row.member === member && `group:${row.group_id}` === group);
      const isClaim = i === 0 && (options.groups ?? []).some((id) => `group:${id}` === group);
      if (!isRow && !isClaim) throw new Error(`${where}: \`${member}\` isn't in \`${group}\``);
    }
  }
  for (const { outcome, cut_at } of grants) {
    if ((outcome === 'restricted') !== (cut_at !== undefined)) throw new Error(`${where}: what cuts isn't told`);
  }
}
