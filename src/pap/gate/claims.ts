/** What settings give to whoever brings a claim: no principal that an access diff could list. */
import { GROUP_TYPE } from '../../core/terms/ref.ts';
import { AccessSide, type LeafPoint } from '../preview/side.ts';
import { readSettings } from './blast-radius.ts';

interface Mapping {
  readonly role?: unknown;
  readonly group?: unknown;
}

/** @returns which of the privileges a claim would give that gave none of it before */
export async function claimsGive(before: LeafPoint, after: LeafPoint, privileges: readonly string[]): Promise<readonly string[]> {
  if (mappingsOf(after).length === 0) return [];
  const given = await givenBy(before, privileges);
  const gives = await givenBy(after, privileges);
  return privileges.filter((privilege) => [...(gives.get(privilege) ?? [])].some((mapping) => !given.get(privilege)?.has(mapping)));
}

/** Is there an issuer, after the change, that was another one or none before? Whoever it names stands for subjects. */
export function issuersDiffer(before: LeafPoint, after: LeafPoint): boolean {
  const known = new Set(listOf(before, 'issuers').map((issuer) => JSON.stringify(issuer)));
  return listOf(after, 'issuers').some((issuer) => !known.has(JSON.stringify(issuer)));
}

/** Mappings by the privilege that they give, as texts. */
async function givenBy(point: LeafPoint, privileges: readonly string[]): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const side = await AccessSide.open(point);
  const given = new Map<string, Set<string>>(privileges.map((privilege) => [privilege, new Set<string>()]));
  for (const mapping of mappingsOf(point)) {
    const group = `${GROUP_TYPE}:${String(mapping.group)}`;
    const targets =
      typeof mapping.role === 'string'
        ? [mapping.role]
        : side.holder(group, side.groupEntries.get(group)).contributions.map(({ target }) => target);
    for (const target of targets) {
      const holdings = side.holdings.of(target);
      for (const [privilege, mappings] of given) if (holdings.has(privilege)) mappings.add(JSON.stringify(mapping));
    }
  }
  return given;
}

function mappingsOf(point: LeafPoint): readonly Mapping[] {
  return listOf(point, 'claim_mappings').filter((each): each is Mapping => typeof each === 'object' && each !== null);
}

function listOf({ snapshot }: LeafPoint, name: string): readonly unknown[] {
  const list = readSettings(snapshot.catalog.settings)[name];
  return Array.isArray(list) ? list : [];
}
