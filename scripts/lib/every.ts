/** Runs a task again and again, never beside itself. */

/**
 * @param milliseconds from the end of one run to the start of the next
 * @returns stops it
 */
export function every(milliseconds: number, task: () => Promise<void>, failed: (error: unknown) => void): () => void {
  let timer = setTimeout(run, milliseconds);
  let stopped = false;
  function run(): void {
    task()
      .catch(failed)
      .finally(() => {
        if (!stopped) timer = setTimeout(run, milliseconds);
      });
  }
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}
