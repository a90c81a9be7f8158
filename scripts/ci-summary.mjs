/** Prints `N passed, N failed` from vitest's JSON report; a file that didn't load counts as one failure. Ends with 1 unless all passed. */
import { readFileSync } from 'node:fs';

/** @param {string} file */
function summarize(file) {
  try {
    const report = JSON.parse(readFileSync(file, 'utf8'));
    /** @type {{ status: string, assertionResults: { status: string }[] }[]} */
    const files = report.testResults;
    const notLoaded = files.filter((each) => each.status === 'failed' && !each.assertionResults.some((test) => test.status === 'failed'));
    return { passed: Number(report.numPassedTests), failed: Number(report.numFailedTests) + notLoaded.length };
  } catch {
    return { passed: 0, failed: 1 };
  }
}

const { passed, failed } = summarize(process.argv[2] ?? '');
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
