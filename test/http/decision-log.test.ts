/** Decisions are answered as ever, whatever becomes of the decision log. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { Env } from '../../src/env.ts';
import { parseExposition, sampleOf } from '../support/exposition.ts';
import { makeAcme } from './acme.ts';
import { makeKey } from './client.ts';
import { type Isolate, isolateWith } from './isolate.ts';

const subject = 'user:owner';
const ASKED: readonly (readonly [string, object])[] = [
  ['/check', { subject, action: 'bitgate:read' }],
  ['/check', { subject, action: 'view' }],
  ['/check', { subject, all_of: ['bitgate:read', 'view'] }],
  ['/check/batch', { checks: [{ subject, action: 'view' }, { subject: 1 }, { subject, action: 'bitgate:read' }] }],
  ['/access/v1/evaluation', { subject: { type: 'user', id: 'owner' }, action: { name: 'view' }, resource: { type: 'a', id: 'b' } }],
];
const DECISIONS = 7;

let token = '';
beforeAll(async () => {
  await makeAcme();
  token = (await makeKey('acme')).token;
});

async function answers(isolate: Isolate): Promise<string[]> {
  const all: string[] = [];
  for (const [path, body] of ASKED) {
    const answer = await isolate.fetch(path, { method: 'POST', body, token });
    all.push(`${answer.status} ${await answer.text()}`);
  }
  return all;
}

/** `as`: what is called of a binding */
const queue = (sendBatch: () => Promise<unknown>): Partial<Env> => ({
  DECISION_QUEUE: { sendBatch } as unknown as Queue,
  DOUBLE_EVALUATION: '0',
});
const dataset = (writeDataPoint: () => void): Partial<Env> => ({ DECISION_LOG: { writeDataPoint }, DOUBLE_EVALUATION: '0' });
const fail = (): never => {
  throw new Error('down');
};

describe('the decision log', () => {
  it.each([
    ['takes what it is given', queue(async () => {}), { written: DECISIONS, failed: 0 }],
    ['throws', queue(fail), { written: 0, failed: DECISIONS }],
    ['rejects', queue(async () => fail()), { written: 0, failed: DECISIONS }],
    ['is a dataset that throws', dataset(fail), { written: 0, failed: DECISIONS }],
  ])('changes no answer when its sink %s, and counts what is lost', async (_, bindings, wanted) => {
    const plain = await answers(await isolateWith({ DOUBLE_EVALUATION: '0' }));
    const isolate = await isolateWith(bindings);
    expect(await answers(isolate)).toEqual(plain);
    await isolate.settled();
    const families = parseExposition(await (await isolate.fetch('/metrics')).text());
    const written = sampleOf(families, 'bitgate_decision_log_written_total');
    const failed = sampleOf(families, 'bitgate_decision_log_lost_total', { cause: 'failed' });
    expect({ written, failed }).toEqual(wanted);
  });

  it('keeps no answer waiting when its sink hangs', async () => {
    const plain = await answers(await isolateWith({ DOUBLE_EVALUATION: '0' }));
    expect(await answers(await isolateWith(queue(() => new Promise(() => {}))))).toEqual(plain);
  });
});
