/** The values of a claim. Own members only: what every object inherits is no claim. */
import { isMembers, type Members } from './compact.ts';

/**
 * What a claim says, under its name as a top-level member (`cognito:groups`, `https://acme.com/roles`), else along a path of dots
 * (`realm_access.roles`); undefined when there is nothing.
 */
export function claimOf(payload: Members, name: string): unknown {
  if (Object.hasOwn(payload, name)) return payload[name];
  let value: unknown = payload;
  for (const member of name.split('.')) {
    if (!isMembers(value) || !Object.hasOwn(value, member)) return undefined;
    value = value[member];
  }
  return value;
}

/**
 * Texts as they are, numbers and booleans as JSON writes them, of an array each; anything else counts for nothing. A text is one value, whatever is in
 * it; only `scope` is a list with spaces between (RFC 8693 §4.2, RFC 9068 §2.2.3).
 */
export function valuesOf(payload: Members, name: string): readonly string[] {
  const value = claimOf(payload, name);
  if (name === 'scope' && typeof value === 'string') return value.split(' ').filter((each) => each !== '');
  return (Array.isArray(value) ? value : [value]).flatMap(textOf);
}

function textOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value)) ? [JSON.stringify(value)] : [];
}
