/** What members and assignments need to look up, many at a time. */
import type { ApiKeyRow, AssignmentRow, GroupMemberRow, ResourceOwnerRow, SubjectRow } from '../../core/terms/rows.ts';
import type { Found, ListPage, NamedAssignment } from '../control-ports.ts';
import type { InvitationRow } from '../invitations/rows.ts';

/** How many roles a subject may hold directly at one scope of a level at a time. */
export interface Cardinality {
  readonly org: 'single' | 'multiple';
  readonly project: 'single' | 'multiple';
}

/** What of some references is there. */
export interface Known {
  readonly subjects: ReadonlyMap<string, SubjectRow['status']>;
  /** by id or name */
  readonly groups: readonly Pick<Found, 'id' | 'name'>[];
  /** ids */
  readonly apiKeys: ReadonlySet<string>;
}

export interface MemberFilter {
  /** a part of the reference, or of the properties `name` and `email`, whatever the case of ASCII letters; `''` is any */
  readonly search: string;
  /** id of a role held at this level, directly or through a group */
  readonly role: string | null;
}

/** An assignment that reaches a member. `subject` names the principal: the member itself, or the group that it comes through. */
export interface Reach extends NamedAssignment {
  readonly member: string;
}

export interface MemberRow extends Pick<SubjectRow, 'subject' | 'status'> {
  /** at the organization: those at `org`. In a project: those at the project and below it, and those at `org` */
  readonly reaches: readonly Reach[];
}

/** Everything that a member has of its own in a scope. */
export interface Belongings {
  /** null: not registered */
  readonly registered: SubjectRow | null;
  readonly assignments: readonly NamedAssignment[];
  readonly memberships: readonly GroupMemberRow[];
  readonly ownerships: readonly ResourceOwnerRow[];
  /** theirs, those that these keys made included, each with what it holds */
  readonly keys: readonly ApiKeyRow[];
  readonly keyAssignments: readonly NamedAssignment[];
  /** pending ones, to them or sent by them or their keys */
  readonly invitations: readonly InvitationRow[];
}

/** `project` is the id of a project, `''` for the organization. Each answer is read in one transaction. */
export interface MemberLookup {
  cardinality(): Promise<Cardinality>;
  /** of the principals at the scopes, roles and policies alike, whatever their window */
  assignedAt(places: readonly Pick<AssignmentRow, 'principal' | 'scope'>[]): Promise<readonly NamedAssignment[]>;
  /** @param references of subjects (`user:a`, `api_key:k`) and groups (`group:<id or name>`) */
  known(references: readonly string[]): Promise<Known>;
  page(project: string, filter: MemberFilter, after: string, limit: number): Promise<ListPage<MemberRow>>;
  /** null: not registered */
  member(project: string, subject: string): Promise<MemberRow | null>;
  belongings(project: string, subject: string): Promise<Belongings>;
  /**
   * What reaches a subject in a scope beside what is its own there: through groups, everyone, anyone, ownerships of its groups, and in a project
   * from above it.
   * @param registered whether `group:everyone` and its groups count
   */
  stillReaching(project: string, subject: string, registered: boolean, limit: number): Promise<readonly NamedAssignment[]>;
  /** whose the key is; null: nobody's */
  keyOwner(id: string): Promise<string | null>;
}
