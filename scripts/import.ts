/** `npm run import -- FILE --org ID`: imports a file of lines of any size, in parts, and goes on after whatever passes. */
import { createReadStream, statSync } from 'node:fs';
import { type LinePart, lineParts } from './lib/line-parts.ts';
import { ask, type ImportAnswer, type ImportState, Refused } from './lib/lines-client.ts';
import { type LinesOptions, linesOptions, TOKEN_VARIABLE, WrongUse } from './lib/lines-options.ts';
import { ProgressLine } from './lib/progress.ts';

const HELP = `npm run import -- FILE --org ID [--url URL] [--import ID]

  Imports lines of JSON, one thing each; \`-\` or no FILE reads the standard input. What is so already stays, so a file can be imported again.

  --org ID      the organization
  --url URL     of bitgate; http://localhost:8787
  --import ID   goes on with an import that broke off, with the same file

  ${TOKEN_VARIABLE} holds the token. Exit codes: 0 imported, 1 lines were refused, 2 wrong use, 3 given up.
`;

/** of one request: some 80,000 assignments, and far below the 100 MB that a body may have */
const PART_BYTES = 8_000_000;

class Import {
  readonly #options: LinesOptions;
  readonly #progress = new ProgressLine(process.stderr, () => performance.now());
  readonly #size: number | null;
  #id: string | null;
  #next = 1;
  #state: ImportState | null = null;

  constructor(options: LinesOptions) {
    this.#options = options;
    this.#id = options.import ?? null;
    this.#size = options.file === undefined ? null : statSync(options.file).size;
  }

  async run(): Promise<void> {
    const { file } = this.#options;
    if (this.#id !== null) this.#next = (await this.#get<ImportState>(`/import/${encodeURIComponent(this.#id)}`, null)).next_line;
    let answer: ImportAnswer | null = null;
    this.#progress.begin({ lines: this.#next - 1, share: 0 });
    for await (const part of lineParts(
      file === undefined ? process.stdin : createReadStream(file, { highWaterMark: 1 << 20 }),
      PART_BYTES,
    )) {
      if (part.to < this.#next && !part.last) {
        this.#progress.begin({ lines: part.to, share: this.#shareAt(part.read) });
        continue;
      }
      answer = await this.#send(part);
      this.#progress.show({ lines: part.to, share: this.#shareAt(part.read) });
    }
    this.#finish(answer);
  }

  /** As often as the part needs: a request stops when it has done its share. */
  async #send(part: LinePart): Promise<ImportAnswer> {
    for (;;) {
      const id = this.#id === null ? '' : `&import=${encodeURIComponent(this.#id)}`;
      const answer = await this.#get<ImportAnswer>(`/import?from_line=${part.from}&more=${!part.last}${id}`, part.bytes);
      this.#id ??= answer.import?.id ?? null;
      this.#state = answer.import;
      this.#next = answer.next_line;
      if (answer.next_line > part.to && (!part.last || answer.import === null || answer.import.state === 'done')) return answer;
      const done = (answer.next_line - part.from) / (part.to - part.from + 1);
      this.#progress.show({ lines: answer.next_line - 1, share: this.#shareAt(part.read - (1 - done) * part.bytes.length) });
    }
  }

  #shareAt(read: number): number | null {
    return this.#size === null || this.#size === 0 ? null : read / this.#size;
  }

  async #get<T>(path: string, body: Buffer | null): Promise<T> {
    const response = await ask(this.#options, path, body, (why) => this.#progress.say(`${why}: trying again`));
    return (await response.json()) as T; // what this operation answers
  }

  #finish(answer: ImportAnswer | null): void {
    const counts = Object.entries(this.#state?.counts ?? {});
    for (const [kind, { created, updated, unchanged }] of counts) {
      this.#progress.say(`${kind}: ${created} created, ${updated} updated, ${unchanged} unchanged`);
    }
    const served = answer?.published === true ? 'is served' : 'will be served when it is published';
    this.#progress.say(`${this.#id ?? 'nothing to import'}: done, revision ${answer?.revision ?? 0} ${served}`);
  }

  explain({ message, refusal }: Refused): void {
    this.#progress.say(message);
    for (const { line, path, code, message: what } of refusal.details.problems ?? []) {
      this.#progress.say(`line ${line}${path === '' ? '' : `, ${path}`}: ${what} (${code})`);
    }
    const id = refusal.details.import ?? this.#id;
    if (id === null) this.#progress.say('nothing is imported: mend it and send it again');
    else this.#progress.say(`every line before ${refusal.details.next_line ?? this.#next} is imported: mend it and add --import ${id}`);
  }
}

async function main(): Promise<number> {
  const options = linesOptions(process.argv.slice(2), process.env);
  if (options === null) {
    process.stdout.write(HELP);
    return 0;
  }
  const work = new Import(options);
  try {
    await work.run();
    return 0;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    work.explain(error);
    return 1;
  }
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : String(error));
    if (error instanceof WrongUse) console.error('see npm run import -- --help');
    process.exitCode = error instanceof WrongUse ? 2 : 3;
  },
);
