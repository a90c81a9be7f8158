/** Where a subject's principals hold grants, in whatever window, and which: there, and below, its rights differ from those elsewhere. */
import { isSomebody, ORG_SCOPE } from '../../core/terms/ref.ts';
import type { Entity } from '../../core/terms/request.ts';
import { eachHolder } from '../holders.ts';
import type { Reading } from './reading.ts';
import type { Proven } from './rows.ts';

export interface Held {
  readonly registered: boolean;
  /** `type:id` → what is granted there, equal texts for equal grants; the organization is none of them, and grants of owners' groups don't count */
  readonly scopes: ReadonlyMap<string, string>;
}

export async function heldBy(reading: Reading, subject: Entity, { groups = [], roles = [] }: Proven = {}): Promise<Held> {
  const grants = new Map<string, string[]>();
  const add = (scope: string, text: string): void => {
    const there = grants.get(scope);
    if (there === undefined) grants.set(scope, [text]);
    else there.push(text);
  };
  for (const { role, scope } of isSomebody(subject.type) ? roles : []) add(scope, JSON.stringify([role]));
  const registered = await eachHolder(reading, subject, groups, (principal, { resident: { leaf }, entry }) => {
    for (let g = leaf.grantStarts[entry]!; g < leaf.grantStarts[entry + 1]!; g++) {
      const scope = leaf.scopes.get(leaf.grantScopes[g]!);
      add(scope, JSON.stringify([principal, leaf.targets.get(leaf.grantTargets[g]!), ...leaf.windowOf(g).map(String)]));
    }
  });
  grants.delete(ORG_SCOPE);
  return { registered, scopes: new Map([...grants].map(([scope, texts]) => [scope, JSON.stringify(texts.sort())])) };
}
