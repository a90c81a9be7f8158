/**
 * Every way of asking says of an end user what the naive evaluator says with what the user's token gives: asked by the users about themselves, each with a
 * token of the user's own, and by a key with `subject_token`. Once with tokens that give nothing, once with groups and roles.
 */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { CheckRequest, TokenRole } from '../../src/core/terms/request.ts';
import type { OrganizationRows } from '../../src/core/terms/rows.ts';
import { askerFor } from '../oracle/oracle.ts';
import { randomFrom } from '../properties/random.ts';
import { NOW } from '../properties/vocabulary.ts';
import { truthOf } from './agreement/checks.ts';
import { refOf, type Stocked } from './agreement/face.ts';
import { FACES } from './agreement/faces.ts';
import { stock } from './agreement/stocked.ts';
import { call } from './client.ts';
import { type Issuing, issuing } from './users.ts';

const SEED = 20_261_187;
/** for these no issuer can speak */
const OTHERS = ['', 'group', 'api_key'];
/** faces that tell who may: an end user may not ask that */
const SEEKING = /subjects/;
/** groups, and roles, of each token */
const GIVES = 2;

interface Given {
  readonly groups: readonly string[];
  readonly roles: readonly TokenRole[];
}

/** As many of each as give something to many and leave something to deny. */
function givenIn(rows: OrganizationRows): Given {
  const random = randomFrom(SEED);
  const scopes = ['org', ...random.sample(rows.resources, GIVES).map(({ resource }) => resource)];
  const roles = random.sample(rows.roles, GIVES).map(({ id }) => ({ role: id, scope: random.pick(scopes) }));
  return { groups: random.sample(rows.groups, GIVES).map(({ id }) => id), roles };
}

let issuer: Issuing;
let world: Stocked;
let given: Given;

beforeAll(async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: NOW });
  issuer = await issuing('acme');
  world = await stock(SEED, true, (rows) => {
    given = givenIn(rows);
    const types = [...new Set(rows.subjects.map(({ subject }) => subject.slice(0, subject.indexOf(':'))))];
    const speaking = ['user', ...types].filter((type, i, all) => !OTHERS.includes(type) && all.indexOf(type) === i);
    const mappings = [...given.groups.map((group) => ({ group })), ...given.roles];
    return {
      issuers: speaking.map((type) => ({ ...issuer.settings, issuer: `https://${type}.example`, subject_type: type })),
      claim_mappings: mappings.map((giving) => ({ claim: 'gives', value: 'all', ...giving })),
    };
  });
}, 100_000);
afterAll(() => {
  vi.useRealTimers();
});

interface User {
  readonly token: string;
  readonly questions: readonly CheckRequest[];
}

/** Everybody whom an issuer speaks for, with the questions about them. */
async function usersOf(gives: string): Promise<User[]> {
  const users = new Map<string, CheckRequest[]>();
  for (const question of world.questions) {
    if (OTHERS.includes(question.subject.type)) continue;
    const ref = refOf(question.subject);
    users.set(ref, [...(users.get(ref) ?? []), question]);
  }
  const spoken: User[] = [];
  for (const questions of users.values()) {
    const { type, id } = questions[0]!.subject;
    spoken.push({ token: await issuer.sign({ iss: `https://${type}.example`, sub: id, gives }), questions });
  }
  return spoken;
}

describe.each([
  ['give nothing', 'nothing'],
  ['give groups and roles', 'all'],
])('end users whose tokens %s', (_name, gives) => {
  let users: User[];
  let truth: boolean[][];

  const asUser = ({ token, questions }: User): Stocked => {
    const { org } = world;
    return { ...world, token, at: `/orgs/${org}`, options: { token, organization: org }, questions, assert: false };
  };

  beforeAll(async () => {
    users = await usersOf(gives);
    const naive = askerFor(world.rows, world.now, gives === 'all' ? { ...given } : {});
    truth = users.map(({ questions }) =>
      questions.map(({ subject, action, resource, context }) => naive.about(subject, resource).decide(action, context).decision),
    );
    const all = truth.flat();
    console.log(`${all.length} questions by ${users.length} users, ${all.filter(Boolean).length} allowed`);
    expect(all.filter(Boolean).length).toBeGreaterThan(all.length / 20);
  });

  it('are answered by /check about themselves as the naive evaluator answers', async () => {
    for (const [i, user] of users.entries()) expect((await truthOf(asUser(user))).map(({ decision }) => decision)).toEqual(truth[i]);
  }, 300_000);

  it.each(FACES.filter(({ name }) => !SEEKING.test(name)).map((face) => [face.name, face] as const))(
    'are answered by %s about themselves likewise',
    async (_face, face) => {
      let compared = 0;
      for (const [i, user] of users.entries()) {
        const said = await face.answers(asUser(user));
        for (const [j, decision] of said.entries()) {
          if (decision === null || decision === 'ask') continue;
          compared++;
          expect(decision, `${face.name}: ${JSON.stringify(user.questions[j])}`).toBe(truth[i]![j]);
        }
      }
      expect(compared).toBeGreaterThan(truth.flat().length / 20);
    },
    300_000,
  );

  it('are decided about by a `subject_token` likewise, singly and in batches', async () => {
    const { token } = world;
    for (const [i, { token: subject_token, questions }] of users.entries()) {
      const checks = questions.map(({ subject: _, ...rest }) => rest);
      const { body } = await call('POST', '/check/batch', { defaults: { subject_token }, checks }, { token });
      expect(body.results.map(({ decision }: { decision: boolean }) => decision)).toEqual(truth[i]);
      for (const [j, check] of checks.entries())
        expect((await call('POST', '/check', { subject_token, ...check }, { token })).body.decision).toBe(truth[i]![j]);
    }
  }, 300_000);
});
