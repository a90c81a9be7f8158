/**
 * Organizations of believable shape for the benchmarks: roles of overlapping privileges, groups, projects with datasets in them, assignments
 * at the organization, at projects and on single datasets. From a seed, so that every run asks the same questions.
 */
import type { OrganizationRows } from '../../../src/core/terms/rows.ts';

export interface Shape {
  readonly name: string;
  readonly privileges: number;
  readonly roles: number;
  readonly subjects: number;
  readonly assignments: number;
  readonly projects: number;
  readonly datasets: number;
  readonly groups: number;
  /** how many privileges a role has on average */
  readonly privilegesPerRole: number;
  /** what the catalog is made of, where it isn't made of the numbers above */
  readonly catalog?: CatalogOf;
}

/** @returns names of privileges, and of each role the names that it has */
export type CatalogOf = (random: Random) => { readonly names: readonly string[]; readonly held: readonly (readonly string[])[] };

export const SHAPES: readonly Shape[] = [
  {
    name: 'S',
    privileges: 100,
    roles: 20,
    subjects: 1_000,
    assignments: 2_000,
    projects: 10,
    datasets: 100,
    groups: 10,
    privilegesPerRole: 25,
  },
  {
    name: 'M',
    privileges: 200,
    roles: 100,
    subjects: 10_000,
    assignments: 50_000,
    projects: 100,
    datasets: 2_000,
    groups: 100,
    privilegesPerRole: 40,
  },
  {
    name: 'L',
    privileges: 500,
    roles: 1_000,
    subjects: 100_000,
    assignments: 1_000_000,
    projects: 1_000,
    datasets: 50_000,
    groups: 1_000,
    privilegesPerRole: 60,
  },
];

/** What a check is made of, as four strings. */
export interface Question {
  readonly subject: string;
  readonly action: string;
  readonly resourceType: string;
  readonly resource: string;
}

export interface Population {
  readonly shape: Shape;
  readonly rows: OrganizationRows;
  /** Strings of its own each time, as a request brings them; about half are allowed. */
  questions(count: number, seed: number): Question[];
}

export type Random = () => number;

/** mulberry32 */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const ACTIONS = ['read', 'write', 'delete', 'share', 'export'];

const privilegeName = (i: number): string => `area${Math.floor(i / ACTIONS.length)}:${ACTIONS[i % ACTIONS.length]}`;

function randomCatalog({ privileges, roles, privilegesPerRole }: Shape, random: Random): ReturnType<CatalogOf> {
  const names = Array.from({ length: privileges }, (_, i) => privilegeName(i));
  const below = (n: number): number => Math.floor(random() * n);
  const role = (): string[] => [
    ...new Set(Array.from({ length: 1 + below(privilegesPerRole * 2) }, () => privilegeName(below(privileges)))),
  ];
  return { names, held: Array.from({ length: roles }, role) };
}

export function populate(shape: Shape, seed = 1): Population {
  const random = randomFrom(seed);
  const below = (n: number): number => Math.floor(random() * n);
  const text = (value: unknown): string => JSON.stringify(value);
  const catalog = shape.catalog?.(random) ?? randomCatalog(shape, random);
  const rows: OrganizationRows = {
    privileges: catalog.names.map((name) => ({
      name,
      levels: 'both',
      resource_types: '[]',
      implies: '[]',
      implies_all: '',
      title: '',
      description: '',
      applies_to: '[]',
    })),
    policies: [],
    roles: [],
    role_policies: [],
    role_inherits: [],
    groups: Array.from({ length: shape.groups }, (_, i) => ({ id: `grp_${i}`, name: `team ${i}`, description: '' })),
    group_nesting: [],
    memberships: [],
    subjects: [],
    resources: [],
    resource_parents: [],
    resource_owners: [],
    assignments: [],
    api_keys: [],
    routes: [],
    settings: [],
  };
  for (let i = 0; i < shape.roles; i++) {
    rows.roles.push({
      id: `rol_${i}`,
      project: '',
      name: `role ${i}`,
      title: '',
      description: '',
      privileges: text(catalog.held[i]),
      all_privileges: 0,
      reaches_restricted: 0,
      system: 0,
    });
  }
  // every tenth group lies in another one
  for (let i = 10; i < shape.groups; i += 10) rows.group_nesting.push({ group_id: 'grp_0', member: `group:grp_${i}` });
  for (let i = 0; i < shape.projects; i++) rows.resources.push({ resource: `project:p${i}`, access: 'inherit', properties: '{}' });
  for (let i = 0; i < shape.datasets; i++) {
    rows.resources.push({ resource: `dataset:d${i}`, access: i % 50 === 0 ? 'restricted' : 'inherit', properties: '{}' });
    rows.resource_parents.push({ resource: `dataset:d${i}`, parent: `project:p${i % shape.projects}` });
  }
  const scopesOf: string[][] = [];
  const assign = (principal: string, scope: string): void => {
    const role = `rol_${below(shape.roles)}`;
    rows.assignments.push({ id: '', principal, role, policy: null, scope, not_before: null, expires_at: null });
  };
  for (let i = 0; i < shape.subjects; i++) {
    rows.subjects.push({ subject: `user:u${i}`, status: 'active', properties: '{}' });
    if (i % 4 === 0) rows.memberships.push({ group_id: `grp_${below(shape.groups)}`, member: `user:u${i}` });
    scopesOf.push([]);
  }
  for (let i = 0; i < shape.groups; i++) assign(`group:grp_${i}`, `project:p${below(shape.projects)}`);
  for (let i = 0; i < shape.assignments - shape.groups; i++) {
    const subject = i % shape.subjects;
    const kind = random();
    const scope = kind < 0.05 ? 'org' : kind < 0.9 ? `project:p${below(shape.projects)}` : `dataset:d${below(shape.datasets)}`;
    scopesOf[subject]!.push(scope);
    assign(`user:u${subject}`, scope);
  }
  const held = new Map(rows.roles.map((role, i): [string, readonly string[]] => [role.id, catalog.held[i]!]));
  const rolesAt = new Map<number, string[]>();
  rows.assignments.slice(shape.groups).forEach((row, i) => {
    const subject = i % shape.subjects;
    rolesAt.set(subject, [...(rolesAt.get(subject) ?? []), row.role!]);
  });

  const questions = (count: number, questionSeed: number): Question[] => {
    const pick = randomFrom(questionSeed);
    const upTo = (n: number): number => Math.floor(pick() * n);
    return Array.from({ length: count }, (_, i) => {
      const subject = upTo(shape.subjects);
      const scopes = scopesOf[subject]!;
      let dataset = upTo(shape.datasets);
      let action = catalog.names[upTo(shape.privileges)]!;
      if (i % 2 === 0 && scopes.length > 0) {
        // a place where the subject holds something, and something that it holds there
        const at = upTo(scopes.length);
        const scope = scopes[at]!;
        if (scope.startsWith('dataset:')) dataset = Number(scope.slice(9));
        else if (scope.startsWith('project:'))
          dataset = (Number(scope.slice(9)) + shape.projects * upTo(Math.floor(shape.datasets / shape.projects))) % shape.datasets;
        const privileges = held.get(rolesAt.get(subject)![at]!)!;
        action = privileges[upTo(privileges.length)]!;
      }
      // built anew: a request's strings are never those that a table holds
      return {
        subject: `u${subject}`,
        action: `${action} `.slice(0, -1),
        resourceType: `${'dataset '}`.slice(0, -1),
        resource: `d${dataset}`,
      };
    });
  };
  return { shape, rows, questions };
}
