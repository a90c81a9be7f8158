/** Small worlds as literals, and one question to the naive evaluator: what its tests have in common. */
import { expect } from 'vitest';
import type { Reason } from '../../src/core/terms/decision.ts';
import type { CheckOptions, CheckRequest } from '../../src/core/terms/request.ts';
import type { OrganizationRows } from '../../src/core/terms/rows.ts';
import type { RowsLiteral } from '../scenarios/rows.ts';
import { rows } from '../scenarios/rows.ts';
import { requestOfCase } from '../scenarios/scenario.ts';
import { oracle } from './oracle.ts';

export const T = 1_800_000_000_000;

/** Alice and nobody else reads, by the role `reader` on the organization, unless the literal says otherwise. */
export function world(literal: RowsLiteral = {}): OrganizationRows {
  return rows({
    privileges: { read: {}, write: {} },
    roles: { reader: { privileges: ['read'] } },
    assignments: [['user:alice', 'reader', 'org']],
    ...literal,
  });
}

export type More = { options?: CheckOptions; now?: number } & Pick<CheckRequest, 'context'>;

/** The reason given to `subject action resource`; `granted` is the only one that allows. */
export function ask(given: OrganizationRows, question: string, more: More = {}): Reason {
  const [subject = '', action = '', resource] = question.split(' ');
  const request = requestOfCase([
    subject,
    action,
    resource,
    'deny',
    'no_grant',
    more.context === undefined ? {} : { context: more.context },
  ]);
  return reasonOf(given, request, more);
}

export function reasonOf(given: OrganizationRows, request: CheckRequest, more: More = {}): Reason {
  const answer = oracle(given, request, more.now ?? T, more.options);
  expect(answer.decision).toBe(answer.reason === 'granted');
  return answer.reason;
}
