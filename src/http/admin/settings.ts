/** `/admin/orgs/{org}/settings`. */
import type * as z from 'zod';
import type { SettingsItem } from '../../pap/manifest/settings-schema.ts';
import { changeSettings } from '../../pap/settings/change-settings.ts';
import { readSettings, type WholeSettings } from '../../pap/settings/stored-settings.ts';
import { readCommand } from '../common/body.ts';
import { parseAs } from '../common/parse.ts';
import { jsonReply } from '../common/reply.ts';
import { revisionNumber, writtenAnswer } from './answer-wire.ts';
import { asAdministrator, requireToRead } from './caller.ts';
import { etagOf, preconditionOf } from './etag.ts';
import { publishMode, readWriteQuery, writtenReply } from './reply.ts';
import { described, ORG, type Route } from './route.ts';
import type { Asked } from './services.ts';
import {
  changedSettings,
  settingsAnswer,
  settingsBody,
  settingsChangeSchema,
  settingsExample,
  settingsSchema,
  settingsShape,
} from './settings-wire.ts';
import { writeQuerySchema } from './wire.ts';

type Change = (current: () => Promise<WholeSettings>) => Promise<SettingsItem>;

async function getSettings(asked: Asked): Promise<Response> {
  const administration = await asAdministrator(asked);
  await requireToRead(administration, 'bitgate:read', 'org');
  const { configuration, reader } = administration.tools;
  // The revision first: what is shown is that one or newer.
  const revision = await reader.revision();
  const body = settingsBody(await readSettings(configuration, await configuration.settings()));
  return jsonReply(200, { ...body, revision }, asked.requestId, { etag: await etagOf(body) });
}

async function putSettings(asked: Asked): Promise<Response> {
  const wanted = parseSettings(settingsSchema, await readCommand(asked.request));
  return update(asked, async () => wanted);
}

async function patchSettings(asked: Asked): Promise<Response> {
  const change = parseSettings(settingsChangeSchema, await readCommand(asked.request));
  return update(asked, async (current) => changedSettings(await current(), change));
}

/** An issuer or a mapping that is not whole was understood and is refused (422); what are no settings at all was not (400). */
function parseSettings<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const isRecord = typeof body === 'object' && body !== null && !Array.isArray(body);
  parseAs(schema, isRecord ? { ...body, issuers: [], claim_mappings: [] } : body, 'settings');
  return parseAs(schema, body, 'settings', 422);
}

async function update(asked: Asked, change: Change): Promise<Response> {
  const { tools, writer } = await asAdministrator(asked);
  const query = readWriteQuery(asked);
  // Read only when there is something to compare: settings that can't be read can still be replaced.
  const check = preconditionOf(asked, settingsBody);
  const conditional = asked.request.headers.has('if-match');
  const precondition = async (current: () => Promise<WholeSettings>): Promise<void> => (conditional ? check(await current()) : undefined);
  const written = await changeSettings(tools, writer, change, precondition, publishMode(query));
  return writtenReply(asked, written, query, 200, settingsBody, { etag: await etagOf(settingsBody(written.value)) });
}

const tag = 'settings';
const path = `${ORG}/settings`;
const written = described(() => writtenAnswer(settingsShape));
const writtenExample = described(() => ({ ...settingsExample, revision: 42, published: true }));

export const settingsRoutes: readonly Route[] = [
  {
    method: 'GET',
    path,
    handler: getSettings,
    ...described(() => ({
      id: 'getSettings',
      summary: 'Get the settings, defaults included',
      tag,
      answer: settingsAnswer.extend({ revision: revisionNumber }),
      answerExample: { ...settingsExample, revision: 42 },
    })),
  },
  {
    method: 'PUT',
    path,
    handler: putSettings,
    ...described(() => ({
      id: 'replaceSettings',
      summary: 'Replace the settings',
      description: 'What the body leaves out gets its default.',
      tag,
      query: writeQuerySchema,
      body: settingsSchema,
      bodyExample: { default_role: 'Reader', closed_types: ['dataset'], role_cardinality: { project: 'single' } },
      answer: written,
      answerExample: writtenExample,
    })),
  },
  {
    method: 'PATCH',
    path,
    handler: patchSettings,
    ...described(() => ({
      id: 'updateSettings',
      summary: 'Change some settings',
      description: 'What isn’t named stays, `null` brings the default back, objects are merged and lists replaced (as RFC 7396).',
      tag,
      query: writeQuerySchema,
      body: settingsChangeSchema,
      bodyExample: { default_role: null, role_cardinality: { project: 'single' } },
      answer: written,
      answerExample: { ...writtenExample, default_role: null },
    })),
  },
];
