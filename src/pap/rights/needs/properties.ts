/** Which properties differ between two texts of them. */

/** @returns names at the top; `['*']` for what can't be read, so that it counts as everything */
export function changedKeys(before: string, after: string): readonly string[] {
  if (before === after) return [];
  const [old, young] = [read(before), read(after)];
  const keys = new Set([...Object.keys(old), ...Object.keys(young)]);
  return [...keys].filter((key) => JSON.stringify(old[key]) !== JSON.stringify(young[key]));
}

function read(text: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
}
