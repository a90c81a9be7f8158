/** The wire form of proposals: changes that wait for a second administrator. */

import * as z from 'zod';
import { lazy } from '../../core/terms/lazy.ts';
import { type ListedProposal, proposalState, summaryOf } from '../../pap/gate/rows.ts';
import { gateReason, revisionNumber, timeOrNull, timeText } from './answer-wire.ts';
import { described } from './route.ts';
import { pageQuery, timeBody } from './wire.ts';

const state = lazy(() => z.enum(['pending', 'confirmed', 'withdrawn', 'outdated', 'expired']));

export const proposalsQuery = lazy(() => z.strictObject({ ...pageQuery, state: state.optional() }));
export const proposalQuery = lazy(() => z.strictObject(pageQuery));

export const proposalAnswer = described(() =>
  z.strictObject({
    id: z.string(),
    state,
    action: z.string().meta({ description: 'what the audit will call the change' }),
    target: z.string(),
    author: z.string(),
    reasons: z.array(gateReason),
    gained: z.int().min(0).meta({ description: 'how many would gain something, when it was made' }),
    lost: z.int().min(0),
    base_revision: z.int().meta({ description: 'the revision that it was made at' }),
    created_at: timeText,
    expires_at: timeText,
    decided_by: z.string().nullable(),
    decided_at: timeOrNull,
  }),
);

/** What a gated write answers instead: nothing of it is written. */
export const proposedAnswer = described(() =>
  z.strictObject({
    proposal: proposalAnswer,
    revision: revisionNumber,
    published: z.literal(false),
    secret: z
      .string()
      .optional()
      .meta({ description: 'of a new key: the whole token, this once. It opens nothing until the change is confirmed' }),
  }),
);

export function proposalBody(row: ListedProposal, now: number): z.input<typeof proposalAnswer> {
  const { gained, lost, reasons } = summaryOf(row);
  return {
    id: row.id,
    state: proposalState(row, now),
    action: row.action,
    target: row.target,
    author: row.author,
    reasons: [...reasons],
    gained,
    lost,
    base_revision: row.base_revision,
    created_at: timeBody(row.created_at) ?? '',
    expires_at: timeBody(row.expires_at) ?? '',
    decided_by: row.decided_by,
    decided_at: timeBody(row.decided_at),
  };
}

export const proposalExample: z.input<typeof proposalAnswer> = described(() => ({
  id: 'prp_5f0c2b8a9d3e4f17',
  state: 'pending',
  action: 'role.update',
  target: 'role:r_2f1c',
  author: 'api_key:k3jmq7w2x5p4t6ab',
  reasons: [{ code: 'many_lose', message: 'it takes access from 31 of 120 active subjects: more than 20 %' }],
  gained: 0,
  lost: 31,
  base_revision: 42,
  created_at: '2027-01-31T00:00:00Z',
  expires_at: '2027-02-07T00:00:00Z',
  decided_by: null,
  decided_at: null,
}));
