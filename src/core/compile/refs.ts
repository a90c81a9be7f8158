/** References in rows, as yes or no. */
import { GROUP_TYPE, parseRef } from '../terms/ref.ts';

const GROUP_PREFIX = `${GROUP_TYPE}:`;

/** Whether `text` is `type:id`. */
export function isRef(text: string): boolean {
  try {
    parseRef(text);
    return true;
  } catch {
    return false;
  }
}

/** The id in `group:<id>`, null for any other principal. */
export function groupIdOf(principal: string): string | null {
  return principal.startsWith(GROUP_PREFIX) ? principal.slice(GROUP_PREFIX.length) : null;
}
