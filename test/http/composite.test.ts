/** Checks of several actions at once: how the answers go together, what is refused, and how they stand in a batch. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { Reason } from '../../src/core/terms/decision.ts';
import { decideComposite } from '../../src/http/common/checks/composite.ts';
import { makeAcme } from './acme.ts';
import { type Answer, call } from './client.ts';

const subject = { type: 'user', id: 'a' };

/** Decides each action as its name says: `yes`, or a reason to deny. */
const byName: Parameters<typeof decideComposite>[0] = {
  decide: ({ action: { name } }) => {
    // `as`: the names below are reasons
    const answer = name === 'yes' ? { decision: true, reason: 'granted' as Reason } : { decision: false, reason: name as Reason };
    return name === 'expired' ? Promise.resolve(answer) : answer;
  },
};

describe('answers go together', () => {
  it.each([
    ['any_of', ['yes'], true, 'granted'],
    ['any_of', ['no_grant', 'yes', 'denied_by_policy'], true, 'granted'],
    ['any_of', ['restricted', 'no_grant'], false, 'restricted'],
    ['any_of', [], false, 'no_grant'],
    ['all_of', ['yes', 'yes'], true, 'granted'],
    ['all_of', ['yes', 'expired', 'no_grant'], false, 'expired'],
    ['all_of', ['unknown_privilege'], false, 'unknown_privilege'],
    ['all_of', [], false, 'no_grant'],
  ] as const)('%s %j: %s, %s', async (needs, names, decision, reason) => {
    const actions = names.map((name) => ({ name }));
    expect(await decideComposite(byName, { needs, actions, subject }, 0, undefined)).toEqual({
      decision,
      reason,
      actions: names.map((name) => ({ action: name, decision: name === 'yes', reason: name === 'yes' ? 'granted' : name })),
    });
  });

  it('all at one time', async () => {
    const times = new Set<number>();
    const decide: (typeof byName)['decide'] = (_request, now) => {
      times.add(now);
      return { decision: true, reason: 'granted' };
    };
    await decideComposite({ decide }, { needs: 'all_of', actions: [{ name: 'a' }, { name: 'b' }], subject }, 7, undefined);
    expect([...times]).toEqual([7]);
  });
});

describe('composite checks', () => {
  const check = (body: object): Promise<Answer> => call('POST', '/check', { org: 'acme', subject: 'user:v', ...body });
  const batch = (body: object): Promise<Answer> => call('POST', '/check/batch', { org: 'acme', ...body });

  beforeAll(async () => {
    await makeAcme();
    await call('POST', '/admin/orgs/acme/assignments', { subject: 'user:v', role: 'Viewer', scope: 'project:p1' });
  });

  it('take actions by name and as objects, resource and context as ever, and answer each', async () => {
    const answer = await check({ all_of: ['view', { name: 'edit', properties: { a: 1 } }], resource: 'dataset:d1', context: { x: 1 } });
    expect([answer.status, answer.body]).toEqual([
      200,
      {
        decision: false,
        reason: 'no_grant',
        actions: [
          { action: 'view', decision: true, reason: 'granted' },
          { action: 'edit', decision: false, reason: 'no_grant' },
        ],
        revision: expect.any(Number),
      },
    ]);
    expect((await check({ any_of: ['edit', 'view'], resource: 'dataset:d1' })).body.decision).toBe(true);
    expect((await check({ any_of: ['"\n'], resource: 'dataset:d1' })).body.actions[0]).toMatchObject({
      action: '"\n',
      reason: 'unknown_privilege',
    });
  });

  it.each([
    ['no action at all', {}, 'action'],
    ['an action and a list', { action: 'view', any_of: ['view'] }, 'action'],
    ['two lists', { any_of: ['view'], all_of: ['view'] }, 'action'],
    ['a list that is a text', { any_of: 'view' }, 'any_of'],
    ['an action without a name', { all_of: ['view', ''] }, 'all_of[1]'],
    ['a list too long', { any_of: Array.from({ length: 101 }, () => 'view') }, 'any_of'],
    ['a null', { all_of: null }, 'all_of'],
  ])('refuse %s', async (_name, body, path) => {
    const answer = await check(body);
    expect([answer.status, answer.body.decision, answer.body.error.code]).toEqual([400, false, 'invalid_check']);
    expect(answer.body.error.details.problems.map((problem: { path: string }) => problem.path)).toContain(path);
  });

  it('tell every bad field, the missing action among them', async () => {
    const { body } = await call('POST', '/check', { org: 'acme', subject: 5, ressource: 'dataset:d1' });
    const paths = body.error.details.problems.map((problem: { path: string }) => problem.path);
    expect(paths).toEqual(expect.arrayContaining(['subject', 'ressource', 'action']));
  });

  it('stand in batches: what an item asks for takes the place of what the defaults ask for', async () => {
    const defaults = { subject: 'user:v', action: 'edit', resource: 'dataset:d1' };
    const { body } = await batch({
      defaults,
      checks: [{}, { any_of: ['view', 'edit'] }, { action: 'view' }, { any_of: ['view'], all_of: [] }],
    });
    expect(body.results.map(({ decision }: { decision: boolean }) => decision)).toEqual([false, true, true, false]);
    expect(body.results[3].error.code).toBe('invalid_check');
    const listed = await batch({
      defaults: { subject: 'user:v', all_of: ['view'], resource: 'dataset:d1' },
      checks: [{}, { action: 'edit' }],
    });
    expect(listed.body.results).toMatchObject([{ decision: true, actions: [{ action: 'view' }] }, { decision: false }]);
  });

  it('count in a batch as many checks as they have actions', async () => {
    const any_of = Array.from({ length: 100 }, () => 'view');
    const checks = Array.from({ length: 100 }, () => ({ subject: 'user:v', any_of }));
    expect((await batch({ checks })).status).toBe(200);
    const answer = await batch({ checks: [...checks, { subject: 'user:v', action: 'view' }] });
    expect([answer.status, answer.body.error.code]).toEqual([413, 'batch_too_large']);
  });
});
