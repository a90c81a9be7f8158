/** `/admin/orgs/{org}/manifest`: everything of an organization as one document, JSON or YAML. */
import { LIMITS } from '../../core/terms/limits.ts';
import { BitgateError } from '../../core/terms/problem.ts';
import { exportManifest } from '../../pap/manifest/export/export.ts';
import { type ManifestFormat, parseManifest } from '../../pap/manifest/parse.ts';
import { replaceManifest } from '../../pap/manifest/replace.ts';
import { toYaml } from '../../pap/manifest/yaml-write.ts';
import { readText } from '../common/body.ts';
import { baseHeaders } from '../common/reply.ts';
import { asAdministrator, requireToRead } from './caller.ts';
import { publishMode, readWriteQuery, writtenReply } from './reply.ts';
import type { Asked } from './services.ts';

const YAML_TYPE = 'application/yaml; charset=utf-8';
const YAML = /^(?:application|text)\/(?:x-)?yaml\s*(?:;|$)/i;
const JSON_MEDIA = /^application\/json\s*(?:;|$)/i;

export async function getManifest(asked: Asked): Promise<Response> {
  const administration = await asAdministrator(asked);
  await requireToRead(administration, 'bitgate:read', 'org');
  const { revision, tables } = await administration.tools.writer.load();
  const document = exportManifest(tables);
  const yaml = (asked.request.headers.get('accept') ?? '').split(',').some((type) => YAML.test(type.trim()));
  const headers = { ...baseHeaders(asked.requestId), 'x-bitgate-revision': String(revision), vary: 'accept' };
  if (!yaml) return new Response(JSON.stringify(document), { headers });
  return new Response(toYaml(document), { headers: { ...headers, 'content-type': YAML_TYPE } });
}

export async function putManifest(asked: Asked): Promise<Response> {
  const { tools, writer } = await asAdministrator(asked);
  const query = readWriteQuery(asked);
  const format = formatOf(asked.request);
  const document = parseManifest(await readText(asked.request, LIMITS.manifestBodyBytes), format);
  const written = await replaceManifest(tools, writer, document, publishMode(query));
  return writtenReply(asked, written, query, 200, (plan) => ({ dry_run: false, plan }));
}

function formatOf(request: Request): ManifestFormat {
  const type = request.headers.get('content-type') ?? '';
  if (JSON_MEDIA.test(type)) return 'json';
  if (YAML.test(type)) return 'yaml';
  throw new BitgateError('unsupported_media_type', 415, 'send the manifest with `content-type: application/json` or `application/yaml`');
}
