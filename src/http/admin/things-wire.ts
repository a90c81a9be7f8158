/** What the wire forms of groups, subjects and resources share: queries of creations and deletions, and words to search for. */

import * as z from 'zod';
import { lazy } from '../../core/terms/lazy.ts';
import { BitgateError } from '../../core/terms/problem.ts';
import { parseRef } from '../../core/terms/ref.ts';
import { described } from './route.ts';
import { pageQuery, writeQuery } from './wire.ts';

export const createQuery = lazy(() => z.strictObject({ ...writeQuery, if_exists: z.literal('return').optional() }));
export const deleteQuery = lazy(() => z.strictObject({ ...writeQuery, force: z.enum(['true', 'false']).optional() }));

/** Of a list that can be searched. */
export const searchQuery = lazy(() => ({ ...pageQuery, q: z.string().max(200).optional() }));

/** `type:id`, said whole or in its parts. */
export const referenceFields = lazy(() => ({ type: z.string().optional(), id: z.string().optional() }));

export const propertiesAnswer = described(() => z.record(z.string(), z.unknown()));

/** A column typed by hand may hold anything: what can't be read is shown as empty, as the compiler takes it. */
export function propertiesBody(json: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
  } catch {
    return {};
  }
}

/** The parts of a stored reference. */
export function partsOf(reference: string): { type: string; id: string } {
  const colon = reference.indexOf(':');
  return { type: reference.slice(0, colon), id: reference.slice(colon + 1) };
}

/**
 * A reference said in one of its two ways.
 * @param name of the member that says it whole
 * @throws BitgateError `invalid_<name>` (400), `invalid_reference` (400)
 */
export function referenceGiven(
  name: string,
  { whole, type, id }: { readonly whole: string | undefined; readonly type: string | undefined; readonly id: string | undefined },
): { type: string; id: string } {
  if (whole !== undefined && type === undefined && id === undefined) return parseRef(whole);
  if (whole === undefined && type !== undefined && id !== undefined) return { type, id };
  const problems = [{ code: 'invalid_value', message: `name either \`${name}\` or both \`type\` and \`id\``, path: '' }];
  throw new BitgateError(`invalid_${name}`, 400, `the ${name} is not valid: name either \`${name}\` or both \`type\` and \`id\``, {
    problems,
  });
}
