/** One of the two states that are compared: who holds what through whom, as the leaves say. */
import { chainAbove } from '../../core/evaluate/chain.ts';
import type { Chain } from '../../core/snapshot/chain.ts';
import type { GrantModel, PrincipalEntry } from '../../core/snapshot/model.ts';
import type { LeafRef } from '../../core/snapshot/snapshot.ts';
import {
  GROUP_ANYONE,
  GROUP_EVERYONE,
  GROUP_OWNER,
  GROUP_OWNER_PREFIX,
  GROUP_TYPE,
  isReservedGroup,
  ORG_SCOPE,
} from '../../core/terms/ref.ts';
import type { DecisionPoint } from '../control-ports.ts';
import { TargetHoldings } from './target-holdings.ts';

/** A decision point whose leaves can be read one by one. */
export interface LeafPoint extends DecisionPoint {
  /** afterwards the leaf is in the snapshot, until others take its room */
  bring(ref: LeafRef): Promise<void>;
}

/** Something that a principal holds, itself or through others. */
export interface Contribution {
  readonly scope: string;
  /** id of a role or policy */
  readonly target: string;
  /** the principal that it is assigned to; of the default role `group:everyone` */
  readonly via: string;
  /** equal keys: the same grant, whoever holds it */
  readonly key: string;
}

export interface Holder {
  readonly principal: string;
  /** the groups whose grants it has, reserved ones too but for owners' */
  readonly above: readonly string[];
  readonly contributions: readonly Contribution[];
  /** registered, suspended, and from when */
  readonly state: string;
  readonly properties: string;
}

export interface Ownership {
  readonly resource: string;
  readonly kind: string;
}

/** chains kept at once */
const MAX_CHAINS = 20_000;

export class AccessSide {
  readonly point: LeafPoint;
  readonly holdings: TargetHoldings;
  /** what group principals hold, reserved ones too */
  readonly groupEntries = new Map<string, PrincipalEntry>();
  /** ids of each group and of those above it */
  readonly closure: ReadonlyMap<string, readonly string[]>;
  readonly groupNames: ReadonlyMap<string, string>;
  readonly defaultRole: string | null;
  /** what each principal owns; empty unless a group of owners holds anything */
  readonly owned = new Map<string, Ownership[]>();
  /** resources with several parents; known after `scanResources` */
  readonly junctions: string[] = [];
  readonly #chains = new Map<string, Chain>();
  #scanned = false;

  private constructor(point: LeafPoint) {
    this.point = point;
    const { catalog } = point.snapshot;
    this.holdings = new TargetHoldings(catalog);
    const groups = this.holdings.groups();
    this.closure = new Map(groups.map(({ id, above }) => [id, [id, ...above.map((index) => groups[index]!.id)]]));
    this.groupNames = new Map(groups.map(({ id, name }) => [id, name]));
    this.defaultRole = catalog.defaultRole < 0 ? null : catalog.roles.get(catalog.defaultRole);
  }

  static async open(point: LeafPoint): Promise<AccessSide> {
    const side = new AccessSide(point);
    const directory = point.snapshot.manifest.directories.principals;
    const first = Math.max(0, directory.find(`${GROUP_TYPE}:`));
    const last = directory.find(`${GROUP_TYPE};`);
    for (let leaf = first; leaf <= last; leaf++) {
      for (const entry of await side.principalLeaf(leaf)) {
        if (entry.key.startsWith(`${GROUP_TYPE}:`)) side.groupEntries.set(entry.key, entry);
      }
    }
    if (side.ownersHold) await side.scanResources();
    return side;
  }

  get ownersHold(): boolean {
    return this.point.snapshot.ownerGroups.length > 0;
  }

  async principalLeaf(index: number): Promise<PrincipalEntry[]> {
    await this.point.bring({ kind: 'principals', leaf: index });
    const leaf = this.point.snapshot.principals[index]!.leaf;
    return Array.from({ length: leaf.keys.count }, (_, i) => leaf.entry(i));
  }

  /** Reads every resource: who owns what, if that gives anything, and which have several parents. */
  async scanResources(): Promise<void> {
    if (this.#scanned) return;
    this.#scanned = true;
    const { count } = this.point.snapshot.manifest.directories.resources;
    for (let index = 0; index < count; index++) {
      await this.point.bring({ kind: 'resources', leaf: index });
      const { leaf } = this.point.snapshot.resources[index]!;
      for (let i = 0; i < leaf.keys.count; i++) {
        const { key, parents, owners } = leaf.entry(i);
        if (parents.length > 1) this.junctions.push(key);
        if (this.ownersHold) for (const { principal, kind } of owners) this.#own(principal, { resource: key, kind });
      }
    }
  }

  #own(principal: string, ownership: Ownership): void {
    const owned = this.owned.get(principal);
    if (owned === undefined) this.owned.set(principal, [ownership]);
    else owned.push(ownership);
  }

  /** The scope itself and what lies above it, and from where an unrestricted way leads down to something below the scope. */
  async chain(scope: string): Promise<Chain> {
    for (;;) {
      const known = this.#chains.get(scope);
      if (known !== undefined) return known;
      const missing: LeafRef[] = [];
      const chain = chainAbove(this.point.snapshot, '', [scope], missing);
      if (chain !== undefined) {
        if (this.#chains.size >= MAX_CHAINS) this.#chains.clear();
        this.#chains.set(scope, chain);
        return chain;
      }
      for (const ref of missing) await this.point.bring(ref);
    }
  }

  /** Is the resource registered? */
  async registered(resource: string): Promise<boolean> {
    const { snapshot } = this.point;
    const leaf = snapshot.manifest.directories.resources.find(resource);
    if (leaf < 0) return false;
    await this.point.bring({ kind: 'resources', leaf });
    return snapshot.resources[leaf]!.leaf.keys.indexOf(resource) >= 0;
  }

  /** @param entry of the principal itself, undefined: it holds nothing directly */
  holder(principal: string, entry: PrincipalEntry | undefined): Holder {
    const above = this.#above(principal, entry);
    const contributions: Contribution[] = [];
    const add = (via: string, grants: readonly GrantModel[], owned?: string): void => {
      for (const { target, scope, notBefore, expiresAt } of grants) {
        const key = JSON.stringify([owned ?? scope, target, notBefore, expiresAt, owned === undefined ? '' : scope]);
        contributions.push({ scope: owned ?? scope, target, via, key });
      }
    };
    if (entry !== undefined) add(principal, entry.grants);
    for (const group of above) add(group, this.groupEntries.get(group)?.grants ?? []);
    this.#addDefaultRole(principal, entry, contributions);
    for (const owner of [principal, ...above]) {
      for (const { resource, kind } of this.owned.get(owner) ?? []) {
        for (const group of ownerGroups(kind)) add(group, this.groupEntries.get(group)?.grants ?? [], resource);
      }
    }
    const state = JSON.stringify([entry?.registered === true, entry?.suspended === true, entry?.suspendedFrom ?? null]);
    return { principal, above, contributions, state, properties: entry?.properties ?? '' };
  }

  #above(principal: string, entry: PrincipalEntry | undefined): string[] {
    const closed = (ids: readonly string[]): string[] =>
      [...new Set(ids.flatMap((id) => this.closure.get(id) ?? []))].map((id) => `${GROUP_TYPE}:${id}`);
    if (!principal.startsWith(`${GROUP_TYPE}:`)) {
      const everyone = entry?.registered === true ? [GROUP_EVERYONE] : [];
      return [...closed(entry?.groups ?? []), ...everyone, GROUP_ANYONE];
    }
    if (!isReservedGroup(principal))
      return [...closed([principal.slice(GROUP_TYPE.length + 1)]).filter((group) => group !== principal), GROUP_ANYONE];
    if (principal.startsWith(GROUP_OWNER_PREFIX)) return [GROUP_OWNER, GROUP_ANYONE];
    return principal === GROUP_ANYONE ? [] : [GROUP_ANYONE];
  }

  /** It is `group:everyone`'s, and displaced by roles of one's own at `org`. */
  #addDefaultRole(principal: string, entry: PrincipalEntry | undefined, contributions: Contribution[]): void {
    const target = this.defaultRole;
    const has = principal === GROUP_EVERYONE || (!principal.startsWith(`${GROUP_TYPE}:`) && entry?.registered === true);
    if (target === null || !has) return;
    const { roles } = this.point.snapshot.catalog;
    const displacing =
      principal === GROUP_EVERYONE
        ? []
        : (entry?.grants ?? []).filter((grant) => grant.scope === ORG_SCOPE && roles.indexOf(grant.target) >= 0);
    if (displacing.some(({ notBefore, expiresAt }) => notBefore === null && expiresAt === null)) return;
    const windows = displacing.map(({ notBefore, expiresAt }) => [notBefore, expiresAt]);
    contributions.push({
      scope: ORG_SCOPE,
      target,
      via: windows.length === 0 ? GROUP_EVERYONE : principal,
      key: JSON.stringify(['default', target, windows]),
    });
  }
}

/** The reserved groups that an owner of a kind is in. */
export function ownerGroups(kind: string): string[] {
  return kind === '' ? [GROUP_OWNER] : [GROUP_OWNER, GROUP_OWNER_PREFIX + kind];
}
