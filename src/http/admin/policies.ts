/** `L/policies`, `L/policies/{policy}`: named bundles of privileges, of the organization or of one project. */
import type { PolicyRow } from '../../core/terms/rows.ts';
import { unknownBundle } from '../../pap/bundles/catalog.ts';
import { deletePolicy } from '../../pap/bundles/delete-bundle.ts';
import { requireLevel } from '../../pap/bundles/level.ts';
import { createPolicy, POLICY_DEFAULTS, type PolicyChange, updatePolicy } from '../../pap/bundles/save-policy.ts';
import type { Written } from '../../pap/write/write.ts';
import { readCommand } from '../common/body.ts';
import { parseAs } from '../common/parse.ts';
import { readQuery } from '../common/query.ts';
import { jsonReply } from '../common/reply.ts';
import { pageAnswer, revisionNumber, writtenAnswer } from './answer-wire.ts';
import { createQuery, deleteQuery, flag, writeQuerySchema } from './bundles-wire.ts';
import { asAdministrator, requireToRead } from './caller.ts';
import { etagOf, preconditionOf } from './etag.ts';
import { atBothLevels, levelAsked } from './levels.ts';
import {
  listedPolicyBody,
  listedPolicyExample,
  listedPolicyShape,
  policyBody,
  policyBodyExample,
  policyChangeSchema,
  policyExample,
  policyFilter,
  policySchema,
  policyShape,
} from './policies-wire.ts';
import { pageReply, publishMode, type WriteQuery, writtenReply } from './reply.ts';
import { described, type Route } from './route.ts';
import type { Asked } from './services.ts';

async function listPolicies(asked: Asked): Promise<Response> {
  const administration = await asAdministrator(asked);
  const level = levelAsked(asked);
  const { lookup, bundles } = administration.tools;
  await requireToRead(administration, 'bitgate:read', level.scope);
  await requireLevel(lookup, level);
  const query = parseAs(policyFilter, readQuery(asked.request.url), 'query');
  const { q, state, effect, system, privilege } = query;
  const filter = { project: level.project, search: q, state, effect, system: flag(system), privilege };
  return pageReply(asked, query, {
    name: 'policies',
    columns: 1,
    filters: { q, state, effect, system, privilege },
    load: (after, limit) => bundles.policies(filter, after?.[0] ?? '', limit),
    body: listedPolicyBody,
  });
}

async function getPolicy(asked: Asked): Promise<Response> {
  const administration = await asAdministrator(asked);
  const level = levelAsked(asked);
  const { lookup, bundles, reader } = administration.tools;
  await requireToRead(administration, 'bitgate:read', level.scope);
  await requireLevel(lookup, level);
  // The revision first: what is shown is that one or newer.
  const revision = await reader.revision();
  const policy = await bundles.policy(level.project, referenceOf(asked));
  if (policy === null) throw unknownBundle('policy', referenceOf(asked), level.project);
  const etag = await etagOf(policyBody(policy.row));
  return jsonReply(200, { ...listedPolicyBody(policy), revision }, asked.requestId, { etag });
}

async function postPolicy(asked: Asked): Promise<Response> {
  const { tools, writer } = await asAdministrator(asked);
  const query = parseAs(createQuery, readQuery(asked.request.url), 'query');
  const wanted = parseAs(policySchema, await readCommand(asked.request), 'policy');
  const written = await createPolicy(tools, writer, levelAsked(asked), wanted, query.if_exists ?? 'refuse', publishMode(query));
  return reply(asked, written, query, 201);
}

async function putPolicy(asked: Asked): Promise<Response> {
  return update(asked, async () => ({ ...POLICY_DEFAULTS, ...parseAs(policySchema, await readCommand(asked.request), 'policy') }));
}

async function patchPolicy(asked: Asked): Promise<Response> {
  return update(asked, async () => parseAs(policyChangeSchema, await readCommand(asked.request), 'policy'));
}

async function update(asked: Asked, read: () => Promise<PolicyChange>): Promise<Response> {
  const { tools, writer } = await asAdministrator(asked);
  const query = parseAs(writeQuerySchema, readQuery(asked.request.url), 'query');
  const change = await read();
  const precondition = preconditionOf(asked, policyBody);
  const level = levelAsked(asked);
  return reply(asked, await updatePolicy(tools, writer, level, referenceOf(asked), change, precondition, publishMode(query)), query, 200);
}

async function removePolicy(asked: Asked): Promise<Response> {
  const { tools, writer } = await asAdministrator(asked);
  const query = parseAs(deleteQuery, readQuery(asked.request.url), 'query');
  const precondition = preconditionOf(asked, policyBody);
  const force = query.force === 'true';
  const level = levelAsked(asked);
  const written = await deletePolicy(tools, writer, level, referenceOf(asked), force, precondition, publishMode(query));
  return writtenReply(asked, written, query, 200, (row) => ({ deleted: policyBody(row) }));
}

async function reply(asked: Asked, written: Written<PolicyRow>, query: WriteQuery, status: 200 | 201): Promise<Response> {
  return writtenReply(asked, written, query, status, policyBody, { etag: await etagOf(policyBody(written.value)) });
}

function referenceOf({ params }: Asked): string {
  return params.policy ?? '';
}

const written = described(() => writtenAnswer(policyShape.shape));
const writtenExample = described(() => ({ ...policyBodyExample, revision: 42, published: true }));
const tag = 'policies';

export const policyRoutes: readonly Route[] = atBothLevels([
  {
    method: 'GET',
    path: '/policies',
    handler: listPolicies,
    ...described(() => ({
      id: 'listPolicies',
      summary: 'List policies, with the roles and assignments that use them',
      tag,
      query: policyFilter,
      answer: pageAnswer(listedPolicyShape),
      answerExample: { items: [listedPolicyExample], next_cursor: null, total: 1 },
    })),
  },
  {
    method: 'POST',
    path: '/policies',
    handler: postPolicy,
    ...described(() => ({
      id: 'createPolicy',
      summary: 'Create a policy',
      tag,
      query: createQuery,
      body: policySchema,
      bodyExample: policyExample,
      status: 201,
      answer: written,
      answerExample: writtenExample,
    })),
  },
  {
    method: 'GET',
    path: '/policies/:policy',
    handler: getPolicy,
    ...described(() => ({
      id: 'getPolicy',
      summary: 'Get a policy, by id or name',
      tag,
      answer: listedPolicyShape.extend({ revision: revisionNumber }),
      answerExample: { ...listedPolicyExample, revision: 42 },
    })),
  },
  {
    method: 'PUT',
    path: '/policies/:policy',
    handler: putPolicy,
    ...described(() => ({
      id: 'replacePolicy',
      summary: 'Replace what a policy says',
      tag,
      description: 'What the body leaves out gets its default. The id, the assignments and the roles that bundle it stay.',
      query: writeQuerySchema,
      body: policySchema,
      bodyExample: policyExample,
      answer: written,
      answerExample: writtenExample,
    })),
  },
  {
    method: 'PATCH',
    path: '/policies/:policy',
    handler: patchPolicy,
    ...described(() => ({
      id: 'updatePolicy',
      summary: 'Change the named fields of a policy',
      tag,
      query: writeQuerySchema,
      body: policyChangeSchema,
      bodyExample: { state: 'INACTIVE' },
      answer: written,
      answerExample: { ...writtenExample, state: 'INACTIVE' },
    })),
  },
  {
    method: 'DELETE',
    path: '/policies/:policy',
    handler: removePolicy,
    ...described(() => ({
      id: 'deletePolicy',
      summary: 'Delete a policy',
      tag,
      description:
        'One in use is refused with its users, unless `force=true` unassigns it and takes it from the roles in the same transaction.',
      query: deleteQuery,
      answer: writtenAnswer({ deleted: policyShape }),
      answerExample: { deleted: policyBodyExample, revision: 42, published: true },
    })),
  },
]);
