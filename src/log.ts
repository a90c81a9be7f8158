/**
 * The one way to log: objects with an `event`, which name what happened by ids, codes, numbers and messages of our own. Never a header, a body, a query:
 * and should a message of somebody else's hold a token nevertheless, it doesn't get through.
 */

export type Level = 'info' | 'warn' | 'error';

export interface Facts {
  readonly organization?: string | undefined;
  readonly request_id?: string | null;
  readonly message?: string;
  readonly [fact: string]: unknown;
}

/** @param event lower case, with underscores: stable, for programs */
export function log(level: Level, event: string, facts: Facts): void {
  console[level](shown({ event, ...facts }));
}

/** What an error says; of what is no error, its type. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : typeof error;
}

/** keys and invitations */
const KEYS = /\bbgi?_[a-z0-9-]+_[a-z0-9]+_[\w-]+/g;
/** JWTs, and whatever stands behind a scheme of `authorization` */
const OTHERS = /\beyJ[\w-]+\.[\w-]+\.[\w-]*|\b(?:Bearer|Basic)\s+\S+/g;
const MASK = '[token]';

/** The text without keys and invitations that somebody put into it. Takes a time that grows as the text does, whatever it is. */
export function withoutKeys(text: string): string {
  return text.includes('bg') ? text.replace(KEYS, MASK) : text;
}

/** At any depth: ids that callers chose lie in lists, too. */
function shown(value: unknown): unknown {
  if (typeof value === 'string') return withoutKeys(value).replace(OTHERS, MASK);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(shown);
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [withoutKeys(name), shown(each)]));
}
