/**
 * Why a decision is as it is: a value, named as it is sent. Groups, roles and policies are called by name (of a project `<project>/<name>`), with their
 * id where that differs. Times are ISO 8601 in UTC.
 */
import type { Decision } from './decision.ts';
import type { Json } from './json.ts';

export interface Explanation extends Decision {
  readonly revision: number;
  readonly level: 'org' | 'project';
  /** the catalog entry that decides; null when there is none */
  readonly privilege: { readonly name: string; readonly levels: 'org' | 'project' | 'both' } | null;
  readonly subject: { readonly subject: string; readonly registered: boolean; readonly suspended: boolean };
  /** null: the question is about the organization itself */
  readonly resource: { readonly resource: string; readonly registered: boolean; readonly restricted: boolean } | null;
  /** where an assignment concerns the question: the resource, what lies above it, nearest first, and `org` */
  readonly scopes: readonly ExplainedScope[];
  /** whoever's assignments concern the subject */
  readonly principals: readonly ExplainedPrincipal[];
  /** every one that concerns the privilege, those that apply first, denies before allows; none where nothing of them was asked */
  readonly grants: readonly ExplainedGrant[];
  /** how many there are beyond those listed */
  readonly more: { readonly scopes: number; readonly principals: number; readonly grants: number };
  /** of a deny: assignments of which each by itself would have allowed it, the smallest first */
  readonly near_misses: readonly NearMiss[];
  /** of a deny: why no assignment to the subject would have allowed it */
  readonly blocked_by: Blocker | null;
}

/** Reasons that no assignment changes, subjects of type `group`, which hold nothing, and a request that names no subject. */
export const BLOCKERS = [
  'subject_suspended',
  'unknown_privilege',
  'unregistered_resource',
  'denied_by_policy',
  'group_subject',
  'no_subject',
] as const;

export type Blocker = (typeof BLOCKERS)[number];

export interface ExplainedScope {
  readonly scope: string;
  /** from the resource to the scope, both included: a shortest one, past nothing restricted if there is one */
  readonly path: readonly string[];
  /** an allow from here counts for the resource, whatever is restricted */
  readonly reaches: boolean;
  /** the restricted resource that an allow from here doesn't enter */
  readonly cut_at?: string;
  readonly restricted?: true;
  readonly unregistered?: true;
}

export interface ExplainedPrincipal {
  readonly principal: string;
  readonly principal_id?: string;
  /** a subject is itself; member of a group, by rows or by a token; in `group:everyone` as registered; in `group:anyone` as anybody; owner of the resource */
  readonly as: 'itself' | 'member' | 'token' | 'registered' | 'anybody' | 'owner';
  /** from the subject to the principal, or to the owner that stands in the resource, both included */
  readonly path: readonly string[];
}

export const OUTCOMES = [
  'applies',
  'condition_error',
  'condition_false',
  'restricted',
  'not_yet_valid',
  'expired',
  'inactive',
  'type',
] as const;

/** `inactive`: the policy isn't ACTIVE; `type`: it is for other types of resources. */
export type Outcome = (typeof OUTCOMES)[number];

export interface ExplainedGrant {
  readonly effect: 'allow' | 'deny';
  readonly outcome: Outcome;
  readonly principal: string;
  readonly principal_id?: string;
  /** one of `scopes` */
  readonly scope: string;
  /** the assigned role; absent: the policy itself is assigned */
  readonly role?: string;
  readonly role_id?: string;
  /** nobody assigned it: it is the organization's default role */
  readonly default_role?: true;
  /** nobody assigned it: claims of a verified token give it */
  readonly as?: 'token';
  /** it isn't there: the question assumes it */
  readonly assumed?: true;
  /** from the assigned role to the one that bundles it, both included; absent: the assigned one does */
  readonly inherited?: readonly string[];
  /** absent: the role's own privileges */
  readonly policy?: string;
  readonly policy_id?: string;
  /** `implies_all`: held in every project, since a privilege that implies all of them is held at the organization */
  readonly holds: 'named' | 'implied' | 'all_privileges' | 'implies_all';
  readonly not_before?: string;
  readonly expires_at?: string;
  /** of `restricted`: the restricted resource that it doesn't enter */
  readonly cut_at?: string;
  readonly condition?: ExplainedCondition;
}

export interface ExplainedCondition {
  /** CEL */
  readonly source: string;
  /** what it looked at, by path; long values as text, cut. Absent when it wasn't evaluated */
  readonly values?: { readonly [path: string]: Json };
  /** paths that there was nothing at */
  readonly missing?: readonly string[];
  /** what went wrong; such a deny applies */
  readonly error?: string;
}

export interface NearMiss {
  /** as it can be sent to be made */
  readonly assignment: { readonly subject: string; readonly role?: string; readonly policy?: string; readonly scope: string };
  readonly role_id?: string;
  readonly policy_id?: string;
  /** how many entries of the catalog it gives */
  readonly privileges: number;
}
