/** `/admin/orgs/{org}/import`, `/export`: any number of the model's things as lines of JSON, streamed in and out. */
import { BitgateError } from '../../core/terms/problem.ts';
import { Budget } from '../../pap/import/budget.ts';
import { type ExportPart, type ExportPlace, exportLines } from '../../pap/import/export.ts';
import { importLines } from '../../pap/import/run.ts';
import { thereIsNo } from '../../pap/write/refusals.ts';
import { parseAs } from '../common/parse.ts';
import { readQuery } from '../common/query.ts';
import { baseHeaders, jsonReply } from '../common/reply.ts';
import { pageAnswer } from './answer-wire.ts';
import { asAdministrator, requireToRead } from './caller.ts';
import {
  exportQuery,
  importAnswer,
  importBody,
  importExample,
  importLine,
  importLinesQuery,
  importResult,
  importsQuery,
  lineExample,
} from './imports-wire.ts';
import { pageReply } from './reply.ts';
import { described, ORG, type Route } from './route.ts';
import type { Asked } from './services.ts';

const LINES = 'application/x-ndjson';
/** One thing alone is JSON, too. */
const LINES_TYPE = /^application\/(?:x-ndjson|ndjson|jsonl|json)(?:\s*;\s*charset=(?:utf-8|"utf-8"))?\s*$/i;

async function postLines(asked: Asked): Promise<Response> {
  const { tools, writer } = await asAdministrator(asked);
  const query = parseAs(importLinesQuery, readQuery(asked.request.url), 'query');
  const wanted = { id: query.import ?? null, fromLine: query.from_line ?? 1, more: query.more === 'true' };
  const budget = new Budget(
    () => tools.queries(),
    () => tools.now(),
  );
  const { row, ended, nextLine, revision, published } = await importLines(tools, writer, bytesOf(asked.request), wanted, budget);
  const shown = { import: row === null ? null : importBody(row), next_line: nextLine, revision, published };
  return jsonReply(ended ? 200 : 202, shown, asked.requestId);
}

/** The body, unpacked. @throws BitgateError `unsupported_media_type` (415), `malformed_body` (400) */
async function* bytesOf({ headers, body }: Request): AsyncGenerator<Uint8Array> {
  if (!LINES_TYPE.test(headers.get('content-type') ?? '')) throw unsupported('`content-type: application/x-ndjson`');
  const encoding = headers.get('content-encoding') ?? 'identity';
  if (encoding !== 'identity' && encoding !== 'gzip') throw unsupported('`content-encoding: gzip`, or without one');
  if (body === null) return;
  const stream: ReadableStream<Uint8Array> = encoding === 'gzip' ? body.pipeThrough(new DecompressionStream('gzip')) : body;
  try {
    yield* stream;
  } catch {
    throw new BitgateError('malformed_body', 400, 'the body can not be read to its end: what is applied stays, go on behind it');
  }
}

function unsupported(what: string): BitgateError {
  return new BitgateError('unsupported_media_type', 415, `send the lines with ${what}`);
}

async function listImports(asked: Asked): Promise<Response> {
  const administration = await asAdministrator(asked);
  await requireToRead(administration, 'bitgate:read', 'org');
  return pageReply(asked, parseAs(importsQuery, readQuery(asked.request.url), 'query'), {
    name: 'imports',
    columns: 2,
    filters: {},
    load: (after, limit) => administration.tools.imports.page(after, limit),
    body: importBody,
  });
}

async function getImport(asked: Asked): Promise<Response> {
  const administration = await asAdministrator(asked);
  await requireToRead(administration, 'bitgate:read', 'org');
  const id = asked.params.id ?? '';
  const row = await administration.tools.imports.get(id);
  if (row === null) throw thereIsNo('import', id);
  return jsonReply(200, importBody(row), asked.requestId);
}

async function getExport(asked: Asked): Promise<Response> {
  const administration = await asAdministrator(asked);
  await requireToRead(administration, 'bitgate:read', 'org');
  const { tools } = administration;
  const { cursor } = parseAs(exportQuery, readQuery(asked.request.url), 'query');
  const { cursors } = asked.services;
  const query = JSON.stringify(['export', tools.organization]);
  const [revision, section, after = ''] = cursor === undefined ? [] : await cursors.read(query, cursor, 3);
  const from: ExportPlace | null =
    section === 'resources' || section === 'principals' ? { revision: Number(revision), section, after } : null;
  const parts = exportLines(
    tools,
    from,
    new Budget(
      () => tools.queries(),
      () => tools.now(),
    ),
    (place) => cursors.write(query, [String(place.revision), place.section, place.after]),
  );
  // What is refused before the first line is an answer with a status, not a stream that breaks off.
  const first = await parts.next();
  const shown = first.done === true ? '' : String(first.value.revision);
  const headers = { ...baseHeaders(asked.requestId), 'content-type': LINES, 'x-bitgate-revision': shown };
  return new Response(streamOf(first, parts), { headers });
}

/** Read as fast as the caller takes it. An error breaks the answer off: its last line is missing. */
function streamOf(first: IteratorResult<ExportPart>, parts: AsyncGenerator<ExportPart>): ReadableStream<Uint8Array> {
  const text = new TextEncoder();
  let next: IteratorResult<ExportPart> | null = first;
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = next ?? (await parts.next());
      next = null;
      if (done === true) controller.close();
      else controller.enqueue(text.encode(value.text));
    },
    async cancel() {
      await parts.return(undefined);
    },
  });
}

const tag = 'imports';
const IMPORTS = `${ORG}/imports`;

export const importRoutes: readonly Route[] = [
  {
    method: 'POST',
    path: `${ORG}/import`,
    handler: postLines,
    ...described(() => ({
      id: 'importLines',
      summary: 'Import any number of things, one a line',
      description:
        'Lines of JSON, each a whole thing by `kind`; what it leaves out is as by default, what no line names stays. Lines are applied in chunks, each in one transaction or not at all: an error names its lines, and everything before its chunk stays. 202: this request has done its share, go on at `next_line`. Lines that are applied already are passed over, so the file can be sent again from its start. `content-encoding: gzip` is taken.',
      tag,
      query: importLinesQuery,
      body: importLine,
      bodyExample: lineExample,
      bodyTypes: [LINES, 'application/json'],
      alsoStatus: [202],
      alsoRefuses: [413, 422],
      answer: importResult,
      answerExample: { import: importExample, next_line: 100_001, revision: 42, published: true },
    })),
  },
  {
    method: 'GET',
    path: IMPORTS,
    handler: listImports,
    ...described(() => ({
      id: 'listImports',
      summary: 'List imports, newest first',
      tag,
      query: importsQuery,
      answer: pageAnswer(importAnswer),
      answerExample: { items: [importExample], next_cursor: null, total: 1 },
    })),
  },
  {
    method: 'GET',
    path: `${ORG}/import/:id`,
    handler: getImport,
    ...described(() => ({
      id: 'getImport',
      summary: 'Show how far an import has come',
      tag,
      answer: importAnswer,
      answerExample: importExample,
    })),
  },
  {
    method: 'GET',
    path: `${ORG}/export`,
    handler: getExport,
    ...described(() => ({
      id: 'exportLines',
      summary: 'Export the organization as lines that can be imported',
      description:
        'System things, keys and invitations lie outside. The last line has the kind `end`: an export without it broke off. When its `next` isn’t null, the export goes on there with `cursor`.',
      tag,
      query: exportQuery,
      alsoRefuses: [],
      answer: importLine,
      answerExample: lineExample,
      answerTypes: [LINES],
    })),
  },
];
