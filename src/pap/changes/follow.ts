/** The change feed: what changed after a revision, at once or as soon as there is something. The log is asked again and again, ever more seldom. */
import { BitgateError } from '../../core/terms/problem.ts';
import type { ControlTools } from '../control-ports.ts';
import type { FeedPage } from './ports.ts';

/** a change is told that soon while many come */
const FIRST_PAUSE_MS = 200;
const PAUSE_GROWTH = 1.5;
/** and that soon at the latest; some 30 small queries a minute */
const LONGEST_PAUSE_MS = 2_000;

type FeedTools = Pick<ControlTools, 'feed' | 'reader' | 'now' | 'sleep'>;

/**
 * A page of what changed after a revision, empty when nothing did.
 * @throws BitgateError `changes_pruned` (410) when the log no longer reaches back that far, `after_too_high` (422) when that revision isn't there yet
 */
export async function changesAfter({ feed }: FeedTools, after: number, limit: number): Promise<FeedPage> {
  const page = await feed.page(after, limit);
  const { floor, revision } = page;
  if (after < floor) {
    throw new BitgateError('changes_pruned', 410, `the log begins after revision ${floor}: read everything anew, then go on from there`, {
      oldest_after: floor,
      revision,
    });
  }
  if (after > revision) {
    throw new BitgateError('after_too_high', 422, `there is no revision ${after} yet: the newest is ${revision}`, { revision });
  }
  return page;
}

/**
 * Waits until there is something newer.
 * @param until ms since 1970
 * @returns false when nothing came until then, or when nobody waits any more
 */
export async function somethingAfter(tools: FeedTools, after: number, until: number, gone: AbortSignal): Promise<boolean> {
  let pause = FIRST_PAUSE_MS;
  while (!gone.aborted && (await tools.reader.revision()) <= after) {
    const left = until - tools.now();
    if (left <= 0) return false;
    await Promise.race([tools.sleep(Math.min(pause, left)), aborted(gone)]);
    pause = Math.min(pause * PAUSE_GROWTH, LONGEST_PAUSE_MS);
  }
  return !gone.aborted;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
