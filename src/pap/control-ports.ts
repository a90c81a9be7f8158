/** What the use cases of the control plane need beside rows: organizations, the Publisher, decisions, and looking things up. */
import type { Snapshot } from '../core/snapshot/snapshot.ts';
import type { Decision } from '../core/terms/decision.ts';
import type { Problem } from '../core/terms/problem.ts';
import type { CheckOptions, CheckRequest } from '../core/terms/request.ts';
import type { AssignmentRow, PrivilegeRow } from '../core/terms/rows.ts';
import type { KeyLookup, OwnedKey } from './api-keys/ports.ts';
import type { AuditRow } from './audit/chain.ts';
import type { BundleLookup } from './bundles/ports.ts';
import type { ChangeFeed } from './changes/ports.ts';
import type { ProposalLookup } from './gate/ports.ts';
import type { GroupLookup } from './groups/ports.ts';
import type { HeldRevision, History, PublishedRevision } from './history/ports.ts';
import type { Imports } from './import/ports.ts';
import type { InvitationLookup } from './invitations/ports.ts';
import type { MemberLookup } from './members/ports.ts';
import type { OrganizationLife } from './organizations/ports.ts';
import type { AuditEntry, OrganizationRecord, RowChanges, RowReader, RowWriter } from './ports.ts';
import type { PresetPart } from './preset/parts.ts';
import type { PresetParts } from './preset/ports.ts';
import type { PreviewSource } from './preview/ports.ts';
import type { ProjectLookup } from './projects/ports.ts';
import type { ResourceLookup } from './resources/ports.ts';
import type { RightsLookup } from './rights/ports.ts';
import type { ConfigurationLookup } from './settings/ports.ts';
import type { SubjectLookup } from './subjects/ports.ts';
import type { Companions } from './write/ports.ts';

export interface OrganizationStore {
  /**
   * @param parts what its preset gives it to change
   * @throws BitgateError `organization_exists` (409)
   */
  create(
    record: OrganizationRecord,
    changes: RowChanges,
    audit: AuditEntry,
    now: number,
    parts: readonly PresetPart[],
  ): Promise<{ readonly revision: number }>;
  /** in order of id, `after` excluded. `search`: a part of id or name, whatever the case of ASCII letters; `''` is any */
  list(page: { readonly after: string; readonly limit: number; readonly search: string }): Promise<{
    readonly items: readonly OrganizationRecord[];
    readonly next: string | null;
    readonly total: number;
  }>;
  /** null when there is none, or when it is being deleted */
  get(id: string): Promise<OrganizationRecord | null>;
}

export interface PublishReport {
  /** the revision that is served now */
  readonly revision: number;
  readonly changed: boolean;
  readonly blobs_written: number;
  readonly bytes_written: number;
  readonly ms: number;
  readonly full: boolean;
  /** rows that were left out, since they can't be read; the first ones */
  readonly problems: readonly Problem[];
  readonly problem_count: number;
  /** present when what is committed can't be published */
  readonly behind?: { readonly since: number; readonly problems: readonly Problem[] } | undefined;
  /** present while a compile is under way that takes several invocations: what is committed is served when it is done */
  readonly compiling?: { readonly full: boolean; readonly keys_read: number; readonly leaves_written: number } | undefined;
}

/** The Publisher of one organization. Methods reject when it can't be reached. */
export interface PublisherHandle {
  /** null: never published */
  pointer(): Promise<{ readonly revision: number } | null>;
  publish(options?: { readonly full?: boolean }): Promise<PublishReport>;
  /** those that are kept, newest first */
  revisions(): Promise<readonly PublishedRevision[]>;
  /** keeps one for some minutes, whatever retention says; null when it isn't kept */
  hold(revision: number): Promise<HeldRevision | null>;
}

/** Decides at one revision. */
export interface DecisionPoint {
  readonly revision: number;
  readonly snapshot: Snapshot;
  decide(request: CheckRequest, now: number, options?: CheckOptions): Decision | Promise<Decision>;
}

/** What the writer's token proves, by the claim mappings of the revision that decides. */
export type Proven = Pick<CheckOptions, 'groups' | 'roles'>;

/** Decides at one revision, where the writer's credential was proved. */
export interface WriterPoint extends DecisionPoint {
  readonly proven?: Proven | undefined;
}

/** An assignment with the names that stand for its ids. */
export interface NamedAssignment extends AssignmentRow {
  /** `group:<name>` for a group, else as `principal` */
  readonly subject: string;
  /** of the role or policy: `<name>`, of a project `<project>/<name>` */
  readonly target: string;
}

/** An API key and everything that gives it rights, but for the groups that all are in and the default role. */
export interface KeyWithGrants {
  readonly row: OwnedKey;
  /** to itself, to its groups, and to `group:owner…` if it owns something, in the order of their ids, whatever their window */
  readonly grants: readonly NamedAssignment[];
}

export interface AssignmentFilter {
  readonly principal?: string | undefined;
  readonly role?: string | undefined;
  readonly policy?: string | undefined;
  readonly scope?: string | undefined;
  /** a resource: at it and at what is registered below it */
  readonly within?: string | undefined;
}

export interface PrivilegeFilter {
  readonly level: 'org' | 'project';
  /** a part of name or title, whatever the case of ASCII letters; `''` is any */
  readonly search: string;
}

export interface ListPage<Row> {
  readonly rows: readonly Row[];
  /** key of the last row of the page, null at the end */
  readonly next: readonly string[] | null;
  /** of all pages */
  readonly total: number;
}

/** A role, policy or group as a reference finds it. */
export interface Found {
  readonly id: string;
  /** `''` for the organization, and for groups */
  readonly project: string;
  readonly name: string;
}

/** Looks into one organization's rows. Lists are in the order of their key, `after` excluded; each answer is read in one transaction. */
export interface Lookup {
  privileges(filter: PrivilegeFilter, after: readonly string[] | null, limit: number): Promise<ListPage<PrivilegeRow>>;
  assignments(filter: AssignmentFilter, after: string, limit: number): Promise<ListPage<NamedAssignment>>;
  assignment(id: string): Promise<NamedAssignment | null>;
  /** whatever the reference may mean: the id, the organization's name, or `<project>/<name>` */
  named(table: 'roles' | 'policies' | 'groups', reference: string): Promise<readonly Found[]>;
  project(id: string): Promise<boolean>;
  apiKey(id: string): Promise<boolean>;
  keyWithGrants(id: string): Promise<KeyWithGrants | null>;
  /** is the subject registered? */
  subject(subject: string): Promise<boolean>;
  /**
   * When a grant of the principals or of their groups begins or ends, ms, each time once, `from` excluded and `until` included:
   * between two of them, and before and after, what is held by them without conditions stays as it is.
   * @param principals a subject, and what it is a member of beside what is stored
   * @param limit the first so many
   */
  boundaries(principals: readonly string[], from: number, until: number, limit: number): Promise<readonly number[]>;
  /** true when `above` is the resource itself or a stored ancestor */
  liesWithin(resource: string, above: string): Promise<boolean>;
  /** assignments at `org` without end, begun at `now`, to one of the targets (ids of roles and policies) */
  unendingAtOrg(targets: readonly string[], now: number, after: string, limit: number): Promise<ListPage<AssignmentRow>>;
  /** subjects in the group or in groups within it; of `everyone` all registered ones */
  subjectsIn(group: string, after: string, limit: number): Promise<ListPage<string>>;
}

/** What is given must be equal; times in ms since 1970. */
export interface AuditFilter {
  readonly actor?: string | undefined;
  readonly action?: string | undefined;
  readonly target?: string | undefined;
  /** included */
  readonly from?: number | undefined;
  /** excluded */
  readonly to?: number | undefined;
  /** nothing of an organization that had the same id before */
  readonly presentLife?: boolean | undefined;
}

export interface ChainedRow extends AuditRow {
  /** the log has a change with the row's revision, or was pruned there */
  readonly inLog: boolean;
}

/** Reads one organization's audit. A page whose texts are long has fewer rows than asked for, but one at least if there is one. */
export interface AuditLog {
  /** newest first, the ids below `after` (null: all) */
  page(filter: AuditFilter, after: number | null, limit: number): Promise<ListPage<AuditRow>>;
  /** oldest first, the ids above `after`. `more`: there are rows behind these */
  chain(after: number, limit: number): Promise<{ readonly rows: readonly ChainedRow[]; readonly more: boolean }>;
}

/** Everything of one organization that a use case may need. */
export interface ControlTools {
  readonly organization: string;
  readonly organizations: OrganizationStore;
  readonly life: OrganizationLife;
  readonly reader: RowReader;
  readonly writer: RowWriter;
  readonly presetParts: PresetParts;
  readonly lookup: Lookup;
  readonly members: MemberLookup;
  readonly invitations: InvitationLookup;
  readonly proposals: ProposalLookup;
  readonly imports: Imports;
  readonly groups: GroupLookup;
  readonly subjects: SubjectLookup;
  readonly resources: ResourceLookup;
  readonly configuration: ConfigurationLookup;
  readonly bundles: BundleLookup;
  readonly projects: ProjectLookup;
  readonly audit: AuditLog;
  readonly feed: ChangeFeed;
  readonly keys: KeyLookup;
  readonly history: History;
  readonly rights: RightsLookup;
  readonly companions: Companions;
  readonly publisher: PublisherHandle;
  readonly preview: PreviewSource;
  /**
   * Decisions at `revision` or a later one, with the writer's own credential proved again there.
   * @throws BitgateError `stale` (503) when it isn't published, 401 when the credential isn't valid any more, `subject_suspended` (403)
   */
  open(revision: number): Promise<WriterPoint>;
  /** how many statements these tools have sent to the database */
  queries(): number;
  now(): number;
  sleep(ms: number): Promise<void>;
  /** fills the array with random bytes */
  fill(bytes: Uint8Array): void;
  /** work that may outlive the answer */
  later(work: Promise<unknown>): void;
}
