/**
 * Does a resource lie where a path says? Of a route's claimed parents forward-auth believes only what the rows don't contradict, so that nobody reaches a thing
 * by naming a project of theirs before it.
 */
import type { LeafRef, Snapshot } from '../snapshot/snapshot.ts';
import { PROJECT_TYPE } from '../terms/ref.ts';
import type { Entity } from '../terms/request.ts';
import { chainAbove, type Node, readNode } from './chain.ts';
import type { Missing } from './evaluate.ts';

export interface Placed {
  readonly placed: boolean;
}

const PLACED: Placed = { placed: true };
const ELSEWHERE: Placed = { placed: false };

/**
 * Of a registered resource each claimed parent must be a stored ancestor. Of another one, nothing is stored that could contradict: there the registered ones
 * among its claimed parents must lie in one line, each above or below each, and every project must be one. A project is always registered, and a claimed
 * one lifts the question to its level (RULE.md §2): one that there isn't is never right. Of what is registered nowhere nothing is known.
 * @param parents `type:id` each
 * @returns what is missing when leaves are not at hand
 */
export function placed(snapshot: Snapshot, resource: Entity, parents: readonly string[]): Placed | Missing {
  if (parents.length === 0) return PLACED;
  const missing: LeafRef[] = [];
  const own = readNode(snapshot, `${resource.type}:${resource.id}`, missing);
  const claimed = [...new Set(parents)].map((parent) => readNode(snapshot, parent, missing));
  if (missing.length > 0) return { missing };
  const answer = own.registered ? liesBelow(snapshot, own, parents, missing) : inOneLine(snapshot, claimed, missing);
  return missing.length > 0 ? { missing } : answer ? PLACED : ELSEWHERE;
}

function liesBelow(snapshot: Snapshot, own: Node, parents: readonly string[], missing: LeafRef[]): boolean {
  const above = ancestors(snapshot, own, missing);
  return parents.every((parent) => above.has(parent));
}

function inOneLine(snapshot: Snapshot, claimed: readonly Node[], missing: LeafRef[]): boolean {
  if (claimed.some(({ key, registered }) => !registered && key.startsWith(`${PROJECT_TYPE}:`))) return false;
  const registered = claimed.filter((node) => node.registered);
  const above = registered.map((node) => ancestors(snapshot, node, missing));
  return registered.every(({ key }, i) => registered.slice(0, i).every((other, j) => above[i]?.has(other.key) || above[j]?.has(key)));
}

function ancestors(snapshot: Snapshot, { key, parents }: Node, missing: LeafRef[]): ReadonlySet<string> {
  return new Set(chainAbove(snapshot, key, parents, missing)?.keys);
}
