/** Explanations stay bounded, in time and in size, where a subject is in thousands of groups and a resource lies below thousands of others. */
import { describe, expect, it } from 'vitest';
import { evaluate } from '../../../src/core/evaluate/evaluate.ts';
import { LIMITS } from '../../../src/core/terms/limits.ts';
import { rows } from '../../scenarios/rows.ts';
import { ask, askWhy, snapshotOf } from '../../support/memory-snapshot.ts';
import { NOW } from './explained.ts';

const GROUPS = 3_000;
const BOXES = 2_000;

describe('an explanation of very much', () => {
  it('lists its limit of each, counts the rest, and takes no second', async () => {
    const numbers = Array.from({ length: GROUPS }, (_, i) => i);
    const boxes = Array.from({ length: BOXES }, (_, i) => `box:${i}`);
    const literal = rows({
      privileges: { read: {} },
      policies: Object.fromEntries(
        Array.from({ length: 20 }, (_, i) => [`p${i}`, { privileges: ['read'], condition: `context.x == ${i}` }]),
      ),
      roles: { many: { policies: Array.from({ length: 20 }, (_, i) => `p${i}`) } },
      // Half of them in layers, each of a layer in each of the next.
      groups: Object.fromEntries(
        numbers.map((i) => [`g${i}`, i < 1_500 ? ['user:ann'] : Array.from({ length: 20 }, (_, k) => `group:g${1_480 + k}`)]),
      ),
      resources: { 'doc:a': { parents: boxes }, ...Object.fromEntries(boxes.map((box) => [box, {}])) },
      assignments: numbers.map((i): [string, string, string] => [`group:g${i}`, 'many', boxes[i % BOXES]!]),
    });
    const opened = await snapshotOf(literal);
    const request = {
      subject: { type: 'user', id: 'ann' },
      action: { name: 'read' },
      resource: { type: 'doc', id: 'a' },
      context: { x: 99 },
    };
    const { reason } = ask(opened.snapshot, opened.pieces, request, NOW);
    askWhy(opened, request, NOW);
    const start = performance.now();
    const { grants, principals, scopes, more, ...rest } = askWhy(opened, request, NOW);
    expect(performance.now() - start).toBeLessThan(1_000);
    expect([rest.reason, reason]).toEqual(['condition_false', 'condition_false']);
    expect([grants.length, principals.length, scopes.length]).toEqual([LIMITS.explained, LIMITS.explained, LIMITS.explained]);
    expect(more).toEqual({
      grants: GROUPS * 20 - LIMITS.explained,
      principals: GROUPS + 3 - LIMITS.explained,
      scopes: BOXES + 2 - LIMITS.explained,
    });
    expect(evaluate(opened.snapshot, request, NOW)).toEqual({ decision: false, reason });
  });
});
