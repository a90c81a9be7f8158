/** Runs vitest as a process and reads its own report: the only proof that tests ran, and which failed. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface TestReport {
  readonly passed: number;
  readonly failed: number;
  /** a file that could not be loaded counts, though it has no tests */
  readonly failedFiles: number;
  /** full names of failed tests */
  readonly failures: readonly string[];
}

export interface RunOptions {
  /** folder of vitest.config.ts */
  readonly cwd: string;
  /** files, folders and options of `vitest run` */
  readonly args: readonly string[];
  /** show vitest's own output too */
  readonly verbose?: boolean;
}

/** @throws Error with vitest's output when it ended without a report */
export async function runVitest({ cwd, args, verbose = false }: RunOptions): Promise<TestReport> {
  const folder = mkdtempSync(join(tmpdir(), 'bitgate-vitest-'));
  const file = join(folder, 'report.json');
  try {
    const reporters = [...(verbose ? ['--reporter=default'] : []), '--reporter=json', `--outputFile.json=${file}`];
    const output = await runProcess(cwd, ['node_modules/vitest/vitest.mjs', 'run', ...reporters, ...args], verbose);
    return readReport(file, output);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function readReport(file: string, output: string): TestReport {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    throw new Error(`vitest ended without a report: ${output}`);
  }
  return parseReport(JSON.parse(text));
}

/** The part of vitest's JSON report that is read. */
interface JsonReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly testResults: readonly {
    readonly status: string;
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

export function parseReport(report: JsonReport): TestReport {
  const tests = report.testResults.flatMap((file) => file.assertionResults);
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests,
    failedFiles: report.testResults.filter((file) => file.status === 'failed').length,
    failures: tests.filter((test) => test.status === 'failed').map((test) => test.fullName),
  };
}

function runProcess(cwd: string, args: readonly string[], verbose: boolean): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd, stdio: verbose ? 'inherit' : ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const keep = (chunk: Buffer): void => {
      output += chunk;
    };
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
    child.on('error', reject);
    child.on('close', () => resolve(output));
  });
}
