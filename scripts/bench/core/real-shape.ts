/** A catalog with the shape of a real one: 14,000 privileges of 200 platforms, 2,500 roles, 165,000 pairs; a role lies mostly within a few platforms. */
import type { Random, Shape } from './population.ts';

const PRIVILEGES = 14_000;
const ROLES = 2_500;
export const PAIRS = 165_000;
const PLATFORMS = 200;
const PER_PLATFORM = PRIVILEGES / PLATFORMS;

const SYSTEMS = ['snowflake', 'bigquery', 'kafka', 'looker', 'airflow', 'redshift', 'dbt', 'tableau', 'postgres', 'glue'];
const VERBS = ['VIEW', 'EDIT', 'DELETE', 'MANAGE', 'CREATE', 'EXPORT', 'PROPOSE'];
const THINGS = ['TAGS', 'GLOSSARY_TERMS', 'OWNERS', 'DOCS', 'LINEAGE', 'STATUS', 'DOMAINS', 'ASSERTIONS', 'INCIDENTS', 'QUERIES'];

/** `snowflake-3.EDIT_ENTITY_GLOSSARY_TERMS` */
function nameOf(i: number): string {
  const platform = Math.floor(i / PER_PLATFORM);
  const within = i % PER_PLATFORM;
  return `${SYSTEMS[platform % 10]}-${Math.floor(platform / 10)}.${VERBS[within % 7]}_ENTITY_${THINGS[Math.floor(within / 7)]}`;
}

/** Sizes differ, as they do in life; their sum is PAIRS. */
function sizes(below: (n: number) => number): number[] {
  const all = Array.from({ length: ROLES }, () => 1 + below(131));
  let left = PAIRS - all.reduce((sum, size) => sum + size, 0);
  for (let i = 0; left !== 0; i = (i + 1) % ROLES) {
    const step = Math.sign(left);
    if (all[i]! + step < 1) continue;
    all[i]! += step;
    left -= step;
  }
  return all;
}

function catalog(random: Random): { names: string[]; held: string[][] } {
  const below = (n: number): number => Math.floor(random() * n);
  const names = Array.from({ length: PRIVILEGES }, (_, i) => nameOf(i));
  const role = (size: number): string[] => {
    const platforms = Array.from({ length: 1 + Math.ceil(size / 60) }, () => below(PLATFORMS));
    const chosen = new Set<string>();
    while (chosen.size < size) {
      const within = random() < 0.8 ? platforms[below(platforms.length)]! * PER_PLATFORM + below(PER_PLATFORM) : below(PRIVILEGES);
      chosen.add(names[within]!);
    }
    return [...chosen];
  };
  return { names, held: sizes(below).map(role) };
}

export const REAL_SHAPE: Shape = {
  name: 'catalog',
  privileges: PRIVILEGES,
  roles: ROLES,
  subjects: 10_000,
  assignments: 50_000,
  projects: 200,
  datasets: 5_000,
  groups: 100,
  privilegesPerRole: PAIRS / ROLES,
  catalog,
};
