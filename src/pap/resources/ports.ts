/** What the use cases of resources look up. Each method is one transaction. */
import type { AssignmentRow, ResourceOwnerRow, ResourceParentRow, ResourceRow } from '../../core/terms/rows.ts';
import type { ListPage, NamedAssignment } from '../control-ports.ts';
import type { Users } from '../groups/ports.ts';

export interface ResourceFilter {
  readonly type?: string | undefined;
  readonly parent?: string | undefined;
  readonly access?: 'inherit' | 'restricted' | undefined;
  /** a subject or `group:<id>` */
  readonly owner?: string | undefined;
  /** a part of `type:id`, whatever the case of ASCII letters; `''` is any */
  readonly search: string;
}

/** An owner as it is shown. */
export interface NamedOwner extends ResourceOwnerRow {
  /** `group:<name>` for a group, else as `owner` */
  readonly subject: string;
}

/** A registered resource with all that it has, parents and owners in order. */
export interface PlacedResource {
  readonly row: ResourceRow;
  readonly parents: readonly string[];
  readonly owners: readonly NamedOwner[];
}

/** What would dangle without the resource. */
export interface ResourceUse {
  /** registered resources that it is a parent of */
  readonly children: Users<ResourceParentRow>;
  /** with it as their scope */
  readonly assignments: Users<NamedAssignment>;
}

/** An assignment of a project's own role or policy, or to a key of it. */
export type OwnAssignment = AssignmentRow & { readonly project: string };

export interface ResourceLookup {
  /** in order of `type:id`, `after` excluded */
  list(filter: ResourceFilter, after: string, limit: number): Promise<ListPage<PlacedResource>>;
  resource(resource: string): Promise<PlacedResource | null>;
  /** the links on every path up from the resources */
  above(resources: readonly string[]): Promise<readonly ResourceParentRow[]>;
  /** how many links the longest path down from the resource has, `limit` at most */
  depthBelow(resource: string, limit: number): Promise<number>;
  use(resource: string, limit: number): Promise<ResourceUse>;
  /**
   * Assignments of projects' own roles and policies, and to their keys, below the resource, and at it, that would lie outside their project if it had these parents.
   * @param parents null: the resource goes, with what is assigned at it
   */
  strayAssignments(resource: string, parents: readonly string[] | null, limit: number): Promise<readonly OwnAssignment[]>;
}
