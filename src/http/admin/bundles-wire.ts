/** What the wire forms of policies and roles share: queries, usage, answers to deletions. */
import { z } from 'zod';
import type { User, Users } from '../../pap/bundles/ports.ts';
import { pageQuery, writeQuery } from './wire.ts';

export const listFilters = {
  ...pageQuery,
  q: z.string().max(200).optional(),
  system: z.enum(['true', 'false']).optional(),
  privilege: z.string().min(1).max(200).optional(),
};

export const writeQuerySchema = z.strictObject(writeQuery);
export const createQuery = z.strictObject({ ...writeQuery, if_exists: z.literal('return').optional() });
export const deleteQuery = z.strictObject({ ...writeQuery, force: z.enum(['true', 'false']).optional() });

/** Beside what a write made. */
export const writtenShape = { revision: z.int(), published: z.boolean() };

export const usersShape = z.object({
  total: z.int(),
  first: z.array(z.object({ id: z.string(), subject: z.string(), scope: z.string() })),
});

export function usersBody({ total, first }: Users<User>): z.output<typeof usersShape> {
  return { total, first: first.map(({ id, subject, scope }) => ({ id, subject, scope })) };
}

export function flag(text: 'true' | 'false' | undefined): boolean | undefined {
  return text === undefined ? undefined : text === 'true';
}

export const listShape = <Item extends z.ZodType>(item: Item) =>
  z.object({ items: z.array(item), next_cursor: z.string().nullable(), total: z.int() });
