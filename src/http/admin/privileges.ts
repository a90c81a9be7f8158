/** `/admin/orgs/{org}/privileges`, `/admin/orgs/{org}/projects/{project}/privileges`: the catalog, read only. */
import { BitgateError } from '../../core/terms/problem.ts';
import { formatRef, PROJECT_TYPE } from '../../core/terms/ref.ts';
import { parseAs } from '../common/parse.ts';
import { readQuery } from '../common/query.ts';
import { pageAnswer } from './answer-wire.ts';
import { asAdministrator, requireToRead } from './caller.ts';
import { privilegeAnswer, privilegeBody, privilegeExample, privilegesQuery } from './privileges-wire.ts';
import { pageReply } from './reply.ts';
import { described, ORG, PROJECT, type Route } from './route.ts';
import type { Asked } from './services.ts';

/** At the organization: what can be asked there. In a project: what can be asked in it. */
export async function listPrivileges(asked: Asked): Promise<Response> {
  const administration = await asAdministrator(asked);
  const { lookup } = administration.tools;
  const { project } = asked.params;
  await requireToRead(administration, 'bitgate:read', project === undefined ? 'org' : formatRef(PROJECT_TYPE, project));
  if (project !== undefined && !(await lookup.project(project))) {
    throw new BitgateError('not_found', 404, `there is no project \`${project.slice(0, 80)}\``);
  }
  const query = parseAs(privilegesQuery, readQuery(asked.request.url), 'query');
  const filter = { level: project === undefined ? 'org' : 'project', search: query.q ?? '' } as const;
  return pageReply(asked, query, {
    name: 'privileges',
    columns: 2,
    filters: { q: query.q },
    load: (after, limit) => lookup.privileges(filter, after, limit),
    body: privilegeBody,
  });
}

const shared = {
  method: 'GET',
  handler: listPrivileges,
  ...described(() => ({
    tag: 'privileges',
    query: privilegesQuery,
    answer: pageAnswer(privilegeAnswer),
    answerExample: { items: [privilegeExample], next_cursor: null, total: 1 },
  })),
} as const;

export const privilegeRoutes: readonly Route[] = [
  {
    ...shared,
    path: `${ORG}/privileges`,
    ...described(() => ({ id: 'listPrivileges', summary: 'List what can be asked at the organization' })),
  },
  {
    ...shared,
    path: `${PROJECT}/privileges`,
    ...described(() => ({ id: 'listPrivilegesInProject', summary: 'List what can be asked in a project' })),
  },
];
