/** Every scenario through the compiler, its bytes and the evaluator: in one leaf, and cut into as many leaves as there are entries. */
import { describe, expect, it } from 'vitest';
import { scenarios } from '../scenarios/index.ts';
import { describeCase, requestOfCase, SCENARIO_NOW } from '../scenarios/scenario.ts';
import { ask, snapshotOf } from '../support/memory-snapshot.ts';

describe.each(scenarios.map((scenario) => [scenario.name, scenario] as const))('%s', (_, scenario) => {
  it.each([
    ['in leaves as they are cut in production', undefined],
    ['in leaves of one entry', 1],
  ])('%s', async (_, leafWeight) => {
    const { snapshot, pieces } = await snapshotOf(scenario.rows, leafWeight);
    for (const question of scenario.cases) {
      const [, , , decision, reason, more] = question;
      const got = ask(snapshot, pieces, requestOfCase(question), SCENARIO_NOW, more?.options);
      expect(got, describeCase(question)).toEqual({ decision: decision === 'allow', reason });
    }
  });
});
