/** Claim mappings: what a token's claims give in this organization. Invariant: claims give nothing but through a mapping of the catalog at hand. */
import type { Catalog } from '../../core/snapshot/catalog.ts';
import { isPattern, matchesPattern } from '../../core/terms/glob.ts';
import { ORG_SCOPE } from '../../core/terms/ref.ts';
import type { TokenRole } from '../../core/terms/request.ts';
import { valuesOf } from './claims.ts';
import { isMembers, type Members } from './compact.ts';

type Given = { readonly group: string } | TokenRole;

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
   * Those that hold for one issuer's tokens. A mapping that is not whole, or that names a group or a role that there isn't, is none.
   * @param mappings as stored; typed by hand they may be anything
   */
  constructor(mappings: unknown, issuer: string, catalog: Catalog) {
    for (const mapping of Array.isArray(mappings) ? mappings : []) {
      if (isMembers(mapping) && (mapping.issuer === undefined || mapping.issuer === issuer)) this.#add(mapping, catalog);
    }
  }

  #add(mapping: Members, catalog: Catalog): void {
    const { claim, value, pattern } = mapping;
    const given = givenBy(mapping, catalog);
    if (given === null || typeof claim !== 'string' || claim === '') return;
    const rules = this.#rules.get(claim) ?? { exact: new Map<string, Given[]>(), patterns: [] };
    this.#rules.set(claim, rules);
    if (typeof value === 'string' && pattern === undefined) rules.exact.set(value, [...(rules.exact.get(value) ?? []), given]);
    if (typeof pattern === 'string' && value === undefined && isPattern(pattern)) rules.patterns.push({ pattern, given });
  }

  /** What all mappings together give, each thing once. */
  apply(payload: Members): Givings {
    const groups = new Set<string>();
    const roles = new Map<string, TokenRole>();
    for (const given of this.#given(payload)) {
      if ('group' in given) groups.add(given.group);
      else roles.set(JSON.stringify([given.role, given.scope]), given);
    }
    return { groups: [...groups], roles: [...roles.values()] };
  }

  *#given(payload: Members): Generator<Given> {
    for (const [claim, { exact, patterns }] of this.#rules) {
      for (const value of valuesOf(payload, claim)) {
        yield* exact.get(value) ?? [];
        for (const { pattern, given } of patterns) if (matchesPattern(pattern, value)) yield given;
      }
    }
  }
}

function givenBy({ group, role, scope = ORG_SCOPE }: Members, { groups, roles }: Catalog): Given | null {
  if (typeof group === 'string') return role === undefined && groups.indexOf(group) >= 0 ? { group } : null;
  if (group !== undefined || typeof role !== 'string' || typeof scope !== 'string') return null;
  return roles.indexOf(role) >= 0 ? { role, scope } : null;
}
