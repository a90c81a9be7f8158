/** What the administration of projects looks up. */
import type {
  ApiKeyRow,
  AssignmentRow,
  PolicyRow,
  ProjectRow,
  ResourceOwnerRow,
  ResourceParentRow,
  ResourceRow,
  RoleRow,
} from '../../core/terms/rows.ts';
import type { ListPage } from '../control-ports.ts';

/** An owner with the name that stands for its id. */
export interface NamedOwner extends Pick<ResourceOwnerRow, 'owner' | 'kind'> {
  /** `group:<name>` for a group, else as `owner` */
  readonly subject: string;
}

/** A resource with what belongs to it. */
export interface PlacedResource {
  /** null: not registered */
  readonly resource: ResourceRow | null;
  /** in order */
  readonly parents: readonly string[];
  readonly owners: readonly NamedOwner[];
}

export interface StoredProject extends PlacedResource {
  readonly row: ProjectRow;
  readonly resource: ResourceRow;
}

export interface ListedProject extends StoredProject {
  /** how many are its own */
  readonly policies: number;
  readonly roles: number;
}

/** The first few of each kind, and how many there are. */
export type ProjectUses = {
  readonly [Kind in 'policies' | 'roles' | 'api_keys' | 'assignments' | 'resources']: {
    readonly total: number;
    readonly items: readonly { readonly id: string; readonly name: string }[];
  };
};

/** All that belongs to a project or lies below it. */
export interface ProjectContent {
  readonly policies: readonly PolicyRow[];
  readonly roles: readonly RoleRow[];
  readonly api_keys: readonly ApiKeyRow[];
  /** of the project's roles and policies wherever they are, and all at the project and below */
  readonly assignments: readonly AssignmentRow[];
  /** registered resources below, the project itself not among them */
  readonly resources: readonly ResourceRow[];
  /** of those resources: all their parents */
  readonly parents: readonly ResourceParentRow[];
}

/** Each answer is read in one transaction. */
export interface ProjectLookup {
  /** in order of id, `after` excluded. @param search a part of id or nickname, whatever the case of ASCII letters */
  list(search: string | undefined, after: string, limit: number): Promise<ListPage<ListedProject>>;
  get(id: string): Promise<ListedProject | null>;
  /** a resource, be it a project or not */
  place(resource: string): Promise<PlacedResource>;
  /** parents of the resources, their parents, and so on: the first `limit` edges */
  above(resources: readonly string[], limit: number): Promise<readonly ResourceParentRow[]>;
  /** @param first how many of each kind */
  uses(id: string, first: number): Promise<ProjectUses>;
  /** the first `limit` of each kind */
  content(id: string, limit: number): Promise<ProjectContent>;
}
