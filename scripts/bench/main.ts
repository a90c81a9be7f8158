/**
 * `npm run bench`: all benchmarks, one after another, and last the summary of what was to be reached. Arguments choose some by name
 * (`npm run bench -- http`); `--json [file]`, `--markdown`, `--quick`.
 */
import { writeFileSync } from 'node:fs';
import type { Bench, BenchOptions, Figure } from './bench.ts';
import { BENCHES, BY_NAME_ALONE } from './benches.ts';
import { parseArguments, type Wanted } from './report/arguments.ts';
import { GOALS } from './report/goals.ts';
import { type Failure, type Run, runJson } from './report/json.ts';
import { machine, versions } from './report/machine.ts';
import { judge, NOT_RUN, summaryMarkdown, summaryText } from './report/summary.ts';

/** What went wrong, and behind a `fetch failed` why. */
function said(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message}: ${said(error.cause)}`;
}

/** Figures go to standard output when nobody wants JSON there. */
function printer({ json }: Wanted): Print {
  return json === '-' ? console.error : console.log;
}

type Print = (text: string) => void;

/** One benchmark after another; one that fails keeps no other from running. */
async function runAll(chosen: readonly [string, Bench][], options: BenchOptions, print: Print): Promise<Pick<Run, 'figures' | 'failures'>> {
  const figures: Figure[] = [];
  const failures: Failure[] = [];
  for (const [name, bench] of chosen) {
    const since = performance.now();
    print(`\n== ${name}\n`);
    try {
      const result = await bench(options);
      figures.push(...result.figures);
      print(result.text);
    } catch (error) {
      failures.push({ bench: name, message: said(error) });
      print(`FAILED: ${said(error)}`);
    }
    print(`(${((performance.now() - since) / 1_000).toFixed(0)} s)`);
  }
  return { figures, failures };
}

function footer({ machine, versions, at, seconds, quick }: Run): string {
  const { processor, cores, memoryGib, system, load } = machine;
  const on = `${processor}, ${cores} cores, ${memoryGib} GiB, ${system}, load ${load} before`;
  const of = `Node ${versions.node}, workerd ${versions.workerd}, commit ${versions.commit ?? 'unknown'}`;
  return `${on}; ${of}; ${at}, ${seconds} s${quick ? '; QUICK: few rounds' : ''}`;
}

function report(run: Run, { json, markdown }: Wanted, print: Print): void {
  print(`\n== summary\n\n${markdown ? summaryMarkdown(run.goals) : summaryText(run.goals)}\n\n${footer(run)}`);
  if (json === '-') process.stdout.write(runJson(run));
  else if (json !== null) writeFileSync(json, runJson(run));
  for (const { bench, message } of run.failures) console.error(`\nFAILED ${bench}: ${message}`);
}

async function main(): Promise<void> {
  const wanted = parseArguments(process.argv.slice(2), Object.keys(BENCHES));
  const { quick } = wanted;
  const all = wanted.benches.length === 0;
  const chosen = Object.entries(BENCHES).filter(([name]) => (all ? !BY_NAME_ALONE.has(name) : wanted.benches.includes(name)));
  const print = printer(wanted);
  const began = performance.now();
  const before = { at: new Date().toISOString(), quick, machine: machine(), versions: versions(), benches: chosen.map(([name]) => name) };
  const { figures, failures } = await runAll(chosen, { quick }, print);
  const seconds = Math.round((performance.now() - began) / 1_000);
  // of a chosen few only what they measured
  const goals = judge(GOALS, figures).filter(({ measured }) => all || measured !== NOT_RUN);
  report({ ...before, seconds, figures, goals, failures }, wanted, print);
  // a goal that isn't reached is told and is no failure: the machine may be shared
  process.exitCode = failures.length > 0 ? 1 : 0;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
