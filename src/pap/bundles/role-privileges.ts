/** A role's own privileges, one by one: adding one twice is once, taking away what isn't there is refused. */
import { BitgateError } from '../../core/terms/problem.ts';
import { Problems } from '../manifest/problems.ts';
import { checkPrivileges } from '../manifest/resolve/references.ts';
import { canonicalSet } from '../manifest/text-set.ts';
import { contextOf } from './catalog.ts';
import { textsOf } from './json-texts.ts';
import type { RoleState } from './role-state.ts';
import type { RoleUpdate } from './save-role.ts';

/** @throws BitgateError `invalid_role` (422) when the catalog has no such privilege, or not at that level */
export function withPrivilege(privilege: string): RoleUpdate {
  return (present, rows) => {
    const problems = new Problems();
    checkPrivileges([privilege], 'privileges', present.row.project, contextOf(rows, present.row.project, problems));
    problems.throwIfAny('invalid_role', 'the role');
    return withPrivileges(present, [...textsOf(present.row.privileges), privilege]);
  };
}

/** @throws BitgateError `privilege_not_in_role` (404); what policies and inherited roles give it is not its own */
export function withoutPrivilege(privilege: string): RoleUpdate {
  return (present) => {
    const own = textsOf(present.row.privileges);
    if (own.includes(privilege)) {
      return withPrivileges(
        present,
        own.filter((each) => each !== privilege),
      );
    }
    const message = `the role \`${present.row.name}\` has no privilege \`${privilege.slice(0, 80)}\` of its own`;
    throw new BitgateError('privilege_not_in_role', 404, message, { role: present.row.id, privilege: privilege.slice(0, 200) });
  };
}

function withPrivileges(present: RoleState, privileges: readonly string[]): RoleState {
  return { ...present, row: { ...present.row, privileges: canonicalSet(privileges) } };
}
