/**
 * What the compiler makes and the encoder writes: plain values, complete, sorted, closed. No row, no byte, no platform.
 * Order is part of the contract: equal data must give equal bytes.
 */

/** bit j stands for `privileges[j]`; sorted by name, then organization-level entry before project-level entry */
export interface CatalogModel {
  readonly privileges: readonly PrivilegeModel[];
  /** sorted by id */
  readonly roles: readonly RoleModel[];
  /** sorted by id */
  readonly policies: readonly PolicyModel[];
  /** sorted by id */
  readonly groups: readonly GroupModel[];
  /** distinct CEL sources, sorted */
  readonly conditions: readonly string[];
  /** canonical JSON of the settings: keys sorted, defaults left out */
  readonly settings: string;
  /** canonical JSON of the route map, in order */
  readonly routes: string;
}

export interface PrivilegeModel {
  readonly name: string;
  readonly org: boolean;
  readonly project: boolean;
  /** resource types it applies to, sorted; empty is any */
  readonly types: readonly string[];
  readonly impliesAll: boolean;
}

export interface PolicyModel {
  readonly id: string;
  readonly project: string;
  readonly name: string;
  readonly effect: 'allow' | 'deny';
  readonly active: boolean;
  /** bits, ascending; of an allow with everything implied, of a deny exactly those named. Kept when inactive */
  readonly bits: readonly number[];
  /** the bits that are named, ascending: what an explanation shows */
  readonly named: readonly number[];
  readonly types: readonly string[];
  /** index into `conditions`, or -1 */
  readonly condition: number;
}

export interface RoleModel {
  readonly id: string;
  readonly project: string;
  readonly name: string;
  /** `all_privileges`, its own or inherited */
  readonly all: boolean;
  /** its own flag; never inherited */
  readonly reachesRestricted: boolean;
  /** bits it allows unconditionally: inline privileges and ACTIVE untyped unconditional allow policies, inherited ones included, implied ones included */
  readonly allow: readonly number[];
  /** bits it denies unconditionally: ACTIVE untyped unconditional deny policies, inherited ones included */
  readonly deny: readonly number[];
  /** indices of the ACTIVE policies, own and inherited, that have types or a condition; ascending */
  readonly special: readonly number[];
  /** as written, for explanations: inline bits, direct policies, direct parents (indices, ascending) */
  readonly inline: readonly number[];
  readonly policies: readonly number[];
  readonly inherits: readonly number[];
}

export interface GroupModel {
  readonly id: string;
  readonly name: string;
  /** indices of all groups above it, ascending, without itself */
  readonly above: readonly number[];
}

/** A subject, `group:<id>` or a reserved group, with what it holds directly. Leaves hold these in the order of `key` (by code point, as UTF-8 bytes sort). */
export interface PrincipalEntry {
  readonly key: string;
  /** a row in `subjects`; false for groups and for principals that only assignments name */
  readonly registered: boolean;
  readonly suspended: boolean;
  /** from then on suspended (an API key's end), ms; null never */
  readonly suspendedFrom: number | null;
  /** sorted by scope, target, window; without duplicates */
  readonly grants: readonly GrantModel[];
  /** ids of direct groups, sorted */
  readonly groups: readonly string[];
  /** canonical JSON object, `''` for none */
  readonly properties: string;
}

export interface GrantModel {
  /** id of a role or of a policy */
  readonly target: string;
  /** `org` or `type:id` */
  readonly scope: string;
  /** ms, null is no bound */
  readonly notBefore: number | null;
  readonly expiresAt: number | null;
}

export interface ResourceEntry {
  readonly key: string;
  readonly restricted: boolean;
  /** `type:id`, sorted */
  readonly parents: readonly string[];
  /** sorted by principal, kind */
  readonly owners: readonly OwnerModel[];
  readonly properties: string;
}

export interface OwnerModel {
  /** a subject or `group:<id>` */
  readonly principal: string;
  /** `''` when no kind was given */
  readonly kind: string;
}

export interface KeyEntry {
  /** the key's id */
  readonly key: string;
  /** SHA-256 of the token, 64 hex digits */
  readonly hash: string;
  readonly previousHash: string | null;
  readonly previousUntil: number | null;
  readonly disabled: boolean;
  readonly expiresAt: number | null;
  readonly project: string;
  readonly forwardAuth: '' | 'nginx' | 'forwarded' | 'envoy';
}
