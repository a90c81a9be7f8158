/** The setting `blast_radius`: from which change on a second administrator has to confirm. */

export interface BlastRadius {
  readonly sensitive: readonly string[];
  /** of the active registered subjects; more than so many may not lose anything by one change */
  readonly lostPercent: number;
}

/** the strictest there is: what somebody typed that is no number */
const STRICTEST_PERCENT = 1;

/**
 * @param settings JSON of the catalog's settings
 * @returns null: nothing waits. What can't be read of it counts as strict as can be
 */
export function blastRadiusOf(settings: string): BlastRadius | null {
  const { blast_radius: given } = readSettings(settings);
  if (given === undefined || given === null) return null;
  // `as`: two members that are looked at one by one.
  const { sensitive_privileges: names, lost_percent: percent } = Object(given) as Readonly<Record<string, unknown>>;
  return {
    sensitive: Array.isArray(names) ? names.filter((name) => typeof name === 'string') : [],
    lostPercent: typeof percent === 'number' && percent >= STRICTEST_PERCENT ? percent : STRICTEST_PERCENT,
  };
}

/** Would some change pass afterwards that waits now? */
export function isLoosened(before: BlastRadius, after: BlastRadius | null): boolean {
  if (after === null || after.lostPercent > before.lostPercent) return true;
  const still = new Set(after.sensitive);
  return before.sensitive.some((name) => !still.has(name));
}

/** Of settings that are compiled already: an object, whose members may be anything. */
export function readSettings(settings: string): Readonly<Record<string, unknown>> {
  const value: unknown = settings === '' ? {} : JSON.parse(settings);
  // `as`: an object whose members are looked at one by one.
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
