/**
 * The oracle: the naive evaluator of src/core/naive with a CEL wrapper of its own, so that it shares no code with what it judges. The live second
 * evaluation runs the very same evaluator.
 */

import type { NaiveOptions } from '../../src/core/naive/features.ts';
import type { Asker } from '../../src/core/naive/naive.ts';
import { askerFor as naiveAsker } from '../../src/core/naive/naive.ts';
import type { Decision } from '../../src/core/terms/decision.ts';
import type { CheckRequest } from '../../src/core/terms/request.ts';
import type { OrganizationRows } from '../../src/core/terms/rows.ts';
import { outcomeOf } from './condition.ts';

export type { Asker };

/** Decides one request from the rows alone. `now` is in ms since 1970. */
export function oracle(rows: OrganizationRows, request: CheckRequest, now: number, options: NaiveOptions = {}): Decision {
  return askerFor(rows, now, options).about(request.subject, request.resource).decide(request.action, request.context);
}

/** Prepares one organization for many questions at one time with the same options. */
export function askerFor(rows: OrganizationRows, now: number, options: NaiveOptions = {}): Asker {
  return naiveAsker(rows, outcomeOf, now, options);
}
