/** What is wrong with a chunk, as an error, and where the import goes on. */
import { BitgateError } from '../../core/terms/problem.ts';
import type { Chunk } from './chunks.ts';
import type { LineProblem } from './items.ts';

/** more than a person mends at once; the count of all stands beside */
const REPORTED = 100;

/** Thrown by the one who plans a chunk, for the one who knows how far the import has come. */
export class ChunkFaults extends Error {
  readonly problems: readonly LineProblem[];
  readonly count: number;

  constructor(problems: readonly LineProblem[], count: number) {
    super('lines are refused');
    this.problems = problems;
    this.count = count;
  }
}

/** How far an import has come. */
export interface Progress {
  /** null: nothing is applied, so that there is nothing to go on with */
  readonly id: string | null;
  /** every line up to this one is applied */
  readonly line: number;
}

/**
 * @returns `import_refused` (422) with every fault by its line, or what the write was refused with; either says where to go on in `details`. Anything
 *   else as it is
 */
export function refusalOf(error: unknown, chunk: Chunk, { id, line }: Progress): unknown {
  const place = { ...(id === null ? {} : { import: id }), next_line: line + 1, from_line: chunk.from, to_line: chunk.to };
  if (error instanceof BitgateError) return new BitgateError(error.code, error.status, error.message, { ...error.details, ...place });
  if (!(error instanceof ChunkFaults)) return error;
  const problems = [...error.problems].sort((a, b) => a.line - b.line).slice(0, REPORTED);
  const first = problems[0];
  const many = error.count === 1 ? 'a line is' : `${error.count} faults are in lines that are`;
  const where = first === undefined ? '' : `: line ${first.line}${first.path === '' ? '' : `, \`${first.path}\``}: ${first.message}`;
  const message = `${many} refused, and nothing from line ${chunk.from} on is imported${where}`;
  return new BitgateError('import_refused', 422, message, { ...place, count: error.count, problems });
}
