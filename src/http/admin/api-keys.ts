/**
 * `…/api-keys`, `…/api-keys/{id}`, `…/api-keys/{id}/rotate`, of the organization and of a project. At the organization all are seen and changed,
 * at a project its own. A token is in the answer to its making, and never again anywhere.
 */
import { sha256Hex } from '../../authn/constant-time.ts';
import { newKeyId, newToken } from '../../authn/token.ts';
import { createKey } from '../../pap/api-keys/create-key.ts';
import { deleteKey } from '../../pap/api-keys/delete-key.ts';
import type { OwnedKey } from '../../pap/api-keys/ports.ts';
import { rotateKey } from '../../pap/api-keys/rotate-key.ts';
import {
  type AddressedKey,
  findKey,
  type KeyPlace,
  MANAGE_KEYS,
  ownGrants,
  requireProject,
  scopeOf,
} from '../../pap/api-keys/stored-key.ts';
import { updateKey } from '../../pap/api-keys/update-key.ts';
import { readCommand } from '../common/body.ts';
import { parseAs } from '../common/parse.ts';
import { readQuery } from '../common/query.ts';
import { jsonReply } from '../common/reply.ts';
import {
  apiKeyBody,
  apiKeyChangeSchema,
  apiKeyDetail,
  apiKeyListQuery,
  apiKeySchema,
  listedKeyBody,
  rotationSchema,
  secretBody,
} from './api-keys-wire.ts';
import { type Administration, asAdministrator, requireToRead } from './caller.ts';
import { etagOf, preconditionOf } from './etag.ts';
import { pageReply, publishMode, readWriteQuery, type WriteQuery, writtenReply } from './reply.ts';
import type { Asked } from './services.ts';
import { timeBody } from './wire.ts';

export async function postApiKey(asked: Asked): Promise<Response> {
  const { tools, writer } = await asAdministrator(asked);
  const query = readWriteQuery(asked);
  const wanted = parseAs(apiKeySchema, await readCommand(asked.request), 'api_key');
  const fill = (bytes: Uint8Array): void => asked.services.fill(bytes);
  const id = newKeyId(fill);
  const token = newToken(tools.organization, id, fill);
  const credential = { id, hash: await sha256Hex(token) };
  const written = await createKey(tools, writer, placeOf(asked), wanted, credential, publishMode(query));
  return writtenReply(
    asked,
    written,
    query,
    201,
    (row) => ({ ...bodyOf(asked)(row), ...secretOf(query, token) }),
    await tagged(asked, written.value),
    secretOf(query, token),
  );
}

export async function listApiKeys(asked: Asked): Promise<Response> {
  const { tools } = await asKeyReader(asked);
  const query = parseAs(apiKeyListQuery, readQuery(asked.request.url), 'query');
  const filter = { project: asked.params.project, search: query.q ?? '' };
  return pageReply(asked, query, {
    name: 'api-keys',
    columns: 1,
    filters: { q: query.q },
    load: (after, limit) => tools.keys.page(filter, after?.[0] ?? '', limit),
    body: (row) => listedKeyBody(row, tools.organization),
  });
}

export async function getApiKey(asked: Asked): Promise<Response> {
  const { tools } = await asKeyReader(asked);
  // The revision first: what is shown is that one or newer.
  const revision = await tools.reader.revision();
  const key = await findKey(tools.lookup, placeOf(asked), idOf(asked));
  const shown = apiKeyDetail(key.row, tools.organization, await tools.keys.lastUse(key.row.id), ownGrants(key));
  return jsonReply(200, { ...shown, revision }, asked.requestId, await tagged(asked, key.row));
}

export async function patchApiKey(asked: Asked): Promise<Response> {
  const { tools, writer } = await asAdministrator(asked);
  const query = readWriteQuery(asked);
  const change = parseAs(apiKeyChangeSchema, await readCommand(asked.request), 'api_key');
  const written = await updateKey(tools, writer, addressed(asked), change, publishMode(query));
  return writtenReply(asked, written, query, 200, bodyOf(asked), await tagged(asked, written.value));
}

export async function postRotation(asked: Asked): Promise<Response> {
  const { tools, writer } = await asAdministrator(asked);
  const query = readWriteQuery(asked);
  const { overlap_ms: overlapMs = 0 } = parseAs(rotationSchema, await readCommand(asked.request), 'api_key');
  const token = newToken(tools.organization, idOf(asked), (bytes) => asked.services.fill(bytes));
  const written = await rotateKey(tools, writer, { ...addressed(asked), hash: await sha256Hex(token), overlapMs }, publishMode(query));
  const body = (row: OwnedKey): object => ({
    ...bodyOf(asked)(row),
    previous_until: timeBody(row.previous_until),
    ...secretOf(query, token),
  });
  return writtenReply(asked, written, query, 200, body, await tagged(asked, written.value), secretOf(query, token));
}

export async function deleteApiKey(asked: Asked): Promise<Response> {
  const { tools, writer } = await asAdministrator(asked);
  const query = readWriteQuery(asked);
  const written = await deleteKey(tools, writer, addressed(asked), publishMode(query));
  return writtenReply(asked, written, query, 200, (row) => ({ deleted: bodyOf(asked)(row) }));
}

async function asKeyReader(asked: Asked): Promise<Administration> {
  const administration = await asAdministrator(asked);
  await requireToRead(administration, MANAGE_KEYS, scopeOf(placeOf(asked)));
  await requireProject(administration.tools.lookup, placeOf(asked));
  return administration;
}

function addressed(asked: Asked): AddressedKey {
  return { place: placeOf(asked), id: idOf(asked), precondition: preconditionOf(asked, bodyOf(asked)) };
}

function bodyOf({ params }: Asked): (row: OwnedKey) => object {
  return (row) => apiKeyBody(row, params.org ?? '');
}

function secretOf(query: WriteQuery, token: string): object {
  return secretBody(publishMode(query) === 'dry_run' ? null : token);
}

/** Of what can be changed: use moves nothing. */
async function tagged(asked: Asked, row: OwnedKey): Promise<{ etag: string }> {
  return { etag: await etagOf(bodyOf(asked)(row)) };
}

function placeOf({ params }: Asked): KeyPlace {
  return params.project ?? null;
}

function idOf({ params }: Asked): string {
  return params.id ?? '';
}
