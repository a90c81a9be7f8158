/** AuthZEN's certification scenario, level by level, with the scenario's own organization and over HTTP: `Basic Core`, `Search Properties` … */
import { beforeAll, describe, expect, it } from 'vitest';
import { type Answer, call } from '../client.ts';
import { ask, decided, FALSE, TRUE, told } from './asking.ts';
import { admin, alice, archived, bob, makeFixture, read, record1, record2, write } from './fixture.ts';

let token = '';

beforeAll(async () => {
  token = await makeFixture('certified');
});

const evaluation = (body: unknown): Promise<string> => told('evaluation', body, { token });
const evaluations = (body: unknown): Promise<string> => told('evaluations', body, { token });
const search = (what: string, body: unknown): Promise<Answer> => ask(`search/${what}`, body, { token });

const context = { time: '2025-06-27T18:03-07:00', ip: '192.168.1.1' };
const subject = alice;
const remove = (soft: boolean): object => ({ name: 'delete', properties: { soft } });

describe('Basic', () => {
  it.each([
    ['1 alice reads record-1', TRUE, { subject, action: read, resource: record1 }],
    ['2 alice writes record-1', TRUE, { subject, action: write, resource: record1 }],
    ['3 bob reads record-1', TRUE, { subject: bob, action: read, resource: record1 }],
    ['4 bob does not write record-1', FALSE, { subject: bob, action: write, resource: record1 }],
    ['5 alice does not write what is archived', FALSE, { subject, action: write, resource: archived }],
    ['5 alice does not write what is stored as archived', FALSE, { subject, action: write, resource: record2 }],
    [
      '5 alice does not write what is said to be archived and is not stored',
      FALSE,
      { subject, action: write, resource: { ...archived, id: 'record-9' } },
    ],
    ['6 bob, an admin, writes what is archived', TRUE, { subject: admin, action: write, resource: archived }],
    ['6 bob, stored as admin, writes what is archived', TRUE, { subject: bob, action: write, resource: record2 }],
    ['6 whoever is an admin writes what is archived', TRUE, { subject: { ...admin, id: 'carol' }, action: write, resource: archived }],
    ['7 alice deletes softly', TRUE, { subject, action: remove(true), resource: record1 }],
    ['8 alice does not delete for good', FALSE, { subject, action: remove(false), resource: record1 }],
    ['alice reads record-2', TRUE, { subject, action: read, resource: record2 }],
    ['context changes nothing', TRUE, { subject, action: read, resource: record1, context }],
    [
      'further properties change nothing',
      TRUE,
      {
        subject: { ...alice, properties: { department: 'Sales', role: 'manager' } },
        action: { ...read, properties: { method: 'GET' } },
        resource: { ...record1, properties: { status: 'active', owner: 'bob' } },
      },
    ],
    ['unknown fields change nothing', TRUE, { subject, action: read, resource: record1, foo: 'bar', futureField: { nested: true } }],
  ])('%s', async (_what, answer, body) => {
    expect(await evaluation(body)).toBe(answer);
  });

  it.each([
    { action: read, resource: record1 },
    { subject, resource: record1 },
    { subject, action: read },
    { subject: { id: 'alice' }, action: read, resource: record1 },
    { subject: { type: 'user' }, action: read, resource: record1 },
    { subject, action: {}, resource: record1 },
    { subject, action: read, resource: { id: 'record-1' } },
    { subject, action: read, resource: { type: 'record' } },
    { subject: 'alice', action: read, resource: record1 },
    { subject, action: { name: 123 }, resource: record1 },
  ])('400 for %o', async (body) => {
    expect((await ask('evaluation', body, { token })).status).toBe(400);
  });

  it('answers the same request with the same answer, again and again', async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, () => evaluation({ subject: bob, action: write, resource: record1 })));
    expect(new Set(answers)).toEqual(new Set([FALSE]));
  });
});

describe('Batch', () => {
  it.each([
    [
      'an item for each resource',
      decided(true, true),
      { subject, action: read, evaluations: [{ resource: record1 }, { resource: record2 }] },
    ],
    [
      'an item for each action',
      decided(true, false),
      { subject: bob, resource: record1, evaluations: [{ action: read }, { action: write }] },
    ],
    [
      'properties of resources',
      decided(true, false),
      {
        subject,
        action: write,
        evaluations: [{ resource: { ...record1, properties: { status: 'active' } } }, { resource: archived }],
      },
    ],
    [
      'properties of subjects',
      decided(false, true),
      { action: write, resource: archived, evaluations: [{ subject: alice }, { subject: admin }] },
    ],
    [
      'no defaults',
      decided(true, false),
      {
        evaluations: [
          { subject: alice, action: read, resource: record1 },
          { subject: bob, action: write, resource: record1 },
        ],
      },
    ],
    [
      'context from above and of its own',
      decided(true, true),
      {
        subject,
        action: read,
        context,
        evaluations: [{ resource: record1 }, { resource: record2, context: { source: 'batch-override' } }],
      },
    ],
    [
      'everything from above, or all of one entity',
      decided(true, false),
      { subject, action: write, resource: { ...record1, properties: { status: 'active' } }, evaluations: [{}, { resource: archived }] },
    ],
    ['no evaluations', TRUE, { subject, action: read, resource: record1 }],
    ['empty evaluations', TRUE, { subject, action: read, resource: record1, evaluations: [] }],
  ])('%s', async (_what, answer, body) => {
    expect(await evaluations(body)).toBe(answer);
  });

  it('denies an item that lacks something, and answers the others', async () => {
    const { status, body } = await ask(
      'evaluations',
      { subject, action: read, options: { evaluations_semantic: 'execute_all' }, evaluations: [{ resource: record1 }, {}] },
      { token },
    );
    expect([status, body.evaluations.length, body.evaluations[0]]).toEqual([200, 2, { decision: true }]);
    expect(body.evaluations[1]).toMatchObject({ decision: false, context: { error: { status: 400 } } });
  });
});

describe('Search', () => {
  it.each([
    ['who reads record-1', 'subject', { subject: { type: 'user' }, action: read, resource: record1 }, [alice, bob]],
    ['who reads record-1, with context', 'subject', { subject: { type: 'user' }, action: read, resource: record1, context }, [alice, bob]],
    ['who reads record-1, with an id', 'subject', { subject: alice, action: read, resource: record1 }, [alice, bob]],
    ['what alice reads', 'resource', { subject, action: read, resource: { type: 'record' } }, [record1, record2]],
    ['what alice reads, with context', 'resource', { subject, action: read, resource: { type: 'record' }, context }, [record1, record2]],
    ['what alice reads, with an id', 'resource', { subject, action: read, resource: record1 }, [record1, record2]],
    ['what alice can do on record-1', 'action', { subject, resource: record1 }, [read, write]],
    ['what alice can do on record-1, with context', 'action', { subject, resource: record1, context }, [read, write]],
    ['who writes record-2', 'subject', { subject: { type: 'user' }, action: write, resource: archived }, [bob]],
    ['what bob writes', 'resource', { subject: admin, action: write, resource: { type: 'record' } }, [record2]],
    ['what bob can do on record-2', 'action', { subject: admin, resource: archived }, [read, write]],
    ['what nobody can do', 'action', { subject: { type: 'user', id: 'nonexistent-user' }, resource: record1 }, []],
    ['no such type of subject', 'subject', { subject: { type: 'spaceship' }, action: read, resource: record1 }, []],
    ['no such type of resource', 'resource', { subject, action: read, resource: { type: 'spaceship' } }, []],
    ['no such type to act on', 'action', { subject, resource: { type: 'spaceship', id: 'x' } }, []],
    ['no such subject', 'resource', { subject: { type: 'user', id: 'x' }, action: read, resource: { type: 'record' } }, []],
  ])('%s', async (_what, kind, body, results) => {
    expect((await search(kind, body)).text).toBe(JSON.stringify({ results }));
  });

  it('goes on page by page', async () => {
    const question = { subject: { type: 'user' }, action: read, resource: record1 };
    const first = (await search('subject', { ...question, page: { limit: 1 } })).body;
    expect(first).toEqual({ page: { next_token: expect.stringMatching(/./), count: 1, total: 2 }, results: [alice] });
    const second = (await search('subject', { ...question, page: { token: first.page.next_token } })).body;
    expect(second).toEqual({ page: { next_token: '', count: 1, total: 2 }, results: [bob] });
  });

  it.each([
    ['subject', { subject: { type: 'user' }, resource: record1 }],
    ['resource', { action: read, resource: { type: 'record' } }],
    ['action', { subject }],
    ['subject', { subject: { type: 'user' }, action: read, resource: { type: 'record' } }],
    ['resource', { subject: { type: 'user' }, action: read, resource: { type: 'record' } }],
    ['action', { subject: { type: 'user' }, resource: record1 }],
  ])('400 for %s %o', async (kind, body) => {
    expect((await search(kind, body)).status).toBe(400);
  });
});

describe('Discovery', () => {
  it.each(['', '/orgs/certified'])('tells of the identifier https://bitgate.test%s and of five endpoints below it', async (path) => {
    const { status, body } = await call('GET', `/.well-known/authzen-configuration${path}`, undefined, { token: null });
    const base = `https://bitgate.test${path}`;
    expect([status, body.policy_decision_point]).toEqual([200, base]);
    const { policy_decision_point: _base, signed_metadata: signed, ...endpoints } = body;
    expect(signed.split('.').length).toBe(3);
    expect(Object.keys(endpoints).sort()).toEqual([
      'access_evaluation_endpoint',
      'access_evaluations_endpoint',
      'search_action_endpoint',
      'search_resource_endpoint',
      'search_subject_endpoint',
    ]);
    for (const endpoint of Object.values<string>(endpoints)) {
      expect(endpoint.startsWith(`${base}/access/v1/`)).toBe(true);
      const answer = await call('POST', endpoint.slice('https://bitgate.test'.length), {}, { token });
      expect(answer.status, endpoint).toBe(400);
    }
  });
});
