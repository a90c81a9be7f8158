/** Explanations of small worlds that are written out. */
import type { ExplainLimits } from '../../../src/core/evaluate/explain.ts';
import type { ExplainedGrant, Explanation } from '../../../src/core/terms/explanation.ts';
import type { JsonObject } from '../../../src/core/terms/json.ts';
import { parseRef } from '../../../src/core/terms/ref.ts';
import type { CheckOptions } from '../../../src/core/terms/request.ts';
import { type RowsLiteral, rows } from '../../scenarios/rows.ts';
import { askWhy, snapshotOf } from '../../support/memory-snapshot.ts';

/** 2027-01-01, in ms */
export const NOW = Date.UTC(2027, 0, 1);

export interface Asked {
  readonly subject?: string;
  readonly action?: string;
  readonly resource?: string | { readonly type: string; readonly id: string; readonly properties?: JsonObject } | undefined;
  readonly context?: JsonObject;
  readonly options?: CheckOptions;
  readonly limits?: ExplainLimits;
}

/** By default: may `user:ann` read `doc:a`? */
export async function explained(literal: RowsLiteral, asked: Asked = {}): Promise<Explanation> {
  const { subject = 'user:ann', action = 'read', context, options, limits } = asked;
  const resource = 'resource' in asked ? asked.resource : 'doc:a';
  const request = {
    subject: parseRef(subject),
    action: { name: action },
    resource: typeof resource === 'string' ? parseRef(resource) : resource,
    context,
  };
  return askWhy(await snapshotOf(rows({ privileges: { read: {}, write: {} }, ...literal }), 1), request, NOW, options, limits);
}

/** `deny applies: user:ann has rol at org` */
export function told({ effect, outcome, principal, role, policy, scope }: ExplainedGrant): string {
  return `${effect} ${outcome}: ${principal} has ${role ?? policy} at ${scope}`;
}
