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
  const shown = Object.entries(facts).map(([name, value]) => [name, typeof value === 'string' ? masked(value) : value]);
  console[level]({ event, ...Object.fromEntries(shown) });
}

/** What an error says; of what is no error, its type. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : typeof error;
}

/** keys, invitations, JWTs, and whatever stands behind a scheme of `authorization` */
const TOKENS = /\bbgi?_[a-z0-9-]+_[a-z0-9]+_[\w-]+|\beyJ[\w-]+\.[\w-]+\.[\w-]*|\b(?:Bearer|Basic)\s+\S+/g;

function masked(text: string): string {
  return text.replace(TOKENS, '[token]');
}
