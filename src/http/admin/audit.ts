/** `/admin/orgs/{org}/audit` and `…/audit/verify`: who changed what, and whether that is still what was written. Read only. */
import { sha256Hex } from '../../authn/constant-time.ts';
import { LIMITS } from '../../core/terms/limits.ts';
import { CHAIN_START, type ChainPlace, verifyAudit } from '../../pap/audit/verify.ts';
import { parseAs } from '../common/parse.ts';
import { readQuery } from '../common/query.ts';
import { jsonReply } from '../common/reply.ts';
import { pageAnswer } from './answer-wire.ts';
import { auditAnswer, auditBody, auditExample, auditFilter, auditVerifyAnswer, auditVerifyQuery } from './audit-wire.ts';
import { type Administration, asAdministrator, requireToRead } from './caller.ts';
import { pageReply } from './reply.ts';
import { described, ORG, type Route } from './route.ts';
import type { Asked } from './services.ts';

async function asAuditor(asked: Asked): Promise<Administration> {
  const administration = await asAdministrator(asked);
  await requireToRead(administration, 'bitgate:audit', 'org');
  return administration;
}

/** Newest first. */
export async function listAudit(asked: Asked): Promise<Response> {
  const { tools, writer } = await asAuditor(asked);
  const query = parseAs(auditFilter, readQuery(asked.request.url), 'query');
  const { limit: _limit, cursor: _cursor, ...filter } = query;
  const { actor, action, target, from, to } = filter;
  return pageReply(asked, query, {
    name: 'audit',
    columns: 1,
    filters: { actor, action, target, from: from?.toString(), to: to?.toString() },
    // The id may have been another tenant's before: that is for the operator alone.
    load: (after, limit) =>
      tools.audit.page({ ...filter, presentLife: writer.subject !== null }, after === null ? null : Number(after[0]), limit),
    body: auditBody,
  });
}

export async function verifyAuditChain(asked: Asked): Promise<Response> {
  const { tools } = await asAuditor(asked);
  const { limit = LIMITS.auditRowsPerVerify, cursor } = parseAs(auditVerifyQuery, readQuery(asked.request.url), 'query');
  const { cursors } = asked.services;
  const query = JSON.stringify(['audit/verify', asked.params]);
  const from = cursor === undefined ? CHAIN_START : placeOf(await cursors.read(query, cursor, 3));
  const found = await verifyAudit(tools.audit, from, limit, sha256Hex);
  if (!found.valid) return jsonReply(200, { valid: false, first_bad: found.firstBad }, asked.requestId);
  const { id, revision, seal } = found.place;
  const next = found.more ? await cursors.write(query, [String(id), String(revision), seal ?? '']) : null;
  return jsonReply(200, { valid: true, rows: id, head_hash: seal, next }, asked.requestId);
}

/** A cursor is only written behind a row, so there is a seal. */
function placeOf([id = '', revision = '', seal = '']: readonly string[]): ChainPlace {
  return { id: Number(id), revision: Number(revision), seal };
}

const tag = 'audit';

export const auditRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: `${ORG}/audit`,
    handler: listAudit,
    ...described(() => ({
      id: 'listAudit',
      summary: 'Who changed what, and when, the newest first',
      tag,
      query: auditFilter,
      answer: pageAnswer(auditAnswer),
      answerExample: { items: [auditExample], next_cursor: null, total: 1 },
    })),
  },
  {
    method: 'GET',
    path: `${ORG}/audit/verify`,
    handler: verifyAuditChain,
    ...described(() => ({
      id: 'verifyAudit',
      summary: 'Prove that the audit is what was written',
      tag,
      query: auditVerifyQuery,
      answer: auditVerifyAnswer,
      answerExample: { valid: true, rows: 7, head_hash: auditExample.hash, next: null },
    })),
  },
];
