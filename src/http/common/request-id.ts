/** `x-request-id`: echoed, so that a caller finds its request in its own logs and in the audit. */

const HEADER = 'x-request-id';
const VISIBLE = /^[\x21-\x7e]{1,128}$/;

/** Null when none was sent, or one that is longer than 128 characters or holds others than visible ASCII: such a one is as good as none. */
export function requestIdOf(request: Request): string | null {
  const id = request.headers.get(HEADER);
  return id !== null && VISIBLE.test(id) ? id : null;
}
