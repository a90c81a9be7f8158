/** Bitmap documents in small named worlds: every scenario, and the places where a document could go wrong and random worlds seldom come. */
import { describe, expect, it } from 'vitest';
import type { Bitmap } from '../../src/client/bitmap.ts';
import type { OrganizationRows } from '../../src/core/terms/rows.ts';
import type { BitmapQuestion } from '../../src/pdp/bitmap/build.ts';
import { scenarios } from '../scenarios/index.ts';
import { rows } from '../scenarios/rows.ts';
import { describeCase, requestOfCase, SCENARIO_NOW } from '../scenarios/scenario.ts';
import { claimedParents, makeBitmap } from '../support/memory-bitmap.ts';
import { memoryReading } from '../support/memory-reading.ts';
import { ask, snapshotOf } from '../support/memory-snapshot.ts';
import { entityOf } from './world.ts';

const SPAN = { iat: SCENARIO_NOW / 1_000, exp: SCENARIO_NOW / 1_000 + 90 };

describe('every scenario, from a document', () => {
  let answered = 0;
  let asked = 0;

  it.each(scenarios.map((scenario) => [scenario.name, scenario] as const))('%s', async (_, scenario) => {
    const { snapshot, pieces } = await snapshotOf(scenario.rows);
    for (const question of scenario.cases) {
      const [, , , decision, , more] = question;
      // A document is of no token's claims, and of no asserted properties.
      if (more?.options !== undefined) continue;
      const { subject, action, resource } = requestOfCase(question);
      const { bitmap } = await makeBitmap(memoryReading(snapshot, pieces), { subject }, SPAN, () => SCENARIO_NOW);
      const got = bitmap.decide(action.name, resource && `${resource.type}:${resource.id}`, claimedParents(resource?.properties));
      if (got === 'ask') asked++;
      else answered++;
      expect([decision, 'ask'], describeCase(question)).toContain(got);
    }
  });

  it('most of them answered', () => {
    console.log(`scenarios: ${answered} cases answered from documents, ${asked} asked`);
    expect(answered / (answered + asked)).toBeGreaterThan(0.7);
  });
});

type Asked = readonly [action: string, resource: string | undefined, parents: readonly string[], answer: ReturnType<Bitmap['decide']>];

interface SmallWorld {
  readonly rows: OrganizationRows;
  readonly question: BitmapQuestion;
  readonly asked: readonly Asked[];
}

const ANN = entityOf('user:ann');
const NOBODY = entityOf('user:nobody');
const reader = { privileges: { read: {} }, roles: { reader: { privileges: ['read'] } } };

const worlds: Readonly<Record<string, SmallWorld>> = {
  'what a group is granted on something unregistered holds there and below': {
    rows: rows({ ...reader, groups: { staff: ['user:ann'] }, assignments: [['group:staff', 'reader', 'doc:loose']] }),
    question: { subject: ANN },
    asked: [
      ['read', 'doc:loose', [], 'allow'],
      ['read', 'doc:loose', ['doc:other'], 'ask'],
      ['read', 'doc:loose', ['doc:loose', 'nothing'], 'allow'],
      ['read', 'doc:under', ['doc:loose'], 'allow'],
      ['read', 'doc:under', ['doc:under', 'doc:loose'], 'allow'],
      ['read', 'doc:under', ['doc:loose', 'doc:other'], 'ask'],
      ['read', 'doc:other', ['doc:another'], 'deny'],
    ],
  },
  'a subject that nobody registered may say of itself what it likes': {
    rows: rows({
      privileges: { read: {}, wave: {} },
      policies: {
        grown: { privileges: ['read'], condition: 'has(subject.properties.age) && subject.properties.age > 17' },
        small: { privileges: ['wave'], effect: 'deny', condition: 'has(subject.properties.age) && subject.properties.age < 3' },
      },
      roles: { waver: { privileges: ['wave'] } },
      subjects: { 'user:ann': { properties: { age: 20 } } },
      assignments: [
        ['group:anyone', 'grown', 'org'],
        ['group:anyone', 'waver', 'org'],
        ['group:anyone', 'small', 'org'],
      ],
    }),
    question: { subject: NOBODY },
    asked: [
      ['read', undefined, [], 'ask'],
      ['wave', 'doc:any', [], 'ask'],
    ],
  },
  'of a registered one the stored properties count': {
    rows: rows({
      privileges: { read: {} },
      policies: { grown: { privileges: ['read'], condition: 'subject.properties.age > 17' } },
      subjects: { 'user:ann': { properties: { age: 20 } } },
      assignments: [['group:anyone', 'grown', 'org']],
    }),
    question: { subject: ANN },
    asked: [
      ['read', undefined, [], 'allow'],
      ['read', 'doc:any', ['doc:other'], 'allow'],
    ],
  },
  'what is registered below something unregistered may be claimed to lie above it': {
    rows: rows({ ...reader, resources: { 'doc:child': { parents: ['doc:loose'] } }, assignments: [['user:ann', 'reader', 'org']] }),
    question: { subject: ANN },
    asked: [
      ['read', 'doc:loose', [], 'allow'],
      ['read', 'doc:loose', ['doc:child'], 'ask'],
      ['read', 'doc:new', ['doc:child'], 'allow'],
    ],
  },
  'a short name that is a privilege by itself never means the longer one, even where nobody holds it': {
    rows: rows({
      privileges: { read: {}, 'doc:read': {}, 'doc:doc:read': {} },
      roles: { reader: { privileges: ['doc:read', 'doc:doc:read'] } },
      assignments: [['user:ann', 'reader', 'org']],
    }),
    question: { subject: ANN },
    asked: [
      ['read', 'doc:a', [], 'deny'],
      ['doc:read', 'doc:a', [], 'allow'],
      ['doc:doc:read', 'folder:a', [], 'allow'],
    ],
  },
  'a name that is asked for comes with all that it may mean': {
    rows: rows({
      privileges: { 'doc:view': {}, 'doc:doc:view': {}, share: {} },
      roles: { viewer: { privileges: ['doc:view', 'share'] } },
      assignments: [['user:ann', 'viewer', 'org']],
    }),
    question: { subject: ANN, privileges: ['view'] },
    asked: [
      ['view', 'doc:a', [], 'allow'],
      ['view', 'folder:a', [], 'deny'],
      ['view', undefined, [], 'deny'],
      ['doc:view', 'doc:a', [], 'allow'],
      ['share', undefined, [], 'ask'],
    ],
  },
  'and with all that those may mean in turn': {
    rows: rows({
      privileges: { 'doc:view': { levels: 'project' }, 'doc:doc:view': { levels: 'org' } },
      roles: { viewer: { privileges: ['doc:doc:view'] } },
      assignments: [['user:ann', 'viewer', 'org']],
    }),
    question: { subject: ANN, privileges: ['view'] },
    asked: [
      ['doc:view', 'doc:a', [], 'allow'],
      ['doc:view', 'doc:a', ['project:p'], 'deny'],
      ['view', 'doc:a', [], 'deny'],
    ],
  },
  'whoever is suspended is denied, also what could not be said of others': {
    rows: rows({
      ...reader,
      subjects: { 'user:ann': { suspended: true } },
      resources: { 'doc:a': {} },
      assignments: [['user:ann', 'reader', 'org']],
    }),
    question: { subject: ANN, privileges: ['read'] },
    asked: [
      ['read', 'doc:new', ['doc:a', 'project:p'], 'deny'],
      ['other', 'doc:a', [], 'deny'],
    ],
  },
  'names that objects have by nature are names like others': {
    rows: rows({
      privileges: { __proto__x: {}, constructor: {} },
      roles: { builder: { privileges: ['constructor'] } },
      resources: { '__proto__:__proto__': {}, 'constructor:a': { restricted: true } },
      assignments: [['user:ann', 'builder', 'org']],
    }),
    question: { subject: ANN },
    asked: [
      ['constructor', '__proto__:__proto__', [], 'allow'],
      ['constructor', 'constructor:a', [], 'deny'],
      ['__proto__', undefined, [], 'deny'],
      ['toString', 'constructor:b', [], 'deny'],
    ],
  },
};

describe('a document answers, as the evaluator does', () => {
  it.each(Object.entries(worlds))('%s', async (_, world) => {
    const { snapshot, pieces } = await snapshotOf(world.rows, 1);
    const { bitmap } = await makeBitmap(memoryReading(snapshot, pieces), world.question, SPAN, () => SCENARIO_NOW);
    const got = world.asked.map(([action, resource, parents]) => [action, resource, parents, bitmap.decide(action, resource, parents)]);
    expect(got).toEqual(world.asked);
    for (const [action, ref, parents, answer] of world.asked) {
      const resource = ref === undefined ? undefined : entityOf(ref, { parents: [...parents] });
      const { decision } = ask(snapshot, pieces, { subject: world.question.subject, action: { name: action }, resource }, SCENARIO_NOW);
      if (answer !== 'ask') expect(decision, `${action} ${ref} ${parents}`).toBe(answer === 'allow');
    }
  });
});
