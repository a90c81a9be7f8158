/**
 * The catalog piece: privileges, policies, roles, group closure, conditions, settings, routes. `Catalog` is immutable once opened.
 * Bits are positions in this piece and mean nothing outside it: other pieces name roles, policies and groups by id.
 */
import {
  NO_CONDITION,
  POLICY_ACTIVE,
  POLICY_DENY,
  POLICY_IMPLIES_ALL,
  PRIVILEGE_IMPLIES_ALL,
  PRIVILEGE_ORG,
  PRIVILEGE_PROJECT,
  ROLE_ALL,
  ROLE_IMPLIES_ALL,
  ROLE_REACHES_RESTRICTED,
} from './catalog-flags.ts';
import type { CatalogModel, GroupModel, PolicyModel, PrivilegeModel, RoleModel } from './model.ts';
import { Rows } from './rows.ts';
import { checkBelow, corrupt, SectionReader } from './sections.ts';
import { StringTable, TextList } from './string-table.ts';

const KIND = 'catalog';
const SECTIONS = 41;
/** kept as texts, some hundred bytes each */
const MOST_NAMES = 10_000;
const EMPTY = new Uint16Array(0);

/** What a check reads of the settings. */
interface OpenSettings {
  readonly default_role?: unknown;
  readonly closed_types?: unknown;
}

/** A role or policy as it is referred to. */
export interface TargetName {
  readonly id: string;
  /** `''`: the organization's */
  readonly project: string;
  /** its name, of a project's own `<project>/<name>` */
  readonly reference: string;
}

export class Catalog {
  readonly byteLength: number;
  readonly privileges: StringTable;
  readonly types: StringTable;
  readonly roles: StringTable;
  readonly policies: StringTable;
  readonly groups: StringTable;
  readonly rows: Rows;
  readonly conditions: readonly string[];
  readonly settings: string;
  readonly routes: string;
  /** target index of the default role, -1 for none */
  readonly defaultRole: number;
  readonly closedTypes: ReadonlySet<string>;
  /** some policy denies */
  readonly hasDeny: boolean;
  /** row of each group's groups above it */
  readonly groupsAbove: Uint32Array;
  readonly roleCount: number;

  readonly #projects: TextList;
  readonly #roleNames: TextList;
  readonly #policyNames: TextList;
  readonly #groupNames: TextList;
  readonly #privilegeFlags: Uint8Array;
  readonly #typedBits: Uint16Array;
  readonly #typedRows: Uint32Array;
  readonly #roleProject: Uint32Array;
  readonly #roleFlags: Uint8Array;
  readonly #roleAllow: Uint32Array;
  readonly #roleDeny: Uint32Array;
  readonly #roleInline: Uint32Array;
  readonly #roleSpecial: Uint32Array;
  readonly #rolePolicies: Uint32Array;
  readonly #roleInherits: Uint32Array;
  readonly #policyProject: Uint32Array;
  readonly #policyFlags: Uint8Array;
  readonly #policyBits: Uint32Array;
  readonly #policyNamed: Uint32Array;
  readonly #policyTypes: Uint32Array;
  readonly #policyCondition: Uint16Array;

  /** bits by name as far as they were asked for: a Map finds a fresh string faster than a table in bytes. Never more than there are names */
  readonly #firstBits = new Map<string, number>();
  /** as far as they were asked for lately */
  readonly #targetNames = new Map<number, TargetName>();

  /** @throws CorruptPiece when the bytes are not a catalog in every detail that reading relies on */
  constructor(bytes: Uint8Array) {
    const reader = new SectionReader(KIND, bytes, SECTIONS);
    this.byteLength = bytes.byteLength;
    this.privileges = new StringTable(KIND, reader, true);
    const bits = this.privileges.count;
    this.#privilegeFlags = reader.u8(bits);
    this.#typedBits = reader.u16();
    this.#typedRows = reader.u32(this.#typedBits.length);
    this.types = new StringTable(KIND, reader);
    this.#projects = new TextList(KIND, reader);
    this.roles = new StringTable(KIND, reader);
    const roles = this.roles.count;
    this.roleCount = roles;
    this.#roleNames = new TextList(KIND, reader);
    this.#roleProject = reader.u32(roles);
    this.#roleFlags = reader.u8(roles);
    this.#roleAllow = reader.u32(roles);
    this.#roleDeny = reader.u32(roles);
    this.#roleInline = reader.u32(roles);
    this.#roleSpecial = reader.u32(roles);
    this.#rolePolicies = reader.u32(roles);
    this.#roleInherits = reader.u32(roles);
    this.policies = new StringTable(KIND, reader);
    const policies = this.policies.count;
    this.#policyNames = new TextList(KIND, reader);
    this.#policyProject = reader.u32(policies);
    this.#policyFlags = reader.u8(policies);
    this.#policyBits = reader.u32(policies);
    this.#policyNamed = reader.u32(policies);
    this.#policyTypes = reader.u32(policies);
    this.#policyCondition = reader.u16(policies);
    this.groups = new StringTable(KIND, reader);
    this.#groupNames = new TextList(KIND, reader);
    this.groupsAbove = reader.u32(this.groups.count);
    this.rows = new Rows(KIND, reader, bits);
    const texts = new TextList(KIND, reader);
    if (texts.count < 2) corrupt(KIND, 'settings or routes are missing');
    this.conditions = Array.from({ length: texts.count - 2 }, (_, i) => texts.get(i));
    this.settings = texts.get(texts.count - 2);
    this.routes = texts.get(texts.count - 1);
    this.#check();
    this.hasDeny = this.#policyFlags.some((flags) => (flags & (POLICY_DENY | POLICY_ACTIVE)) === (POLICY_DENY | POLICY_ACTIVE));
    const settings = parseSettings(this.settings);
    this.defaultRole = typeof settings.default_role === 'string' ? this.roles.indexOf(settings.default_role) : -1;
    this.closedTypes = new Set(textsOf(settings.closed_types));
  }

  #check(): void {
    const bits = this.privileges.count;
    if (this.#roleNames.count !== this.roles.count) corrupt(KIND, 'role names do not match role ids');
    if (this.#policyNames.count !== this.policies.count) corrupt(KIND, 'policy names do not match policy ids');
    if (this.#groupNames.count !== this.groups.count) corrupt(KIND, 'group names do not match group ids');
    checkBelow(KIND, 'typed privilege', this.#typedBits, bits);
    checkBelow(KIND, 'project of role', this.#roleProject, this.#projects.count);
    checkBelow(KIND, 'project of policy', this.#policyProject, this.#projects.count);
    for (let i = 1; i < this.#typedBits.length; i++) {
      if (this.#typedBits[i]! <= this.#typedBits[i - 1]!) corrupt(KIND, 'typed privileges are not ascending');
    }
    this.#checkRows('types of privilege', this.#typedRows, this.types.count, true);
    for (const column of [this.#roleAllow, this.#roleDeny, this.#roleInline]) this.#checkRows('role', column, bits, false);
    this.#checkRows('special policies', this.#roleSpecial, this.policies.count, true);
    this.#checkRows('policies of role', this.#rolePolicies, this.policies.count, true);
    this.#checkRows('parents of role', this.#roleInherits, this.roles.count, true);
    for (const column of [this.#policyBits, this.#policyNamed]) this.#checkRows('policy', column, bits, false);
    this.#checkRows('types of policy', this.#policyTypes, this.types.count, true);
    this.#checkRows('groups above', this.groupsAbove, this.groups.count, true);
    this.#policyCondition.forEach((condition) => {
      if (condition !== NO_CONDITION && condition >= this.conditions.length) corrupt(KIND, 'a policy names no condition');
    });
  }

  #checkRows(what: string, column: Uint32Array, limit: number, listOnly: boolean): void {
    for (const row of column) this.rows.check(KIND, what, row, limit, listOnly);
  }

  /** Index of a role or policy by id: roles first, policies from `roleCount` on; -1 if unknown. */
  target(id: string): number {
    const role = this.roles.indexOf(id);
    if (role >= 0) return role;
    const policy = this.policies.indexOf(id);
    return policy < 0 ? -1 : this.roleCount + policy;
  }

  /**
   * The bit that `name` stands for at a level: among the entries of that name the one that has the level.
   * `type` undefined: types are not checked. Returns -1 when there is none.
   */
  privilegeBit(name: string, project: boolean, type: string | undefined): number {
    const level = project ? PRIVILEGE_PROJECT : PRIVILEGE_ORG;
    let bit = this.#firstBits.get(name) ?? this.#firstBit(name);
    if (bit < 0) return -1;
    if ((this.#privilegeFlags[bit]! & level) === 0) {
      bit++;
      if (bit >= this.privileges.count || (this.#privilegeFlags[bit]! & level) === 0 || this.privileges.get(bit) !== name) return -1;
    }
    return type === undefined || this.#appliesTo(bit, type) ? bit : -1;
  }

  /** Is it the project-level entry of a name that has an organization-level entry of its own? */
  isProjectTwin(bit: number): boolean {
    if (bit === 0 || this.#privilegeFlags[bit]! % PRIVILEGE_IMPLIES_ALL !== PRIVILEGE_PROJECT) return false;
    return (
      this.#privilegeFlags[bit - 1]! % PRIVILEGE_IMPLIES_ALL === PRIVILEGE_ORG && this.privileges.get(bit - 1) === this.privileges.get(bit)
    );
  }

  #firstBit(name: string): number {
    const bit = this.privileges.indexOf(name);
    if (bit >= 0) this.#firstBits.set(name, bit);
    return bit;
  }

  #appliesTo(bit: number, type: string): boolean {
    const typed = this.#typedBits;
    if (typed.length === 0) return true;
    let low = 0;
    let high = typed.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (typed[middle]! < bit) low = middle + 1;
      else high = middle;
    }
    if (typed[low] !== bit) return true;
    const index = this.types.indexOf(type);
    return index >= 0 && this.rows.has(this.#typedRows[low]!, index);
  }

  /**
   * What evaluation asks of a role.
   * @param impliedAll `implies_all` holds here
   * @param named holding the bit by name counts here
   */
  roleAllows(role: number, bit: number, impliedAll: boolean, named: boolean): boolean {
    const flags = this.#roleFlags[role]!;
    if ((flags & ROLE_ALL) !== 0 || (impliedAll && (flags & ROLE_IMPLIES_ALL) !== 0)) return true;
    return named && this.rows.has(this.#roleAllow[role]!, bit);
  }

  roleDenies(role: number, bit: number): boolean {
    return this.rows.has(this.#roleDeny[role]!, bit);
  }

  roleReachesRestricted(role: number): boolean {
    return (this.#roleFlags[role]! & ROLE_REACHES_RESTRICTED) !== 0;
  }

  /** row of the role's ACTIVE policies that have types or a condition; 0 is none */
  roleSpecial(role: number): number {
    return this.#roleSpecial[role]!;
  }

  // What evaluation asks of a policy.
  policyActive(policy: number): boolean {
    return (this.#policyFlags[policy]! & POLICY_ACTIVE) !== 0;
  }

  policyDenies(policy: number): boolean {
    return (this.#policyFlags[policy]! & POLICY_DENY) !== 0;
  }

  policyHolds(policy: number, bit: number, impliedAll: boolean, named: boolean): boolean {
    if (impliedAll && (this.#policyFlags[policy]! & POLICY_IMPLIES_ALL) !== 0) return true;
    return (named || this.policyDenies(policy)) && this.rows.has(this.#policyBits[policy]!, bit);
  }

  /** No types, or the resource's type is one of them. */
  policyTypeHolds(policy: number, type: string | undefined): boolean {
    const row = this.#policyTypes[policy]!;
    if (row === 0) return true;
    const index = type === undefined ? -1 : this.types.indexOf(type);
    return index >= 0 && this.rows.has(row, index);
  }

  policyTyped(policy: number): boolean {
    return this.#policyTypes[policy]! !== 0;
  }

  /** What a policy's effect hangs on, as text: equal for equal condition and types, whatever the catalog. */
  policyOpenness(policy: number): string {
    const condition = this.policyCondition(policy);
    const types = this.rows.items(this.#policyTypes[policy]!).map((type) => this.types.get(type));
    return JSON.stringify([condition < 0 ? null : this.conditions[condition], types]);
  }

  /** A grant of the target can deny nothing. False for -1. */
  deniesNothing(target: number): boolean {
    if (target < 0) return false;
    const denies = (policy: number): boolean =>
      this.policyDenies(policy) && this.policyActive(policy) && this.rows.items(this.#policyBits[policy]!).length > 0;
    if (target >= this.roleCount) return !denies(target - this.roleCount);
    return this.rows.items(this.#roleDeny[target]!).length === 0 && !this.rows.items(this.#roleSpecial[target]!).some(denies);
  }

  /** Index into `conditions`, or -1. */
  policyCondition(policy: number): number {
    const condition = this.#policyCondition[policy]!;
    return condition === NO_CONDITION ? -1 : condition;
  }

  // What explanations ask.
  /** The levels of an entry. */
  privilegeLevels(bit: number): 'org' | 'project' | 'both' {
    const flags = this.#privilegeFlags[bit]!;
    if ((flags & PRIVILEGE_PROJECT) === 0) return 'org';
    return (flags & PRIVILEGE_ORG) === 0 ? 'project' : 'both';
  }

  /** What a role or policy is called, by its index as `target` gives it. */
  targetName(target: number): TargetName {
    let name = this.#targetNames.get(target);
    if (name === undefined) {
      name = this.#readName(target);
      if (this.#targetNames.size >= MOST_NAMES) this.#targetNames.clear();
      this.#targetNames.set(target, name);
    }
    return name;
  }

  #readName(target: number): TargetName {
    const policy = target - this.roleCount;
    const [ids, names, projects, i] =
      policy < 0
        ? [this.roles, this.#roleNames, this.#roleProject, target]
        : [this.policies, this.#policyNames, this.#policyProject, policy];
    const [id, project, name] = [ids.get(i), this.#projects.get(projects[i]!), names.get(i)];
    return { id, project, reference: project === '' ? name : `${project}/${name}` };
  }

  groupName(group: number): string {
    return this.#groupNames.get(group);
  }

  /** Its own or inherited. */
  roleHasAll(role: number): boolean {
    return (this.#roleFlags[role]! & ROLE_ALL) !== 0;
  }

  /** Does the role's own list of privileges name the bit? */
  roleNames(role: number, bit: number): boolean {
    return this.rows.has(this.#roleInline[role]!, bit);
  }

  /** Does the policy name the bit? */
  policyNames(policy: number, bit: number): boolean {
    return this.rows.has(this.#policyNamed[policy]!, bit);
  }

  rolePolicies(role: number): Uint16Array {
    return this.#listOf(this.#rolePolicies[role]!);
  }

  roleInherits(role: number): Uint16Array {
    return this.#listOf(this.#roleInherits[role]!);
  }

  /** Making a view costs the same when it is empty: so that one is shared. */
  #listOf(row: number): Uint16Array {
    return row === 0 ? EMPTY : this.rows.list(row);
  }

  /** Bits that a role or policy can allow, by its index as `target` gives it. */
  allowedBits(target: number): Set<number> {
    const bits = new Set<number>();
    if (target >= this.roleCount) this.rows.addTo(bits, this.#policyBits[target - this.roleCount]!);
    else {
      this.rows.addTo(bits, this.#roleAllow[target]!);
      for (const policy of this.rows.list(this.#roleSpecial[target]!))
        if (!this.policyDenies(policy)) this.rows.addTo(bits, this.#policyBits[policy]!);
    }
    return bits;
  }

  /** The model again, complete: for explanations, comparisons and `describe`. */
  model(): CatalogModel {
    const texts = (row: number): string[] => this.rows.items(row).map((i) => this.types.get(i));
    const typesOf = new Map([...this.#typedBits].map((bit, i) => [bit, texts(this.#typedRows[i]!)]));
    const each = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));
    return {
      privileges: each(this.privileges.count, (i): PrivilegeModel => {
        const flags = this.#privilegeFlags[i]!;
        return {
          name: this.privileges.get(i),
          org: (flags & PRIVILEGE_ORG) !== 0,
          project: (flags & PRIVILEGE_PROJECT) !== 0,
          types: typesOf.get(i) ?? [],
          impliesAll: (flags & PRIVILEGE_IMPLIES_ALL) !== 0,
        };
      }),
      roles: each(
        this.roles.count,
        (i): RoleModel => ({
          id: this.roles.get(i),
          project: this.#projects.get(this.#roleProject[i]!),
          name: this.#roleNames.get(i),
          all: (this.#roleFlags[i]! & ROLE_ALL) !== 0,
          reachesRestricted: this.roleReachesRestricted(i),
          allow: this.rows.items(this.#roleAllow[i]!),
          deny: this.rows.items(this.#roleDeny[i]!),
          special: this.rows.items(this.#roleSpecial[i]!),
          inline: this.rows.items(this.#roleInline[i]!),
          policies: this.rows.items(this.#rolePolicies[i]!),
          inherits: this.rows.items(this.#roleInherits[i]!),
        }),
      ),
      policies: each(
        this.policies.count,
        (i): PolicyModel => ({
          id: this.policies.get(i),
          project: this.#projects.get(this.#policyProject[i]!),
          name: this.#policyNames.get(i),
          effect: this.policyDenies(i) ? 'deny' : 'allow',
          active: this.policyActive(i),
          bits: this.rows.items(this.#policyBits[i]!),
          named: this.rows.items(this.#policyNamed[i]!),
          types: texts(this.#policyTypes[i]!),
          condition: this.policyCondition(i),
        }),
      ),
      groups: each(
        this.groups.count,
        (i): GroupModel => ({
          id: this.groups.get(i),
          name: this.#groupNames.get(i),
          above: this.rows.items(this.groupsAbove[i]!),
        }),
      ),
      conditions: this.conditions,
      settings: this.settings,
      routes: this.routes,
    };
  }
}

function parseSettings(text: string): OpenSettings {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return corrupt(KIND, 'settings are not JSON');
  }
  if (typeof parsed !== 'object' || parsed === null) corrupt(KIND, 'settings are not an object');
  return parsed;
}

/** A type that can't be read would stand open. */
function textsOf(types: unknown): string[] {
  if (types === undefined) return [];
  if (!Array.isArray(types) || !types.every((type) => typeof type === 'string')) corrupt(KIND, 'closed types are not texts');
  return types;
}
