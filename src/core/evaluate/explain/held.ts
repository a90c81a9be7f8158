/** What the principals of a subject hold at the scopes of a question (RULE.md §6): rows, the default role, what a token proves, and what is assumed. */
import type { LeafRef, ResidentPrincipals, Snapshot } from '../../snapshot/snapshot.ts';
import type { ExplainedScope } from '../../terms/explanation.ts';
import { isReservedGroup, ORG_SCOPE } from '../../terms/ref.ts';
import type { AssumedAssignment, TokenRole } from '../../terms/request.ts';
import { isOwnerGroup } from '../assume.ts';
import type { Held } from './grants.ts';
import type { Principal, Subject } from './principals.ts';

/** Looks one principal up; its leaf goes to `missing` if it is not at hand. */
export function entryOf(
  snapshot: Snapshot,
  key: string,
  missing: LeafRef[],
): { readonly resident: ResidentPrincipals; readonly entry: number } | null {
  const leaf = snapshot.manifest.directories.principals.find(key);
  if (leaf < 0) return null;
  const resident = snapshot.principals[leaf];
  if (resident === undefined) {
    missing.push({ kind: 'principals', leaf });
    return null;
  }
  const entry = resident.leaf.keys.indexOf(key);
  if (entry < 0) return null;
  resident.bind(snapshot.catalog);
  return { resident, entry };
}

type Take = (held: Held) => void;

/**
 * What a principal has rows of, at these scopes.
 * @param hashes `hashText` of each scope
 */
export function heldByRows(
  snapshot: Snapshot,
  principal: Principal,
  scopes: readonly ExplainedScope[],
  hashes: readonly number[],
  missing: LeafRef[],
  take: Take,
): void {
  if (!principal.isGroup && isReservedGroup(principal.key) && !snapshot.manifest.reserved.includes(principal.key)) return;
  const found = entryOf(snapshot, principal.key, missing);
  if (found === null) return;
  const { leaf, targets } = found.resident;
  const [start, end] = [leaf.grantStarts[found.entry]!, leaf.grantStarts[found.entry + 1]!];
  if (start === end) return;
  const owner = isOwnerGroup(principal.key);
  for (let s = 0; s < scopes.length; s++) {
    const scope = scopes[s]!;
    const index = leaf.scopes.indexOfHashed(scope.scope, hashes[s]!);
    if (index < 0) continue;
    for (let g = firstAt(leaf.grantScopes, start, end, index); g < end && leaf.grantScopes[g] === index; g++) {
      const target = targets[leaf.grantTargets[g]!]!;
      if (target < 0) continue;
      const [from, until] = leaf.windowOf(g);
      take({ principal, owner, scope, target, from, until, mark: undefined });
    }
  }
}

/** The default role, which the organization gives. */
export function heldByDefault({ catalog }: Snapshot, principal: Principal, scope: ExplainedScope, take: Take): void {
  const [from, until] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  take({ principal, owner: false, scope, target: catalog.defaultRole, from, until, mark: { default_role: true } });
}

/** A role by a token. Nothing when it is at none of these scopes, or there is no such role. @param principal the subject itself */
export function heldByToken(
  { catalog }: Snapshot,
  principal: Principal,
  scopes: readonly ExplainedScope[],
  { role, scope: at }: TokenRole,
  take: Take,
): void {
  const scope = scopes.find((each) => each.scope === at);
  const target = catalog.roles.indexOf(role);
  if (scope === undefined || target < 0) return;
  const [from, until] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  take({ principal, owner: false, scope, target, from, until, mark: { as: 'token' } });
}

/** Nothing when it is at none of these scopes, or of nothing that there is. */
export function heldByAssumption(
  { catalog }: Snapshot,
  principals: readonly Principal[],
  scopes: readonly ExplainedScope[],
  { principal: key, target: id, scope: at, notBefore, expiresAt }: AssumedAssignment,
  take: Take,
): void {
  const principal = principals.find((each) => each.key === key);
  const scope = scopes.find((each) => each.scope === at);
  const target = catalog.target(id);
  if (principal === undefined || scope === undefined || target < 0) return;
  const [from, until] = [notBefore ?? Number.NEGATIVE_INFINITY, expiresAt ?? Number.POSITIVE_INFINITY];
  take({ principal, owner: isOwnerGroup(key), scope, target, from, until, mark: { assumed: true } });
}

/** Does the subject itself hold a role at `org` now? Then it has no default role. */
export function holdsRoleAtOrg(snapshot: Snapshot, { resident, entry }: Subject, now: number): boolean {
  if (resident === undefined) return false;
  const { leaf, targets } = resident;
  for (let g = leaf.grantStarts[entry]!; g < leaf.grantStarts[entry + 1]!; g++) {
    const isRole = targets[leaf.grantTargets[g]!]! < snapshot.catalog.roleCount;
    if (isRole && leaf.scopes.get(leaf.grantScopes[g]!) === ORG_SCOPE && leaf.windowAt(g, now) === 0) return true;
  }
  return false;
}

/** First of the ascending scopes from `start` to `end` that is `scope` or behind it. */
function firstAt(scopes: Uint16Array | Uint32Array, start: number, end: number, scope: number): number {
  let low = start;
  let high = end;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (scopes[middle]! < scope) low = middle + 1;
    else high = middle;
  }
  return low;
}
