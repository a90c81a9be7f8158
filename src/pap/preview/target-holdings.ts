/** What each role and policy of a catalog says about each privilege, by name, so that two catalogs can be compared: their bits can't. */
import type { Catalog } from '../../core/snapshot/catalog.ts';
import type { CatalogModel, PolicyModel, RoleModel } from '../../core/snapshot/model.ts';

/** What one role or policy says about one privilege. Equal texts: it says the same. */
export interface Saying {
  readonly all: string;
  /** the denying part alone; `''`: it never denies it */
  readonly denies: string;
  /** something of it hangs on a condition */
  readonly conditional: boolean;
}

export type Holdings = ReadonlyMap<string, Saying>;
const NOTHING: Holdings = new Map();

export class TargetHoldings {
  readonly catalog: Catalog;
  readonly #model: CatalogModel;
  readonly #roles: ReadonlyMap<string, RoleModel>;
  readonly #policies: ReadonlyMap<string, PolicyModel>;
  /** the entries of each name: the bit, and what it is beside that */
  readonly #entries = new Map<string, { readonly bit: number; readonly text: string }[]>();
  readonly #known = new Map<string, Holdings>();

  constructor(catalog: Catalog) {
    this.catalog = catalog;
    this.#model = catalog.model();
    this.#roles = new Map(this.#model.roles.map((role) => [role.id, role]));
    this.#policies = new Map(this.#model.policies.map((policy) => [policy.id, policy]));
    this.#model.privileges.forEach((privilege, bit) => {
      const entry = { bit, text: JSON.stringify(privilege) };
      const entries = this.#entries.get(privilege.name);
      if (entries === undefined) this.#entries.set(privilege.name, [entry]);
      else entries.push(entry);
    });
  }

  /** ids of all roles and policies */
  targets(): string[] {
    return [...this.#roles.keys(), ...this.#policies.keys()];
  }

  groups(): CatalogModel['groups'] {
    return this.#model.groups;
  }

  /** Resource types of a privilege's entries; empty is any, or that there is no such entry. */
  types(name: string): { readonly org: readonly string[]; readonly project: readonly string[] } {
    const entries = (this.#entries.get(name) ?? []).map(({ bit }) => this.#model.privileges[bit]!);
    return { org: entries.find(({ org }) => org)?.types ?? [], project: entries.find(({ project }) => project)?.types ?? [] };
  }

  /** @param target id of a role or policy; one that isn't there says nothing */
  of(target: string): Holdings {
    let known = this.#known.get(target);
    if (known === undefined) {
      known = this.#read(target);
      this.#known.set(target, known);
    }
    return known;
  }

  #read(target: string): Holdings {
    const role = this.#roles.get(target);
    const policy = this.#policies.get(target);
    if (role === undefined && policy === undefined) return NOTHING;
    const policies = role === undefined ? [policy!] : role.special.map((index) => this.#model.policies[index]!);
    const active = policies.filter((each) => each.active);
    const impliesAll = (bits: readonly number[]): boolean => bits.some((bit) => this.#model.privileges[bit]!.impliesAll);
    const roleImpliesAll = role !== undefined && impliesAll(role.allow);
    const wide = role?.all === true || roleImpliesAll || active.some((each) => each.effect === 'allow' && impliesAll(each.bits));
    const names = wide ? this.#entries.keys() : this.#namesOf([...(role?.allow ?? []), ...(role?.deny ?? [])], active);
    const allow = new Set(role?.allow);
    const deny = new Set(role?.deny);
    const says = active.map((each) => ({ policy: each, wide: each.effect === 'allow' && impliesAll(each.bits), bits: new Set(each.bits) }));
    const holdings = new Map<string, Saying>();
    for (const name of names) {
      const entries = this.#entries.get(name)!;
      const bits = entries.map(({ bit }) => bit);
      const meaning = entries.map(({ text }) => text);
      const special = says.flatMap((each) => {
        const held = bits.map((bit) => each.bits.has(bit));
        return each.wide || held.includes(true)
          ? [{ effect: each.policy.effect, text: [held, each.wide, this.#conditionOf(each.policy), each.policy.types] }]
          : [];
      });
      const denied = bits.map((bit) => deny.has(bit));
      const denying = special.filter(({ effect }) => effect === 'deny').map(({ text }) => text);
      const denies = denied.includes(true) || denying.length > 0 ? JSON.stringify([meaning, denied, denying]) : '';
      const allowed = bits.map((bit) => allow.has(bit));
      const allowing = special.filter(({ effect }) => effect === 'allow').map(({ text }) => text);
      holdings.set(name, {
        all: JSON.stringify([meaning, allowed, role?.all, roleImpliesAll, role?.reachesRestricted, allowing, denied, denying]),
        denies,
        conditional: special.some(({ text }) => text[2] !== null),
      });
    }
    return holdings;
  }

  #conditionOf({ condition }: PolicyModel): string | null {
    return condition < 0 ? null : this.#model.conditions[condition]!;
  }

  #namesOf(bits: readonly number[], policies: readonly PolicyModel[]): Set<string> {
    return new Set([...bits, ...policies.flatMap((policy) => policy.bits)].map((bit) => this.#model.privileges[bit]!.name));
  }
}
