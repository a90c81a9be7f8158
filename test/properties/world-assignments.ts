/** Who holds what, where and when in a random world. */
import type { TokenRole } from '../../src/core/terms/request.ts';
import type { AssignmentRow, OrganizationRows } from '../../src/core/terms/rows.ts';
import type { Random } from './random.ts';
import { IDS, NOW, OWNER_KINDS } from './vocabulary.ts';

export function addAssignments(random: Random, rows: OrganizationRows): void {
  for (let i = random.between(20, 28); i > 0; i--) addAssignment(random, rows);
}

/** Does nothing if the same assignment is there already. */
export function addAssignment(random: Random, rows: OrganizationRows): void {
  const target = randomTarget(random, rows);
  const assignment = {
    principal: randomPrincipal(random, rows),
    ...target,
    scope: randomScope(random, rows, target),
    ...randomWindow(random),
  };
  if (rows.assignments.some((row) => sameAssignment(row, assignment))) return;
  let number = rows.assignments.length;
  while (rows.assignments.some((row) => row.id === `asg_${number}`)) number++;
  rows.assignments.push({ id: `asg_${number}`, ...assignment });
}

function sameAssignment(row: AssignmentRow, other: Omit<AssignmentRow, 'id'>): boolean {
  return row.principal === other.principal && row.role === other.role && row.policy === other.policy && row.scope === other.scope;
}

/** Reserved groups are rarer than people, as each of them concerns nearly everybody. */
function randomPrincipal(random: Random, rows: OrganizationRows): string {
  const kind = random.below(100);
  if (kind < 3) return 'group:anyone';
  if (kind < 7) return 'group:everyone';
  if (kind < 22) return 'group:owner';
  if (kind < 27) return `group:owner:${random.pick(OWNER_KINDS.filter((name) => name !== ''))}`;
  if (kind < 60 && rows.groups.length > 0) return `group:${random.pick(rows.groups).id}`;
  return random.pick(rows.subjects).subject;
}

type Target = Pick<AssignmentRow, 'role' | 'policy'>;

/** Up to three by claims, and one that there is not. */
export function randomTokenRoles(random: Random, rows: OrganizationRows): TokenRole[] {
  const roles = random.sample(rows.roles, random.between(1, 3)).map(({ id }) => {
    return { role: id, scope: randomScope(random, rows, { role: id, policy: null }) };
  });
  return [...roles, { role: 'rol_of_nobody', scope: 'org' }];
}

function randomTarget(random: Random, rows: OrganizationRows): Target {
  if (random.chance(0.25) && rows.policies.length > 0) return { role: null, policy: random.pick(rows.policies).id };
  return { role: random.pick(rows.roles).id, policy: null };
}

/** What belongs to a project is assigned at that project or at registered resources right below it; anything else anywhere. */
function randomScope(random: Random, rows: OrganizationRows, target: Target): string {
  const owner = [...rows.roles, ...rows.policies].find((row) => row.id === (target.role ?? target.policy));
  if (owner !== undefined && owner.project !== '') {
    const project = `project:${owner.project}`;
    const below = rows.resource_parents.filter((row) => row.parent === project).map((row) => row.resource);
    return random.pick([project, project, ...below]);
  }
  const kind = random.below(100);
  if (kind < 40) return 'org';
  if (kind < 95) return random.pick(rows.resources).resource;
  return `${random.pick(['doc', 'project'])}:${random.pick(IDS)}`;
}

/** None, or one whose ends lie in the past, in the future, or exactly now. */
export function randomWindow(random: Random): Pick<AssignmentRow, 'not_before' | 'expires_at'> {
  if (random.chance(0.6)) return { not_before: null, expires_at: null };
  return random.pick([
    { not_before: NOW, expires_at: null },
    { not_before: NOW + 1, expires_at: null },
    { not_before: NOW + 1, expires_at: NOW + 1000 },
    { not_before: null, expires_at: NOW },
    { not_before: null, expires_at: NOW - 1 },
    { not_before: NOW - 1000, expires_at: NOW },
    { not_before: null, expires_at: NOW + 1 },
    { not_before: NOW - 1, expires_at: NOW + 1 },
  ]);
}
