/**
 * Use case: a file of lines is imported, chunk by chunk, as far as one request may. Each chunk is one transaction with the row that says how far the
 * import has come, so what the row says is applied is applied, exactly once, whatever becomes of the request.
 */
import { BitgateError } from '../../core/terms/problem.ts';
import { ORG_SCOPE } from '../../core/terms/ref.ts';
import { newId } from '../assignments/new-id.ts';
import type { ControlTools } from '../control-ports.ts';
import { openMoment, requireRight, revisionMoved, type Writer } from '../write/moment.ts';
import { thereIsNo } from '../write/refusals.ts';
import { attempts, publishWritten } from '../write/write.ts';
import { applyChunk } from './apply.ts';
import type { Budget } from './budget.ts';
import { type Chunk, chunksOf } from './chunks.ts';
import { addCounts, type Counts } from './counts.ts';
import { linesOf } from './lines.ts';
import type { KnownNames } from './names.ts';
import type { ImportRow, ImportStep } from './ports.ts';
import { ChunkFaults, refusalOf } from './refusal.ts';

export interface WantedImport {
  /** the import that goes on; null begins one */
  readonly id: string | null;
  /** number of the body's first line in the whole file, from 1 on */
  readonly fromLine: number;
  /** further lines follow in other requests */
  readonly more: boolean;
}

export interface Imported {
  /** null when no line said anything */
  readonly row: ImportRow | null;
  /** false: the request has done its share, and the rest of the body was not read */
  readonly ended: boolean;
  /** the line that a next request has to begin with, or an earlier one */
  readonly nextLine: number;
  readonly revision: number;
  /** that revision, or a later one, is what is served now */
  readonly published: boolean;
}

/**
 * @param body of any chunking
 * @throws BitgateError `unknown_organization`, `unknown_import` (404), `import_gap` (409), `missing_privilege`, `foreign_import` (403); and of a chunk `import_refused`
 *   (422), `import_gated` (409) and what every write is refused with: then `details` say where to go on
 */
export async function importLines(
  tools: ControlTools,
  writer: Writer,
  body: AsyncIterable<Uint8Array>,
  wanted: WantedImport,
  budget: Budget,
): Promise<Imported> {
  const run = new Run(tools, writer, await begin(tools, writer, wanted), wanted);
  try {
    for await (const chunk of chunksOf(linesOf(body, wanted.fromLine), run.line)) {
      if (budget.isSpent || !(await run.apply(chunk, budget))) return await run.result(false);
    }
  } catch (error) {
    throw run.placed(error);
  }
  return run.result(true);
}

async function begin(tools: ControlTools, writer: Writer, { id, fromLine }: WantedImport): Promise<ImportRow | null> {
  if (writer.subject === null) {
    if ((await tools.organizations.get(tools.organization)) === null) {
      throw new BitgateError('unknown_organization', 404, `there is no organization \`${tools.organization}\``, {
        reason: 'unknown_organization',
      });
    }
  } else if (id !== null) await requireRight(await openMoment(tools, writer), 'bitgate:read', ORG_SCOPE);
  const row = id === null ? null : await tools.imports.get(id);
  if (id !== null && row === null) throw thereIsNo('import', id);
  // Whoever moves it on decides which lines are passed over: that takes no right to write, so it is the beginner's, and root's.
  if (row !== null && writer.subject !== null && row.actor !== writer.actor) {
    throw new BitgateError('foreign_import', 403, `the import was begun by \`${row.actor}\`: begin one of your own`, { import: row.id });
  }
  const next = (row?.line ?? fromLine - 1) + 1;
  if (fromLine <= next) return row;
  throw new BitgateError('import_gap', 409, `the import goes on at line ${next}: what is sent begins behind it`, {
    import: row?.id,
    next_line: next,
  });
}

class Run {
  readonly #tools: ControlTools;
  readonly #writer: Writer;
  readonly #wanted: WantedImport;
  #row: ImportRow | null;
  #names: KnownNames | null = null;
  #revision: number | null = null;

  constructor(tools: ControlTools, writer: Writer, row: ImportRow | null, wanted: WantedImport) {
    this.#tools = tools;
    this.#writer = writer;
    this.#row = row;
    this.#wanted = wanted;
  }

  /** every line up to this one is applied */
  get line(): number {
    return this.#row?.line ?? this.#wanted.fromLine - 1;
  }

  /** Wherever it breaks off, the error says where to go on. */
  placed(error: unknown): unknown {
    if (!(error instanceof BitgateError) || this.#row === null || error.details?.next_line !== undefined) return error;
    const { code, status, message, details } = error;
    return new BitgateError(code, status, message, { ...details, import: this.#row.id, next_line: this.line + 1 });
  }

  /** @returns false when it was not applied, since other writers took what the request may do */
  async apply(chunk: Chunk, budget: Budget): Promise<boolean> {
    try {
      if (chunk.problems.length > 0) throw new ChunkFaults(chunk.problems, chunk.problems.length);
      if (chunk.lines.length > 0) return await this.#write(chunk, budget);
      await this.#pass(chunk);
      return true;
    } catch (error) {
      const refusal = refusalOf(error, chunk, { id: this.#row?.id ?? null, line: this.line });
      if (refusal instanceof BitgateError && refusal.status !== 503) await this.#fail(refusal);
      throw refusal;
    }
  }

  /** Decided again when somebody else wrote in between. */
  async #write(chunk: Chunk, budget: Budget): Promise<boolean> {
    let again = false;
    const written = await attempts(this.#tools, async () => {
      if (again && budget.isSpent) return null;
      again = true;
      // Another request may have taken the very same import on: then this one is not where it thinks it is.
      if (this.#names === null && this.#row !== null) await this.#refuseOvertaken(this.#row);
      let step: ImportStep | undefined;
      const known = this.#names;
      this.#names = null;
      try {
        const applied = await applyChunk(this.#tools, this.#writer, chunk, known, (plan) => {
          step = this.#step(chunk, plan.counts, plan.moved);
          return step;
        });
        return { ...applied, row: step?.row ?? null };
      } finally {
        budget.note();
      }
    });
    if (written === null) return false;
    this.#names = written.names;
    this.#row = written.row;
    this.#revision = written.revision;
    return true;
  }

  async #refuseOvertaken({ id, line }: ImportRow): Promise<void> {
    const now = await this.#tools.imports.get(id);
    if (now?.line === line) return;
    throw new BitgateError('import_overtaken', 409, 'another request goes on with this import: ask it how far it has come', {});
  }

  /** Lines that say nothing count as applied; and the last chunk ends the import, whether or not it says anything. */
  async #pass(chunk: Chunk): Promise<void> {
    if (this.#row === null) return;
    const step = this.#step(chunk, {}, []);
    if (step.row.line === this.#row.line && step.row.state === this.#row.state) return;
    await this.#tools.imports.step(step).catch((error: unknown) => {
      throw error instanceof BitgateError ? revisionMoved() : error;
    });
    this.#row = step.row;
  }

  #step(chunk: Chunk, counts: Counts, moved: readonly string[]): ImportStep {
    const now = this.#tools.now();
    const before = this.#row;
    const all: Counts = before === null ? {} : JSON.parse(before.counts);
    const row: ImportRow = {
      id: before?.id ?? newId('imp_', this.#tools),
      actor: before?.actor ?? this.#writer.actor,
      created_at: before?.created_at ?? now,
      updated_at: now,
      state: chunk.last && !this.#wanted.more ? 'done' : 'running',
      line: Math.max(this.line, chunk.to),
      counts: JSON.stringify(addCounts(all, counts)),
      error: null,
    };
    return { row, after: before?.line ?? null, moved };
  }

  async #fail({ code, message, details }: BitgateError): Promise<void> {
    if (this.#row === null) return;
    const row: ImportRow = {
      ...this.#row,
      state: 'failed',
      updated_at: this.#tools.now(),
      error: JSON.stringify({ code, message, details }),
    };
    // The refusal is answered in any case; who overtook this request says what counts.
    await this.#tools.imports.step({ row, after: row.line, moved: [] }).catch(() => undefined);
  }

  /** @param ended the body was read to its end */
  async result(ended: boolean): Promise<Imported> {
    const revision = this.#revision ?? (await this.#tools.reader.revision());
    // Parts are published together, at the end; and who said nothing was asked for no right.
    const waits = !ended || this.#wanted.more || this.#row === null;
    const published = waits ? await this.#isPublished(revision) : await publishWritten(this.#tools, revision, 'wait');
    return { row: this.#row, ended, nextLine: this.line + 1, revision, published };
  }

  async #isPublished(revision: number): Promise<boolean> {
    const pointer = await this.#tools.publisher.pointer().catch(() => null);
    return pointer !== null && pointer.revision >= revision;
  }
}
