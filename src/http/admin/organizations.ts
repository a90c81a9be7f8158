/** `/admin/orgs`, `/admin/orgs/{org}`. */
import { z } from 'zod';
import { createOrganization } from '../../pap/organizations/create-organization.ts';
import { readCommand } from '../common/body.ts';
import { unknownOrganization } from '../common/organization.ts';
import { parseAs } from '../common/parse.ts';
import { readQuery } from '../common/query.ts';
import { jsonReply } from '../common/reply.ts';
import { asAdministrator, asRoot, requireToRead, toolsFor } from './caller.ts';
import { pageReply, publishMode, writtenReply } from './reply.ts';
import type { Asked } from './services.ts';
import { organizationBody, organizationSchema, pageQuery, writeQuery } from './wire.ts';

export async function postOrganization(asked: Asked): Promise<Response> {
  const writer = await asRoot(asked);
  const query = parseAs(z.strictObject({ publish: writeQuery.publish }), readQuery(asked.request.url), 'query');
  const { id, name = '', preset = 'blank', owner = null } = parseAs(organizationSchema, await readCommand(asked.request), 'organization');
  const tools = toolsFor(asked, id, { root: true });
  const written = await createOrganization(tools, writer, { id, name, preset, owner }, publishMode(query));
  return writtenReply(asked, written, query, 201, organizationBody);
}

export async function listOrganizations(asked: Asked): Promise<Response> {
  await asRoot(asked);
  const query = parseAs(z.strictObject(pageQuery), readQuery(asked.request.url), 'query');
  return pageReply(asked, query, {
    name: 'organizations',
    columns: 1,
    filters: {},
    load: async (after, limit) => {
      const { items, next, total } = await asked.services.organizations.list({ after: after?.[0] ?? '', limit });
      return { rows: items, next: next === null ? null : [next], total };
    },
    body: organizationBody,
  });
}

export async function getOrganization(asked: Asked): Promise<Response> {
  const administration = await asAdministrator(asked);
  await requireToRead(administration, 'bitgate:read', 'org');
  const { tools } = administration;
  const record = await tools.organizations.get(tools.organization);
  if (record === null) throw unknownOrganization(tools.organization);
  return jsonReply(200, { ...organizationBody(record), revision: await tools.reader.revision() }, asked.requestId);
}
