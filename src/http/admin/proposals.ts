/** `/admin/orgs/{org}/proposals…`: gated changes, for a second administrator to confirm. */
import { confirmProposal, withdrawProposal } from '../../pap/gate/decide.ts';
import type { ProposalRow } from '../../pap/gate/rows.ts';
import { showProposal } from '../../pap/gate/show.ts';
import { attempts, type Written } from '../../pap/write/write.ts';
import { parseAs } from '../common/parse.ts';
import { readQuery } from '../common/query.ts';
import { jsonReply } from '../common/reply.ts';
import { accessPage, pageAnswer, revisionNumber, writtenAnswer } from './answer-wire.ts';
import { asAdministrator, requireToRead } from './caller.ts';
import { proposalAnswer, proposalBody, proposalExample, proposalQuery, proposalsQuery } from './proposals-wire.ts';
import { accessItems, pageReply, publishMode, readWriteQuery, type WriteQuery, writtenReply } from './reply.ts';
import { described, ORG, type Route } from './route.ts';
import type { Asked } from './services.ts';
import { writeQuerySchema } from './wire.ts';

async function listProposals(asked: Asked): Promise<Response> {
  const administration = await asAdministrator(asked);
  await requireToRead(administration, 'bitgate:read', 'org');
  const query = parseAs(proposalsQuery, readQuery(asked.request.url), 'query');
  const { state } = query;
  const now = asked.services.now();
  return pageReply(asked, query, {
    name: 'proposals',
    columns: 2,
    filters: { state },
    load: (after, limit) => administration.tools.proposals.page({ state: state ?? null, now }, after, limit),
    body: (row) => proposalBody(row, now),
  });
}

async function getProposal(asked: Asked): Promise<Response> {
  const { tools, writer } = await asAdministrator(asked);
  const { limit, cursor } = parseAs(proposalQuery, readQuery(asked.request.url), 'query');
  const { cursors } = asked.services;
  return attempts(tools, async () => {
    const { row, moment, access } = await showProposal(tools, writer, idOf(asked));
    // All pages are of one revision and one moment: else they would be a mixture.
    const query = JSON.stringify(['proposals', asked.params, moment.revision]);
    const [start = '0', now = String(moment.now)] = cursor === undefined ? [] : await cursors.read(query, cursor, 2);
    const diff = await access(Number(now));
    const page = diff === null ? null : await accessItems(diff, Number(start), limit, (end) => cursors.write(query, [String(end), now]));
    const body = proposalBody(row, moment.now);
    return jsonReply(200, { ...body, access_diff: page, revision: moment.revision }, asked.requestId);
  });
}

async function postConfirmation(asked: Asked): Promise<Response> {
  const { tools, writer } = await asAdministrator(asked);
  const query = readWriteQuery(asked);
  return reply(asked, await confirmProposal(tools, writer, idOf(asked), publishMode(query)), query);
}

async function deleteProposal(asked: Asked): Promise<Response> {
  const { tools, writer } = await asAdministrator(asked);
  const query = readWriteQuery(asked);
  return reply(asked, await withdrawProposal(tools, writer, idOf(asked), publishMode(query)), query);
}

function reply(asked: Asked, written: Written<ProposalRow>, query: WriteQuery): Promise<Response> {
  return writtenReply(asked, written, query, 200, (row) => ({ decided: proposalBody(row, asked.services.now()) }));
}

function idOf({ params }: Asked): string {
  return params.id ?? '';
}

const tag = 'proposals';
const PROPOSALS = `${ORG}/proposals`;
const PROPOSAL = `${PROPOSALS}/:id`;
const decidedAnswer = described(() => writtenAnswer({ decided: proposalAnswer }));
const decided = described(() => ({ ...proposalExample, decided_by: 'user:bob', decided_at: '2027-01-31T12:00:00Z' }));

export const proposalRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: PROPOSALS,
    handler: listProposals,
    ...described(() => ({
      id: 'listProposals',
      summary: 'List the changes that wait for a second administrator, and those that did, newest first',
      tag,
      query: proposalsQuery,
      queryExample: { state: 'pending' },
      answer: pageAnswer(proposalAnswer),
      answerExample: { items: [proposalExample], next_cursor: null, total: 1 },
    })),
  },
  {
    method: 'GET',
    path: PROPOSAL,
    handler: getProposal,
    ...described(() => ({
      alsoRefuses: [413, 422],
      id: 'getProposal',
      summary: 'Show a proposal, and who would gain and lose what if it were confirmed now',
      description: '`access_diff` is null when it is decided or expired, or when what it changes is not any more what it was.',
      tag,
      query: proposalQuery,
      answer: proposalAnswer.extend({ access_diff: accessPage.nullable(), revision: revisionNumber }),
      answerExample: {
        ...proposalExample,
        access_diff: {
          gained: 0,
          lost: 31,
          items: [{ change: 'lost', principal: 'user:alice', privilege: 'dataset:view', scope: 'org', conditional: false }],
          next_cursor: null,
          total: 31,
        },
        revision: 42,
      },
    })),
  },
  {
    method: 'POST',
    path: `${PROPOSAL}/confirm`,
    handler: postConfirmation,
    ...described(() => ({
      alsoRefuses: [410, 413],
      id: 'confirmProposal',
      summary: 'Confirm a proposal: its change is written',
      description:
        'By another administrator than its author, who is judged as if the change were theirs; keys of one owner are one person, and a key whose token the author got is the author’s. Refused as `proposal_outdated` when what it touches, or what would come of it, is not what it was.',
      tag,
      query: writeQuerySchema,
      answer: decidedAnswer,
      answerExample: { decided: { ...decided, state: 'confirmed' }, revision: 43, published: true },
    })),
  },
  {
    method: 'DELETE',
    path: PROPOSAL,
    handler: deleteProposal,
    ...described(() => ({
      alsoRefuses: [410],
      id: 'withdrawProposal',
      summary: 'Withdraw a proposal: its author, or whoever could confirm it',
      tag,
      query: writeQuerySchema,
      answer: decidedAnswer,
      answerExample: { decided: { ...decided, state: 'withdrawn' }, revision: 42, published: true },
    })),
  },
];
