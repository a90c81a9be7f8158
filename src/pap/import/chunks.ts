/** Lines → chunks, each of which is one transaction. */
import { BitgateError } from '../../core/terms/problem.ts';
import { type ItemLine, type LineProblem, readLine } from './items.ts';
import type { TextLine } from './lines.ts';

/** rows that lines want, of one batch: some tenths of a second in D1 */
const CHUNK_ROWS = 5_000;
/** What refers to one another in any order (privileges, roles …) stays together as long as nothing else has come. All of them may be replaced. */
const CATALOG_ROWS = 20_000;
/** UTF-16 units of the lines of a chunk, unless one alone has more */
const CHUNK_CHARS = 6_000_000;

export interface Chunk {
  readonly from: number;
  /** the last of its lines, empty ones counted */
  readonly to: number;
  readonly lines: readonly ItemLine[];
  /** what is wrong with lines by themselves: then nothing of the chunk counts */
  readonly problems: readonly LineProblem[];
  /** no line follows in this body */
  readonly last: boolean;
}

const CATALOG: ReadonlySet<string> = new Set(['privilege', 'policy', 'role', 'group', 'project', 'route', 'settings']);

function isCatalog({ item: { kind } }: ItemLine): boolean {
  return CATALOG.has(kind);
}

/** What it says, and what that hangs on. */
function rowsOf({ item }: ItemLine): number {
  if (item.kind === 'role') return 1 + (item.policies?.length ?? 0) + (item.inherits?.length ?? 0);
  if (item.kind !== 'resource' && item.kind !== 'project') return 1;
  return 1 + (item.parents?.length ?? 0) + (item.owners?.length ?? 0);
}

/**
 * @param after lines up to this one are passed over unread
 * @returns always a last one, which may be empty
 */
export async function* chunksOf(blocks: AsyncIterable<readonly TextLine[]>, after: number): AsyncGenerator<Chunk> {
  let open = new OpenChunk(after + 1);
  try {
    for await (const block of blocks) {
      for (const each of block) {
        if (each.line <= after) continue;
        if (open.isFull) {
          yield open.close(false);
          open = new OpenChunk(each.line);
        }
        open.add(each);
      }
    }
  } catch (error) {
    open.addProblem(error);
  }
  yield open.close(true);
}

class OpenChunk {
  readonly #from: number;
  readonly #lines: ItemLine[] = [];
  readonly #problems: LineProblem[] = [];
  #to: number;
  #chars = 0;
  #rows = 0;
  #catalog = 0;

  constructor(from: number) {
    this.#from = from;
    this.#to = from - 1;
  }

  get isFull(): boolean {
    return this.#rows >= CHUNK_ROWS || this.#catalog >= CATALOG_ROWS || this.#chars >= CHUNK_CHARS;
  }

  add(each: TextLine): void {
    this.#to = each.line;
    this.#chars += each.text.length + 1;
    const read = readLine(each);
    if (read === null) return;
    if (!('item' in read)) {
      // Faults fill a chunk as rows do: a body of nothing else must not be held.
      this.#problems.push(...read);
      this.#rows += read.length;
      return;
    }
    this.#lines.push(read);
    if (isCatalog(read)) this.#catalog += rowsOf(read);
    else this.#rows += rowsOf(read);
  }

  /** @throws what isn't a refusal of a line */
  addProblem(error: unknown): void {
    if (!(error instanceof BitgateError) || error.code !== 'malformed_line') throw error;
    this.#to = Number(error.details?.line);
    this.#problems.push({ line: this.#to, code: error.code, path: '', message: error.message });
  }

  close(last: boolean): Chunk {
    return { from: this.#from, to: this.#to, lines: this.#lines, problems: this.#problems, last };
  }
}
