/** What one request may have conditions do, in units of `src/core/condition/work.ts`, about 10 ns each: a Worker's clock stands still meanwhile. */

/** after so much others get in: some 50 ms, or one condition */
export const PAUSE_WORK = 5_000_000;
/** of all its questions together: some seconds; no more are begun after that */
export const MAX_WORK = 200_000_000;
