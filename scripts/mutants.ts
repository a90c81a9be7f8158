/**
 * `npm run mutants`: plants each fault of test/mutants/mutants.ts in a copy of the working tree, runs the tests that must notice, and
 * fails if they don't. Arguments choose faults by a part of their name.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mutants } from '../test/mutants/mutants.ts';
import { type Mutant, plant } from './lib/mutant.ts';
import { table } from './lib/table.ts';
import { runVitest } from './lib/vitest-run.ts';
import { copyWorkTree } from './lib/work-copy.ts';

const ROOT = join(import.meta.dirname, '..');

/** of a test's name in the table */
const NOTE_CHARS = 80;

interface Outcome {
  readonly mutant: Mutant;
  readonly survived: boolean;
  readonly seconds: number;
  /** the first test that failed, or what else happened */
  readonly noticedBy: string;
}

async function main(): Promise<void> {
  const wanted = process.argv.slice(2);
  const chosen = mutants.filter(({ name }) => wanted.length === 0 || wanted.some((part) => name.includes(part)));
  if (chosen.length === 0) throw new Error('no mutant has such a name');
  const copy = copyWorkTree(ROOT);
  try {
    // a fault without a place is found before the long part
    for (const mutant of chosen) plant(mutant, readFileSync(join(copy.root, mutant.file), 'utf8'));
    await assertGreen(copy.root, chosen);
    const outcomes: Outcome[] = [];
    for (const mutant of chosen) outcomes.push(await tryMutant(copy.root, mutant));
    report(outcomes);
  } finally {
    copy.remove();
  }
}

/** Tests that fail anyway would notice everything. */
async function assertGreen(root: string, chosen: readonly Mutant[]): Promise<void> {
  const tests = [...new Set(chosen.flatMap((mutant) => mutant.tests))];
  console.log(`without a fault: ${tests.join(' ')} …`);
  const { passed, failed, failedFiles, failures } = await runVitest({ cwd: root, args: tests });
  if (failed + failedFiles > 0 || passed === 0)
    throw new Error(`the tests are not green without a fault: ${failures.join('; ') || 'none ran'}`);
}

async function tryMutant(root: string, mutant: Mutant): Promise<Outcome> {
  console.log(`${mutant.name} …`);
  const started = performance.now();
  const file = join(root, mutant.file);
  const right = readFileSync(file, 'utf8');
  writeFileSync(file, plant(mutant, right));
  try {
    const { failures, failedFiles } = await runVitest({ cwd: root, args: ['--bail=1', ...mutant.tests] });
    const [first] = failures;
    // a file that doesn't even load shows a broken mutant, not a good test
    const noticedBy = first ?? (failedFiles > 0 ? 'the tests did not load: the mutant is broken' : 'nobody');
    return { mutant, survived: first === undefined, seconds: (performance.now() - started) / 1000, noticedBy };
  } finally {
    writeFileSync(file, right);
  }
}

function report(outcomes: readonly Outcome[]): void {
  const rows = outcomes.map(({ mutant, survived, seconds, noticedBy }) => [
    mutant.name,
    survived ? 'SURVIVED' : 'killed',
    `${seconds.toFixed(1)} s`,
    noticedBy.length > NOTE_CHARS ? `${noticedBy.slice(0, NOTE_CHARS)}…` : noticedBy,
  ]);
  const survivors = outcomes.filter(({ survived }) => survived).length;
  console.log(
    `\n${table(['fault', 'outcome', 'time', 'noticed by'], rows)}\n\n${outcomes.length - survivors} killed, ${survivors} survived`,
  );
  process.exitCode = survivors === 0 ? 0 : 1;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
