/** One truth: an evaluation is what `/check` says, evaluations are evaluations, and a search is the filter of all candidates by evaluation. */
import { beforeAll, describe, expect, it } from 'vitest';
import { plainEvaluation, readEvaluation } from '../../../src/http/authzen/wire.ts';
import { type Random, randomFrom } from '../../properties/random.ts';
import { call, makeKey, makeOrganization, putManifest } from '../client.ts';

const SEED = 20_261_122;
const QUESTIONS = 400;

const DAY_MS = 24 * 3_600_000;
const inDays = (days: number): string => new Date(Date.now() + days * DAY_MS).toISOString();

/** Something of everything that decides. */
const manifest = {
  bitgate: 1,
  catalog: {
    privileges: [{ name: 'view', implies: ['peek'] }, { name: 'edit' }, { name: 'peek' }, { name: 'share', resource_types: ['doc'] }],
  },
  policies: [
    { name: 'Edit at work', privileges: ['edit'], condition: 'context.at_work == true' },
    { name: 'Share own department', privileges: ['share'], condition: 'subject.properties.department == resource.properties.department' },
    { name: 'View softly', privileges: ['view'], condition: 'has(action.properties.soft) && action.properties.soft' },
    { name: 'No edit of what is locked', effect: 'deny', privileges: ['edit'], condition: 'has(resource.properties.locked)' },
    { name: 'No view', effect: 'deny', privileges: ['view'] },
  ],
  roles: [
    { name: 'Viewer', privileges: ['view'] },
    { name: 'Editor', inherits: ['Viewer'], privileges: ['edit'] },
    { name: 'Checks and asserts', privileges: ['bitgate:check', 'bitgate:list', 'bitgate:assert'] },
  ],
  groups: [
    { name: 'staff', members: ['user:a', 'group:inner'] },
    { name: 'inner', members: ['user:b'] },
  ],
  subjects: [
    { type: 'user', id: 'a', properties: { department: 'x' } },
    { type: 'user', id: 'b', properties: { department: 'y' } },
    { type: 'user', id: 'c' },
    { type: 'user', id: 's', status: 'suspended' },
    { type: 'service', id: 'a' },
  ],
  resources: [
    { type: 'folder', id: 'f' },
    { type: 'doc', id: '1', parents: ['folder:f'], properties: { department: 'x' } },
    { type: 'doc', id: '2', parents: ['folder:f'], access: 'restricted', properties: { department: 'y' } },
    { type: 'doc', id: '3', owners: [{ subject: 'user:c' }], properties: { locked: true } },
    { type: 'note', id: '1' },
  ],
  assignments: [
    { subject: 'group:staff', role: 'Viewer', scope: 'folder:f' },
    { subject: 'group:everyone', role: 'Viewer', scope: 'org' },
    { subject: 'user:a', role: 'Editor', scope: 'doc:1' },
    { subject: 'user:b', policy: 'No view', scope: 'doc:1' },
    { subject: 'group:owner', role: 'Editor', scope: 'org' },
    { subject: 'group:everyone', policy: 'Edit at work', scope: 'org' },
    { subject: 'group:everyone', policy: 'No edit of what is locked', scope: 'org' },
    { subject: 'group:anyone', policy: 'Share own department', scope: 'org' },
    { subject: 'group:anyone', policy: 'View softly', scope: 'folder:f' },
    { subject: 'user:c', role: 'Editor', scope: 'org', expires_at: inDays(-1) },
    { subject: 'service:a', role: 'Editor', scope: 'org', not_before: inDays(1) },
    { subject: 'user:s', role: 'Editor', scope: 'org' },
  ],
};

const SUBJECTS = ['user:a', 'user:b', 'user:c', 'user:s', 'service:a', 'user:new', 'group:staff', 'spaceship:x:y'];
const RESOURCES = ['folder:f', 'doc:1', 'doc:2', 'doc:3', 'note:1', 'doc:new', 'spaceship:x'];
const ACTIONS = ['view', 'edit', 'peek', 'share', 'unknown', 'bitgate:check'];

interface Question {
  readonly subject: object;
  readonly action: object;
  readonly resource: object;
  readonly context?: object;
}

function entityOf(ref: string): { type: string; id: string } {
  const colon = ref.indexOf(':');
  return { type: ref.slice(0, colon), id: ref.slice(colon + 1) };
}

/** @param made how often properties and context are sent */
function questionFrom({ pick, chance }: Random, made = 0.5): Question {
  const properties = (values: readonly object[]): object => (chance(made) ? { properties: pick(values) } : {});
  return {
    subject: { ...entityOf(pick(SUBJECTS)), ...properties([{ department: 'x' }, { department: 'y' }, {}]) },
    action: { name: pick(ACTIONS), ...properties([{ soft: true }, { soft: false }, { soft: 'yes' }]) },
    resource: { ...entityOf(pick(RESOURCES)), ...properties([{ locked: 1 }, { department: 'x' }, { parents: ['folder:f'] }]) },
    ...(chance(made) ? { context: pick([{ at_work: true }, { at_work: false }, {}]) } : {}),
  };
}

const tokens: string[] = [];

beforeAll(async () => {
  await makeOrganization('agreed');
  await putManifest('agreed', manifest);
  for (const role of ['bitgate:checker', 'Checks and asserts']) tokens.push((await makeKey('agreed', [role])).token);
});

async function decisionOf(path: string, body: object, token: string): Promise<boolean> {
  const answer = await call('POST', path, body, { token });
  expect(answer.status, answer.text).toBe(200);
  return answer.body.decision;
}

describe('an evaluation', () => {
  it(`is what /check says, for ${QUESTIONS} questions of two keys (seed ${SEED})`, async () => {
    const random = randomFrom(SEED);
    let allowed = 0;
    for (let i = 0; i < QUESTIONS; i++) {
      const question = questionFrom(random);
      const token = tokens[i % tokens.length] ?? '';
      const decision = await decisionOf('/access/v1/evaluation', question, token);
      expect(decision, JSON.stringify(question)).toBe(await decisionOf('/check', question, token));
      if (decision) allowed++;
    }
    expect(allowed).toBeGreaterThan(QUESTIONS / 10);
    expect(allowed).toBeLessThan((QUESTIONS * 9) / 10);
  });

  it('is the same among others, which may differ in context and properties alone', async () => {
    const random = randomFrom(SEED + 1);
    for (const token of tokens) {
      const questions = Array.from({ length: 60 }, () => questionFrom(random));
      const [first] = questions;
      const items = questions.flatMap((question) => [
        question,
        { ...question, context: { at_work: true } },
        { ...question, context: first },
      ]);
      const answer = await call('POST', '/access/v1/evaluations', { evaluations: items }, { token });
      const single: boolean[] = [];
      for (const item of items) single.push(await decisionOf('/access/v1/evaluation', item, token));
      expect(answer.text).toBe(JSON.stringify({ evaluations: single.map((decision) => ({ decision })) }));
    }
  });

  it('that is recognized as ordinary is one that the schema reads the same', () => {
    const random = randomFrom(SEED + 2);
    let recognized = 0;
    for (let i = 0; i < 2_000; i++) {
      const question = questionFrom(random);
      const plain = plainEvaluation(question);
      if (plain !== undefined) recognized++;
      // what is out of the ordinary goes to the schema
      expect(readEvaluation({ ...question, extra: 1 })).toEqual(readEvaluation(question));
    }
    expect(recognized).toBe(2_000);
    for (const odd of ['user:a', { type: '', id: 'x' }, { type: 'a:b', id: 'x' }, { type: 'a', id: 'x'.repeat(300) }, null, []])
      expect(plainEvaluation({ subject: odd, action: { name: 'view' }, resource: { type: 'doc', id: '1' } })).toBeUndefined();
    expect(plainEvaluation({ subject: { type: 'user', id: 'a' }, action: 'view', resource: { type: 'doc', id: '1' } })).toBeUndefined();
    expect(plainEvaluation({ subject: { type: 'user', id: 'a' }, action: { name: 'view' } })).toBeUndefined();
  });
});

describe('SEC-07 a search', () => {
  const CANDIDATES = {
    subject: ['user:a', 'user:b', 'user:c', 'user:s'],
    resource: ['doc:1', 'doc:2', 'doc:3'],
    action: ['edit', 'peek', 'share', 'view'],
  } as const;

  async function filtered(kind: keyof typeof CANDIDATES, question: Question, token: string): Promise<object[]> {
    const results: object[] = [];
    for (const candidate of CANDIDATES[kind]) {
      const shown = kind === 'action' ? { name: candidate } : entityOf(candidate);
      if (await decisionOf('/access/v1/evaluation', { ...question, [kind]: shown }, token)) results.push(shown);
    }
    return results;
  }

  it.each(['subject', 'resource', 'action'] as const)('for every %s is the filter of all candidates by evaluation', async (kind) => {
    const random = randomFrom(SEED + 3);
    const sizes = new Set<number>();
    for (let i = 0; i < 60; i++) {
      const token = tokens[i % tokens.length] ?? '';
      const question = questionFrom(random);
      const searched = { subject: { type: 'user' }, resource: { type: 'doc' }, action: undefined }[kind];
      const answer = await call('POST', `/access/v1/search/${kind}`, { ...question, [kind]: searched }, { token });
      const results = await filtered(kind, question, token);
      expect(answer.text, JSON.stringify(question)).toBe(JSON.stringify({ results }));
      sizes.add(results.length);
    }
    expect(sizes.size).toBeGreaterThan(2);
  });
});
