/** `/admin/orgs/{org}/api-keys`, `…/{id}`, `…/{id}/rotate`. A token is in the answer to its making, and never again anywhere. */
import { z } from 'zod';
import { sha256Hex } from '../../authn/constant-time.ts';
import { newKeyId, newToken } from '../../authn/token.ts';
import { createKey } from '../../pap/api-keys/create-key.ts';
import { deleteKey } from '../../pap/api-keys/delete-key.ts';
import { rotateKey } from '../../pap/api-keys/rotate-key.ts';
import { findKey, MANAGE_KEYS, ownGrants } from '../../pap/api-keys/stored-key.ts';
import { updateKey } from '../../pap/api-keys/update-key.ts';
import { readCommand } from '../common/body.ts';
import { parseAs } from '../common/parse.ts';
import { readQuery } from '../common/query.ts';
import { jsonReply } from '../common/reply.ts';
import { asAdministrator, requireToRead } from './caller.ts';
import { pageReply, publishMode, readWriteQuery, writtenReply } from './reply.ts';
import type { Asked } from './services.ts';
import { apiKeyBody, apiKeyChangeSchema, apiKeyDetail, apiKeySchema, pageQuery, rotatedBody, rotationSchema } from './wire.ts';

export async function postApiKey(asked: Asked): Promise<Response> {
  const { tools, writer } = await asAdministrator(asked);
  const query = readWriteQuery(asked);
  const wanted = parseAs(apiKeySchema, await readCommand(asked.request), 'api_key');
  const fill = (bytes: Uint8Array): void => asked.services.fill(bytes);
  const id = newKeyId(fill);
  const token = newToken(tools.organization, id, fill);
  const written = await createKey(tools, writer, wanted, { id, hash: await sha256Hex(token) }, publishMode(query));
  return writtenReply(asked, written, query, 201, (row) => ({ ...apiKeyBody(row), secret: token }));
}

export async function listApiKeys(asked: Asked): Promise<Response> {
  const administration = await asAdministrator(asked);
  await requireToRead(administration, MANAGE_KEYS, 'org');
  const query = parseAs(z.strictObject(pageQuery), readQuery(asked.request.url), 'query');
  return pageReply(asked, query, {
    name: 'api-keys',
    columns: 1,
    filters: {},
    load: (after, limit) => administration.tools.lookup.apiKeys(after?.[0] ?? '', limit),
    body: apiKeyBody,
  });
}

export async function getApiKey(asked: Asked): Promise<Response> {
  const administration = await asAdministrator(asked);
  await requireToRead(administration, MANAGE_KEYS, 'org');
  const { lookup, reader } = administration.tools;
  // The revision first: what is shown is that one or newer.
  const revision = await reader.revision();
  const key = await findKey(lookup, idOf(asked));
  return jsonReply(200, { ...apiKeyDetail(key.row, ownGrants(key)), revision }, asked.requestId);
}

export async function patchApiKey(asked: Asked): Promise<Response> {
  const { tools, writer } = await asAdministrator(asked);
  const query = readWriteQuery(asked);
  const change = parseAs(apiKeyChangeSchema, await readCommand(asked.request), 'api_key');
  return writtenReply(asked, await updateKey(tools, writer, idOf(asked), change, publishMode(query)), query, 200, apiKeyBody);
}

export async function postRotation(asked: Asked): Promise<Response> {
  const { tools, writer } = await asAdministrator(asked);
  const query = readWriteQuery(asked);
  const { overlap_ms: overlapMs = 0 } = parseAs(rotationSchema, await readCommand(asked.request), 'api_key');
  const id = idOf(asked);
  const token = newToken(tools.organization, id, (bytes) => asked.services.fill(bytes));
  const written = await rotateKey(tools, writer, { id, hash: await sha256Hex(token), overlapMs }, publishMode(query));
  return writtenReply(asked, written, query, 200, (row) => rotatedBody(row, token));
}

export async function deleteApiKey(asked: Asked): Promise<Response> {
  const { tools, writer } = await asAdministrator(asked);
  const query = readWriteQuery(asked);
  return writtenReply(asked, await deleteKey(tools, writer, idOf(asked), publishMode(query)), query, 200, (row) => ({
    deleted: apiKeyBody(row),
  }));
}

function idOf({ params }: Asked): string {
  return params.id ?? '';
}
