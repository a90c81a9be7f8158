import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Mutant, plant } from '../../scripts/lib/mutant.ts';
import { parseReport } from '../../scripts/lib/vitest-run.ts';
import { mutants } from '../mutants/mutants.ts';

const ROOT = join(import.meta.dirname, '../..');
const mutant: Mutant = { name: 'deny ignored', file: 'a.ts', edits: [{ find: 'a < b', replace: "'$&'" }], tests: [] };

describe('a mutant', () => {
  it('changes its one place, and its replacement is taken as it stands', () => {
    expect(plant(mutant, 'if (a < b)')).toBe("if ('$&')");
  });

  it('is refused when its place is gone or not the only one', () => {
    expect(() => plant(mutant, 'if (a <= b)')).toThrow('mutant `deny ignored`: `a < b` occurs 0 times in `a.ts`, and must occur once');
    expect(() => plant(mutant, 'a < b || a < b')).toThrow('occurs 2 times');
  });

  it('is refused when it changes nothing', () => {
    expect(() => plant({ ...mutant, edits: [{ find: 'a < b', replace: 'a < b' }] }, 'a < b')).toThrow('changes nothing');
  });

  it('is noticed only by a test that failed, not by a file that did not load', () => {
    const report = parseReport({
      numPassedTests: 1,
      numFailedTests: 1,
      testResults: [
        {
          status: 'failed',
          assertionResults: [
            { status: 'failed', fullName: 'a denies' },
            { status: 'passed', fullName: 'b' },
          ],
        },
        { status: 'failed', assertionResults: [] },
      ],
    });
    expect(report).toEqual({ passed: 1, failed: 1, failedFiles: 2, failures: ['a denies'] });
  });
});

describe('the planted faults', () => {
  it('fit the code as it is, and name tests that exist', () => {
    for (const each of mutants) {
      expect(() => plant(each, readFileSync(join(ROOT, each.file), 'utf8'))).not.toThrow();
      for (const path of each.tests) expect(existsSync(join(ROOT, path)), `${each.name}: ${path}`).toBe(true);
    }
  });
});
