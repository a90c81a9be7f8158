/** Loads what the names of subjects and groups in one request may mean, so that they can be judged as in a manifest. */
import { NameIndex } from '../manifest/name-index.ts';
import type { Problems } from '../manifest/problems.ts';
import type { References } from '../manifest/resolve/context.ts';
import { isKeySubject } from '../manifest/tables.ts';
import type { GroupLookup } from './ports.ts';

const GROUP_PREFIX = 'group:';

/** @param texts as given: `type:id` or `group:<id or name>` */
export async function principalReferences(lookup: GroupLookup, texts: readonly string[], problems: Problems): Promise<References> {
  const groups = texts.filter((text) => text.startsWith(GROUP_PREFIX)).map((text) => text.slice(GROUP_PREFIX.length));
  const keys = texts.filter(isKeySubject);
  const references = {
    problems,
    groups: new NameIndex<References['groups'] extends NameIndex<infer Group> ? Group : never>(),
    projects: new Set<string>(),
    named: new Set<string>(),
    keys: new Set(keys.length === 0 ? [] : await lookup.keys(keys)),
  };
  const found = groups.length === 0 ? [] : await lookup.named(groups);
  for (const { id, name } of found) references.groups.add({ id, name, description: '', project: '' });
  return references;
}
