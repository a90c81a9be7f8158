/** `/admin/orgs/{org}/projects`, `…/{project}`: a project is the resource `project:<id>` with a nickname, and a level of its own. */
import { formatRef, ORG_SCOPE, PROJECT_TYPE } from '../../core/terms/ref.ts';
import { unknownProject } from '../../pap/bundles/level.ts';
import { deleteProject } from '../../pap/projects/delete-project.ts';
import type { StoredProject } from '../../pap/projects/ports.ts';
import { PROJECT_DEFAULTS, type ProjectChange } from '../../pap/projects/project-state.ts';
import { createProject, updateProject } from '../../pap/projects/save-project.ts';
import type { Written } from '../../pap/write/write.ts';
import { readCommand } from '../common/body.ts';
import { parseAs } from '../common/parse.ts';
import { readQuery } from '../common/query.ts';
import { jsonReply } from '../common/reply.ts';
import { pageAnswer, revisionNumber, writtenAnswer } from './answer-wire.ts';
import { createQuery, deleteQuery, writeQuerySchema } from './bundles-wire.ts';
import { asAdministrator, requireToRead } from './caller.ts';
import { etagOf, preconditionOf } from './etag.ts';
import {
  listedProjectBody,
  listedProjectShape,
  projectBody,
  projectBodyExample,
  projectChangeSchema,
  projectExample,
  projectFilter,
  projectReplacementSchema,
  projectSchema,
  projectShape,
} from './projects-wire.ts';
import { pageReply, publishMode, type WriteQuery, writtenReply } from './reply.ts';
import { described, ORG, PROJECT, type Route } from './route.ts';
import type { Asked } from './services.ts';

async function listProjects(asked: Asked): Promise<Response> {
  const administration = await asAdministrator(asked);
  await requireToRead(administration, 'bitgate:read', ORG_SCOPE);
  const query = parseAs(projectFilter, readQuery(asked.request.url), 'query');
  const { q } = query;
  return pageReply(asked, query, {
    name: 'projects',
    columns: 1,
    filters: { q },
    load: (after, limit) => administration.tools.projects.list(q, after?.[0] ?? '', limit),
    body: listedProjectBody,
  });
}

async function getProject(asked: Asked): Promise<Response> {
  const administration = await asAdministrator(asked);
  const id = idOf(asked);
  await requireToRead(administration, 'bitgate:read', formatRef(PROJECT_TYPE, id));
  const { projects, reader } = administration.tools;
  // The revision first: what is shown is that one or newer.
  const revision = await reader.revision();
  const project = await projects.get(id);
  if (project === null) throw unknownProject(id);
  const etag = await etagOf(projectBody(project));
  return jsonReply(200, { ...listedProjectBody(project), revision }, asked.requestId, { etag });
}

async function postProject(asked: Asked): Promise<Response> {
  const { tools, writer } = await asAdministrator(asked);
  const query = parseAs(createQuery, readQuery(asked.request.url), 'query');
  const wanted = parseAs(projectSchema, await readCommand(asked.request), 'project');
  return reply(asked, await createProject(tools, writer, wanted, query.if_exists ?? 'refuse', publishMode(query)), query, 201);
}

async function putProject(asked: Asked): Promise<Response> {
  return update(asked, async () => ({
    ...PROJECT_DEFAULTS,
    ...parseAs(projectReplacementSchema, await readCommand(asked.request), 'project'),
  }));
}

async function patchProject(asked: Asked): Promise<Response> {
  return update(asked, async () => parseAs(projectChangeSchema, await readCommand(asked.request), 'project'));
}

async function update(asked: Asked, read: () => Promise<ProjectChange>): Promise<Response> {
  const { tools, writer } = await asAdministrator(asked);
  const query = parseAs(writeQuerySchema, readQuery(asked.request.url), 'query');
  const change = await read();
  const precondition = preconditionOf(asked, projectBody);
  return reply(asked, await updateProject(tools, writer, idOf(asked), change, precondition, publishMode(query)), query, 200);
}

async function removeProject(asked: Asked): Promise<Response> {
  const { tools, writer } = await asAdministrator(asked);
  const query = parseAs(deleteQuery, readQuery(asked.request.url), 'query');
  const precondition = preconditionOf(asked, projectBody);
  const force = query.force === 'true';
  const written = await deleteProject(tools, writer, idOf(asked), force, precondition, publishMode(query));
  return writtenReply(asked, written, query, 200, (project) => ({ deleted: projectBody(project) }));
}

async function reply(asked: Asked, written: Written<StoredProject>, query: WriteQuery, status: 200 | 201): Promise<Response> {
  return writtenReply(asked, written, query, status, projectBody, { etag: await etagOf(projectBody(written.value)) });
}

function idOf({ params }: Asked): string {
  return params.project ?? '';
}

const written = described(() => writtenAnswer(projectShape.shape));
const writtenExample = described(() => ({ ...projectBodyExample, revision: 42, published: true }));
const listedExample = described(() => ({ ...projectBodyExample, policies: 2, roles: 1 }));
const tag = 'projects';

export const projectRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: `${ORG}/projects`,
    handler: listProjects,
    ...described(() => ({
      id: 'listProjects',
      summary: 'List projects',
      tag,
      query: projectFilter,
      answer: pageAnswer(listedProjectShape),
      answerExample: { items: [listedExample], next_cursor: null, total: 1 },
    })),
  },
  {
    method: 'POST',
    path: `${ORG}/projects`,
    handler: postProject,
    ...described(() => ({
      id: 'createProject',
      summary: 'Create a project',
      tag,
      description: 'A resource `project:<id>` that is registered already becomes the project’s.',
      query: createQuery,
      body: projectSchema,
      bodyExample: projectExample,
      status: 201,
      answer: written,
      answerExample: writtenExample,
    })),
  },
  {
    method: 'GET',
    path: PROJECT,
    handler: getProject,
    ...described(() => ({
      id: 'getProject',
      summary: 'Get a project',
      tag,
      answer: listedProjectShape.extend({ revision: revisionNumber }),
      answerExample: { ...listedExample, revision: 42 },
    })),
  },
  {
    method: 'PUT',
    path: PROJECT,
    handler: putProject,
    ...described(() => ({
      id: 'replaceProject',
      summary: 'Replace what a project says',
      tag,
      description: 'What the body leaves out gets its default. The id, the policies, roles, keys and assignments stay.',
      query: writeQuerySchema,
      body: projectReplacementSchema,
      bodyExample: { nickname: 'Sleetduke' },
      answer: written,
      answerExample: writtenExample,
    })),
  },
  {
    method: 'PATCH',
    path: PROJECT,
    handler: patchProject,
    ...described(() => ({
      id: 'updateProject',
      summary: 'Change the named fields of a project',
      tag,
      query: writeQuerySchema,
      body: projectChangeSchema,
      bodyExample: { nickname: 'Sleetduke' },
      answer: written,
      answerExample: writtenExample,
    })),
  },
  {
    method: 'DELETE',
    path: PROJECT,
    handler: removeProject,
    ...described(() => ({
      id: 'deleteProject',
      summary: 'Delete a project',
      tag,
      description:
        'One in use is refused with what it has, unless `force=true` deletes that in the same transaction: its policies, roles, keys, assignments, and the resources that lie below it alone.',
      query: deleteQuery,
      answer: writtenAnswer({ deleted: projectShape }),
      answerExample: { deleted: projectBodyExample, revision: 42, published: true },
    })),
  },
];
