/** RULE.md section 6, "What a grant bundles": what a role or policy consists of. */

import type { Entry, Facts } from './facts.ts';
import { names } from './facts.ts';
import type { Feature } from './features.ts';

/** One allow or deny out of a role or policy. */
export interface Bundle {
  readonly deny: boolean;
  /** `all_privileges` */
  readonly everything: boolean;
  readonly holds: ReadonlySet<Entry>;
  /** an allow that holds an entry with `implies_all: project` */
  readonly impliesAll: boolean;
  /** empty is any, and none at all without a resource otherwise */
  readonly types: readonly string[];
  readonly condition: string | null;
}

/** A policy: itself, if `ACTIVE`. */
export function policyBundles(facts: Facts, id: string, without: Feature | undefined): Bundle[] {
  const row = facts.policies.get(id);
  if (row === undefined) return [];
  if (row.state !== 'ACTIVE' && without !== 'inactive_policy') return [];
  const deny = row.effect === 'deny';
  const named = namedEntries(facts, names(row.privileges), row.project);
  const holds = deny || without === 'implies' ? named : withImplied(facts, named);
  return [
    {
      deny,
      everything: false,
      holds,
      impliesAll: !deny && impliesAll(holds),
      types: without === 'policy_types' ? [] : names(row.resource_types),
      condition: without === 'condition' ? null : row.condition,
    },
  ];
}

/** A role: its inline privileges, its policies, and all of that of every role it inherits. */
export function roleBundles(facts: Facts, id: string, without: Feature | undefined): Bundle[] {
  const bundles: Bundle[] = [];
  for (const role of withInherited(facts, id, without)) {
    const row = facts.roles.get(role);
    if (row === undefined) continue;
    const inline = namedEntries(facts, names(row.privileges), row.project);
    const holds = without === 'implies' ? inline : withImplied(facts, inline);
    bundles.push({
      deny: false,
      everything: row.all_privileges === 1 && without !== 'all_privileges',
      holds,
      impliesAll: impliesAll(holds),
      types: [],
      condition: null,
    });
    for (const policy of facts.policiesOf.get(role) ?? []) bundles.push(...policyBundles(facts, policy, without));
  }
  return bundles;
}

function withInherited(facts: Facts, id: string, without: Feature | undefined): Set<string> {
  const roles = new Set([id]);
  if (without === 'role_inheritance') return roles;
  // a Set that grows while it is iterated is visited to its end
  for (const role of roles) for (const parent of facts.inheritsOf.get(role) ?? []) roles.add(parent);
  return roles;
}

/** A name stands for all entries of that name; in a project's policy or role, for those whose levels include `project`. */
function namedEntries(facts: Facts, privileges: readonly string[], project: string): Set<Entry> {
  const entries = new Set<Entry>();
  for (const name of privileges) {
    for (const entry of facts.entries.get(name) ?? []) if (project === '' || entry.project) entries.add(entry);
  }
  return entries;
}

/** `implies`, closed transitively; each implied name stands for all entries of that name, whoever's policy it is. */
function withImplied(facts: Facts, named: ReadonlySet<Entry>): Set<Entry> {
  const entries = new Set(named);
  for (const entry of entries) for (const name of entry.implies) for (const implied of facts.entries.get(name) ?? []) entries.add(implied);
  return entries;
}

function impliesAll(holds: ReadonlySet<Entry>): boolean {
  return [...holds].some((entry) => entry.impliesAll);
}
