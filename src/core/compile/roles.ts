/** Role rows → role models: what each role bundles, its own and inherited, closed and sorted. */
import { IndexUnion } from '../sets/index-union.ts';
import type { Steps } from '../sets/steps.ts';
import type { PolicyModel, RoleModel } from '../snapshot/model.ts';
import type { RoleInheritRow, RolePolicyRow, RoleRow } from '../terms/rows.ts';
import { checkAcyclic, readEdges } from './edges.ts';
import type { PolicyIndex } from './policies.ts';
import { namedBits, type PrivilegeIndex } from './privileges.ts';
import { readTexts } from './read.ts';
import { quote, type Report } from './report.ts';
import { sortById } from './sort-rows.ts';

export interface RoleRows {
  readonly roles: readonly RoleRow[];
  readonly role_policies: readonly RolePolicyRow[];
  readonly role_inherits: readonly RoleInheritRow[];
}

/** roles between two steps */
const ROLES_A_STEP = 100;

/** Sorted by id. */
export function* roleSteps(rows: RoleRows, privileges: PrivilegeIndex, policies: PolicyIndex, report: Report): Steps<RoleModel[]> {
  const sorted = sortById(rows.roles, 'roles', report);
  const ids = sorted.map((row) => row.id);
  const byId = new Map(ids.map((id, i) => [id, i]));
  const policiesOf = readEdges(
    rows.role_policies.map((row) => ({ from: row.role, to: row.policy, path: `role_policies/${row.role}/${row.policy}` })),
    { from: byId, to: policies.byId, fromWord: 'role', toWord: 'policy' },
    report,
  );
  const parentsOf = readEdges(
    rows.role_inherits.map((row) => ({ from: row.role, to: row.parent, path: placeOfInherit(row.role, row.parent) })),
    { from: byId, to: byId, fromWord: 'role', toWord: 'role' },
    report,
  );
  const models: RoleModel[] = new Array(sorted.length);
  const bundler = new Bundler(privileges, policies.models);
  let made = 0;
  for (const part of checkAcyclic(parentsOf, ids, placeOfInherit, report)) {
    for (const i of part) {
      // on a cycle a parent may not be made yet; the cycle is reported, and the model not published
      const parents = parentsOf[i]!.flatMap((parent) => models[parent] ?? []);
      models[i] = {
        ...bundler.bundle(readRole(sorted[i]!, privileges, report), policiesOf[i]!, parents),
        policies: policiesOf[i]!,
        inherits: parentsOf[i]!,
      };
      if (++made % ROLES_A_STEP === 0) yield;
    }
  }
  return models;
}

function placeOfInherit(role: string, parent: string): string {
  return `role_inherits/${role}/${parent}`;
}

type OwnRole = Pick<RoleModel, 'id' | 'project' | 'name' | 'all' | 'reachesRestricted' | 'inline'>;

/** What a role's own row says. All of it only allows, so nothing here is fatal. */
function readRole(row: RoleRow, privileges: PrivilegeIndex, report: Report): OwnRole {
  const path = `roles/${row.id}`;
  const names = readTexts(row.privileges);
  if (names === undefined) report.problem('unreadable_json', `${path}/privileges`, 'expected a JSON array of texts');
  const flag = (column: 'all_privileges' | 'reaches_restricted'): boolean => {
    const value: number = row[column];
    if (value !== 0 && value !== 1)
      report.problem('unreadable_flag', `${path}/${column}`, `${quote(value)} is neither 0 nor 1: taken as 0`);
    return value === 1;
  };
  return {
    id: row.id,
    project: row.project,
    name: row.name,
    all: flag('all_privileges'),
    reachesRestricted: flag('reaches_restricted'),
    inline: namedBits(names ?? [], row.project, privileges, `${path}/privileges`, report),
  };
}

class Bundler {
  private readonly privileges: PrivilegeIndex;
  private readonly policies: readonly PolicyModel[];
  private readonly allow: IndexUnion;
  private readonly deny: IndexUnion;
  private readonly special: IndexUnion;

  constructor(privileges: PrivilegeIndex, policies: readonly PolicyModel[]) {
    this.privileges = privileges;
    this.policies = policies;
    this.allow = new IndexUnion(privileges.models.length);
    this.deny = new IndexUnion(privileges.models.length);
    this.special = new IndexUnion(policies.length);
  }

  bundle(own: OwnRole, policies: readonly number[], parents: readonly RoleModel[]): Omit<RoleModel, 'policies' | 'inherits'> {
    this.allow.addAll(own.inline);
    for (const bit of own.inline) this.allow.addAll(this.privileges.implied[bit]!);
    for (const policy of policies) this.addPolicy(policy);
    for (const parent of parents) {
      this.allow.addAll(parent.allow);
      this.deny.addAll(parent.deny);
      this.special.addAll(parent.special);
    }
    return {
      ...own,
      all: own.all || parents.some((parent) => parent.all),
      allow: this.allow.take(),
      deny: this.deny.take(),
      special: this.special.take(),
    };
  }

  private addPolicy(index: number): void {
    const policy = this.policies[index]!;
    if (!policy.active) return;
    if (policy.types.length > 0 || policy.condition !== -1) this.special.add(index);
    else (policy.effect === 'allow' ? this.allow : this.deny).addAll(policy.bits);
  }
}
