/** zod's verdicts as bitgate's: one refusal that names every bad field by its path. */
import type * as z from 'zod';
import { BitgateError, type Problem } from '../../core/terms/problem.ts';

type Issue = z.core.$ZodIssue;

/** more than a person reads */
const REPORTED = 100;

/**
 * @param what what is parsed, for the message: `check`, `query` …
 * @param status 400: not understood; 422: understood and refused
 * @throws BitgateError `invalid_<what>`, with `details.problems`, each with its path
 */
export function parseAs<Schema extends z.ZodType>(schema: Schema, value: unknown, what: string, status: 400 | 422 = 400): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const problems = result.error.issues.flatMap((issue) => problemsOf(issue, [])).slice(0, REPORTED);
  const [first] = problems;
  const where = first === undefined || first.path === '' ? '' : `\`${first.path}\`: `;
  throw new BitgateError(`invalid_${what}`, status, `the ${what} is not valid: ${where}${first?.message ?? ''}`, { problems });
}

function problemsOf(issue: Issue, above: readonly PropertyKey[]): Problem[] {
  const path = [...above, ...issue.path];
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      code: 'unknown_key',
      message: `unknown key \`${key.slice(0, 80)}\``,
      path: formatPath([...path, key]),
    }));
  }
  if (issue.code === 'invalid_union') {
    // The branch that the value was meant for is the one that looked deeper than at its type.
    const meant = issue.errors.find((branch) => branch.every((each) => each.path.length > 0 || each.code !== 'invalid_type'));
    if (meant !== undefined && meant.length > 0) return meant.flatMap((each) => problemsOf(each, path));
  }
  return [{ code: 'invalid_value', message: lowerFirst(issue.message), path: formatPath(path) }];
}

/** `checks[3].subject.id` */
function formatPath(path: readonly PropertyKey[]): string {
  let text = '';
  for (const key of path) text += typeof key === 'number' ? `[${key}]` : `${text === '' ? '' : '.'}${String(key).slice(0, 80)}`;
  return text;
}

function lowerFirst(message: string): string {
  return message.charAt(0).toLowerCase() + message.slice(1);
}
