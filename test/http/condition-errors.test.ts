/** SEC-14: whatever goes wrong in a condition, an allow under it allows nothing and a deny under it denies, whichever way is asked. */
import { beforeAll, describe, expect, it } from 'vitest';
import { rowsOf } from '../features/published.ts';
import { truthOf } from './agreement/checks.ts';
import type { Stocked } from './agreement/face.ts';
import { FACES } from './agreement/faces.ts';
import { call, makeKey, makeOrganization, putManifest } from './client.ts';

const ORG = 'errors';
const RESOURCE = { type: 'doc', id: 'd' };

/** Each fails on every question of this test: by what isn't there, by types, by work without end. */
const FAILING = [
  'context.missing == 1',
  'context.missing.deeper',
  'subject.properties.missing == 1',
  'resource.properties.missing == 1',
  'action.properties.missing == 1',
  'subject.properties.n + "x" == "1x"',
  'resource.properties.n > "1"',
  'resource.properties.list.all(x, x > 1)',
  'subject.properties["n"]["n"] == 1',
  '!(context.missing == 1)',
  'context.missing == 1 && subject.id != ""',
  'true ? dyn(context.missing) : true',
];

const allowName = (i: number): string => `allowed only if ${i}`;
const denyName = (i: number): string => `denied only if ${i}`;

let world: Stocked;

beforeAll(async () => {
  await makeOrganization(ORG);
  await putManifest(ORG, {
    bitgate: 1,
    catalog: { privileges: FAILING.flatMap((_, i) => [{ name: allowName(i) }, { name: denyName(i) }]) },
    policies: FAILING.flatMap((condition, i) => [
      { name: `A${i}`, privileges: [allowName(i)], condition },
      { name: `D${i}`, privileges: [denyName(i)], condition, effect: 'deny' },
    ]),
    roles: [
      { name: 'Asker', privileges: ['bitgate:check', 'bitgate:list', 'bitgate:explain'] },
      { name: 'Sure', privileges: FAILING.map((_, i) => denyName(i)) },
      { name: 'Unsure', policies: FAILING.flatMap((_, i) => [`A${i}`, `D${i}`]) },
    ],
    subjects: [{ type: 'user', id: 'u', properties: { n: 1 } }],
    resources: [{ ...RESOURCE, properties: { n: 1, list: ['a', 2] } }],
    assignments: [
      { subject: 'group:anyone', role: 'Sure', scope: 'org' },
      { subject: 'group:anyone', role: 'Unsure', scope: 'org' },
    ],
  });
  const { token } = await makeKey(ORG, ['Asker']);
  const rows = await rowsOf(ORG);
  const { revision } = (await call('GET', `/admin/orgs/${ORG}`)).body;
  const names = FAILING.flatMap((_, i) => [allowName(i), denyName(i)]);
  const subjects = rows.subjects.filter(({ subject }) => subject.startsWith('user:u') || subject.startsWith('api_key:'));
  const questions = subjects.flatMap(({ subject }) => {
    const [type = '', id = ''] = subject.split(':');
    return names.map((name) => ({ subject: { type, id }, action: { name }, resource: RESOURCE }));
  });
  world = { org: ORG, token, at: '', options: { key: token }, revision, rows, questions, assert: false, now: Date.now() };
});

describe('SEC-14 an error in a condition', () => {
  it('never allows, and a deny with one denies: the reason says which', async () => {
    for (const [i, { decision, reason }] of (await truthOf(world)).entries()) {
      const { name } = world.questions[i]!.action;
      expect([name, decision, reason]).toEqual([name, false, name.startsWith('allowed') ? 'condition_error' : 'denied_by_policy']);
    }
  });

  it.each(FACES.map((face) => [face.name, face] as const))('allows nothing: %s', async (_name, face) => {
    const said = await face.answers(world);
    expect(said.filter((each) => each !== false && each !== 'ask' && each !== null)).toEqual([]);
    expect(said.length).toBe(world.questions.length);
  });
});
