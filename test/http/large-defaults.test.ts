/** Defaults that weigh as much as a body may, taken by as many items as a batch may have: looked through once, not by each item. */
import { describe, expect, it } from 'vitest';
import { decideAll, readItems as readEvaluations } from '../../src/http/authzen/evaluations.ts';
import type { Evaluations } from '../../src/http/authzen/wire.ts';
import { type BatchItem, readItems } from '../../src/http/common/checks/batch.ts';
import { Telling } from '../../src/http/common/checks/telling.ts';
import { Counts } from '../../src/http/common/counts.ts';
import type { Session } from '../../src/pdp/pdp.ts';

const MANY = 10_000;
/** each item alone would take some ms with these, all of them minutes */
const LONG = 'x'.repeat(7_000_000);
const CROWD = Object.fromEntries(Array.from({ length: 200_000 }, (_, i) => [`unknown${i}`, 0]));
const SECONDS = 1_000;

const items = (): object[] => Array.from({ length: MANY }, () => ({}));

/** How often each message was told. */
function told(read: readonly BatchItem[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const item of read) {
    const text = 'message' in item ? item.message.slice(0, 80) : 'fine';
    counts[text] = (counts[text] ?? 0) + 1;
  }
  return counts;
}

describe('defaults of a batch', { timeout: 30 * SECONDS }, () => {
  it('are refused by each item as one of their own would be', () => {
    const action = 'read';
    const fine = { subject: 'user:a', action };
    const defaults = [
      { ...fine, action: LONG },
      { ...fine, subject: `user:${LONG}` },
      { ...fine, subject: { type: 'user', id: LONG } },
      { ...fine, subject: { ...CROWD, type: 'user', id: 'a' } },
      { subject: 'user:a', any_of: Array.from({ length: 500_000 }, () => action) },
    ];
    for (const each of defaults) expect(told(readItems(items(), each))).toEqual({ [messageOf(each)]: MANY });
  });

  it('keep what is valid in them, properties and contexts of any length too', () => {
    const context = { note: LONG, ...CROWD };
    const subject = { type: 'user', id: 'a', properties: { note: LONG, ...CROWD } };
    const [item] = readItems([{}], { subject, action: { name: 'read', properties: CROWD }, context });
    expect(item).toEqual({ subject, action: { name: 'read', properties: CROWD }, context });
  });
});

function messageOf(alone: object): string {
  return Object.keys(told(readItems([alone], undefined)))[0] ?? '';
}

describe('defaults of AuthZEN evaluations', { timeout: 30 * SECONDS }, () => {
  // Nothing else of it is asked.
  const session = { decide: () => ({ decision: true, reason: 'granted' }) } as unknown as Session;
  const [subject, action, resource] = [{ type: 'user', id: 'a' }, { name: 'read' }, { type: 'doc', id: 'a' }];

  const decided = (question: Evaluations): Promise<string> =>
    decideAll(
      session,
      readEvaluations(question),
      question.options,
      0,
      () => undefined,
      new Telling({ observers: [], counts: new Counts('test', 0) }, 'authzen'),
    );

  it('are refused, or read, as those of an item would be', async () => {
    const denied = await decided({ subject: { ...subject, type: LONG }, action, resource, evaluations: items() });
    expect(denied.split('"status":400').length - 1).toBe(MANY);
    const allowed = await decided({ subject: { ...CROWD, ...subject }, action, resource, evaluations: items() });
    expect(allowed.split('"decision":true').length - 1).toBe(MANY);
  });
});
