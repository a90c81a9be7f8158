/**
 * node-casbin: RBAC with domains, a domain being a scope. The pairs of role and privilege are its policies, assignments its grouping rules. The matcher
 * looks at the action first, so that roles are only looked up for the few policies that could allow it.
 */
import { resourceOf, userOf } from './holdings.ts';
import { importPeer } from './install.ts';
import type { Ask, Peer, World } from './peer.ts';

interface Model {
  loadModelFromText(text: string): void;
  addPolicies(section: string, type: string, rules: readonly (readonly string[])[]): unknown;
}

/** What is used of `casbin`. */
interface Casbin {
  Model: new () => Model;
  newEnforcer(model: Model, adapter: { loadPolicy(model: Model): Promise<void> }): Promise<{ enforceSync(...request: string[]): boolean }>;
}

const held = (scope: string): string => `g(r.sub, p.sub, ${scope})`;
const MODEL = `
[request_definition]
r = sub, own, parent, org, act
[policy_definition]
p = sub, act
[role_definition]
g = _, _, _
[policy_effect]
e = some(where (p.eft == allow))
[matchers]
m = r.act == p.act && (${held('r.own')} || ${held('r.parent')} || ${held('r.org')})
`;
/** a scope in which nobody holds anything, for what a restricted resource doesn't inherit */
const NOWHERE = 'nowhere';

/** Grouping rules of those who will be asked about: casbin calls it a filtered policy. */
function grouping({ holdings, questions, rows, name }: World): string[][] {
  if (name === 'S') return rows.assignments.map(({ principal, role, scope }) => [principal, role!, scope]);
  const asked = new Set(questions.flatMap((question) => holdings.principals(userOf(question))));
  return rows.assignments.filter(({ principal }) => asked.has(principal)).map(({ principal, role, scope }) => [principal, role!, scope]);
}

export const casbin: Peer = {
  name: 'node-casbin',
  how: 'enforceSync, the action compared first, groups and scopes resolved beforehand; beyond S only the grouping rules of those who are asked about',
  asked: { S: 1_000, M: 300, L: 20, catalog: 10 },
  async prepare(world: World): Promise<Ask> {
    // the names of the package's own documentation
    const { Model, newEnforcer } = (await importPeer('casbin')) as Casbin;
    const { holdings } = world;
    const pairs = [...holdings.privileges].flatMap(([role, privileges]) => privileges.map((privilege) => [role, privilege]));
    const rules = distinct(grouping(world));
    const model = new Model();
    model.loadModelFromText(MODEL);
    const enforcer = await newEnforcer(model, {
      async loadPolicy(into) {
        into.addPolicies('p', 'p', pairs);
        into.addPolicies('g', 'g', rules);
      },
    });
    return (question) => {
      const [own = '', ...above] = holdings.scopes(resourceOf(question));
      const org = above.at(-1) ?? NOWHERE;
      const parent = above.length === 2 ? above[0]! : NOWHERE;
      return holdings.principals(userOf(question)).some((principal) => enforcer.enforceSync(principal, own, parent, org, question.action));
    };
  },
};

function distinct(rules: readonly string[][]): string[][] {
  return [...new Map(rules.map((rule) => [rule.join(' '), rule])).values()];
}
