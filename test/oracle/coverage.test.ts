import { describe, expect, it } from 'vitest';
import { REASONS } from '../../src/core/terms/decision.ts';
import { coverageOf, describeCoverage } from './coverage.ts';

/** given by the data plane before the rule is asked */
const OUTSIDE_THE_RULE: readonly string[] = ['unknown_organization', 'stale'];

describe('random worlds', () => {
  it('are allowed in 30 %, give every reason in 1 % and let every part of the rule decide in 1 % of the decisions', () => {
    const seed = 1;
    const coverage = coverageOf(seed, 240_000, 4);
    console.info(`coverage of random worlds, seed ${seed}\n${describeCoverage(coverage)}`);
    expect(coverage.sampled).toBeGreaterThanOrEqual(40_000);
    expect(coverage.allows / coverage.decisions).toBeGreaterThanOrEqual(0.3);
    for (const reason of REASONS) {
      if (OUTSIDE_THE_RULE.includes(reason)) continue;
      expect((coverage.reasons.get(reason) ?? 0) / coverage.decisions, reason).toBeGreaterThanOrEqual(0.01);
    }
    for (const [feature, count] of coverage.decided) expect(count / coverage.sampled, feature).toBeGreaterThanOrEqual(0.01);
  });
});
