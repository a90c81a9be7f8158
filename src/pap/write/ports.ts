/** What `write` asks of the storage before it commits: what the database would do along with the changes. */
import type {
  ApiKeyRow,
  AssignmentRow,
  GroupMemberRow,
  ResourceOwnerRow,
  ResourceParentRow,
  RoleInheritRow,
  RolePolicyRow,
  SubjectRow,
} from '../../core/terms/rows.ts';

/** What goes, by its own key. */
export interface Going {
  readonly subjects: readonly string[];
  /** ids */
  readonly groups: readonly string[];
  readonly roles: readonly string[];
  readonly resources: readonly string[];
  /** ids */
  readonly apiKeys: readonly string[];
}

/** Rows that hang on it. */
export interface Hanging {
  readonly subjects: readonly SubjectRow[];
  readonly assignments: readonly AssignmentRow[];
  readonly group_members: readonly GroupMemberRow[];
  readonly resource_owners: readonly ResourceOwnerRow[];
  readonly resource_parents: readonly ResourceParentRow[];
  readonly role_policies: readonly RolePolicyRow[];
  readonly role_inherits: readonly RoleInheritRow[];
  readonly api_keys: readonly ApiKeyRow[];
}

export interface Companions {
  /** those of the given that are not registered */
  unregistered(
    subjects: readonly string[],
    resources: readonly string[],
  ): Promise<{ readonly subjects: readonly string[]; readonly resources: readonly string[] }>;
  /** one transaction */
  hangingOn(going: Going): Promise<Hanging>;
}
