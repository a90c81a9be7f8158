/** `ETag` and `If-Match`: of the thing as it is shown, without the revision, so that changes elsewhere don't move it. */
import { sha256Hex } from '../../authn/constant-time.ts';
import { BitgateError } from '../../core/terms/problem.ts';
import type { Asked } from './services.ts';

/** bits enough that two states of one thing never share one */
const DIGITS = 32;

/** @param body as it is shown, without `revision` and `published` */
export async function etagOf(body: object): Promise<string> {
  return `"${(await sha256Hex(JSON.stringify(body))).slice(0, DIGITS)}"`;
}

/** What a use case calls with the present state before it changes it. */
export type Precondition<T> = (current: T) => Promise<void>;

/**
 * From the request's `If-Match`; without one everything is let through.
 * @param body how the thing is shown: the one that its `etag` was made of
 * @throws BitgateError `changed_meanwhile` (412) by rejection, with the present `etag` in the details
 */
export function preconditionOf<T>({ request }: Asked, body: (current: T) => object): Precondition<T> {
  const header = request.headers.get('if-match');
  return async (current) => {
    if (header === null || header.trim() === '*') return;
    const etag = await etagOf(body(current));
    if (header.split(',').some((each) => each.trim() === etag)) return;
    throw new BitgateError('changed_meanwhile', 412, 'it was changed since you read it: read it again, then decide again', { etag });
  };
}
