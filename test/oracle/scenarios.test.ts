import { describe, expect, it } from 'vitest';
import { faultsOf } from '../properties/validity.ts';
import { scenarios } from '../scenarios/index.ts';
import { describeCase, requestOfCase, SCENARIO_NOW } from '../scenarios/scenario.ts';
import { oracle } from './oracle.ts';

describe.each(scenarios)('the oracle: $name', ({ rows, cases }) => {
  it('is a valid world', () => {
    expect(faultsOf(rows)).toEqual([]);
  });

  for (const each of cases) {
    it(describeCase(each), () => {
      const [, , , decision, reason, more] = each;
      expect(oracle(rows, requestOfCase(each), SCENARIO_NOW, more?.options)).toEqual({ decision: decision === 'allow', reason });
    });
  }
});
