/** Users of a thing as a refusal names them: with what it takes to find them, and nothing more. */
import type { NamedAssignment } from '../control-ports.ts';
import type { PrincipalUse, Users } from '../groups/ports.ts';

export function shownAssignment({ id, subject, role, target, scope }: NamedAssignment): object {
  return { id, subject, ...(role === null ? { policy: target } : { role: target }), scope };
}

/** What hangs on a subject or group, by kind. */
export function shownUse({ assignments, ownerships, groups }: PrincipalUse): Record<string, Users<object>> {
  return {
    assignments: { ...assignments, first: assignments.first.map(shownAssignment) },
    ownerships: { ...ownerships, first: ownerships.first.map(({ resource, kind }) => ({ resource, kind: kind || null })) },
    groups: { ...groups, first: groups.first.map(({ id, name }) => ({ id, name })) },
  };
}
