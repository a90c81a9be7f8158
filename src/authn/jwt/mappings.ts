/** Claim mappings: what a token's claims give in this organization. Invariant: claims give nothing but through a mapping of the catalog at hand. */
import type { Catalog } from '../../core/snapshot/catalog.ts';
import { isPattern, matchesPattern } from '../../core/terms/glob.ts';
import { ORG_SCOPE } from '../../core/terms/ref.ts';
import type { TokenRole } from '../../core/terms/request.ts';
import { valuesOf } from './claims.ts';
import { isMembers, type Members } from './compact.ts';

type Giving = { readonly group: string } | TokenRole;

interface Given {
  /** whose tokens it is for; undefined: every issuer's of the organization */
  readonly issuer: string | undefined;
  readonly giving: Giving;
}

interface Pattern {
  readonly pattern: string;
  readonly given: Given;
}

/** The mappings of one claim. */
interface ClaimRules {
  readonly exact: Map<string, Given[]>;
  readonly patterns: Pattern[];
}

export interface Givings {
  readonly groups: readonly string[];
  readonly roles: readonly TokenRole[];
}

export class Mappings {
  readonly #rules = new Map<string, ClaimRules>();

  /**
   * A mapping that is not whole, or that names a group or a role that there isn't, is none.
   * @param mappings as stored; typed by hand they may be anything
   */
  constructor(mappings: unknown, catalog: Catalog) {
    for (const mapping of Array.isArray(mappings) ? mappings : []) if (isMembers(mapping)) this.#add(mapping, catalog);
  }

  #add(mapping: Members, catalog: Catalog): void {
    const { issuer, claim, value, pattern } = mapping;
    const giving = givingOf(mapping, catalog);
    if (giving === null || (issuer !== undefined && typeof issuer !== 'string') || typeof claim !== 'string' || claim === '') return;
    const given = { issuer, giving };
    const rules = entryOf(this.#rules, claim, () => ({ exact: new Map<string, Given[]>(), patterns: [] }));
    if (typeof value === 'string' && pattern === undefined) entryOf(rules.exact, value, () => []).push(given);
    if (typeof pattern === 'string' && value === undefined && isPattern(pattern)) rules.patterns.push({ pattern, given });
  }

  /** What all mappings for this issuer together give, each thing once. */
  apply(payload: Members, issuer: string): Givings {
    const groups = new Set<string>();
    const roles = new Map<string, TokenRole>();
    for (const { issuer: only, giving } of this.#matching(payload)) {
      if (only !== undefined && only !== issuer) continue;
      if ('group' in giving) groups.add(giving.group);
      else roles.set(JSON.stringify([giving.role, giving.scope]), giving);
    }
    return { groups: [...groups], roles: [...roles.values()] };
  }

  *#matching(payload: Members): Generator<Given> {
    for (const [claim, { exact, patterns }] of this.#rules) {
      for (const value of new Set(valuesOf(payload, claim))) {
        yield* exact.get(value) ?? [];
        for (const { pattern, given } of patterns) if (matchesPattern(pattern, value)) yield given;
      }
    }
  }
}

function entryOf<V>(map: Map<string, V>, key: string, make: () => V): V {
  const entry = map.get(key) ?? make();
  map.set(key, entry);
  return entry;
}

function givingOf({ group, role, scope = ORG_SCOPE }: Members, { groups, roles }: Catalog): Giving | null {
  if (typeof group === 'string') return role === undefined && groups.indexOf(group) >= 0 ? { group } : null;
  if (group !== undefined || typeof role !== 'string' || typeof scope !== 'string') return null;
  return roles.indexOf(role) >= 0 ? { role, scope } : null;
}
