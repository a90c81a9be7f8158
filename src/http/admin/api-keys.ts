/** `/admin/orgs/{org}/api-keys`. The token is in the answer to its making, and never again anywhere. */
import { z } from 'zod';
import { sha256Hex } from '../../authn/constant-time.ts';
import { newKeyId, newToken } from '../../authn/token.ts';
import { createKey } from '../../pap/api-keys/create-key.ts';
import { readCommand } from '../shared/body.ts';
import { parseAs } from '../shared/parse.ts';
import { readQuery } from '../shared/query.ts';
import { asAdministrator, requireToRead } from './caller.ts';
import { pageReply, publishMode, writtenReply } from './reply.ts';
import type { Asked } from './services.ts';
import { apiKeyBody, apiKeySchema, pageQuery, publishQuery } from './wire.ts';

export async function postApiKey(asked: Asked): Promise<Response> {
  const { tools, writer } = await asAdministrator(asked);
  const mode = publishMode(parseAs(z.strictObject(publishQuery), readQuery(asked.request.url), 'query'));
  const wanted = parseAs(apiKeySchema, await readCommand(asked.request), 'api_key');
  const fill = (bytes: Uint8Array): void => asked.services.fill(bytes);
  const id = newKeyId(fill);
  const token = newToken(tools.organization, id, fill);
  const written = await createKey(tools, writer, wanted, { id, hash: await sha256Hex(token) }, mode);
  return writtenReply(asked, written, mode, 201, (row) => ({ ...apiKeyBody(row), secret: token }));
}

export async function listApiKeys(asked: Asked): Promise<Response> {
  const administration = await asAdministrator(asked);
  await requireToRead(administration, 'bitgate:manage_keys', 'org');
  const query = parseAs(z.strictObject(pageQuery), readQuery(asked.request.url), 'query');
  return pageReply(asked, query, {
    name: 'api-keys',
    columns: 1,
    filters: {},
    load: (after, limit) => administration.tools.lookup.apiKeys(after?.[0] ?? '', limit),
    body: apiKeyBody,
  });
}
