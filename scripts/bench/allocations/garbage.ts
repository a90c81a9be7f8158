/** Reads what V8 says of its collections with `--trace-gc`: how much was allocated between them. */

/** `[pid:isolate] 1234 ms: Scavenge 5.1 (7.5) -> 4.0 (8.5) MB, …`; `Mark-Compact` likewise. Times are the isolate's own. */
const LINE = /^\[\d+:(0x[0-9a-f]+)(?::\d+)?\] +(\d+) ms: .*?(?:Scavenge|Mark-Compact)[^:]*? ([\d.]+) \([\d.]+\) -> ([\d.]+) \(/;

const MIB = 1024 * 1024;

interface Collection {
  readonly at: number;
  /** MiB in use before and after */
  readonly before: number;
  readonly after: number;
}

/**
 * @param windowMs how far to look back from each isolate's last collection
 * @returns bytes a millisecond of the isolate that allocated most; null when there are not two collections in the window
 */
export function allocationRate(said: string, windowMs: number): number | null {
  const isolates = new Map<string, Collection[]>();
  for (const line of said.split('\n')) {
    const found = LINE.exec(line);
    if (found === null) continue;
    const [, isolate = '', at, before, after] = found;
    const collections = isolates.get(isolate) ?? [];
    collections.push({ at: Number(at), before: Number(before), after: Number(after) });
    isolates.set(isolate, collections);
  }
  const busiest = [...isolates.values()].map((collections) => inWindow(collections, windowMs)).sort((a, b) => b.bytes - a.bytes)[0];
  return busiest === undefined || busiest.ms === 0 ? null : busiest.bytes / busiest.ms;
}

function inWindow(collections: readonly Collection[], windowMs: number): { readonly bytes: number; readonly ms: number } {
  const end = collections.at(-1)?.at ?? 0;
  const inside = collections.filter(({ at }) => at >= end - windowMs);
  const mib = inside.slice(1).reduce((sum, { before }, i) => sum + before - inside[i]!.after, 0);
  return { bytes: mib * MIB, ms: end - (inside[0]?.at ?? end) };
}
