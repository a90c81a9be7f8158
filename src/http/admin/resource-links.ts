/** `/admin/orgs/{org}/resources/{resource}/parents/{parent}` and `…/owners`: one link at a time. */
import {
  changeResource,
  type PlaceChange,
  withOwner,
  withoutOwner,
  withoutParent,
  withParent,
} from '../../pap/resources/change-resource.ts';
import type { PlacedResource } from '../../pap/resources/ports.ts';
import type { Written } from '../../pap/write/write.ts';
import { readCommand } from '../common/body.ts';
import { parseAs } from '../common/parse.ts';
import { readQuery } from '../common/query.ts';
import { writtenAnswer } from './answer-wire.ts';
import { asAdministrator } from './caller.ts';
import { etagOf, preconditionOf } from './etag.ts';
import { publishMode, readWriteQuery, type WriteQuery, writtenReply } from './reply.ts';
import { ownerQuery, ownerSchema, resourceBody, resourceExample, resourceShape } from './resources-wire.ts';
import { described, ORG, type Route } from './route.ts';
import type { Asked } from './services.ts';
import { writeQuerySchema } from './wire.ts';

async function putParent(asked: Asked): Promise<Response> {
  return link(asked, withParent(asked.params.parent ?? ''), readWriteQuery(asked));
}

async function deleteParent(asked: Asked): Promise<Response> {
  return link(asked, withoutParent(asked.params.parent ?? ''), readWriteQuery(asked));
}

async function putOwner(asked: Asked): Promise<Response> {
  const owner = parseAs(ownerSchema, await readCommand(asked.request), 'owner');
  return link(asked, withOwner(owner), readWriteQuery(asked));
}

async function deleteOwner(asked: Asked): Promise<Response> {
  const query = parseAs(ownerQuery, readQuery(asked.request.url), 'query');
  const { subject, kind } = query;
  return link(asked, withoutOwner({ subject, kind }), query);
}

async function link(asked: Asked, change: PlaceChange, query: WriteQuery): Promise<Response> {
  const { tools, writer } = await asAdministrator(asked);
  const precondition = preconditionOf(asked, resourceBody);
  const written = await changeResource(tools, writer, asked.params.resource ?? '', change, precondition, publishMode(query));
  return replyWithResource(asked, written, query, 200);
}

export async function replyWithResource(
  asked: Asked,
  written: Written<PlacedResource>,
  query: WriteQuery,
  status: 200 | 201,
): Promise<Response> {
  return writtenReply(asked, written, query, status, resourceBody, { etag: await etagOf(resourceBody(written.value)) });
}

const tag = 'resources';
const answer = described(() => writtenAnswer(resourceShape));
const answerExample = described(() => ({ ...resourceExample, revision: 42, published: true }));

export const resourceLinkRoutes: readonly Route[] = [
  {
    method: 'PUT',
    path: `${ORG}/resources/:resource/parents/:parent`,
    handler: putParent,
    ...described(() => ({
      id: 'putResourceParent',
      summary: 'Put a resource below another one too',
      description: 'Doing it twice is one. A cycle is refused with its path, and so are ancestors more than 32 deep.',
      tag,
      query: writeQuerySchema,
      answer,
      answerExample,
    })),
  },
  {
    method: 'DELETE',
    path: `${ORG}/resources/:resource/parents/:parent`,
    handler: deleteParent,
    ...described(() => ({
      id: 'removeResourceParent',
      summary: 'Take a resource out from below another one',
      tag,
      query: writeQuerySchema,
      answer,
      answerExample: { ...answerExample, parents: [] },
    })),
  },
  {
    method: 'PUT',
    path: `${ORG}/resources/:resource/owners`,
    handler: putOwner,
    ...described(() => ({
      id: 'putResourceOwner',
      summary: 'Make a subject or a group an owner of a resource',
      description: 'Doing it twice is one; of two kinds, the owner is there twice.',
      tag,
      query: writeQuerySchema,
      body: ownerSchema,
      bodyExample: { subject: 'user:alice', kind: 'TECHNICAL' },
      answer,
      answerExample,
    })),
  },
  {
    method: 'DELETE',
    path: `${ORG}/resources/:resource/owners`,
    handler: deleteOwner,
    ...described(() => ({
      id: 'removeResourceOwner',
      summary: 'End an ownership, by its owner and kind',
      tag,
      query: ownerQuery,
      queryExample: { subject: 'user:alice', kind: 'TECHNICAL' },
      answer,
      answerExample: { ...answerExample, owners: [] },
    })),
  },
];
