/** `/admin/orgs`, `/admin/orgs/{org}`: the organizations themselves. */
import { BitgateError } from '../../core/terms/problem.ts';
import type { ControlTools } from '../../pap/control-ports.ts';
import { createOrganization, type WantedOrganization } from '../../pap/organizations/create-organization.ts';
import { deleteOrganization } from '../../pap/organizations/delete-organization.ts';
import { updateOrganization } from '../../pap/organizations/update-organization.ts';
import type { OrganizationRecord } from '../../pap/ports.ts';
import type { Writer } from '../../pap/write/moment.ts';
import type { PublishMode, Written } from '../../pap/write/write.ts';
import { readCommand } from '../common/body.ts';
import { unknownOrganization } from '../common/organization.ts';
import { parseAs } from '../common/parse.ts';
import { readQuery } from '../common/query.ts';
import { jsonReply } from '../common/reply.ts';
import { asAdministrator, asRoot, requireToRead, toolsFor } from './caller.ts';
import { etagOf, preconditionOf } from './etag.ts';
import {
  EXAMPLES,
  organizationAnswer,
  organizationBody,
  organizationChangeSchema,
  organizationCreateQuery,
  organizationDeleted,
  organizationDeleteQuery,
  organizationListQuery,
  organizationPage,
  organizationSchema,
  organizationWritten,
} from './organizations-wire.ts';
import { pageReply, publishMode, readWriteQuery, writtenReply } from './reply.ts';
import { described, ORG, type Route } from './route.ts';
import type { Asked } from './services.ts';
import { writeQuerySchema } from './wire.ts';

export async function postOrganization(asked: Asked): Promise<Response> {
  const writer = await asRoot(asked);
  const query = parseAs(organizationCreateQuery, readQuery(asked.request.url), 'query');
  const { id, name = '', preset = 'blank', owner = null } = parseAs(organizationSchema, await readCommand(asked.request), 'organization');
  const tools = toolsFor(asked, id, { root: true });
  const wanted = { id, name, preset, owner };
  const mode = publishMode(query);
  const written =
    query.if_exists === 'return'
      ? await createOrReturn(tools, writer, wanted, mode)
      : await createOrganization(tools, writer, wanted, mode);
  return writtenReply(asked, written, query, 201, organizationBody, await tagged(written.value));
}

async function createOrReturn(
  tools: ControlTools,
  writer: Writer,
  wanted: WantedOrganization,
  mode: PublishMode,
): Promise<Written<OrganizationRecord>> {
  try {
    return await createOrganization(tools, writer, wanted, mode);
  } catch (error) {
    const existing =
      error instanceof BitgateError && error.code === 'organization_exists' ? await tools.organizations.get(wanted.id) : null;
    // None when it is being deleted: then there is nothing to give.
    if (existing === null) throw error;
    const [revision, pointer] = await Promise.all([tools.reader.revision(), tools.publisher.pointer().catch(() => null)]);
    return { value: existing, changed: false, revision, published: (pointer?.revision ?? 0) >= revision };
  }
}

export async function listOrganizations(asked: Asked): Promise<Response> {
  await asRoot(asked);
  const query = parseAs(organizationListQuery, readQuery(asked.request.url), 'query');
  return pageReply(asked, query, {
    name: 'organizations',
    columns: 1,
    filters: { q: query.q },
    load: async (after, limit) => {
      const page = { after: after?.[0] ?? '', limit, search: query.q ?? '' };
      const { items, next, total } = await asked.services.organizations.list(page);
      return { rows: items, next: next === null ? null : [next], total };
    },
    body: organizationBody,
  });
}

export async function getOrganization(asked: Asked): Promise<Response> {
  const administration = await asAdministrator(asked);
  await requireToRead(administration, 'bitgate:read', 'org');
  const { tools } = administration;
  const revision = await tools.reader.revision();
  const record = await tools.organizations.get(tools.organization);
  if (record === null) throw unknownOrganization(tools.organization);
  return jsonReply(200, { ...organizationBody(record), revision }, asked.requestId, await tagged(record));
}

export async function patchOrganization(asked: Asked): Promise<Response> {
  const { tools, writer } = await asAdministrator(asked);
  const query = readWriteQuery(asked);
  const change = parseAs(organizationChangeSchema, await readCommand(asked.request), 'organization');
  const precondition = preconditionOf(asked, organizationBody);
  const written = await updateOrganization(tools, writer, change, precondition, publishMode(query));
  return writtenReply(asked, written, query, 200, organizationBody, await tagged(written.value));
}

export async function removeOrganization(asked: Asked): Promise<Response> {
  const { tools, writer } = await asAdministrator(asked);
  const query = parseAs(organizationDeleteQuery, readQuery(asked.request.url), 'query');
  const written = await deleteOrganization(tools, writer, query.confirm, publishMode(query));
  return writtenReply(asked, written, query, 200, (record) => ({ deleted: organizationBody(record) }));
}

async function tagged(record: OrganizationRecord): Promise<{ etag: string }> {
  return { etag: await etagOf(organizationBody(record)) };
}

const tag = 'organizations';

export const organizationRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/admin/orgs',
    handler: listOrganizations,
    ...described(() => ({
      id: 'listOrganizations',
      summary: 'List organizations',
      description: '`q` is a part of id or name. Root alone.',
      tag,
      query: organizationListQuery,
      answer: organizationPage,
      answerExample: EXAMPLES.page,
    })),
  },
  {
    method: 'POST',
    path: '/admin/orgs',
    handler: postOrganization,
    ...described(() => ({
      id: 'createOrganization',
      summary: 'Make an organization from a preset',
      description: 'Root alone. Without `owner` only root administers it until somebody holds `bitgate:owner`.',
      tag,
      query: organizationCreateQuery,
      body: organizationSchema,
      bodyExample: EXAMPLES.wanted,
      status: 201,
      answer: organizationWritten,
      answerExample: EXAMPLES.written,
    })),
  },
  {
    method: 'GET',
    path: ORG,
    handler: getOrganization,
    ...described(() => ({
      id: 'getOrganization',
      summary: 'One organization and its revision',
      tag,
      answer: organizationAnswer,
      answerExample: EXAMPLES.one,
    })),
  },
  {
    method: 'PATCH',
    path: ORG,
    handler: patchOrganization,
    ...described(() => ({
      id: 'updateOrganization',
      summary: 'Name an organization anew',
      description: 'The id never changes. Needs `bitgate:manage_settings`.',
      tag,
      query: writeQuerySchema,
      body: organizationChangeSchema,
      bodyExample: EXAMPLES.change,
      answer: organizationWritten,
      answerExample: EXAMPLES.written,
    })),
  },
  {
    method: 'DELETE',
    path: ORG,
    handler: removeOrganization,
    ...described(() => ({
      id: 'deleteOrganization',
      summary: 'Delete an organization with everything in it',
      description:
        'Root alone, and `confirm` must be the id. At once there is no such organization, at the edge within the freshness bound; its rows are deleted ' +
        'behind the answer, and then the id can be used again. The audit stays.',
      tag,
      query: organizationDeleteQuery,
      answer: organizationDeleted,
      answerExample: EXAMPLES.deleted,
    })),
  },
];
