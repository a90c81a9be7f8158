/** `npm run export -- FILE --org ID`: writes an organization as lines that `npm run import` takes. */
import { createWriteStream, renameSync } from 'node:fs';
import { ask, Refused } from './lib/lines-client.ts';
import { type LinesOptions, linesOptions, TOKEN_VARIABLE, WrongUse } from './lib/lines-options.ts';
import { ProgressLine } from './lib/progress.ts';

const HELP = `npm run export -- [FILE] --org ID [--url URL]   (to the standard output: npm run -s export -- --org ID)

  Writes an organization as lines of JSON, one thing each, to FILE or to the standard output. Keys and invitations are not in it. When somebody
  changes the organization meanwhile the export begins again; to the standard output it fails instead.

  --org ID      the organization
  --url URL     of bitgate; http://localhost:8787

  ${TOKEN_VARIABLE} holds the token. Exit codes: 0 written, 1 refused, 2 wrong use, 3 given up.
`;

const ATTEMPTS = 5;

/** The organization was changed between two pages. */
class BrokenOff extends Error {}

async function write({ file, ...connection }: LinesOptions, progress: ProgressLine): Promise<void> {
  const out = file === undefined ? process.stdout : createWriteStream(`${file}.new`);
  let lines = 0;
  for (let cursor: string | null = ''; cursor !== null; ) {
    const query: string = cursor === '' ? '' : `?cursor=${encodeURIComponent(cursor)}`;
    const response = await ask(connection, `/export${query}`, null, (why) => progress.say(`${why}: trying again`));
    const end: End = await copy(response, async (text, count) => {
      lines += count;
      progress.show({ lines, share: null });
      if (!out.write(text)) await new Promise<void>((resolve) => out.once('drain', () => resolve()));
    });
    cursor = end.next;
  }
  if (file === undefined) return;
  await new Promise<void>((resolve, reject) => out.on('error', reject).end(resolve));
  renameSync(`${file}.new`, file);
  progress.say(`${file}: ${lines} lines`);
}

interface End {
  readonly next: string | null;
}

/** All lines but the last one, which says whether there are more. @throws BrokenOff */
async function copy(response: Response, take: (text: string, lines: number) => Promise<void>): Promise<End> {
  let rest = '';
  try {
    for await (const text of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      rest += text;
      // The last line is kept back, whether or not its end is there.
      const at = rest.lastIndexOf('\n', rest.length - 2) + 1;
      if (at === 0) continue;
      await take(rest.slice(0, at), rest.slice(0, at).split('\n').length - 1);
      rest = rest.slice(at);
    }
  } catch (error) {
    throw new BrokenOff(error instanceof Error ? error.message : String(error));
  }
  const last = rest.endsWith('\n') ? JSON.parse(rest) : null;
  if (last?.kind !== 'end') throw new BrokenOff('the export has no end');
  return last;
}

async function main(): Promise<number> {
  const options = linesOptions(process.argv.slice(2), process.env);
  if (options === null) {
    process.stdout.write(HELP);
    return 0;
  }
  const progress = new ProgressLine(process.stderr, () => performance.now());
  for (let attempt = 1; ; attempt++) {
    try {
      await write(options, progress);
      return 0;
    } catch (error) {
      const moved = error instanceof BrokenOff || (error instanceof Refused && error.refusal.code === 'revision_moved');
      if (moved && options.file !== undefined && attempt < ATTEMPTS)
        progress.say('the organization was changed meanwhile: beginning again');
      else if (error instanceof Refused) {
        progress.say(error.message);
        return 1;
      } else throw error;
    }
  }
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : String(error));
    if (error instanceof WrongUse) console.error('see npm run export -- --help');
    process.exitCode = error instanceof WrongUse ? 2 : 3;
  },
);
