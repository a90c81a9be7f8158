/** One request to a face that asks: who is let in, what it asks, and what becomes of an error. */
import type { BitgateError } from '../../../core/terms/problem.ts';
import type { RequestLife } from '../../../pdp/ports.ts';
import type { Face } from '../counts.ts';
import { errorReply } from '../errors.ts';
import { requestIdOf } from '../request-id.ts';
import { tellWaits, waited } from '../waits.ts';
import { type Asking, type CheckServices, type Entry, enter, enterAtOnce } from './entry.ts';

/** A body may trickle in for minutes: what was known of key and revision when it began is then asked again. */
export const SLOW_BODY_MS = 1_000;

export interface Asked<Services extends CheckServices = CheckServices> {
  readonly services: Services;
  readonly request: Request;
  /** the organization in the address, or null */
  readonly named: string | null;
  readonly requestId: string | null;
  readonly life: RequestLife;
  /** what was waited for so far; of this request alone */
  waits?: string[];
}

export type AskedHandler<Services extends CheckServices = CheckServices> = (asked: Asked<Services>) => Promise<Response>;

/** @param face that it is counted for
 * @param extra what an error says beside `error` */
export async function answerAsked<Services extends CheckServices>(
  face: Face,
  asked: Omit<Asked<Services>, 'requestId'>,
  handler: AskedHandler<Services>,
  extra?: (error: BitgateError) => object,
): Promise<Response> {
  const requestId = requestIdOf(asked.request);
  const { counts } = asked.services;
  const whole: Asked<Services> = { ...asked, requestId };
  let reply: Response;
  // A check is answered with 200 or an error: asking the answer for its status costs the hot path.
  let status = face === 'check' ? 200 : 0;
  try {
    reply = await handler(whole);
  } catch (error) {
    reply = errorReply(counts, error, requestId, extra);
    status = 0;
  }
  tellWaits(whole, reply);
  counts.answered(face, status || reply.status);
  return reply;
}

/**
 * Lets the caller in, then reads what it asks.
 * @throws BitgateError as `enter`, and what `read` throws
 */
export async function enterAndRead<Body>(
  asked: Asked,
  needs: readonly Asking[],
  read: (entry: Entry) => Promise<Body>,
): Promise<{ readonly entry: Entry; readonly body: Body }> {
  const { services, request, named, life } = asked;
  const began = services.now();
  const entering = (): Promise<Entry> => waited(asked, 'caller', enter(services, request, named, life, needs));
  const first = enterAtOnce(services, request, named, life, began, needs) ?? (await entering());
  const body = await waited(asked, 'body', read(first));
  const slow = services.now() - began > SLOW_BODY_MS;
  return { entry: slow ? await entering() : first, body };
}
