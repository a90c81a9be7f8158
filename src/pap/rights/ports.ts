/** What the guards of rights read: who holds what where, set by set, so that a write of ten thousand rows asks as often as one of one. */
import type { ResourceParentRow } from '../../core/terms/rows.ts';

/** A role or policy at a scope, whoever holds it there: the widest window of all. */
export interface HeldTarget {
  /** id of a role or policy */
  readonly target: string;
  readonly scope: string;
  /** ms; 0 is no bound */
  readonly since: number;
  /** ms; null is no bound */
  readonly until: number | null;
}

export interface Owned {
  readonly resource: string;
  /** `''` when none was given */
  readonly kind: string;
}

/** Reads one organization. Lists have at most `limit` rows: ask for one more than you can use. */
export interface RightsLookup {
  /** what any of the principals was assigned */
  heldBy(principals: readonly string[], now: number, limit: number): Promise<readonly HeldTarget[]>;
  /** where any of the targets is assigned, to whomever */
  assignmentsOf(targets: readonly string[], now: number, limit: number): Promise<readonly HeldTarget[]>;
  /** what is assigned at any of the scopes, to whomever */
  assignedAt(scopes: readonly string[], now: number, limit: number): Promise<readonly HeldTarget[]>;
  /** the principals themselves and all groups that they are in, transitively */
  withGroups(principals: readonly string[]): Promise<readonly string[]>;
  /** what the principals own, each resource and kind once */
  ownedBy(principals: readonly string[], limit: number): Promise<readonly Owned[]>;
  /** the resources themselves and all stored ancestors */
  withAncestors(resources: readonly string[]): Promise<readonly string[]>;
  /** the stored parents of any of the resources */
  parentsOf(resources: readonly string[]): Promise<readonly ResourceParentRow[]>;
  /** those of the resources that are restricted */
  restricted(resources: readonly string[]): Promise<readonly string[]>;
  /** those of the resources that are registered, or a parent of a registered one */
  known(resources: readonly string[]): Promise<readonly string[]>;
}
