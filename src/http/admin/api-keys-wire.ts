/** The wire form of API keys. */

import * as z from 'zod';
import { lazy } from '../../core/terms/lazy.ts';
import { LIMITS } from '../../core/terms/limits.ts';
import type { ListedKey, OwnedKey } from '../../pap/api-keys/ports.ts';
import type { NamedAssignment } from '../../pap/control-ports.ts';
import { pageAnswer, timeOrNull, writtenAnswer } from './answer-wire.ts';
import { assignmentAnswer, assignmentExample } from './assignments-wire.ts';
import { described } from './route.ts';
import { assignmentBody, ownerReference, pageQuery, timeBody, title } from './wire.ts';

/** roles that a key is made with */
const MAX_ROLES = 100;

const forwardAuth = lazy(() => z.enum(['nginx', 'forwarded', 'envoy']));

export const apiKeySchema = lazy(() =>
  z.strictObject({
    name: title,
    roles: z
      .array(z.strictObject({ role: z.string().min(1), scope: z.string() }))
      .max(MAX_ROLES)
      .optional(),
    expires_at: z.string().nullish(),
    forward_auth: forwardAuth.optional(),
    owner: ownerReference.optional(),
  }),
);

/** What isn't named stays. */
export const apiKeyChangeSchema = lazy(() =>
  z.strictObject({
    name: title.optional(),
    status: z.enum(['active', 'disabled']).optional(),
    expires_at: z.string().nullish(),
    forward_auth: forwardAuth.nullish(),
  }),
);

export const rotationSchema = lazy(() => z.strictObject({ overlap_ms: z.int().min(0).max(LIMITS.rotationOverlapMs).optional() }));

export const apiKeyListQuery = lazy(() => z.strictObject({ ...pageQuery, q: z.string().max(LIMITS.nameChars).optional() }));

const keyShape = described(() => ({
  id: z.string(),
  name: z.string(),
  project: z.string().nullable(),
  subject: z.string(),
  owner: z.string().nullable().meta({ description: 'whose key it is: it goes when they are removed; null: nobody’s' }),
  masked: z.string().meta({ description: 'what every token of the key begins with' }),
  status: z.enum(['active', 'disabled']),
  expires_at: timeOrNull,
  forward_auth: forwardAuth.nullable(),
}));
const secret = described(() => z.string().optional().meta({ description: 'the whole token, this once; absent in a dry run' }));
const lastUse = described(() => ({ last_used_at: timeOrNull }));

export const apiKeyPage = described(() => pageAnswer(z.strictObject({ ...keyShape, ...lastUse })));
export const apiKeyAnswer = described(() =>
  z.strictObject({
    ...keyShape,
    ...lastUse,
    previous_until: timeOrNull,
    roles: z.array(assignmentAnswer),
    revision: z.int(),
  }),
);
export const apiKeyMadeAnswer = described(() => writtenAnswer({ ...keyShape, secret }));
export const apiKeyRotatedAnswer = described(() => writtenAnswer({ ...keyShape, previous_until: timeOrNull, secret }));
export const apiKeyChangedAnswer = described(() => writtenAnswer(keyShape));
export const apiKeyDeletedAnswer = described(() => writtenAnswer({ deleted: z.strictObject(keyShape) }));

/**
 * Never its hash, and nothing of its secret: what tells one token from another is the key's id, which each token holds.
 * @param organization the token's own: it is part of the masked form
 */
export function apiKeyBody(row: OwnedKey, organization: string): object {
  return {
    id: row.id,
    name: row.name,
    project: row.project || null,
    subject: `api_key:${row.id}`,
    owner: row.owner,
    masked: `bg_${organization}_${row.id}_******`,
    status: row.status,
    expires_at: timeBody(row.expires_at),
    forward_auth: row.forward_auth || null,
  };
}

export function listedKeyBody(row: ListedKey, organization: string): object {
  return { ...apiKeyBody(row, organization), last_used_at: timeBody(row.last_used_at) };
}

/** One key by itself. @param grants what it was assigned */
export function apiKeyDetail(row: OwnedKey, organization: string, lastUse: number | null, grants: readonly NamedAssignment[]): object {
  return {
    ...apiKeyBody(row, organization),
    last_used_at: timeBody(lastUse),
    previous_until: timeBody(row.previous_until),
    roles: grants.map((grant) => assignmentBody(grant, grant)),
  };
}

/** @param token null in a dry run: it would open nothing */
export function secretBody(token: string | null): object {
  return token === null ? {} : { secret: token };
}

const example = {
  id: 'k3jmq7w2x5p4t6ab',
  name: 'reverse proxy',
  project: null,
  subject: 'api_key:k3jmq7w2x5p4t6ab',
  owner: 'user:alice',
  masked: 'bg_acme_k3jmq7w2x5p4t6ab_******',
  status: 'active' as const,
  expires_at: '2027-12-31T00:00:00Z',
  forward_auth: 'nginx' as const,
};
const written = { revision: 42, published: true };
const token = `bg_acme_k3jmq7w2x5p4t6ab_${'a2b3c4d5e6f7'.repeat(4)}wxyz`;

export const EXAMPLES = {
  wanted: {
    name: 'reverse proxy',
    roles: [{ role: 'bitgate:checker', scope: 'org' }],
    expires_at: '2027-12-31T00:00:00Z',
    forward_auth: 'nginx',
  },
  wantedInProject: { name: 'labelling tool', roles: [{ role: 'Data Scientist', scope: 'project:sleetduke' }] },
  change: { status: 'disabled' },
  rotation: { overlap_ms: 3_600_000 },
  page: { items: [{ ...example, last_used_at: '2027-01-31T12:00:00Z' }], next_cursor: null, total: 1 },
  made: { ...example, secret: token, ...written },
  detail: {
    ...example,
    last_used_at: null,
    previous_until: null,
    roles: [{ ...assignmentExample, subject: example.subject }],
    revision: 42,
  },
  rotated: { ...example, previous_until: '2027-01-31T13:00:00Z', secret: token, ...written },
  changed: { ...example, status: 'disabled' as const, ...written },
  deleted: { deleted: example, ...written },
};
