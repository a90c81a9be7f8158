/**
 * SEC-10: a decision is the OR over all paths. Several branches under conditions, of which each may be true, false or wrong, in every order: a branch
 * that fails hides none behind it, and all are seen before it is denied.
 */
import { describe, expect, it } from 'vitest';
import { explained } from './explained.ts';

const OUTCOMES = ['true', 'false', 'context.none == 1'] as const;
/** By itself, through a group, through a role of its own, at a scope above. */
const BRANCHES = ['direct', 'grouped', 'bundled', 'above'] as const;

/** All ways to give each branch an outcome. */
const choices = BRANCHES.reduce<readonly (readonly string[])[]>(
  (before, _) => before.flatMap((each) => OUTCOMES.map((outcome) => [...each, outcome])),
  [[]],
);

describe('SEC-10 several branches under conditions', () => {
  it('SEC-10 are allowed iff one of them is true, whatever the others are, and all are told', async () => {
    expect(choices).toHaveLength(81);
    for (const conditions of choices) {
      const policy = (i: number) => ({ privileges: ['read'], condition: conditions[i]! });
      const { decision, reason, grants } = await explained(
        {
          policies: { direct: policy(0), grouped: policy(1), bundled: policy(2), above: policy(3) },
          roles: { role: { policies: ['bundled'] } },
          groups: { g: ['user:ann'] },
          resources: { 'doc:a': { parents: ['box:b'] }, 'box:b': {} },
          assignments: [
            ['user:ann', 'direct', 'doc:a'],
            ['group:g', 'grouped', 'org'],
            ['user:ann', 'role', 'org'],
            ['user:ann', 'above', 'box:b'],
          ],
        },
        { context: {} },
      );
      const expected = conditions.includes('true') ? 'granted' : conditions.includes(OUTCOMES[2]) ? 'condition_error' : 'condition_false';
      expect([conditions, decision, reason]).toEqual([conditions, expected === 'granted', expected]);
      const outcomes = Object.fromEntries(grants.map((grant) => [grant.policy, grant.outcome]));
      const told = (condition: string): string => ({ true: 'applies', false: 'condition_false' })[condition] ?? 'condition_error';
      expect(outcomes).toEqual(Object.fromEntries(BRANCHES.map((branch, i) => [branch, told(conditions[i]!)])));
    }
  });
});
