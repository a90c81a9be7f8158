/** What a role or policy bundles, atom by atom, so that two states of it can be compared. Pure: reads compiled catalogs. */
import type { CatalogModel, PolicyModel, RoleModel } from '../../core/snapshot/model.ts';

export interface Content {
  /**
   * What is allowed or denied, and how: `allow 5`, `deny 5`, with types and condition behind it where there are any. To each the bit.
   * Equal keys mean the same in two catalogs whose privileges are the same.
   */
  readonly atoms: ReadonlyMap<string, number>;
  /** future privileges too */
  readonly all: boolean;
  readonly reachesRestricted: boolean;
}

/** An atom that holds under a condition. */
export interface ConditionalAtom {
  readonly bit: number;
  readonly condition: string;
}

export const NOTHING: Content = { atoms: new Map(), all: false, reachesRestricted: false };

const indices = new WeakMap<CatalogModel, { readonly roles: Map<string, RoleModel>; readonly policies: Map<string, PolicyModel> }>();

function named(model: CatalogModel, id: string): { readonly role: RoleModel | undefined; readonly policy: PolicyModel | undefined } {
  let index = indices.get(model);
  if (index === undefined) {
    index = {
      roles: new Map(model.roles.map((role) => [role.id, role])),
      policies: new Map(model.policies.map((policy) => [policy.id, policy])),
    };
    indices.set(model, index);
  }
  return { role: index.roles.get(id), policy: index.policies.get(id) };
}

/** @param target id of a role or policy; one that the catalog doesn't know holds nothing */
export function contentOf(model: CatalogModel, target: string): Content {
  const { role, policy } = named(model, target);
  if (role === undefined) {
    return policy === undefined ? NOTHING : { ...NOTHING, atoms: new Map(policyAtoms(model, policy)) };
  }
  const atoms = new Map<string, number>();
  for (const bit of role.allow) atoms.set(`allow ${bit}`, bit);
  for (const bit of role.deny) atoms.set(`deny ${bit}`, bit);
  for (const index of role.special) for (const [key, bit] of policyAtoms(model, model.policies[index]!)) atoms.set(key, bit);
  return { atoms, all: role.all, reachesRestricted: role.reachesRestricted };
}

function* policyAtoms(model: CatalogModel, { active, effect, bits, types, condition }: PolicyModel): Generator<[string, number]> {
  if (!active) return;
  const how = types.length === 0 && condition < 0 ? '' : ` ${JSON.stringify([types, model.conditions[condition] ?? null])}`;
  for (const bit of bits) yield [`${effect} ${bit}${how}`, bit];
}

/** The atoms of a role or policy that a condition decides about. */
export function conditionalAtoms(model: CatalogModel, target: string): ConditionalAtom[] {
  const { role, policy } = named(model, target);
  const policies = role === undefined ? [policy].filter((each) => each !== undefined) : role.special.map((index) => model.policies[index]!);
  return policies
    .filter(({ active, condition }) => active && condition >= 0)
    .flatMap(({ bits, condition }) => bits.map((bit) => ({ bit, condition: model.conditions[condition] ?? '' })));
}

/** Bits about which the two say different things: each that one of them allows or denies in a way in which the other doesn't. */
export function differingBits(before: Content, after: Content): Set<number> {
  const bits = new Set<number>();
  for (const [key, bit] of before.atoms) if (!after.atoms.has(key)) bits.add(bit);
  for (const [key, bit] of after.atoms) if (!before.atoms.has(key)) bits.add(bit);
  return bits;
}

/** Does a condition read one of the properties? True as well where the text doesn't tell which ones it reads. */
export function reads(condition: string, of: 'subject' | 'resource', keys: readonly string[]): boolean {
  if (!condition.includes(of)) return false;
  if (keys.some((key) => condition.includes(key))) return true;
  // `properties` by itself, or indexed by something computed
  return /properties(?!\s*(?:\.\s*\w|\[\s*["']))/.test(condition);
}
