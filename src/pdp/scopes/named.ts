/** The scopes that grants of a subject's principals name: nothing else can make one scope differ from another. */
import { ORG_SCOPE } from '../../core/terms/ref.ts';
import type { Entity } from '../../core/terms/request.ts';
import { eachHolder } from '../holders.ts';
import type { Scan } from '../scan.ts';

/**
 * @param groups further direct groups, by id
 * @throws BitgateError `stale` (503)
 */
export async function namedScopes(scan: Scan, subject: Entity, groups: readonly string[] = []): Promise<Set<string>> {
  const named = new Set<string>();
  await eachHolder(scan, subject, groups, (_principal, { resident: { leaf }, entry }) => {
    for (let g = leaf.grantStarts[entry]!; g < leaf.grantStarts[entry + 1]!; g++) named.add(leaf.scopes.get(leaf.grantScopes[g]!));
  });
  named.delete(ORG_SCOPE);
  return named;
}
