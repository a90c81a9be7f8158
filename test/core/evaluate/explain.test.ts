/** What an explanation says of grants: one small world for each outcome, and how the grant holds the privilege. */
import { describe, expect, it } from 'vitest';
import type { ExplainedGrant, Outcome } from '../../../src/core/terms/explanation.ts';
import { scenarios } from '../../scenarios/index.ts';
import type { RowsLiteral } from '../../scenarios/rows.ts';
import { describeCase, requestOfCase, SCENARIO_NOW } from '../../scenarios/scenario.ts';
import { askWhy, snapshotOf } from '../../support/memory-snapshot.ts';
import { explained, NOW, told } from './explained.ts';

const reader = { roles: { reader: { privileges: ['read'] } } } satisfies RowsLiteral;

/** The only grant of a world. */
async function onlyGrant(literal: RowsLiteral, asked: Parameters<typeof explained>[1] = {}): Promise<ExplainedGrant> {
  const { grants } = await explained(literal, asked);
  expect(grants.map(told)).toHaveLength(1);
  return grants[0]!;
}

describe('the outcome of a grant', () => {
  it.each<[Outcome, string, RowsLiteral, Partial<ExplainedGrant>]>([
    ['applies', 'nothing is against it', { ...reader, assignments: [['user:ann', 'reader', 'org']] }, { role: 'reader', holds: 'named' }],
    [
      'expired',
      'its window is over',
      { ...reader, assignments: [['user:ann', 'reader', 'org', { until: NOW }]] },
      { expires_at: '2027-01-01T00:00:00.000Z' },
    ],
    [
      'not_yet_valid',
      'its window has not begun',
      { ...reader, assignments: [['user:ann', 'reader', 'org', { from: NOW + 1 }]] },
      { not_before: '2027-01-01T00:00:00.001Z' },
    ],
    [
      'restricted',
      'a restriction lies in between',
      {
        ...reader,
        resources: { 'doc:a': { parents: ['box:b'] }, 'box:b': { parents: ['project:p'], restricted: true }, 'project:p': {} },
        assignments: [['user:ann', 'reader', 'project:p']],
      },
      { cut_at: 'box:b' },
    ],
    [
      'condition_false',
      'its condition is false',
      { policies: { odd: { privileges: ['read'], condition: 'context.x == 1' } }, assignments: [['user:ann', 'odd', 'org']] },
      { policy: 'odd', condition: { source: 'context.x == 1', values: { 'context.x': 2 } } },
    ],
    [
      'condition_error',
      'its condition fails',
      {
        policies: { odd: { privileges: ['read'], condition: 'context.y.z == 1 && context.x == 2' } },
        assignments: [['user:ann', 'odd', 'org']],
      },
      {
        condition: {
          source: 'context.y.z == 1 && context.x == 2',
          values: { 'context.x': 2 },
          missing: ['context.y.z'],
          error: 'no such key: `y`; ask `has(context.y)` first',
        },
      },
    ],
    [
      'inactive',
      'its policy is off',
      { policies: { off: { privileges: ['read'], state: 'INACTIVE' } }, assignments: [['user:ann', 'off', 'org']] },
      { policy: 'off' },
    ],
    [
      'type',
      'its policy is for other types',
      { policies: { typed: { privileges: ['read'], types: ['sheet'] } }, assignments: [['user:ann', 'typed', 'org']] },
      { policy: 'typed' },
    ],
  ])('is `%s` when %s', async (outcome, _why, literal, expected) => {
    expect(await onlyGrant(literal, { context: { x: 2 } })).toMatchObject({ effect: 'allow', outcome, principal: 'user:ann', ...expected });
  });

  it('of a deny is `applies` also when its condition fails, and otherwise what keeps it', async () => {
    const deny = { effect: 'deny' as const, privileges: ['read'] };
    const { grants, reason, blocked_by, near_misses } = await explained(
      {
        policies: {
          plain: deny,
          failing: { ...deny, condition: 'context.y' },
          false: { ...deny, condition: 'false' },
          typed: { ...deny, types: ['sheet'] },
          off: { ...deny, state: 'DRAFT' },
        },
        assignments: [
          ...['plain', 'failing', 'false', 'typed', 'off'].map((name): [string, string, string] => ['user:ann', name, 'org']),
          ['user:ann', 'plain', 'doc:a', { until: NOW }],
          ['user:ann', 'plain', 'doc:a', { from: NOW + 1 }],
        ],
      },
      { context: {} },
    );
    expect([reason, blocked_by, near_misses]).toEqual(['denied_by_policy', 'denied_by_policy', []]);
    expect(grants.map(told)).toEqual([
      'deny applies: user:ann has failing at org',
      'deny applies: user:ann has plain at org',
      'deny condition_false: user:ann has false at org',
      'deny not_yet_valid: user:ann has plain at doc:a',
      'deny expired: user:ann has plain at doc:a',
      'deny inactive: user:ann has off at org',
      'deny type: user:ann has typed at org',
    ]);
    expect(grants[0]?.condition).toMatchObject({ missing: ['context.y'], error: expect.stringContaining('no such key') });
  });

  it('is not asked where nothing of grants was: a suspended subject, an unknown privilege, a closed type', async () => {
    const literal: RowsLiteral = {
      ...reader,
      subjects: { 'user:sue': { suspended: true } },
      assignments: [
        ['user:ann', 'reader', 'org'],
        ['user:sue', 'reader', 'org'],
      ],
      settings: { closed_types: ['doc'] },
    };
    expect(await explained(literal, { subject: 'user:sue' })).toMatchObject({
      blocked_by: 'subject_suspended',
      grants: [],
      near_misses: [],
    });
    expect(await explained(literal, { action: 'fly' })).toMatchObject({ blocked_by: 'unknown_privilege', grants: [], privilege: null });
    expect(await explained(literal)).toMatchObject({ blocked_by: 'unregistered_resource', grants: [] });
  });
});

describe('how a grant holds the privilege', () => {
  it.each<[ExplainedGrant['holds'], RowsLiteral]>([
    ['named', reader],
    ['implied', { privileges: { read: {}, manage: { implies: ['read'] } }, roles: { reader: { privileges: ['manage'] } } }],
    ['all_privileges', { roles: { reader: { all: true } } }],
    ['implies_all', { privileges: { read: {}, run: { impliesAll: true } }, roles: { reader: { privileges: ['run'] } } }],
  ])('`%s`, by a role’s own privileges', async (holds, literal) => {
    const grant = await onlyGrant(
      { ...literal, resources: { 'doc:a': { parents: ['project:p'] }, 'project:p': {} }, assignments: [['user:ann', 'reader', 'org']] },
      {},
    );
    expect(grant).toMatchObject({ outcome: 'applies', role: 'reader', holds });
    expect(grant.policy).toBeUndefined();
  });

  it.each<[ExplainedGrant['holds'], RowsLiteral]>([
    ['named', { policies: { p: { privileges: ['read'] } } }],
    ['implied', { privileges: { read: {}, manage: { implies: ['read'] } }, policies: { p: { privileges: ['manage'] } } }],
    ['implies_all', { privileges: { read: {}, run: { impliesAll: true } }, policies: { p: { privileges: ['run'] } } }],
  ])('`%s`, by a policy of an inherited role', async (holds, literal) => {
    const grant = await onlyGrant({
      ...literal,
      roles: { top: { inherits: ['mid'] }, mid: { inherits: ['low'] }, low: { policies: ['p'] } },
      resources: { 'doc:a': { parents: ['project:p'] }, 'project:p': {} },
      assignments: [['user:ann', 'top', 'org']],
    });
    expect(grant).toMatchObject({
      outcome: 'applies',
      role: 'top',
      role_id: 'rol_top',
      inherited: ['top', 'mid', 'low'],
      policy: 'p',
      holds,
    });
  });

  it('tells each list and each policy of a role', async () => {
    const { grants } = await explained({
      policies: { p: { privileges: ['read'] }, q: { privileges: ['read'], condition: 'true' } },
      roles: { all: { privileges: ['read'], policies: ['p', 'q'], inherits: ['low'] }, low: { privileges: ['read'] } },
      assignments: [['user:ann', 'all', 'org']],
    });
    expect(grants.map(({ policy, inherited, outcome }) => [policy, inherited, outcome])).toEqual([
      [undefined, undefined, 'applies'],
      ['p', undefined, 'applies'],
      ['q', undefined, 'applies'],
      [undefined, ['all', 'low'], 'applies'],
    ]);
  });
});

describe('a condition', () => {
  const look = async (condition: string, asked: Parameters<typeof explained>[1]): Promise<ExplainedGrant['condition']> =>
    (await onlyGrant({ policies: { odd: { privileges: ['read'], condition } }, assignments: [['user:ann', 'odd', 'org']] }, asked))
      .condition;

  it('comes with all it looks at, each once, as it is written', async () => {
    const source =
      'now > timestamp("2020-01-01T00:00:00Z") && has(context.a.b) && context["x y"] == 1 && context.a.b == 1 && size(subject.id) > 0 && [1].exists(i, i == context.n)';
    expect(await look(source, { context: { a: { b: 1 }, 'x y': 2 } })).toEqual({
      source,
      values: { now: '2027-01-01T00:00:00.000Z', 'context.a.b': 1, 'context["x y"]': 2, 'subject.id': 'ann' },
      missing: ['context.n'],
    });
  });

  it('finds no property that only JavaScript has, and cuts long values', async () => {
    const found = await look('context.constructor == 1 || context.long == "" || context.__proto__ == 1', {
      context: { long: 'x'.repeat(1000) },
    });
    expect(found?.missing).toEqual(['context.constructor', 'context.__proto__']);
    expect(found?.values).toEqual({ 'context.long': `"${'x'.repeat(255)}…` });
  });

  it('tells no values when it was not asked', async () => {
    const { grants } = await explained({
      policies: { odd: { privileges: ['read'], condition: 'context.x == 1' } },
      assignments: [['user:ann', 'odd', 'org', { until: NOW }]],
    });
    expect(grants).toMatchObject([{ outcome: 'expired', condition: { source: 'context.x == 1' } }]);
    expect(grants[0]?.condition).not.toHaveProperty('values');
  });

  it('sees of an unregistered subject that is assumed to be given something what it would have stored: nothing', async () => {
    const asked = {
      subject: 'user:new',
      options: { assume: [{ principal: 'user:new', target: 'pol_odd', scope: 'org', notBefore: null, expiresAt: null }] },
    };
    const { grants, subject } = await explained(
      { policies: { odd: { privileges: ['read'], condition: 'has(subject.properties.x)' } } },
      asked,
    );
    expect(subject).toEqual({ subject: 'user:new', registered: true, suspended: false });
    expect(grants).toMatchObject([{ assumed: true, outcome: 'condition_false', condition: { missing: ['subject.properties.x'] } }]);
  });
});

describe('limits', () => {
  it('lists what applies first, and counts what is beyond', async () => {
    const groups = Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`g${i}`, ['user:ann']]));
    const { grants, principals, scopes, more } = await explained(
      {
        ...reader,
        groups,
        resources: { 'doc:a': { parents: ['box:a', 'box:b', 'box:c'] }, 'box:a': {}, 'box:b': {}, 'box:c': {} },
        assignments: [
          ...Object.keys(groups).map((name): [string, string, string, object] => [`group:${name}`, 'reader', 'org', { until: NOW }]),
          ['group:g11', 'reader', 'doc:a'],
        ],
      },
      { limits: { listed: 3 } },
    );
    expect(grants.map(({ outcome }) => outcome)).toEqual(['applies', 'expired', 'expired']);
    expect([principals.length, scopes.map(({ scope }) => scope)]).toEqual([3, ['doc:a', 'box:a', 'org']]);
    expect(more).toEqual({ grants: 10, principals: 12, scopes: 2 });
  });
});

describe.each(scenarios)('explained, $name', ({ rows, cases }) => {
  it.each(cases.map((each) => [describeCase(each), each] as const))('%s', async (_name, each) => {
    const { decision, reason } = askWhy(await snapshotOf(rows, 1), requestOfCase(each), SCENARIO_NOW, each[5]?.options);
    expect([decision, reason]).toEqual([each[3] === 'allow', each[4]]);
  });
});
