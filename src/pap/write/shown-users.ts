/** An assignment as a refusal names it: with what it takes to find it, and nothing more. */
import type { NamedAssignment } from '../control-ports.ts';

export function shownAssignment({ id, subject, role, target, scope }: NamedAssignment): object {
  return { id, subject, ...(role === null ? { policy: target } : { role: target }), scope };
}
