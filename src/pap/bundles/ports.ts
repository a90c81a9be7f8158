/** What the administration of policies and roles looks up: pages of lists, single things, each with who uses it. */
import type { PolicyRow, RoleRow } from '../../core/terms/rows.ts';
import type { ListPage } from '../control-ports.ts';

/** A role or policy that another one names. */
export interface Linked {
  readonly id: string;
  /** as the naming one may write it: the shortest that means it, or its id */
  readonly name: string;
}

/** An assignment as a list of users shows it. */
export interface User {
  readonly id: string;
  /** `group:<name>` for a group */
  readonly subject: string;
  readonly scope: string;
}

/** The first few, and how many there are. */
export interface Users<T> {
  readonly total: number;
  readonly first: readonly T[];
}

export interface ListedPolicy {
  readonly row: PolicyRow;
  readonly roles: Users<Linked>;
  readonly assignments: Users<User>;
}

export interface ListedRole {
  readonly row: RoleRow;
  readonly policies: readonly Linked[];
  readonly inherits: readonly Linked[];
  readonly assignments: Users<User>;
}

/** What is given must hold. */
export interface BundleFilter {
  /** `''` for the organization's own */
  readonly project: string;
  /** a part of name, title or description, whatever the case of ASCII letters */
  readonly search?: string | undefined;
  readonly system?: boolean | undefined;
  /** named by it: of a role in its own privileges or those of a policy that it bundles, neither inherited nor implied */
  readonly privilege?: string | undefined;
  /** of policies */
  readonly state?: string | undefined;
  readonly effect?: string | undefined;
}

/** Lists are in the order of names, `after` excluded; each answer is read in one transaction. A row that can't be read is shown as far as it can. */
export interface BundleLookup {
  policies(filter: BundleFilter, after: string, limit: number): Promise<ListPage<ListedPolicy>>;
  roles(filter: BundleFilter, after: string, limit: number): Promise<ListPage<ListedRole>>;
  /** by id or name, of that level alone */
  policy(project: string, reference: string): Promise<ListedPolicy | null>;
  role(project: string, reference: string): Promise<ListedRole | null>;
}
