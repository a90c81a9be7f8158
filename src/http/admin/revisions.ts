/** `/admin/orgs/{org}/revisions…`: every committed state, what it changed, and the way back to it. */
import { diffAccess, diffRevisions, parseRevision } from '../../pap/history/diff.ts';
import { listRevisions, revisionDetail } from '../../pap/history/kept.ts';
import { rollBack } from '../../pap/history/rollback.ts';
import { tagRevision } from '../../pap/history/tag.ts';
import { formatTime } from '../../pap/manifest/times.ts';
import { readCommand } from '../common/body.ts';
import { parseAs } from '../common/parse.ts';
import { readQuery } from '../common/query.ts';
import { jsonReply } from '../common/reply.ts';
import { pageAnswer } from './answer-wire.ts';
import { type Administration, asAdministrator, requireToRead } from './caller.ts';
import { accessItems, pageReply, publishMode, readWriteQuery, writtenReply } from './reply.ts';
import {
  diffAnswer,
  diffExample,
  diffQuery,
  revisionAnswer,
  revisionBody,
  revisionDetailAnswer,
  revisionDetailExample,
  revisionExample,
  revisionsQuery,
  rollbackAnswer,
  rollbackBody,
  rollbackExample,
  tagAnswer,
  tagExample,
  tagSchema,
  untagAnswer,
  untagExample,
} from './revisions-wire.ts';
import { described, ORG, type Route } from './route.ts';
import type { Asked } from './services.ts';
import { writeQuerySchema } from './wire.ts';

async function asReader(asked: Asked): Promise<Administration> {
  const administration = await asAdministrator(asked);
  await requireToRead(administration, 'bitgate:read', 'org');
  return administration;
}

/** Newest first. */
export async function listAllRevisions(asked: Asked): Promise<Response> {
  const { tools } = await asReader(asked);
  const query = parseAs(revisionsQuery, readQuery(asked.request.url), 'query');
  return pageReply(asked, query, {
    name: 'revisions',
    columns: 1,
    filters: {},
    load: (after, limit) => listRevisions(tools, after === null ? null : Number(after[0]), limit),
    body: revisionBody,
  });
}

export async function getRevision(asked: Asked): Promise<Response> {
  const { tools } = await asReader(asked);
  const { held, tables, ...listed } = await revisionDetail(tools, parseRevision(asked.params.revision ?? ''));
  const snapshot = held === null ? null : await piecesOf(asked, tools.organization, held);
  return jsonReply(200, { ...revisionBody(listed), tables, snapshot }, asked.requestId);
}

async function piecesOf(
  { services }: Asked,
  organization: string,
  held: { readonly revision: number; readonly at: number; readonly manifest: string },
): Promise<object> {
  const { snapshot } = await services.pdp.openRevision(organization, held);
  const { catalogHash, directories } = snapshot.manifest;
  const hashes = (kind: keyof typeof directories): string[] => directories[kind].records().map(({ hash }) => hash);
  return {
    published_at: formatTime(held.at),
    manifest: held.manifest,
    catalog: catalogHash,
    principals: hashes('principals'),
    resources: hashes('resources'),
    keys: hashes('keys'),
  };
}

export async function getDiff(asked: Asked): Promise<Response> {
  const { tools } = await asReader(asked);
  const { from, to, limit, cursor } = parseAs(diffQuery, readQuery(asked.request.url), 'query');
  const { cursors } = asked.services;
  // All pages are of one moment: windows that end between two of them would make a mixture.
  const query = JSON.stringify(['revisions/diff', asked.params, from, to]);
  const [start = '0', now = String(tools.now())] = cursor === undefined ? [] : await cursors.read(query, cursor, 2);
  const { plan, from: before, to: after } = await diffRevisions(tools, from, to);
  const access =
    before === null || after === null
      ? null
      : await accessItems(await diffAccess(tools.preview, before, after, Number(now)), Number(start), limit, (end) =>
          cursors.write(query, [String(end), now]),
        );
  return jsonReply(200, { from, to, ...plan, access }, asked.requestId);
}

export async function putTag(asked: Asked): Promise<Response> {
  const { tools, writer } = await asAdministrator(asked);
  const query = readWriteQuery(asked);
  const revision = parseRevision(asked.params.revision ?? '');
  const { tag } = parseAs(tagSchema, await readCommand(asked.request), 'tag');
  const written = await tagRevision(tools, writer, revision, tag, publishMode(query));
  return writtenReply(asked, written, query, 200, (value) => value);
}

export async function deleteTag(asked: Asked): Promise<Response> {
  const { tools, writer } = await asAdministrator(asked);
  const query = readWriteQuery(asked);
  const written = await tagRevision(tools, writer, parseRevision(asked.params.revision ?? ''), null, publishMode(query));
  return writtenReply(asked, written, query, 200, (deleted) => ({ deleted }));
}

export async function postRollback(asked: Asked): Promise<Response> {
  const { tools, writer } = await asAdministrator(asked);
  const query = readWriteQuery(asked);
  const written = await rollBack(tools, writer, parseRevision(asked.params.revision ?? ''), publishMode(query));
  return writtenReply(asked, written, query, 200, rollbackBody);
}

const REVISIONS = `${ORG}/revisions`;
const REVISION = `${REVISIONS}/:revision`;
const tag = 'revisions';

/** `diff` stands before the numbers. */
export const revisionRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: REVISIONS,
    handler: listAllRevisions,
    ...described(() => ({
      id: 'listRevisions',
      summary: 'List every committed state, newest first',
      tag,
      query: revisionsQuery,
      answer: pageAnswer(revisionAnswer),
      answerExample: { items: [revisionExample], next_cursor: null, total: 1 },
    })),
  },
  {
    method: 'GET',
    path: `${REVISIONS}/diff`,
    handler: getDiff,
    ...described(() => ({
      alsoRefuses: [410, 413],
      id: 'diffRevisions',
      summary: 'Show what changed from one revision to another',
      tag,
      query: diffQuery,
      queryExample: { from: '41', to: '42' },
      answer: diffAnswer,
      answerExample: diffExample,
    })),
  },
  {
    method: 'GET',
    path: REVISION,
    handler: getRevision,
    ...described(() => ({
      alsoRefuses: [410],
      id: 'getRevision',
      summary: 'Show one revision: who made it, what it changed, what it is made of',
      tag,
      answer: revisionDetailAnswer,
      answerExample: revisionDetailExample,
    })),
  },
  {
    method: 'PUT',
    path: `${REVISION}/tag`,
    handler: putTag,
    ...described(() => ({
      alsoRefuses: [410],
      id: 'tagRevision',
      summary: 'Give a revision a name, and keep it for ever',
      tag,
      query: writeQuerySchema,
      body: tagSchema,
      bodyExample: { tag: 'release 7' },
      answer: tagAnswer,
      answerExample: tagExample,
    })),
  },
  {
    method: 'DELETE',
    path: `${REVISION}/tag`,
    handler: deleteTag,
    ...described(() => ({
      alsoRefuses: [410],
      id: 'untagRevision',
      summary: 'Take the name of a revision: from then on it is kept like those without one',
      tag,
      query: writeQuerySchema,
      answer: untagAnswer,
      answerExample: untagExample,
    })),
  },
  {
    method: 'POST',
    path: `${REVISION}/rollback`,
    handler: postRollback,
    ...described(() => ({
      alsoRefuses: [410, 413],
      id: 'rollBack',
      summary: 'Restore the data of a revision, as a new one',
      description:
        'Never brings back what was withdrawn since: deleted, disabled or rotated keys, removed members and what was theirs, and the status of subjects stays as it is. The answer lists what was not restored, and why.',
      tag,
      query: writeQuerySchema,
      answer: rollbackAnswer,
      answerExample: rollbackExample,
    })),
  },
];
