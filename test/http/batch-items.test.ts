/**
 * SEC-02: questions that differ in one thing alone, side by side in one request. Each condition looks at one place, and the questions are
 * all combinations of what may stand in each: whatever one item took from another would show.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import type { CheckRequest } from '../../src/core/terms/request.ts';
import { randomFrom } from '../properties/random.ts';
import { emptyRows } from '../properties/world.ts';
import { evaluations } from './agreement/authzen.ts';
import { inBatches, permuted, truthOf } from './agreement/checks.ts';
import type { Stocked } from './agreement/face.ts';
import { rpcBatch } from './agreement/rpc.ts';
import { call, makeKey, makeOrganization, putManifest } from './client.ts';

const ORG = 'items';
const ORDERS = 5;

/** Of each privilege: the place that its condition looks at. */
const CONDITIONS: Readonly<Record<string, string>> = {
  context: 'context.x == 1',
  'properties of the subject': 'subject.properties.x == 1',
  'properties of the resource': 'resource.properties.x == 1',
  'properties of the action': 'action.properties.x == 1',
  'type of the subject': 'subject.type == "user"',
  'id of the subject': 'subject.id == "a"',
};
const TYPED = 'type of the resource';
const PLACES = [...Object.keys(CONDITIONS), TYPED];

/** Bit i says whether place i holds what is looked for. */
function question(privilege: string, bits: number): CheckRequest {
  const x = (place: string): { x: number } => ({ x: holds(place, bits) ? 1 : 2 });
  return {
    subject: {
      type: holds('type of the subject', bits) ? 'user' : 'service',
      id: holds('id of the subject', bits) ? 'a' : 'a\u0000',
      properties: x('properties of the subject'),
    },
    action: { name: privilege, properties: x('properties of the action') },
    resource: { type: holds(TYPED, bits) ? 'dataset' : 'data', id: 'set:1', properties: x('properties of the resource') },
    context: x('context'),
  };
}

function holds(place: string, bits: number): boolean {
  return ((bits >> PLACES.indexOf(place)) & 1) === 1;
}

let world: Stocked;
let expected: boolean[];

beforeAll(async () => {
  await makeOrganization(ORG, { owner: 'user:owner' });
  await putManifest(ORG, {
    bitgate: 1,
    catalog: { privileges: PLACES.map((name) => ({ name })) },
    policies: [
      ...Object.entries(CONDITIONS).map(([name, condition]) => ({ name, privileges: [name], condition })),
      { name: TYPED, privileges: [TYPED], resource_types: ['dataset'] },
    ],
    assignments: [
      { subject: 'user:owner', role: 'bitgate:owner', scope: 'org' },
      ...PLACES.map((policy) => ({ subject: 'group:anyone', policy, scope: 'org' })),
    ],
  });
  const { token } = await makeKey(ORG);
  const { revision } = (await call('GET', `/admin/orgs/${ORG}`)).body;
  const combinations = PLACES.flatMap((place) => Array.from({ length: 2 ** PLACES.length }, (_, bits) => ({ place, bits })));
  expected = combinations.map(({ place, bits }) => holds(place, bits));
  const questions = combinations.map(({ place, bits }) => question(place, bits));
  world = { org: ORG, token, at: '', options: { key: token }, revision, questions, rows: emptyRows(), assert: false, now: Date.now() };
});

describe('SEC-02 items that differ in properties, context, type or id alone', () => {
  it('get their own answers, alone as in one batch', async () => {
    expect((await truthOf(world)).map(({ decision }) => decision)).toEqual(expected);
    for (const face of [inBatches, permuted, rpcBatch, evaluations]) expect(await face.answers(world), face.name).toEqual(expected);
  });

  it('in another order get the same ones in that order', async () => {
    const random = randomFrom(20_261_122);
    for (let n = 0; n < ORDERS; n++) {
      const order = random.sample([...expected.keys()], expected.length);
      const shuffled = { ...world, questions: order.map((i) => world.questions[i]!) };
      for (const face of [inBatches, rpcBatch, evaluations])
        expect(await face.answers(shuffled), face.name).toEqual(order.map((i) => expected[i]));
    }
  });

  it('that say nothing themselves take defaults, each on its own', async () => {
    const { subject, action, resource, context } = question('context', 0);
    const checks = [{}, { context: { x: 1 } }, {}, { context: { x: 2 } }, { context: {} }];
    const { body } = await call(
      'POST',
      '/check/batch',
      { defaults: { subject, action, resource, context }, checks },
      { token: world.token },
    );
    expect(body.results.map(({ decision }: { decision: boolean }) => decision)).toEqual([false, true, false, false, false]);
  });
});
