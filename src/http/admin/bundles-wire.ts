/** What the wire forms of policies and roles share: queries and usage. */

import * as z from 'zod';
import { lazy } from '../../core/terms/lazy.ts';
import type { User, Users } from '../../pap/bundles/ports.ts';
import { described } from './route.ts';
import { pageQuery, writeQuery } from './wire.ts';

export const listFilters = lazy(() => ({
  ...pageQuery,
  q: z.string().max(200).optional(),
  system: z.enum(['true', 'false']).optional(),
  privilege: z.string().min(1).max(200).optional(),
}));

export const writeQuerySchema = lazy(() => z.strictObject(writeQuery));
export const createQuery = lazy(() => z.strictObject({ ...writeQuery, if_exists: z.literal('return').optional() }));
export const deleteQuery = lazy(() => z.strictObject({ ...writeQuery, force: z.enum(['true', 'false']).optional() }));

export const usersShape = described(() =>
  z.strictObject({
    total: z.int(),
    first: z.array(z.strictObject({ id: z.string(), subject: z.string(), scope: z.string() })),
  }),
);

export function usersBody({ total, first }: Users<User>): z.output<typeof usersShape> {
  return { total, first: first.map(({ id, subject, scope }) => ({ id, subject, scope })) };
}

export function flag(text: 'true' | 'false' | undefined): boolean | undefined {
  return text === undefined ? undefined : text === 'true';
}
