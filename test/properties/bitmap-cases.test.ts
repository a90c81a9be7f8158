/** Bitmap documents in small named worlds: every scenario, and the places where a document could go wrong and random worlds seldom come. */
import { describe, expect, it } from 'vitest';
import type { Bitmap } from '../../src/client/bitmap.ts';
import { LIMITS } from '../../src/core/terms/limits.ts';
import type { OrganizationRows } from '../../src/core/terms/rows.ts';
import type { BitmapQuestion } from '../../src/pdp/bitmap/build.ts';
import { within } from '../../src/pdp/bitmap/rows.ts';
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

/** 40 projects with 10 documents each; ann reads in some projects and on single documents, may write below one that nobody registered, and owns some. */
function wideRows(names: readonly string[], idOf: (index: number) => string): OrganizationRows {
  const projects = Array.from({ length: 40 }, (_, i) => `project:${i}`);
  const documents = Array.from({ length: 400 }, (_, i) => `doc:${idOf(i)}`);
  const parentsOf = (i: number): { parents: string[]; restricted: boolean; owners: string[] } => {
    return { parents: [projects[i % 40]!], restricted: i % 7 === 0, owners: i % 50 === 0 ? ['user:ann'] : [] };
  };
  return rows({
    privileges: { read: {}, write: { types: ['doc'] }, keep: {}, ...Object.fromEntries(names.map((name) => [name, {}])) },
    roles: { reader: { privileges: ['read', ...names.slice(0, 50)] }, writer: { privileges: ['write'] }, keeper: { privileges: ['keep'] } },
    resources: {
      ...Object.fromEntries(projects.map((key) => [key, {}])),
      ...Object.fromEntries(documents.map((key, i) => [key, parentsOf(i)])),
    },
    assignments: [
      ...projects.filter((_, i) => i % 3 === 0).map((key) => ['user:ann', 'reader', key] as [string, string, string]),
      ...documents.slice(0, 5).map((key) => ['user:ann', 'writer', key] as [string, string, string]),
      ['user:ann', 'writer', 'folder:loose'],
      ['group:owner', 'keeper', 'org'],
    ],
  });
}

describe('of more than a document holds', () => {
  const short = (i: number): string => `${i}`;
  const long = (i: number): string => `${i}`.padStart(300, 'x');
  const many = Array.from({ length: 9_000 }, (_, i) => `privilege ${i}`);

  it('what a request has no time for is asked about, not taken for unregistered', async () => {
    const { snapshot, pieces } = await snapshotOf(wideRows([], short));
    let looks = 0;
    const reading = {
      ...memoryReading(snapshot, pieces),
      get spent() {
        return ++looks > 20;
      },
    };
    const { bitmap, document } = await makeBitmap(reading, { subject: ANN }, SPAN, () => SCENARIO_NOW);
    expect(document.places.flatMap(({ resources }) => Object.values(resources).flat()).length).toBe(20);
    expect([bitmap.decide('read', 'project:3'), bitmap.decide('read', 'doc:398'), bitmap.decide('read', 'doc:new')]).toEqual([
      'allow',
      'ask',
      'ask',
    ]);
  });

  it.each<[string, readonly string[], (i: number) => string, number | undefined, boolean, number]>([
    ['nothing is left out while it fits', [], short, undefined, true, 0],
    ['too many leaves: projects, scopes and what is named are listed', [], short, 1, false, 0.93],
    ['too long: the last are left out', [], long, undefined, false, 0.9],
    ['too many decisions: what needs one more is left out', many, short, undefined, false, 0.2],
  ])('%s', async (_, names, idOf, leafWeight, whole, atMostAsked) => {
    const { snapshot, pieces } = await snapshotOf(wideRows(names, idOf), leafWeight);
    const question = { subject: ANN, resources: [`doc:${idOf(399)}`, 'doc:unheard'] };
    const { bitmap, document } = await makeBitmap(memoryReading(snapshot, pieces), question, SPAN, () => SCENARIO_NOW);
    expect(document.unlisted !== undefined).toBe(whole);
    expect(JSON.stringify(document).length).toBeLessThanOrEqual(LIMITS.bitmapBytes);
    const listed = document.places.flatMap(({ resources }) => Object.keys(resources));
    expect(listed).toEqual(expect.arrayContaining(['project', 'doc']));
    const refs = [
      ...Array.from({ length: 40 }, (_, i) => `project:${i}`),
      ...Array.from({ length: 400 }, (_, i) => `doc:${idOf(i)}`),
      ...['folder:loose', 'doc:unheard', 'doc:other', 'project:other'],
    ];
    let asked = 0;
    let all = 0;
    for (const ref of refs) {
      for (const action of ['read', 'write', 'keep', 'privilege 7', 'unheard']) {
        for (const parents of [[], ['project:0'], ['folder:loose']]) {
          const answer = bitmap.decide(action, ref, parents);
          const request = { subject: ANN, action: { name: action }, resource: entityOf(ref, { parents }) };
          all++;
          if (answer === 'ask') asked++;
          else expect(answer, `${action} ${ref} ${parents}`).toBe(ask(snapshot, pieces, request, SCENARIO_NOW).decision ? 'allow' : 'deny');
        }
      }
    }
    console.log(`${_}: ${asked} of ${all} asked, ${JSON.stringify(document).length} bytes, ${document.rows.length} rows`);
    expect(asked / all).toBeLessThanOrEqual(atMostAsked + 0.01);
    expect(bitmap.decide('read', `doc:${idOf(399)}`)).not.toBe('ask');
    expect(bitmap.decide('read', 'project:3')).toBe('allow');
  });
});

describe('many documents made at once', () => {
  it('are those that are made one after the other', async () => {
    const { snapshot, pieces } = await snapshotOf(wideRows([], (i) => `${i}`));
    const subjects = ['user:ann', 'user:nobody', 'user:bob', 'user:cid'].map((key) => entityOf(key));
    const make = (subject: (typeof subjects)[number]) =>
      makeBitmap(memoryReading(snapshot, pieces), { subject }, SPAN, () => SCENARIO_NOW).then(({ token }) => token);
    const alone: string[] = [];
    for (const subject of subjects) alone.push(await make(subject));
    expect(await Promise.all(subjects.map(make))).toEqual(alone);
  });
});

describe('what a token proves', () => {
  const world = rows({
    privileges: { read: {} },
    roles: { reader: { privileges: ['read'] } },
    groups: { staff: [] },
    resources: { 'doc:a': {}, 'doc:b': {}, 'doc:c': {} },
    assignments: [['group:staff', 'reader', 'doc:c']],
  });

  it('is in a document of its subject: at each scope of a role, registered or not, and there alone', async () => {
    const { snapshot, pieces } = await snapshotOf(world);
    const roles = ['doc:a', 'doc:new', 'folder:new'].map((scope) => ({ role: 'rol_reader', scope }));
    for (const proven of [undefined, { roles, groups: ['grp_staff'] }]) {
      const question = { subject: entityOf('user:ann'), proven };
      const { bitmap } = await makeBitmap(memoryReading(snapshot, pieces), question, SPAN, () => SCENARIO_NOW);
      const given = proven === undefined ? 'deny' : 'allow';
      for (const key of ['doc:a', 'doc:c', 'doc:new']) expect(bitmap.decide('read', key), key).toBe(given);
      for (const key of ['doc:b', 'doc:other']) expect(bitmap.decide('read', key), key).toBe('deny');
      expect(bitmap.decide('read', 'doc:other', ['folder:new'])).toBe(given);
    }
  });

  it('is told of a span that ends before the token does', () => {
    const { iat, exp } = SPAN;
    expect(within(SPAN, (exp + 1) * 1_000)).toEqual(SPAN);
    expect(within(SPAN, exp * 1_000)).toEqual({ iat, exp: exp - 1 });
    expect(within(SPAN, exp * 1_000 + 1)).toEqual(SPAN);
  });
});
