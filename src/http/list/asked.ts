/** What the operations of this face have in common: who may ask, and the body. */
import type * as z from 'zod';
import { LIMITS } from '../../core/terms/limits.ts';
import type { RequestLife } from '../../pdp/ports.ts';
import { readQuestion } from '../common/body.ts';
import { type Entry, enter } from '../common/checks/entry.ts';
import { methodNotAllowed } from '../common/errors.ts';
import type { ListServices } from '../common/list-pages.ts';
import { isOrganizationId, unknownOrganization } from '../common/organization.ts';
import { parseAs } from '../common/parse.ts';

/** A body may trickle in for minutes: who asks is then asked again. */
const SLOW_BODY_MS = 1_000;

export interface Asked {
  readonly services: ListServices;
  readonly request: Request;
  /** the organization in the address, or null */
  readonly named: string | null;
  readonly life: RequestLife;
}

/** @throws BitgateError 400, 401, 403, 404, 405 */
export async function readAsked<Schema extends z.ZodType>(
  asked: Asked,
  schema: Schema,
): Promise<{ readonly entry: Entry; readonly body: z.output<Schema> }> {
  const { services, request } = asked;
  if (request.method !== 'POST') throw methodNotAllowed(request.method, 'POST');
  const began = services.now();
  const first = await enterNamed(asked);
  const body = parseAs(schema, await readQuestion(request, LIMITS.checkBodyBytes), 'list');
  return { entry: services.now() - began > SLOW_BODY_MS ? await enterNamed(asked) : first, body };
}

async function enterNamed({ services, request, named, life }: Asked): Promise<Entry> {
  const entry = await enter(services, request, named, life, 'bitgate:list');
  if (named !== null && !isOrganizationId(named)) throw unknownOrganization(named);
  return entry;
}
