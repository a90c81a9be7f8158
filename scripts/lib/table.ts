/** Text tables for terminals. */

/** Columns as wide as their widest cell; a column that holds nothing but numbers is set right. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const columns = header.map((name, index) => {
    const cells = rows.map((row) => row[index] ?? '');
    return { width: Math.max(name.length, ...cells.map((cell) => cell.length)), numeric: cells.every((cell) => /^(\d|$)/.test(cell)) };
  });
  const line = (cells: readonly string[]): string =>
    columns
      .map(({ width, numeric }, index) => (numeric ? (cells[index] ?? '').padStart(width) : (cells[index] ?? '').padEnd(width)))
      .join('  ')
      .trimEnd();
  return [line(header), line(columns.map(({ width }) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}
