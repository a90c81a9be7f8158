/** Who is newest? The Publisher knows (strong, one round trip); KV's copy of the pointer only knows of a revision that there has been. */
import type { FreshnessBounds } from './bounds.ts';
import type { OrganizationPorts, Pointer, Surroundings, ToldPointer } from './ports.ts';
import { LATE, within } from './waiting.ts';

export type Newest =
  /** null: the organization was never published, or is deleted. `sentAt` (ms): before the question left */
  | { readonly from: 'publisher'; readonly pointer: ToldPointer | null; readonly sentAt: number }
  | { readonly from: 'kv'; readonly pointer: Pointer }
  | { readonly from: 'nobody' };

const FAILED = Symbol('failed');

/**
 * Asks the Publisher, and KV beside it when the Publisher is slow or fails. Never rejects, and ends within `refreshWaitMs`.
 * @param whole as for `PublisherPort.pointer`
 */
export async function askNewest(
  ports: OrganizationPorts,
  bounds: FreshnessBounds,
  surroundings: Surroundings,
  whole: boolean,
): Promise<Newest> {
  const sentAt = surroundings.now();
  const strong = settled(() => ports.publisher.pointer(whole));
  let answer = await within(strong, Math.min(bounds.hedgeMs, bounds.publisherWaitMs), surroundings);
  if (answer !== LATE && answer !== FAILED) return { from: 'publisher', pointer: answer, sentAt };

  const wide = settled(() => ports.blobs.pointer());
  const left = (until: number): number => Math.max(0, sentAt + until - surroundings.now());
  if (answer === LATE) {
    answer = await within(strong, left(bounds.publisherWaitMs), surroundings);
    if (answer !== LATE && answer !== FAILED) return { from: 'publisher', pointer: answer, sentAt };
  }
  const pointer = await within(wide, left(bounds.refreshWaitMs), surroundings);
  return pointer === LATE || pointer === FAILED || pointer === null ? { from: 'nobody' } : { from: 'kv', pointer };
}

async function settled<T>(ask: () => Promise<T>): Promise<T | typeof FAILED> {
  try {
    return await ask();
  } catch {
    return FAILED;
  }
}
