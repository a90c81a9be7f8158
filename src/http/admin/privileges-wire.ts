/** The wire form of the catalog. */

import * as z from 'zod';
import { lazy } from '../../core/terms/lazy.ts';
import type { PrivilegeRow } from '../../core/terms/rows.ts';
import { described } from './route.ts';
import { pageQuery } from './wire.ts';

export const privilegesQuery = lazy(() =>
  z.strictObject({
    ...pageQuery,
    q: z
      .string()
      .max(200)
      .optional()
      .meta(described(() => ({ description: 'only those with this text in name, title or description' }))),
  }),
);

const level = described(() => z.enum(['org', 'project']));

export const privilegeAnswer = described(() =>
  z.strictObject({
    name: z.string(),
    title: z.string(),
    description: z.string(),
    levels: z.array(level).meta({ description: 'where it can be asked' }),
    resource_types: z.array(z.unknown()).meta({ description: 'empty: any type' }),
    implies: z.array(z.unknown()),
    implies_all: z.string().nullable(),
    applies_to: z.array(z.unknown()),
  }),
);

export const privilegeExample = described(() => ({
  name: 'EDIT_ENTITY_TAGS',
  title: 'Edit tags',
  description: 'Add and remove tags',
  levels: ['org', 'project'],
  resource_types: ['dataset'],
  implies: [],
  implies_all: null,
  applies_to: [],
}));

const LEVELS = { org: ['org'], project: ['project'], both: ['org', 'project'] } as const;

export function privilegeBody(row: PrivilegeRow): object {
  return {
    name: row.name,
    title: row.title,
    description: row.description,
    levels: LEVELS[row.levels],
    resource_types: texts(row.resource_types),
    implies: texts(row.implies),
    implies_all: row.implies_all || null,
    applies_to: texts(row.applies_to),
  };
}

/** A column typed by hand may hold anything: what can't be read is shown as empty, as the compiler takes it. */
function texts(json: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(json);
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}
