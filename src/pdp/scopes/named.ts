/** The scopes that grants of a subject's principals name: nothing else can make one scope differ from another. */
import { isSomebody, ORG_SCOPE } from '../../core/terms/ref.ts';
import type { CheckOptions, Entity } from '../../core/terms/request.ts';
import { eachHolder } from '../holders.ts';
import type { Scan } from '../scan.ts';

/**
 * @param proven by the subject's token
 * @throws BitgateError `stale` (503)
 */
export async function namedScopes(
  scan: Scan,
  subject: Entity,
  { groups = [], roles = [] }: Pick<CheckOptions, 'groups' | 'roles'> = {},
): Promise<Set<string>> {
  const named = new Set(isSomebody(subject.type) ? roles.map(({ scope }) => scope) : []);
  await eachHolder(scan, subject, groups, (_principal, { resident: { leaf }, entry }) => {
    for (let g = leaf.grantStarts[entry]!; g < leaf.grantStarts[entry + 1]!; g++) named.add(leaf.scopes.get(leaf.grantScopes[g]!));
  });
  named.delete(ORG_SCOPE);
  return named;
}
