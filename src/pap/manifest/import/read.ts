/** Foreign documents as values of a known shape. Unknown keys are let pass: other systems add to their formats as they like. */

import * as z from 'zod';
import { lazy } from '../../../core/terms/lazy.ts';
import type { Problem } from '../../../core/terms/problem.ts';
import { formatPath } from '../shape.ts';
import { refuseImport } from './report.ts';

/**
 * @param above where in the whole the value is
 * @throws BitgateError `invalid_import` (422) naming every place
 */
export function readForeign<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  above: readonly PropertyKey[] = [],
): z.output<Schema> {
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  const issues = read.error.issues.flatMap((issue) => deepest(issue, above));
  refuseImport(issues);
  throw read.error; // not reached: a failed parse has issues
}

/** Of a union the branch that fits best: the one whose complaints lie deepest. */
function deepest(issue: z.core.$ZodIssue, above: readonly PropertyKey[]): Problem[] {
  const path = [...above, ...issue.path];
  if (issue.code === 'invalid_union') {
    const branches = issue.errors.map((branch) => branch.flatMap((each) => deepest(each, path)));
    const depth = (problems: readonly Problem[]): number => Math.max(0, ...problems.map((each) => each.path.length));
    const best = branches.sort((a, b) => depth(b) - depth(a))[0];
    if (best !== undefined && best.length > 0) return best;
  }
  return [{ code: 'invalid_value', path: formatPath(path), message: issue.message.charAt(0).toLowerCase() + issue.message.slice(1) }];
}

/** An id that some dumps write as a number and some as text. */
export const anyId = lazy(() => z.union([z.string(), z.number()]).transform(String));

/** Text that may be absent or null. */
export const maybeText = lazy(() =>
  z
    .string()
    .nullish()
    .transform((text) => text ?? undefined),
);

/** A list that may be absent or null. */
export function listOf<Item extends z.ZodType>(item: Item) {
  return z
    .array(item)
    .nullish()
    .transform((items) => items ?? []);
}
