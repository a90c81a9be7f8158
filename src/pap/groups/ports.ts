/** What the use cases of groups look up. Each method is one transaction. */
import type { GroupMemberRow, GroupRow, ResourceOwnerRow } from '../../core/terms/rows.ts';
import type { Found, ListPage, NamedAssignment } from '../control-ports.ts';

export interface GroupWithCount extends GroupRow {
  /** direct members, groups among them */
  readonly member_count: number;
}

/** A member as it is shown. */
export interface NamedMember {
  /** a subject, or `group:<id>` */
  readonly member: string;
  /** `group:<name>` for a group, else as `member` */
  readonly name: string;
  readonly direct: 0 | 1;
}

/** The first users of a thing, and how many there are. */
export interface Users<Row> {
  readonly total: number;
  readonly first: readonly Row[];
}

/** What hangs on a subject or group, and would dangle without it. */
export interface PrincipalUse {
  readonly assignments: Users<NamedAssignment>;
  readonly ownerships: Users<ResourceOwnerRow>;
  /** groups that it is a direct member of */
  readonly groups: Users<Found>;
}

export interface GroupLookup {
  /** in order of id, `after` excluded. @param search a part of name or description, whatever the case of ASCII letters; `''` is any */
  list(search: string, after: string, limit: number): Promise<ListPage<GroupWithCount>>;
  /** by id, else by name, whatever the case of ASCII letters */
  group(reference: string): Promise<GroupWithCount | null>;
  /** all whose name could be the same whatever the letter case: the same in ASCII, or not ASCII at all */
  namesLike(name: string): Promise<readonly Found[]>;
  /** of the ids, those that are taken */
  taken(ids: readonly string[]): Promise<readonly string[]>;
  /** direct ones in order, the first so many */
  members(group: string, limit: number): Promise<readonly GroupMemberRow[]>;
  /** in order of `member`. @param transitive members of groups within it too */
  memberPage(group: string, transitive: boolean, search: string, after: string, limit: number): Promise<ListPage<NamedMember>>;
  /** of the members, those that the group has directly */
  present(group: string, members: readonly string[]): Promise<readonly string[]>;
  /** nestings on every path up from `above` and down from `below`: ids of groups in, rows with `group:<id>` as member out */
  nestings(above: readonly string[], below: readonly string[]): Promise<readonly GroupMemberRow[]>;
  /** the groups that the references (ids or names) mean */
  named(references: readonly string[]): Promise<readonly Found[]>;
  /** of the subjects `api_key:<id>`, those that there are */
  keys(subjects: readonly string[]): Promise<readonly string[]>;
  /** @param limit of each kind, the first so many */
  use(group: string, limit: number): Promise<PrincipalUse>;
}
