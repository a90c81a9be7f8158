/** AuthZEN's rules of Access Evaluations (§7), rule by rule; bodies are compared as text. */
import { beforeAll, describe, expect, it } from 'vitest';
import { LIMITS } from '../../../src/core/terms/limits.ts';
import { randomFrom } from '../../properties/random.ts';
import { call } from '../client.ts';
import { ask, decided, FALSE, TRUE, told } from './asking.ts';
import { admin, alice, archived, bob, makeFixture, read, record1, record2, write } from './fixture.ts';

let token = '';

beforeAll(async () => {
  token = await makeFixture('batched');
});

const evaluations = (body: unknown): Promise<string> => told('evaluations', body, { token });
const status = async (body: unknown): Promise<number> => (await ask('evaluations', body, { token })).status;

const yes = { subject: alice, action: read, resource: record1 };
const no = { subject: bob, action: write, resource: record1 };
const ERROR = /^\{"decision":false,"context":\{"error":\{"status":400,"message":"[^{}]+"\}\}\}$/;

/** `T`, `F`, and `E` for an item that was refused. */
async function letters(body: unknown): Promise<string> {
  const answer = await ask('evaluations', body, { token });
  expect(answer.status, answer.text).toBe(200);
  expect(Object.keys(answer.body)).toEqual(['evaluations']);
  return answer.body.evaluations
    .map((each: { decision: boolean }) => (ERROR.test(JSON.stringify(each)) ? 'E' : each.decision ? 'T' : 'F'))
    .join('');
}

describe('§7 defaults', () => {
  it('stand for what an item leaves out, each key by itself', async () => {
    expect(await evaluations({ ...yes, evaluations: [{}, { subject: bob }, { action: { name: 'x' } }, { resource: record2 }] })).toBe(
      decided(true, true, false, true),
    );
  });

  it('are replaced whole by a key of the item', async () => {
    const body = {
      subject: admin,
      action: write,
      resource: archived,
      evaluations: [{ resource: record1 }, { subject: { ...admin, id: 'x' } }],
    };
    expect(await evaluations(body)).toBe(decided(false, true));
    // neither the properties of the default subject nor those of the default resource are left
    const carol = { type: 'user', id: 'carol' };
    expect(
      await evaluations({ subject: { ...admin, id: 'x' }, action: write, resource: archived, evaluations: [{ subject: carol }] }),
    ).toBe(decided(false));
    const unknown = { type: 'record', id: 'unknown' };
    expect(
      await evaluations({
        subject: bob,
        action: write,
        resource: { ...unknown, properties: { status: 'archived' } },
        evaluations: [{}, { resource: unknown }],
      }),
    ).toBe(decided(true, false));
  });

  it('fill a missing type, id or name inside an entity of the item, and never properties', async () => {
    const body = {
      subject: { ...admin, id: 'x' },
      action: { name: 'delete', properties: { soft: true } },
      resource: archived,
      evaluations: [
        { subject: { id: 'alice' }, action: { properties: { soft: true } } },
        { subject: { id: 'alice' }, action: { properties: {} } },
        { subject: { type: 'user' }, action: write },
        { subject: { properties: { role: 'admin' } }, action: write },
        { subject: alice, action: read, resource: { id: 'record-1' } },
        { subject: alice, action: read, resource: {} },
      ],
    };
    expect(await letters(body)).toBe('TFFTTT');
  });

  it('fill nothing that the item names wrongly, nor with null', async () => {
    expect(
      await letters({
        ...yes,
        evaluations: [{ subject: { id: null } }, { subject: { id: 5 } }, { action: { name: null } }, { subject: 'alice' }],
      }),
    ).toBe('EEEE');
  });

  it('stand for a key that is null in the item', async () => {
    expect(await letters({ ...yes, evaluations: [{ subject: null, action: null, resource: null, context: null }] })).toBe('T');
  });

  it('may be incomplete where nobody takes them', async () => {
    expect(await letters({ subject: { type: 'user' }, action: {}, resource: {}, evaluations: [yes, { ...yes, resource: record2 }] })).toBe(
      'TT',
    );
    expect(await letters({ subject: { type: 'user' }, evaluations: [yes, { action: read, resource: record1 }] })).toBe('TE');
    expect(await letters({ subject: { type: 'user' }, action: read, resource: record1, evaluations: [{ subject: { id: 'alice' } }] })).toBe(
      'T',
    );
    expect(await letters({ subject: { type: 5 }, evaluations: [yes] })).toBe('T');
  });

  it.each(['subject', 'action', 'resource', 'context'])('of the wrong JSON type are 400: %s', async (key) => {
    for (const wrong of ['alice', 5, true, [], [alice]]) expect(await status({ [key]: wrong, evaluations: [yes] })).toBe(400);
    expect(await evaluations({ [key]: null, evaluations: [yes] })).toBe(decided(true));
  });

  it('of context is taken whole or not at all', async () => {
    expect(
      await letters({ ...yes, context: { a: 1 }, evaluations: [{}, { context: {} }, { context: { type: 'x' } }, { context: 5 }] }),
    ).toBe('TTTE');
  });
});

describe('§7 without evaluations', () => {
  it('is a single evaluation', async () => {
    for (const none of [{}, { evaluations: [] }, { evaluations: null }]) {
      expect(await evaluations({ ...yes, ...none })).toBe(TRUE);
      expect(await evaluations({ ...no, ...none })).toBe(FALSE);
      expect(await evaluations({ ...yes, ...none, options: { evaluations_semantic: 'deny_on_first_deny' } })).toBe(TRUE);
    }
  });

  it('needs subject, action and resource', async () => {
    for (const key of ['subject', 'action', 'resource'])
      for (const none of [{}, { evaluations: [] }]) expect(await status({ ...yes, [key]: undefined, ...none })).toBe(400);
    expect(await status({})).toBe(400);
  });

  it('refuses evaluations that are no list', async () => {
    for (const wrong of [{}, 'x', 5, true, yes]) expect(await status({ ...yes, evaluations: wrong })).toBe(400);
  });
});

describe('§7 options', () => {
  const items = [yes, no, yes, {}, yes];
  const under = (evaluations_semantic: unknown, evaluations: unknown = items): Promise<string> =>
    letters({ evaluations, options: { evaluations_semantic } });

  it('execute_all, the default, answers every item', async () => {
    for (const semantic of ['execute_all', undefined, null]) expect(await under(semantic)).toBe('TFTET');
    expect(await letters({ evaluations: items })).toBe('TFTET');
    expect(await letters({ evaluations: items, options: null })).toBe('TFTET');
    expect(await letters({ evaluations: items, options: {} })).toBe('TFTET');
  });

  it('deny_on_first_deny ends behind the first deny, and an error is one', async () => {
    expect(await under('deny_on_first_deny')).toBe('TF');
    expect(await under('deny_on_first_deny', [yes, {}, yes])).toBe('TE');
    expect(await under('deny_on_first_deny', [yes, yes])).toBe('TT');
    expect(await under('deny_on_first_deny', [no, yes])).toBe('F');
  });

  it('permit_on_first_permit ends behind the first permit', async () => {
    expect(await under('permit_on_first_permit')).toBe('T');
    expect(await under('permit_on_first_permit', [no, {}, yes, yes])).toBe('FET');
    expect(await under('permit_on_first_permit', [no, {}, no])).toBe('FEF');
  });

  it('of another kind are 400', async () => {
    for (const semantic of ['', 'EXECUTE_ALL', 'first', 5, {}, [], true])
      expect(await status({ ...yes, evaluations: [yes], options: { evaluations_semantic: semantic } })).toBe(400);
    for (const options of ['execute_all', 5, [], true]) {
      expect(await status({ ...yes, evaluations: [yes], options })).toBe(400);
      expect(await status({ ...yes, options })).toBe(400);
    }
    expect(await evaluations({ evaluations: [yes], options: { unknown: 1 } })).toBe(decided(true));
  });

  it('ask for reasons, of each item that was decided', async () => {
    expect(await evaluations({ evaluations: [yes, { ...no, action: { name: 'x' } }], options: { bitgate_reason: true } })).toBe(
      '200 {"evaluations":[{"decision":true,"context":{"reason":"granted"}},{"decision":false,"context":{"reason":"unknown_privilege"}}]}',
    );
    expect(await evaluations({ ...yes, options: { bitgate_reason: true } })).toBe('200 {"decision":true,"context":{"reason":"granted"}}');
  });
});

describe('§7 the answer', () => {
  it('has an item for each, in order, and no decision of its own', async () => {
    const shuffled = [yes, no, no, yes, no, yes, yes, no];
    expect(await evaluations({ evaluations: shuffled })).toBe(decided(...shuffled.map((each) => each === yes)));
  });

  it('denies an item that is not valid, and says why, even if all are', async () => {
    const wrong = [{}, null, 5, 'x', [], { ...yes, subject: 'alice' }, { ...yes, context: 5 }, { ...yes, action: { name: 5 } }];
    expect(await letters({ evaluations: wrong })).toBe('E'.repeat(wrong.length));
    const { text } = await ask('evaluations', { evaluations: [{ subject: alice, action: read }] }, { token });
    expect(text).toMatch(
      /^\{"evaluations":\[\{"decision":false,"context":\{"error":\{"status":400,"message":"[^"]*`resource`[^"]*"\}\}\}\]\}$/,
    );
  });

  it('denies what is empty, as a single evaluation does', async () => {
    expect(
      await letters({
        ...yes,
        evaluations: [{ subject: { type: '', id: '' } }, { action: { name: '' } }, { resource: { type: 'record', id: '' } }],
      }),
    ).toBe('FFF');
  });

  it('is 413 for more items than the limit, and none is decided', async () => {
    const many = (length: number): object => ({ ...yes, evaluations: Array.from({ length }, () => ({})) });
    const over = await call('POST', '/access/v1/evaluations', many(LIMITS.batchItems + 1), { token });
    expect([over.status, over.body.error.code]).toEqual([413, 'batch_too_large']);
    const { body } = await call('POST', '/access/v1/evaluations', many(LIMITS.batchItems), { token });
    expect(body.evaluations.length).toBe(LIMITS.batchItems);
    expect(body.evaluations.every((each: object) => JSON.stringify(each) === '{"decision":true}')).toBe(true);
  });
});

describe('SEC-02 items of one request', () => {
  const carol = { type: 'user', id: 'carol' };
  const kinds: readonly (readonly [object, boolean])[] = [
    [{ subject: carol, action: write, resource: archived }, false],
    [{ subject: { ...carol, properties: { role: 'admin' } }, action: write, resource: archived }, true],
    [{ subject: { ...carol, properties: { role: 'Admin' } }, action: write, resource: archived }, false],
    [{ subject: { ...carol, properties: { role: 'admin' } }, action: write, resource: { type: 'record', id: 'record-9' } }, false],
    [{ subject: alice, action: { name: 'delete', properties: { soft: true } }, resource: record1 }, true],
    [{ subject: alice, action: { name: 'delete', properties: { soft: false } }, resource: record1 }, false],
    [{ subject: { ...alice, type: 'service' }, action: read, resource: record1 }, false],
    [{ subject: alice, action: read, resource: record1 }, true],
    [{ subject: alice, action: read, resource: { ...record1, type: 'file' } }, false],
  ];

  it('that differ in properties or type alone have answers of their own', async () => {
    expect(await evaluations({ evaluations: kinds.map(([item]) => item) })).toBe(decided(...kinds.map(([, decision]) => decision)));
  });

  it('that are permuted have permuted answers', async () => {
    const random = randomFrom(20_261_122);
    for (let round = 0; round < 30; round++) {
      const permuted = random.sample(kinds, kinds.length);
      expect(await evaluations({ evaluations: permuted.map(([item]) => item) })).toBe(decided(...permuted.map(([, decision]) => decision)));
    }
  });
});
