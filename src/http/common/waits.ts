/**
 * What a request waited for, as `Server-Timing` tells it. On Workers the clock stands still but for I/O: so this is waiting, not work, and what waited for
 * nothing says nothing. Names and milliseconds alone.
 */

export interface Waiting {
  readonly services: { now(): number };
  /** none yet: nothing was waited for */
  waits?: string[];
}

/** @param what a plain word */
export async function waited<T>(waiting: Waiting, what: string, promise: Promise<T>): Promise<T> {
  const { now } = waiting.services;
  const began = now();
  try {
    return await promise;
  } finally {
    const ms = now() - began;
    if (ms > 0) {
      waiting.waits ??= [];
      waiting.waits.push(`${what};dur=${ms}`);
    }
  }
}

export function tellWaits({ waits }: Waiting, reply: Response): void {
  if (waits !== undefined) reply.headers.set('server-timing', waits.join(', '));
}
