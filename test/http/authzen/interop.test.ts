/**
 * The decisions and lists that the published interop scenarios of AuthZEN expect (Todo 1.0 and 1.1, API gateway, Search, identity provider), with their
 * people and things in our model.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { makeKey, makeOrganization, putManifest } from '../client.ts';
import { ask, decided, told } from './asking.ts';

interface Person {
  readonly id: string;
  readonly email: string;
  readonly roles: readonly string[];
}

const personOf = (digit: string, email: string, ...roles: string[]): Person => ({
  id: `CiRmZD${digit}2MTRkMy1jMzlhLTQ3ODEtYjdiZC04Yjk2ZjVhNTEwMGQSBWxvY2Fs`,
  email,
  roles,
});

const PEOPLE = {
  rick: personOf('A', 'rick@the-citadel.com', 'admin', 'evil_genius'),
  morty: personOf('E', 'morty@the-citadel.com', 'editor'),
  summer: personOf('I', 'summer@the-smiths.com', 'editor'),
  beth: personOf('M', 'beth@the-smiths.com', 'viewer'),
  jerry: personOf('Q', 'jerry@the-smiths.com', 'viewer'),
};
type Name = keyof typeof PEOPLE;
const NAMES: readonly Name[] = ['rick', 'morty', 'summer', 'beth', 'jerry'];
/** the todo that each of them owns */
const ENDINGS: Readonly<Record<Name, string>> = { rick: '92', morty: '91', summer: '93', beth: '94', jerry: '95' };
const todoOf = (owner: Name): { type: string; id: string } => ({ type: 'todo', id: `7240d0db-8ff0-41ec-98b2-34a096273b${ENDINGS[owner]}` });

const ACTIONS = ['can_read_user', 'can_read_todos', 'can_create_todo', 'can_update_todo', 'can_delete_todo'];
const OWN = 'has(resource.properties.ownerID) && resource.properties.ownerID == subject.properties.email';

/** An identity and a mail address are the same person to the two drafts; the gateway calls the type `identity`. */
const subjectsOf = ({ id, email }: Person): { type: string; id: string }[] => [
  { type: 'user', id },
  { type: 'user', id: email },
  { type: 'identity', id },
];

const todo = {
  bitgate: 1,
  catalog: { privileges: [...ACTIONS, 'GET', 'POST', 'PUT', 'DELETE'].map((name) => ({ name })) },
  policies: [{ name: 'Own todos', privileges: ['can_update_todo', 'can_delete_todo'], condition: OWN }],
  roles: [
    { name: 'viewer', privileges: ['can_read_user', 'can_read_todos', 'GET'] },
    { name: 'editor', inherits: ['viewer'], privileges: ['can_create_todo', 'POST', 'PUT', 'DELETE'], policies: ['Own todos'] },
    { name: 'admin', inherits: ['editor'], privileges: ['can_delete_todo'] },
    { name: 'evil_genius', inherits: ['editor'], privileges: ['can_update_todo'] },
  ],
  subjects: NAMES.flatMap((name) => subjectsOf(PEOPLE[name]).map((each) => ({ ...each, properties: { email: PEOPLE[name].email } }))),
  // the first draft names the owner outside of `properties`, where nobody reads it: there what is stored counts
  resources: NAMES.map((name) => ({ ...todoOf(name), properties: { ownerID: PEOPLE[name].email } })),
  assignments: NAMES.flatMap((name) =>
    subjectsOf(PEOPLE[name]).flatMap(({ type, id }) =>
      PEOPLE[name].roles.map((role) => ({ subject: `${type}:${id}`, role, scope: 'org' })),
    ),
  ),
};

/** Reads two users, reads all, creates, updates one of rick's, updates its own, deletes both; rick: own, morty's. */
const EXPECTED: Readonly<Record<Name, string>> = {
  rick: 'TTTTTTTT',
  morty: 'TTTTFTFT',
  summer: 'TTTTFTFT',
  beth: 'TTTFFFFF',
  jerry: 'TTTFFFFF',
};

interface Question {
  readonly action: string;
  readonly resource: object;
}

/** @param told how a todo is named together with its owner */
function questionsOf(name: Name, told: (owner: Name) => object): readonly Question[] {
  const touched: readonly Name[] = ['rick', name === 'rick' ? 'morty' : name];
  return [
    { action: 'can_read_user', resource: { type: 'user', id: PEOPLE.beth.email } },
    { action: 'can_read_user', resource: { type: 'user', id: PEOPLE[name].email } },
    { action: 'can_read_todos', resource: { type: 'todo', id: 'todo-1' } },
    { action: 'can_create_todo', resource: { type: 'todo', id: 'todo-1' } },
    ...['can_update_todo', 'can_delete_todo'].flatMap((action) => touched.map((owner) => ({ action, resource: told(owner) }))),
  ];
}

const USERS = {
  alice: ['manager', 'Sales'],
  bob: ['employee', 'Legal'],
  carol: ['contractor', 'Legal'],
  dan: ['manager', 'Finance'],
  erin: ['employee', 'Finance'],
  felix: ['contractor', 'Accounting'],
} as const;

/** from 101 on; owned by the six in turns */
const DEPARTMENTS =
  'Legal Legal Legal Accounting Legal Accounting Sales Legal Accounting Sales Accounting Legal Sales Accounting Finance Legal Legal Accounting Legal Accounting';
const RECORDS = DEPARTMENTS.split(' ').map((department, i) => ({
  id: String(101 + i),
  department,
  owner: Object.keys(USERS)[i % 6] ?? '',
}));

const SAME = 'subject.properties.department == resource.properties.department';
const records = {
  bitgate: 1,
  catalog: { privileges: ['view', 'edit', 'delete'].map((name) => ({ name })) },
  policies: [
    { name: 'View own department', privileges: ['view'], condition: SAME },
    { name: 'Edit own department', privileges: ['edit'], condition: SAME },
  ],
  roles: [
    { name: 'Owner of records', privileges: ['view', 'edit', 'delete'] },
    { name: 'manager', privileges: ['view'], policies: ['Edit own department'] },
  ],
  subjects: Object.entries(USERS).map(([id, [, department]]) => ({ type: 'user', id, properties: { department } })),
  resources: RECORDS.map(({ id, department, owner }) => ({
    type: 'record',
    id,
    properties: { department },
    owners: [{ subject: `user:${owner}` }],
  })),
  assignments: [
    { subject: 'group:owner', role: 'Owner of records', scope: 'org' },
    { subject: 'group:everyone', policy: 'View own department', scope: 'org' },
    ...['alice', 'dan'].map((id) => ({ subject: `user:${id}`, role: 'manager', scope: 'org' })),
  ],
};

const ALL = RECORDS.map(({ id }) => id).join(' ');
const LISTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  view: {
    alice: ALL,
    bob: '101 102 103 105 108 112 114 116 117 119 120',
    carol: '101 102 103 105 108 109 112 115 116 117 119',
    dan: ALL,
    erin: '105 111 115 117',
    felix: '104 106 109 111 112 114 118 120',
  },
  edit: {
    alice: '101 107 110 113 119',
    bob: '102 108 114 120',
    carol: '103 109 115',
    dan: '104 110 115 116',
    erin: '105 111 117',
    felix: '106 112 118',
  },
  delete: {
    alice: '101 107 113 119',
    bob: '102 108 114 120',
    carol: '103 109 115',
    dan: '104 110 116',
    erin: '105 111 117',
    felix: '106 112 118',
  },
};
const may = (user: string, action: string, id: string): boolean => (LISTS[action]?.[user] ?? '').split(' ').includes(id);

const tokens = new Map<string, string>();

beforeAll(async () => {
  for (const [organization, manifest] of [
    ['todo', todo],
    ['records', records],
  ] as const) {
    await makeOrganization(organization);
    await putManifest(organization, manifest);
    tokens.set(organization, (await makeKey(organization)).token);
  }
});

const asTodo = (what: string, body: unknown): Promise<string> => told(what, body, { token: tokens.get('todo') ?? null });

const DRAFTS: readonly [draft: string, subject: (person: Person) => object, resource: (owner: Name) => object][] = [
  [
    '1.0, first draft: mail addresses, and owners outside of properties',
    ({ id, email }) => ({ type: 'user', id: email, identity: id }),
    (owner) => ({ ...todoOf(owner), ownerID: PEOPLE[owner].email }),
  ],
  [
    '1.0, later drafts: identities, and owners as properties',
    ({ id }) => ({ type: 'user', id }),
    (owner) => ({ ...todoOf(owner), properties: { ownerID: PEOPLE[owner].email } }),
  ],
  [
    '1.1, preview: one todo, whoever owns it',
    ({ id }) => ({ type: 'user', id }),
    (owner) => ({ type: 'todo', id: '7240d0db-8ff0-41ec-98b2-34a096273b9f', properties: { ownerID: PEOPLE[owner].email } }),
  ],
];

describe.each(DRAFTS)('the Todo scenario, %s', (_draft, subjectOf, resourceOf) => {
  it.each(NAMES)('decides as expected for %s', async (name) => {
    const subject = subjectOf(PEOPLE[name]);
    let answers = '';
    for (const { action, resource } of questionsOf(name, resourceOf)) {
      const answer = await asTodo('evaluation', { subject, action: { name: action }, resource, context: {} });
      answers += answer === '200 {"decision":true}' ? 'T' : 'F';
    }
    expect(answers).toBe(EXPECTED[name]);
  });
});

describe('the Todo scenario, many at once', () => {
  it.each([
    ['rick', ['rick', 'jerry'], [true, true]],
    ['morty', ['rick', 'morty'], [false, true]],
    ['jerry', ['rick', 'jerry'], [false, false]],
  ] as const)('decides as expected which todos %s may complete', async (name, owners, expected) => {
    const body = {
      subject: { type: 'user', id: PEOPLE[name].id },
      action: { name: 'can_update_todo' },
      resource: {},
      evaluations: owners.map((owner) => ({ resource: { ...todoOf(owner), properties: { ownerID: PEOPLE[owner].email } } })),
    };
    expect(await asTodo('evaluations', body)).toBe(decided(...expected));
  });
});

describe('the API gateway scenario', () => {
  it.each(NAMES)('decides as expected for %s', async (name) => {
    const routes = [
      ['GET', '/users/{userId}'],
      ['GET', '/todos'],
      ['POST', '/todos'],
      ['PUT', '/todos/{todoId}'],
      ['DELETE', '/todos/{todoId}'],
    ] as const;
    const body = {
      subject: { type: 'identity', id: PEOPLE[name].id },
      evaluations: routes.map(([method, id]) => ({ action: { name: method }, resource: { type: 'route', id } })),
    };
    const edits = !PEOPLE[name].roles.includes('viewer');
    expect(await asTodo('evaluations', body)).toBe(decided(true, true, edits, edits, edits));
  });
});

describe('the Search scenario, and the identity provider one, which lists what may be deleted', () => {
  const search = (what: string, body: unknown): ReturnType<typeof ask> =>
    ask(`search/${what}`, body, { token: tokens.get('records') ?? null });
  const users = Object.keys(USERS);
  const actions = Object.keys(LISTS).sort();

  it.each(users)('lists what %s may view, edit and delete', async (user) => {
    for (const action of actions) {
      const body = { subject: { type: 'user', id: user }, action: { name: action }, resource: { type: 'record' } };
      const results = (LISTS[action]?.[user] ?? '').split(' ').map((id) => ({ type: 'record', id }));
      expect((await search('resource', body)).text).toBe(JSON.stringify({ results }));
    }
  });

  it('lists who may do what to each of 20 records, and what each of six may do', async () => {
    for (const { id } of RECORDS) {
      const resource = { type: 'record', id };
      for (const action of actions) {
        const body = { subject: { type: 'user' }, action: { name: action }, resource };
        const results = users.filter((user) => may(user, action, id)).map((user) => ({ type: 'user', id: user }));
        expect((await search('subject', body)).text).toBe(JSON.stringify({ results }));
      }
      for (const user of users) {
        const body = { subject: { type: 'user', id: user }, resource };
        const results = actions.filter((action) => may(user, action, id)).map((name) => ({ name }));
        expect((await search('action', body)).text).toBe(JSON.stringify({ results }));
      }
    }
  });
});
