/**
 * `npm run bench`: all benchmarks, one after another, and last the summary of what was to be reached. Arguments choose some by name
 * (`npm run bench -- http`); `--json [file]`, `--markdown`, `--quick`.
 */
import { writeFileSync } from 'node:fs';
import type { Bench, Figure } from './bench.ts';
import { BENCHES, BY_NAME_ALONE } from './benches.ts';
import { parseArguments, type Wanted } from './report/arguments.ts';
import { GOALS } from './report/goals.ts';
import { type Failure, runJson } from './report/json.ts';
import { machine, versions } from './report/machine.ts';
import { judge, NOT_RUN, summaryMarkdown, summaryText } from './report/summary.ts';

/** What went wrong, and behind a `fetch failed` why. */
function said(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message}: ${said(error.cause)}`;
}

/** Figures go to standard output when nobody wants JSON there. */
function printer({ json }: Wanted): (text: string) => void {
  return json === '-' ? console.error : console.log;
}

async function main(): Promise<void> {
  const wanted = parseArguments(process.argv.slice(2), Object.keys(BENCHES));
  const print = printer(wanted);
  const chosen = Object.entries(BENCHES).filter(([name]) =>
    wanted.benches.length > 0 ? wanted.benches.includes(name) : !BY_NAME_ALONE.has(name),
  );
  const began = performance.now();
  const at = new Date().toISOString();
  const measuredOn = machine();
  const figures: Figure[] = [];
  const failures: Failure[] = [];
  for (const [name, bench] of chosen) {
    const since = performance.now();
    print(`\n== ${name}\n`);
    await run(name, bench);
    print(`(${((performance.now() - since) / 1_000).toFixed(0)} s)`);
  }
  // of a chosen few only what they measured
  const verdicts = judge(GOALS, figures).filter(({ measured }) => wanted.benches.length === 0 || measured !== NOT_RUN);
  print(`\n== summary\n\n${wanted.markdown ? summaryMarkdown(verdicts) : summaryText(verdicts)}`);
  const { processor, cores, memoryGib, system, load } = measuredOn;
  const seconds = Math.round((performance.now() - began) / 1_000);
  const of = versions();
  print(
    `\n${processor}, ${cores} cores, ${memoryGib} GiB, ${system}, load ${load} before; Node ${of.node}, workerd ${of.workerd}, commit ${of.commit ?? 'unknown'}; ${at}, ${seconds} s${wanted.quick ? '; QUICK: few rounds' : ''}`,
  );
  if (wanted.json !== null) {
    const benches = chosen.map(([name]) => name);
    const text = runJson({
      at,
      seconds,
      quick: wanted.quick,
      machine: measuredOn,
      versions: of,
      benches,
      figures,
      goals: verdicts,
      failures,
    });
    if (wanted.json === '-') process.stdout.write(text);
    else writeFileSync(wanted.json, text);
  }
  for (const { bench, message } of failures) console.error(`\nFAILED ${bench}: ${message}`);
  // a goal that isn't reached is told and is no failure: the machine may be shared
  process.exitCode = failures.length > 0 ? 1 : 0;

  async function run(name: string, bench: Bench): Promise<void> {
    try {
      const result = await bench({ quick: wanted.quick });
      figures.push(...result.figures);
      print(result.text);
    } catch (error) {
      const message = said(error);
      failures.push({ bench: name, message });
      print(`FAILED: ${message}`);
    }
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
