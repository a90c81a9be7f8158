/**
 * Cedar in WebAssembly: policies parsed beforehand, and per request the slice of entities that it needs, made of objects that are kept. A privilege is an
 * action whose parents are the roles that hold it; the principal carries, as tags, the roles held at each scope that reaches the resource.
 */
import { resourceOf, userOf } from './holdings.ts';
import { importPeer } from './install.ts';
import type { Ask, Peer, World } from './peer.ts';

interface Uid {
  readonly type: string;
  readonly id: string;
}

interface Entity {
  readonly uid: Uid;
  readonly attrs: object;
  readonly parents: readonly Uid[];
  readonly tags?: Readonly<Record<string, unknown>>;
}

type Parsed = { readonly type: 'success' } | { readonly type: 'failure'; readonly errors: readonly object[] };
type Answered =
  | {
      readonly type: 'success';
      readonly response: { readonly decision: 'allow' | 'deny'; readonly diagnostics: { readonly errors: readonly object[] } };
    }
  | { readonly type: 'failure'; readonly errors: readonly object[] };

/** What is used of `@cedar-policy/cedar-wasm`. */
interface Cedar {
  preparsePolicySet(id: string, policies: { staticPolicies: string }): Parsed;
  statefulIsAuthorized(call: {
    principal: Uid;
    action: Uid;
    resource: Uid;
    context: object;
    preparsedPolicySetId: string;
    entities: readonly Entity[];
  }): Answered;
}

const held = (where: string): string => `principal.hasTag(resource.${where}) && action in principal.getTag(resource.${where})`;
const POLICIES = `
permit (principal, action, resource) when { ${held('own')} };
permit (principal, action, resource) when { resource has parent && ${held('parent')} };
permit (principal, action, resource) when { resource has org && ${held('org')} };
`;

const SET = 'bench';
const roleUid = (id: string): Uid => ({ type: 'Action', id });

function actionsOf({ holdings }: World): Map<string, Entity> {
  const roles = new Map<string, Uid[]>();
  for (const [role, privileges] of holdings.privileges)
    for (const privilege of privileges) {
      const above = roles.get(privilege) ?? [];
      above.push(roleUid(role));
      roles.set(privilege, above);
    }
  return new Map([...roles].map(([id, parents]) => [id, { uid: { type: 'Action', id }, attrs: {}, parents }]));
}

export const cedar: Peer = {
  name: 'cedar-wasm',
  how: 'policies parsed beforehand, the smallest slice of entities per request, groups and scopes resolved beforehand',
  asked: { S: 2_000, M: 2_000, L: 1_000, catalog: 2_000 },
  async prepare(world: World): Promise<Ask> {
    const { holdings, questions } = world;
    // the types that the package has of its own, cut to what is used
    const { preparsePolicySet, statefulIsAuthorized } = (await importPeer('@cedar-policy/cedar-wasm/nodejs')) as Cedar;
    const parsed = preparsePolicySet(SET, { staticPolicies: POLICIES });
    if (parsed.type !== 'success') throw new Error(`cedar refused the policies: ${JSON.stringify(parsed.errors)}`);
    const actions = actionsOf(world);
    const tags = new Map<string, Map<string, unknown>>();
    for (const question of questions) {
      const user = userOf(question);
      if (tags.has(user)) continue;
      const byScope = [...holdings.rolesByScope(user)].map(([scope, roles]): [string, unknown] => [
        scope,
        [...roles].map((role) => ({ __entity: roleUid(role) })),
      ]);
      tags.set(user, new Map(byScope));
    }
    return (question) => {
      const [user, resource] = [userOf(question), resourceOf(question)];
      const scopes = holdings.scopes(resource);
      const [own = '', ...above] = scopes;
      const byScope = tags.get(user)!;
      const principal: Uid = { type: 'User', id: question.subject };
      const thing: Uid = { type: 'Dataset', id: question.resource };
      const known = scopes.filter((scope) => byScope.has(scope)).map((scope): [string, unknown] => [scope, byScope.get(scope)]);
      const attrs = above.length === 2 ? { own, parent: above[0], org: above[1] } : above.length === 1 ? { own, org: above[0] } : { own };
      const action = actions.get(question.action) ?? { uid: { type: 'Action', id: question.action }, attrs: {}, parents: [] };
      const answer = statefulIsAuthorized({
        principal,
        action: action.uid,
        resource: thing,
        context: {},
        preparsedPolicySetId: SET,
        entities: [{ uid: principal, attrs: {}, parents: [], tags: Object.fromEntries(known) }, { uid: thing, attrs, parents: [] }, action],
      });
      if (answer.type !== 'success' || answer.response.diagnostics.errors.length > 0)
        throw new Error(`cedar failed: ${JSON.stringify(answer)}`);
      return answer.response.decision === 'allow';
    };
  },
};
