/** `POST /list/scopes`, applied as an application does to its own rows. */
import { applyScopes, type ScopeFilter, type ScopesPage, scopeFilter } from '../../../src/client/scopes.ts';
import { call } from '../client.ts';
import { type Face, parentsOf, refOf, type Said, type Stocked } from './face.ts';

const LIMIT = 7;

export const scopes: Face = {
  name: 'POST /list/scopes, applied',
  async answers(world) {
    const filters = new Map<string, ScopeFilter>();
    const said: Said[] = [];
    for (const { resource, ...rest } of world.questions) {
      const registered = resource !== undefined && world.rows.resources.some((row) => row.resource === refOf(resource));
      // What is registered is decided with what is stored: properties that come with the question are no part of it.
      if (resource === undefined || (registered && resource.properties !== undefined)) {
        said.push(null);
        continue;
      }
      const question = { ...rest, type: resource.type };
      const key = JSON.stringify(question);
      const filter = filters.get(key) ?? scopeFilter(await pagesOf(world, question));
      filters.set(key, filter);
      const verdict = applyScopes(filter, { id: resource.id, ...parentsOf(world, resource) });
      said.push(verdict === 'ask' ? verdict : verdict === 'allow');
    }
    return said;
  },
};

async function pagesOf({ token, at }: Stocked, question: object): Promise<ScopesPage[]> {
  const pages: ScopesPage[] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const { body, text } = await call('POST', `${at}/list/scopes`, { ...question, limit: LIMIT, cursor }, { token });
    if (body.next_cursor === undefined) throw new Error(`/list/scopes: ${text}`);
    pages.push(body);
    cursor = body.next_cursor;
  }
  return pages;
}
