/** The wire form of the audit. */

import * as z from 'zod';
import { lazy } from '../../core/terms/lazy.ts';
import { LIMITS } from '../../core/terms/limits.ts';
import type { AuditRow } from '../../pap/audit/chain.ts';
import { formatTime } from '../../pap/manifest/times.ts';
import { time } from '../common/time.ts';
import { timeText } from './answer-wire.ts';
import { described } from './route.ts';
import { pageQuery, rowLimit } from './wire.ts';

export const auditFilter = lazy(() =>
  z.strictObject({
    ...pageQuery,
    actor: z.string().min(1).optional(),
    action: z.string().min(1).optional(),
    target: z.string().min(1).optional(),
    from: time.optional(),
    to: time.optional(),
  }),
);

export const auditVerifyQuery = lazy(() => z.strictObject({ limit: rowLimit(LIMITS.auditRowsPerVerify), cursor: z.string().optional() }));

const seal = described(() => z.string().nullable());

export const auditAnswer = described(() =>
  z.strictObject({
    id: z.int().min(1),
    at: timeText,
    revision: z.int().min(0),
    actor: z.string(),
    action: z.string(),
    target: z.string(),
    request_id: z.string(),
    before: z.unknown(),
    after: z.unknown(),
    prev_hash: seal,
    hash: z.string(),
  }),
);

export const auditExample = described(() => ({
  id: 7,
  at: '2027-01-31T09:30:00Z',
  revision: 42,
  actor: 'api_key:key_1',
  action: 'assignment.create',
  target: 'user:alice',
  request_id: 'deploy-17',
  before: null,
  after: { subject: 'user:alice', role: 'Viewer', scope: 'org' },
  prev_hash: 'd2a84f4b8b650937ec8f73cd8be2c74add5a911ba64df27458ed8229da804a26',
  hash: '03ba204e50d126e4674c005e04d82e84c21366780af1f43bd54a37816b6ab340',
}));

export const auditVerifyAnswer = described(() =>
  z.union([
    z.strictObject({
      valid: z.literal(true),
      rows: z.int().min(0).meta({ description: 'good so far' }),
      head_hash: seal,
      next: z.string().nullable().meta({ description: 'for `cursor`; null when all were looked at' }),
    }),
    z.strictObject({ valid: z.literal(false), first_bad: z.int().meta({ description: 'id of the row that was changed, or is missing' }) }),
  ]),
);

export function auditBody(row: AuditRow): object {
  const { id, at, revision, actor, action, target, request_id, before, after, prev_hash, hash } = row;
  const shown = { before: jsonBody(before), after: jsonBody(after) };
  return { id, at: formatTime(at), revision, actor, action, target, request_id, ...shown, prev_hash, hash };
}

/** The database holds nothing but JSON there. */
function jsonBody(text: string | null): unknown {
  return text === null ? null : JSON.parse(text);
}
