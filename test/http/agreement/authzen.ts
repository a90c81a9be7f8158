/** AuthZEN: evaluations, each and in one request, and searches, whose members are held against `/check` like those of lists. */
import type { CheckRequest } from '../../../src/core/terms/request.ts';
import { call } from '../client.ts';
import { type Face, oneByOne, refOf, type Said, type Stocked } from './face.ts';
import type { Listing } from './lists.ts';

const ACCESS = '/access/v1';

/** A question of AuthZEN names a resource always. */
export const evaluation: Face = oneByOne('AuthZEN evaluation', async ({ token, at }, question) => {
  if (question.resource === undefined) return null;
  return (await call('POST', `${at}${ACCESS}/evaluation`, question, { token })).body.decision;
});

export const evaluations: Face = {
  name: 'AuthZEN evaluations',
  async answers({ token, at, questions }) {
    const asked = questions.filter(({ resource }) => resource !== undefined);
    const { body } = await call('POST', `${at}${ACCESS}/evaluations`, { evaluations: asked }, { token });
    const said = new Map<CheckRequest, Said>(asked.map((question, i) => [question, body.evaluations[i].decision]));
    return questions.map((question) => said.get(question) ?? null);
  },
};

async function search(world: Stocked, what: string, asked: object, limit: number): Promise<Record<string, string>[]> {
  const results: Record<string, string>[] = [];
  for (let token: string | undefined; token !== ''; ) {
    const { body, text } = await call(
      'POST',
      `${world.at}${ACCESS}/search/${what}`,
      { ...asked, page: { limit, token } },
      { token: world.token },
    );
    if (!Array.isArray(body.results)) throw new Error(`search/${what}: ${text}`);
    results.push(...body.results);
    token = body.page.next_token;
    if (token === '' && body.page.total !== results.length)
      throw new Error(`search/${what} counts ${body.page.total} of ${results.length}: ${JSON.stringify(asked)}`);
  }
  return results;
}

async function searchEntities(world: Stocked, what: string, asked: object, limit: number): Promise<string[]> {
  return (await search(world, what, asked, limit)).map(({ type = '', id = '' }) => refOf({ type, id }));
}

export const subjectSearch: Listing = {
  name: 'AuthZEN search for subjects',
  listOf({ rows, assert }, { subject, ...rest }) {
    const ref = refOf(subject);
    if (rest.resource === undefined || (subject.properties !== undefined && assert)) return null;
    return rows.subjects.some((row) => row.subject === ref) ? { list: { subject: { type: subject.type }, ...rest }, member: ref } : null;
  },
  walk: (world, asked, length) => searchEntities(world, 'subject', asked, length),
};

export const resourceSearch: Listing = {
  name: 'AuthZEN search for resources',
  listOf({ rows }, { resource, ...rest }) {
    if (resource === undefined || resource.properties !== undefined) return null;
    const ref = refOf(resource);
    return rows.resources.some((row) => row.resource === ref)
      ? { list: { ...rest, resource: { type: resource.type } }, member: ref }
      : null;
  },
  walk: (world, asked, length) => searchEntities(world, 'resource', asked, length),
};

export const actionSearch: Listing = {
  name: 'AuthZEN search for actions',
  listOf({ rows }, { action, ...rest }) {
    if (action.properties !== undefined || rest.resource === undefined) return null;
    return rows.privileges.some((row) => row.name === action.name) ? { list: rest, member: action.name } : null;
  },
  walk: async (world, asked, length) => (await search(world, 'action', asked, length)).map(({ name = '' }) => name),
};
