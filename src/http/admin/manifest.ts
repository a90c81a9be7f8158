/** `/admin/orgs/{org}/manifest`: everything of an organization as one document, JSON or YAML, whole (PUT) or in sections (PATCH). */
import { LIMITS } from '../../core/terms/limits.ts';
import { BitgateError } from '../../core/terms/problem.ts';
import { changeByManifest, type ManifestChange } from '../../pap/manifest/change.ts';
import { exportManifest } from '../../pap/manifest/export/export.ts';
import { type ManifestFormat, parseManifest } from '../../pap/manifest/parse.ts';
import { resolvePatch } from '../../pap/manifest/patch.ts';
import { resolve } from '../../pap/manifest/resolve/resolve.ts';
import { manifestSchema } from '../../pap/manifest/schema.ts';
import { toYaml } from '../../pap/manifest/yaml-write.ts';
import type { TableRows } from '../../pap/ports.ts';
import { readText } from '../common/body.ts';
import { parseAs } from '../common/parse.ts';
import { readQuery } from '../common/query.ts';
import { baseHeaders } from '../common/reply.ts';
import { asAdministrator, requireToRead } from './caller.ts';
import { etagOf, preconditionOf } from './etag.ts';
import { manifestAnswer, manifestAnswerExample, manifestExample, manifestQuery } from './manifest-wire.ts';
import { publishMode, writtenReply } from './reply.ts';
import { described, ORG, type Route } from './route.ts';
import type { Asked } from './services.ts';

const YAML_TYPE = 'application/yaml; charset=utf-8';
const YAML = /^(?:application|text)\/(?:x-)?yaml\s*(?:;|$)/i;
const JSON_MEDIA = /^application\/json\s*(?:;|$)/i;

/** The document is one thing, in JSON or in YAML: both forms have the same `ETag`. */
export async function getManifest(asked: Asked): Promise<Response> {
  const administration = await asAdministrator(asked);
  await requireToRead(administration, 'bitgate:read', 'org');
  const { revision, tables } = await administration.tools.writer.load();
  const document = exportManifest(tables);
  const yaml = (asked.request.headers.get('accept') ?? '').split(',').some((type) => YAML.test(type.trim()));
  const own = { 'x-bitgate-revision': String(revision), vary: 'accept', etag: await etagOf(document) };
  const headers = { ...baseHeaders(asked.requestId), ...own };
  if (!yaml) return new Response(JSON.stringify(document), { headers });
  return new Response(toYaml(document), { headers: { ...headers, 'content-type': YAML_TYPE } });
}

export async function putManifest(asked: Asked): Promise<Response> {
  const document = await readManifest(asked);
  return change(asked, { action: 'manifest.put', aim: (options) => resolve(document, options) });
}

export async function patchManifest(asked: Asked): Promise<Response> {
  const document = await readManifest(asked);
  return change(asked, { action: 'manifest.patch', aim: (options) => resolvePatch(document, options) });
}

async function change(asked: Asked, wanted: Pick<ManifestChange, 'action' | 'aim'>): Promise<Response> {
  const { tools, writer } = await asAdministrator(asked);
  const query = parseAs(manifestQuery, readQuery(asked.request.url), 'query');
  const precondition = preconditionOf<TableRows>(asked, exportManifest);
  const written = await changeByManifest(tools, writer, { ...wanted, precondition }, publishMode(query));
  const headers = publishMode(query) === 'dry_run' ? undefined : { etag: await etagOf(exportManifest(written.value.tables)) };
  return writtenReply(asked, written, query, 200, ({ plan }) => ({ dry_run: false, plan }), headers);
}

/** Credentials first: strangers don't get a large body read. */
export async function readManifest(asked: Asked): Promise<unknown> {
  await asAdministrator(asked);
  const format = formatOf(asked.request);
  return parseManifest(await readText(asked.request, LIMITS.manifestBodyBytes), format);
}

function formatOf(request: Request): ManifestFormat {
  const type = request.headers.get('content-type') ?? '';
  if (JSON_MEDIA.test(type)) return 'json';
  if (YAML.test(type)) return 'yaml';
  throw new BitgateError('unsupported_media_type', 415, 'send the manifest with `content-type: application/json` or `application/yaml`');
}

const TYPES = described(() => ['application/json', 'application/yaml']);
const path = `${ORG}/manifest`;
const write = described(() => ({
  tag: 'manifest',
  query: manifestQuery,
  body: manifestSchema,
  bodyTypes: TYPES,
  bodyExample: manifestExample,
  answer: manifestAnswer,
  answerExample: manifestAnswerExample,
}));

export const manifestRoutes: readonly Route[] = [
  {
    method: 'GET',
    path,
    handler: getManifest,
    ...described(() => ({
      id: 'getManifest',
      summary: 'Export the organization as one document',
      tag: 'manifest',
      description: 'JSON, or YAML with `accept: application/yaml`. System things, keys and invitations lie outside.',
      answer: manifestSchema,
      answerTypes: TYPES,
      answerExample: manifestExample,
    })),
  },
  {
    method: 'PUT',
    path,
    handler: putManifest,
    ...described(() => ({
      ...write,
      id: 'putManifest',
      summary: 'Make the organization equal to a document',
      description: 'JSON or YAML. A section that is missing is empty. `dry_run=true` shows the plan and who would gain and lose what.',
    })),
  },
  {
    method: 'PATCH',
    path,
    handler: patchManifest,
    ...described(() => ({
      ...write,
      id: 'patchManifest',
      summary: 'Replace sections of the organization',
      description:
        'JSON or YAML. A section that is missing is left alone, one that is there is replaced whole. Of `projects`, one that is not named is left alone, and of one that is named what is not said of it.',
    })),
  },
];
