/** An organization of believable shape as SQL, by arithmetic instead of chance: assignments at the organization, at projects and on single datasets. */
import type { Shape } from '../core/population.ts';

/** Without what chance makes of the numbers there. */
export type Size = Pick<Shape, 'name' | 'privileges' | 'roles' | 'subjects' | 'assignments' | 'projects' | 'datasets'>;

export const L: Size = {
  name: 'L',
  privileges: 500,
  roles: 1_000,
  subjects: 100_000,
  assignments: 1_000_000,
  projects: 1_000,
  datasets: 20_000,
};

/** of roles: each has a run of this many privileges, every third one */
const HELD = 60;

const counting = (to: number): string => `WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ${to - 1})`;

/** @returns one script; the organization is `bench` */
export function seedSql(size: Size): string {
  const { privileges, roles, subjects, assignments, projects, datasets } = size;
  const held = `(SELECT json_group_array('area:p' || ((i * 7 + each.value * 3) % ${privileges})) FROM generated AS each)`;
  return [
    'BEGIN',
    "INSERT INTO organizations (id, name, preset, created_at) VALUES ('bench', 'bench', 'blank', 0)",
    `${counting(privileges)} INSERT INTO privileges (org, name, levels) SELECT 'bench', 'area:p' || i, 'both' FROM n`,
    `WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ${roles - 1}),
      generated(value) AS (SELECT 0 UNION ALL SELECT value + 1 FROM generated WHERE value < ${Math.min(HELD, privileges) - 1})
      INSERT INTO roles (org, id, name, privileges) SELECT 'bench', 'rol_' || i, 'role ' || i, ${held} FROM n`,
    `${counting(projects)} INSERT INTO resources (org, resource) SELECT 'bench', 'project:p' || i FROM n`,
    `${counting(datasets)} INSERT INTO resources (org, resource, access)
      SELECT 'bench', 'dataset:d' || i, CASE i % 50 WHEN 0 THEN 'restricted' ELSE 'inherit' END FROM n`,
    `${counting(datasets)} INSERT INTO resource_parents (org, resource, parent)
      SELECT 'bench', 'dataset:d' || i, 'project:p' || (i % ${projects}) FROM n`,
    `${counting(subjects)} INSERT INTO subjects (org, subject) SELECT 'bench', 'user:u' || i FROM n`,
    // The role counts up with each round through the subjects, so that no subject has the same assignment twice.
    `${counting(assignments)} INSERT INTO assignments (org, id, principal, role, scope)
      SELECT 'bench', 'asg_' || i, 'user:u' || (i % ${subjects}), 'rol_' || ((i * 7919 + i / ${subjects}) % ${roles}),
        CASE WHEN i % 20 = 0 THEN 'org' WHEN i % 10 = 9 THEN 'dataset:d' || ((i * 31) % ${datasets})
          ELSE 'project:p' || ((i * 13 + i / ${subjects} * 101) % ${projects}) END FROM n`,
    'COMMIT',
  ].join(';\n');
}
