/** Lines → chunks, each of which is one transaction. */
import { BitgateError } from '../../core/terms/problem.ts';
import { type ItemLine, type LineProblem, readLine } from './items.ts';
import type { TextLine } from './lines.ts';

/** rows of one batch: some tenths of a second in D1 */
const CHUNK_LINES = 5_000;
/** What refers to one another in any order (privileges, roles …) stays together as long as nothing else has come. */
const CATALOG_LINES = 40_000;
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

export function isCatalog({ item: { kind } }: ItemLine): boolean {
  return CATALOG.has(kind);
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
  #plain = 0;

  constructor(from: number) {
    this.#from = from;
    this.#to = from - 1;
  }

  get isFull(): boolean {
    return this.#plain >= CHUNK_LINES || this.#lines.length >= CATALOG_LINES || this.#chars >= CHUNK_CHARS;
  }

  add(each: TextLine): void {
    this.#to = each.line;
    this.#chars += each.text.length + 1;
    const read = readLine(each);
    if (read === null) return;
    if (!('item' in read)) {
      this.#problems.push(...read);
      return;
    }
    this.#lines.push(read);
    if (!isCatalog(read)) this.#plain++;
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
