/** Parsed text → a document of the right shape. Unknown keys are told and left out, so that the rest can be judged in the same pass. */
import type * as z from 'zod';
import { type Problems, quote } from './problems.ts';
import { type ManifestDocument, manifestSchema } from './schema.ts';

/**
 * @param problems gets every fault of shape
 * @throws BitgateError `invalid_manifest` (422) when something has the wrong type: what it stands for cannot be guessed
 */
export function readShape(value: unknown, problems: Problems): ManifestDocument {
  const first = manifestSchema.safeParse(value);
  if (first.success) return first.data;
  let onlyUnknownKeys = true;
  for (const issue of first.error.issues) {
    if (issue.code !== 'unrecognized_keys') onlyUnknownKeys = false;
    reportIssue(issue, value, problems);
  }
  if (onlyUnknownKeys) {
    const rest = manifestSchema.safeParse(withoutKeys(value, first.error.issues));
    if (rest.success) return rest.data;
  }
  problems.throwIfAny();
  throw first.error; // not reached: a failed parse has issues, and each was reported
}

/** `['roles', 3, 'policies', 0]` → `roles[3].policies[0]`; keys that are no plain words are quoted. */
export function formatPath(path: readonly PropertyKey[]): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`;
    else if (/^[A-Za-z_][\w-]{0,63}$/.test(String(part))) text += text === '' ? String(part) : `.${String(part)}`;
    else text += `[${JSON.stringify(String(part).slice(0, 64))}]`;
  }
  return text;
}

/** One fault of shape, by its place and a code of ours. @param value what was parsed */
export function reportIssue(issue: z.core.$ZodIssue, value: unknown, problems: Problems): void {
  const path = formatPath(issue.path);
  switch (issue.code) {
    case 'unrecognized_keys':
      for (const key of issue.keys) problems.add('unknown_key', formatPath([...issue.path, key]), `unknown key ${quote(key)}`);
      break;
    case 'invalid_type': {
      const given = valueAt(value, issue.path);
      if (given === undefined && issue.path.length > 0) problems.add('missing_key', path, `required: ${article(issue.expected)}`);
      else problems.add('wrong_type', path, `expected ${article(issue.expected)}, got ${article(typeName(given))}`);
      break;
    }
    case 'invalid_value': {
      if (valueAt(value, issue.path) === undefined) problems.add('missing_key', path, `required: ${issue.values.map(String).join(', ')}`);
      else problems.add('invalid_value', path, `expected ${issue.values.map((each) => `\`${String(each)}\``).join(' or ')}`);
      break;
    }
    case 'too_big':
      problems.add(issue.origin === 'array' ? 'too_many' : 'invalid_value', path, `must not be more than ${issue.maximum}`);
      break;
    case 'too_small':
      problems.add('invalid_value', path, issue.origin === 'number' ? `must not be less than ${issue.minimum}` : 'must not be empty');
      break;
    case 'invalid_format':
      problems.add('invalid_value', path, 'must begin with `/`');
      break;
    default:
      problems.add('wrong_type', path, 'expected an object');
  }
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let at = value;
  for (const part of path) {
    if (typeof at !== 'object' || at === null) return undefined;
    at = (at as Readonly<Record<PropertyKey, unknown>>)[part]; // any object can be asked for any key
  }
  return at;
}

function typeName(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;
}

function article(type: string): string {
  if (type === 'null' || type === 'undefined') return type === 'null' ? 'null' : 'nothing';
  const name = type === 'array' ? 'list' : type === 'int' ? 'whole number' : type;
  return `${/^[aeiou]/.test(name) ? 'an' : 'a'} ${name}`;
}

function withoutKeys(value: unknown, issues: readonly z.core.$ZodIssue[]): unknown {
  const copy: unknown = structuredClone(value);
  for (const issue of issues) {
    const holder = issue.code === 'unrecognized_keys' ? valueAt(copy, issue.path) : undefined;
    if (issue.code !== 'unrecognized_keys' || typeof holder !== 'object' || holder === null) continue;
    for (const key of issue.keys) Reflect.deleteProperty(holder, key);
  }
  return copy;
}
