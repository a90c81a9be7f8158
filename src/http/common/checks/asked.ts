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

export type AskedHandler<Services extends CheckServices = CheckServices> = (asked: Asked<Services>) => Response | Promise<Response>;

/**
 * @param face that it is counted for
 * @param extra what an error says beside `error`
 * @returns at once what the handler answers at once: a promise costs as much as a decision
 */
export function answerAsked<Services extends CheckServices>(
  face: Face,
  asked: Omit<Asked<Services>, 'requestId'>,
  handler: AskedHandler<Services>,
  extra?: (error: BitgateError) => object,
): Response | Promise<Response> {
  const whole: Asked<Services> = { ...asked, requestId: requestIdOf(asked.request) };
  try {
    const reply = handler(whole);
    return reply instanceof Promise ? answerWaiting(face, whole, reply, extra) : counted(face, whole, reply);
  } catch (error) {
    return refused(face, whole, error, extra);
  }
}

async function answerWaiting(
  face: Face,
  asked: Asked,
  reply: Promise<Response>,
  extra: ((error: BitgateError) => object) | undefined,
): Promise<Response> {
  try {
    return counted(face, asked, await reply);
  } catch (error) {
    return refused(face, asked, error, extra);
  }
}

function counted(face: Face, asked: Asked, reply: Response): Response {
  tellWaits(asked, reply);
  // A check is answered with 200 or an error: asking the answer for its status costs the hot path.
  asked.services.counts.answered(face, face === 'check' ? 200 : reply.status);
  return reply;
}

function refused(face: Face, asked: Asked, error: unknown, extra: ((error: BitgateError) => object) | undefined): Response {
  const { counts } = asked.services;
  const reply = errorReply(counts, error, asked.requestId, extra);
  tellWaits(asked, reply);
  counts.answered(face, reply.status);
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
