/** The arithmetic of figures. */

/** Null when a value is missing. */
export function median(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null).sort((a, b) => a - b);
  if (known.length === 0 || known.length < values.length) return null;
  const middle = known.length >> 1;
  const upper = known[middle] ?? 0;
  return known.length % 2 === 1 ? upper : ((known[middle - 1] ?? 0) + upper) / 2;
}

/** The median of numbers that are all there. @throws Error when there are none */
export function middle(values: readonly number[]): number {
  const value = median(values);
  if (value === null) throw new Error('a median of nothing');
  return value;
}

/** Median of the ratios of what was measured in the same round; null when one is missing. */
export function ratio(own: readonly (number | null)[], other: readonly (number | null)[]): number | null {
  return median(
    own.map((value, round) => {
      const compared = other[round] ?? null;
      return value === null || compared === null || compared === 0 ? null : value / compared;
    }),
  );
}

/** Groups of three digits, for tables. */
export function count(value: number): string {
  return Math.round(value).toLocaleString('en').replaceAll(',', ' ');
}

/** Three significant digits, whole numbers grouped; empty for what isn't known. */
export function shown(value: number | null): string {
  if (value === null) return '';
  if (Math.abs(value) >= 100) return count(value);
  return value === 0 ? '0' : String(Number(value.toPrecision(3)));
}
