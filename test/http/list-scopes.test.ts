/** Scopes over HTTP: who may ask, what is refused, what cursors are bound to, and rows of a real table filtered by them as checks would filter them. */
import { env } from 'cloudflare:workers';
import { beforeAll, describe, expect, it } from 'vitest';
import { applyScopes, scopeFilter } from '../../src/client/scopes.ts';
import { type Answer, call, makeKey, makeOrganization, putManifest } from './client.ts';

const VIEWED = 'resource.properties.status == "live"';

const MANIFEST = {
  bitgate: 1,
  catalog: { privileges: [{ name: 'view' }, { name: 'share', levels: ['org'] }, { name: 'document:print' }] },
  policies: [
    { name: 'Live', privileges: ['view'], condition: VIEWED },
    { name: 'Working hours', privileges: ['view'], condition: 'context.hour < 17.0' },
    { name: 'No view', effect: 'deny', privileges: ['view'] },
  ],
  roles: [
    { name: 'Viewer', privileges: ['view'] },
    { name: 'Printer', privileges: ['document:print'] },
    { name: 'Lister', privileges: ['bitgate:list'] },
    { name: 'Reaching', privileges: ['view'], reaches_restricted: true },
  ],
  groups: [{ name: 'staff', members: ['user:gus'] }],
  projects: [{ id: 'apollo' }],
  resources: [
    { type: 'folder', id: 'plans' },
    { type: 'folder', id: 'secret', access: 'restricted' },
    { type: 'folder', id: 'old', parents: ['folder:plans'] },
    { type: 'folder', id: 'in apollo', parents: ['project:apollo'] },
    { type: 'document', id: 'own', owners: [{ subject: 'user:alice' }] },
    { type: 'document', id: 'restricted', parents: ['folder:plans'], access: 'restricted' },
    { type: 'document', id: 'granted', parents: ['folder:secret'] },
    { type: 'document', id: 'live', parents: ['project:apollo'], properties: { status: 'live' } },
    { type: 'document', id: 'dead', parents: ['project:apollo'], properties: { status: 'dead' } },
    { type: 'closed', id: 'known', parents: ['folder:plans'] },
  ],
  settings: { closed_types: ['closed'] },
  assignments: [
    { subject: 'user:owner', role: 'bitgate:owner', scope: 'org' },
    { subject: 'group:owner', role: 'Viewer', scope: 'org' },
    { subject: 'user:alice', role: 'Viewer', scope: 'folder:plans' },
    { subject: 'user:alice', role: 'Viewer', scope: 'document:granted' },
    { subject: 'user:alice', role: 'Viewer', scope: 'document:shared with alice' },
    { subject: 'user:alice', policy: 'No view', scope: 'folder:old' },
    { subject: 'user:alice', policy: 'Live', scope: 'project:apollo' },
    { subject: 'group:staff', role: 'Viewer', scope: 'org' },
    { subject: 'user:gus', policy: 'No view', scope: 'folder:not registered' },
    { subject: 'user:rita', role: 'Reaching', scope: 'org' },
    { subject: 'user:late', policy: 'Working hours', scope: 'org' },
  ],
};

const scopes = (body: object, token?: string): Promise<Answer> =>
  call('POST', '/orgs/acme/list/scopes', body, token === undefined ? {} : { token });

const question = { subject: 'user:alice', action: 'view', type: 'document' };
/** What the rows below lie below. */
const parent_types = ['folder', 'project'];
const SUBJECTS = ['user:alice', 'user:gus', 'user:rita', 'user:late', 'user:nobody', 'user:owner'];

/** Every page of an answer. */
async function pagesOf(body: object): Promise<Answer['body'][]> {
  const pages = [(await scopes(body)).body];
  while (pages.at(-1).next_cursor !== null) pages.push((await scopes({ ...body, cursor: pages.at(-1).next_cursor })).body);
  return pages;
}

/** Their ids and parents, as the application has them. */
const ROWS: readonly (readonly [string, readonly string[]])[] = [
  ['own', []],
  ['restricted', ['folder:plans']],
  ['granted', ['folder:secret']],
  ['live', ['project:apollo']],
  ['dead', ['project:apollo']],
  ['without parents', []],
  ['in plans', ['folder:plans']],
  ['in old plans', ['folder:old']],
  ['in secret', ['folder:secret']],
  ['in plans and secret', ['folder:plans', 'folder:secret']],
  ['in plans and old', ['folder:plans', 'folder:old']],
  ['in apollo', ['project:apollo']],
  ['in a folder of apollo', ['folder:in apollo']],
  ['in apollo and plans', ['project:apollo', 'folder:plans']],
  ['in another project', ['project:gemini']],
  ['in a folder of nobody', ['folder:nobody']],
  ['in a denied folder of nobody', ['folder:not registered']],
  ['shared with alice', ['folder:secret']],
  ['shared with alice in old', ['folder:old']],
];

beforeAll(async () => {
  await makeOrganization('acme', { owner: 'user:owner' });
  expect((await putManifest('acme', MANIFEST)).status).toBe(200);
  await makeOrganization('other', { owner: 'user:owner' });
  expect((await putManifest('other', MANIFEST)).status).toBe(200);
  const { DB } = env;
  await DB.exec('CREATE TABLE app_documents (id TEXT PRIMARY KEY) STRICT');
  await DB.exec('CREATE TABLE app_parents (document TEXT NOT NULL, parent TEXT NOT NULL) STRICT');
  await DB.batch(ROWS.map(([id]) => DB.prepare('INSERT INTO app_documents VALUES (?1)').bind(id)));
  const claims = ROWS.flatMap(([id, parents]) => parents.map((parent) => [id, parent]));
  await DB.batch(claims.map((claim) => DB.prepare('INSERT INTO app_parents VALUES (?1, ?2)').bind(...claim)));
});

describe('scopes', () => {
  it('tell what differs from the default, what is open, and the exceptions', async () => {
    const { status, body } = await scopes({ ...question, parent_types });
    const [no, yes, denied] = [
      { allow: 'no', deny: 'no' },
      { allow: 'yes', deny: 'no' },
      { allow: 'no', deny: 'yes' },
    ];
    const live = { allow: 'open', deny: 'no', open: { allow_when: [VIEWED], deny_when: [] } };
    expect([status, body]).toEqual([
      200,
      {
        revision: body.revision,
        type: 'document',
        parent_types,
        default: { org: no, project: no },
        scopes: [
          { scope: 'folder:in apollo', project: live },
          { scope: 'folder:old', org: denied, project: denied },
          { scope: 'folder:plans', org: yes, project: yes },
          { scope: 'project:apollo', project: live },
        ],
        rows: [{ id: 'shared with alice', org: yes, project: yes }],
        exceptions: { allow: ['granted', 'live', 'own'], deny: ['dead', 'restricted'] },
        next_cursor: null,
      },
    ]);
  });

  it('are of every type when none is named: a row may lie below anything', async () => {
    const { body } = await scopes(question);
    expect('parent_types' in body).toBe(false);
    expect(body.scopes.map(({ scope }: { scope: string }) => scope)).toEqual([
      'closed:known',
      'document:dead',
      'document:granted',
      'document:live',
      'document:shared with alice',
      'folder:in apollo',
      'folder:old',
      'folder:plans',
      'project:apollo',
    ]);
    const filter = scopeFilter([(await scopes({ ...question, parent_types: ['project'] })).body]);
    expect(applyScopes(filter, { id: 'new', parents: ['folder:plans'] })).toBe('ask');
  });

  it('of a closed type are all no: exceptions name what is allowed', async () => {
    const { body } = await scopes({ ...question, type: 'closed' });
    const no = { allow: 'no', deny: 'no' };
    expect(body).toMatchObject({ default: { org: no, project: no }, scopes: [], rows: [], exceptions: { allow: ['known'], deny: [] } });
  });

  it('are of the context that is asked with', async () => {
    const asked = async (hour: number): Promise<string> =>
      (await scopes({ ...question, subject: 'user:late', context: { hour } })).body.default.org.allow;
    expect([await asked(9), await asked(18)]).toEqual(['yes', 'no']);
  });

  it('take the resource type before the name of an action, as a check does', async () => {
    await call('POST', '/admin/orgs/acme/assignments', { subject: 'user:pia', role: 'Printer', scope: 'folder:plans' });
    const { body } = await scopes({ subject: 'user:pia', action: 'print', type: 'document' });
    expect(body.scopes.map(({ scope }: { scope: string }) => scope)).toContain('folder:plans');
  });

  it('of whom, of what and of which nobody knows are the default alone', async () => {
    for (const body of [
      { ...question, subject: 'user:nobody' },
      { ...question, action: 'nothing' },
    ])
      expect((await scopes(body)).body, JSON.stringify(body)).toMatchObject({ scopes: [], rows: [], exceptions: { allow: [], deny: [] } });
  });

  it.each([1, 2, 4, 100])('are the same in pages of %i', async (limit) => {
    const whole = (await scopes(question)).body;
    const pages = await pagesOf({ ...question, limit });
    const all = <T>(part: (page: Answer['body']) => T[]): T[] => pages.flatMap(part);
    expect(all((page) => page.scopes)).toEqual(whole.scopes);
    expect(all((page) => page.rows)).toEqual(whole.rows);
    expect(all((page) => page.exceptions.allow)).toEqual(whole.exceptions.allow);
    expect(all((page) => page.exceptions.deny)).toEqual(whole.exceptions.deny);
    expect(new Set(pages.map(({ revision }) => revision))).toEqual(new Set([whole.revision]));
  });

  it.each([
    [{}, 'type'],
    [{ ...question, type: 'a:b' }, 'type'],
    [{ ...question, resource: 'document:1' }, 'resource'],
    [{ ...question, parent_types: ['a:b'] }, 'parent_types[0]'],
    [{ ...question, limit: 0 }, 'limit'],
    [{ ...question, limit: 10_001 }, 'limit'],
    [{ ...question, subject: 'nobody' }, 'subject'],
  ])('%j is refused for `%s`', async (body, path) => {
    const answer = await scopes(body);
    expect([answer.status, answer.body.error.code]).toEqual([400, 'invalid_list']);
    expect(answer.body.error.details.problems.map((problem: { path: string }) => problem.path)).toContain(path);
  });
});

describe('who may ask for scopes', () => {
  it('needs a credential, and `bitgate:list`, in its own organization', async () => {
    expect((await call('POST', '/list/scopes', question, { token: null })).status).toBe(401);
    expect((await call('GET', '/list/scopes')).status).toBe(405);
    const viewer = await makeKey('acme', ['Viewer']);
    const refused = await call('POST', '/list/scopes', question, { token: viewer.token });
    expect([refused.status, refused.body.error.details.privilege]).toEqual([403, 'bitgate:list']);
    const { token } = await makeKey('acme', ['Lister']);
    expect((await call('POST', '/list/scopes', question, { token })).body).toEqual((await scopes(question)).body);
    expect((await call('POST', '/orgs/other/list/scopes', question, { token })).status).toBe(404);
  });
});

describe('a cursor of scopes', () => {
  it('is refused when it was forged, cut, or belongs to another question', async () => {
    const cursor: string = (await scopes({ ...question, limit: 2 })).body.next_cursor;
    const [payload = '', mac = ''] = cursor.split('.');
    const refused: [string, string, object][] = [
      ['no cursor', 'acme', { ...question, cursor: 'abc' }],
      ['cut', 'acme', { ...question, cursor: cursor.slice(0, -1) }],
      ['turned', 'acme', { ...question, cursor: `${payload}.${mac.startsWith('A') ? 'B' : 'A'}${mac.slice(1)}` }],
      ['another subject', 'acme', { ...question, subject: 'user:gus', cursor }],
      ['another action', 'acme', { ...question, action: 'share', cursor }],
      ['another type', 'acme', { ...question, type: 'folder', cursor }],
      ['parent types', 'acme', { ...question, parent_types, cursor }],
      ['a context', 'acme', { ...question, context: {}, cursor }],
      ['another organization', 'other', { ...question, cursor }],
    ];
    for (const [what, org, body] of refused) {
      const answer = await call('POST', `/orgs/${org}/list/scopes`, body);
      expect([answer.status, answer.body.error?.code], what).toEqual([400, 'invalid_cursor']);
    }
    const asList = await call('POST', '/orgs/acme/list/resources', { ...question, cursor });
    expect([asList.status, asList.body.error.code], 'another list').toEqual([400, 'invalid_cursor']);
    const again = await scopes({ ...question, limit: 3, cursor });
    expect((await scopes({ ...question, limit: 3, cursor })).text).toBe(again.text);
  });

  it('is of the revision of the first page, whatever is written meanwhile', async () => {
    const whole = (await scopes(question)).body;
    const begun = (await scopes({ ...question, limit: 2 })).body;
    const assigned = { subject: 'user:alice', role: 'Viewer', scope: 'folder:zzz' };
    const { body } = await call('POST', '/admin/orgs/acme/assignments', assigned);
    const now = (await scopes({ ...question, min_revision: body.revision })).body;
    expect(now.scopes.at(-2).scope).toBe('folder:zzz');
    const rest = (await scopes({ ...question, cursor: begun.next_cursor })).body;
    expect([...begun.scopes, ...rest.scopes]).toEqual(whole.scopes);
    expect([rest.revision, rest.next_cursor]).toEqual([whole.revision, null]);
    await call('DELETE', '/admin/orgs/acme/assignments?subject=user:alice&role=Viewer&scope=folder:zzz');
  });
});

/** The rule in SQL: of every row what its parents hold at its level, and the verdict. The answer comes as JSON. */
const FILTER = `
WITH entry(scope, org, project) AS (SELECT value ->> 'scope', value -> 'org', value -> 'project' FROM json_each(?1)),
  own(id, org, project) AS (SELECT value ->> 'id', value -> 'org', value -> 'project' FROM json_each(?2)),
  parent(id, org, project, unlisted) AS (
    SELECT p.document, iif(e.scope IS NULL, iif(p.parent LIKE 'project:%', NULL, ?3), e.org), coalesce(e.project, ?4),
      e.scope IS NULL AND p.parent NOT LIKE 'project:%'
    FROM app_parents p LEFT JOIN entry e ON e.scope = p.parent
    UNION ALL SELECT id, ?3, ?4, false FROM app_documents WHERE id NOT IN (SELECT document FROM app_parents)),
  level(id, inside, unsure) AS (
    SELECT id, max(org IS NULL), max(unlisted) AND ?3 ->> 'allow' = ?4 ->> 'allow' AND ?3 ->> 'deny' = ?4 ->> 'deny' FROM parent GROUP BY id),
  held(id, inside, outcome) AS (
    SELECT id, true, project FROM parent UNION ALL SELECT id, true, project FROM own
    UNION ALL SELECT id, false, org FROM parent UNION ALL SELECT id, false, org FROM own),
  verdict(id, inside, verdict) AS (
    SELECT id, inside, CASE
      WHEN max(outcome ->> 'deny' = 'yes') OR min(outcome ->> 'allow' = 'no') THEN 'deny'
      WHEN max(outcome ->> 'deny' = 'open') OR NOT max(outcome ->> 'allow' = 'yes') THEN 'ask' ELSE 'allow' END
    FROM held GROUP BY id, inside)
SELECT d.id, CASE
  WHEN d.id IN (SELECT value FROM json_each(?5)) THEN 'allow'
  WHEN d.id IN (SELECT value FROM json_each(?6)) THEN 'deny'
  WHEN l.inside THEN there.verdict
  WHEN l.unsure AND here.verdict <> there.verdict THEN 'ask' ELSE here.verdict END AS verdict
FROM app_documents d JOIN level l ON l.id = d.id
  JOIN verdict here ON here.id = d.id AND NOT here.inside JOIN verdict there ON there.id = d.id AND there.inside
ORDER BY d.id`;

describe('rows of a table', () => {
  it.each(SUBJECTS)('that an SQL query made of the scopes of %s lets through are those that checks allow', async (subject) => {
    const asked = { ...question, subject, parent_types };
    const [page] = await pagesOf(asked);
    const json = [page.scopes, page.rows, page.default.org, page.default.project, page.exceptions.allow, page.exceptions.deny];
    const { results } = await env.DB.prepare(FILTER)
      .bind(...json.map((part) => JSON.stringify(part)))
      .all<{ id: string; verdict: string }>();
    const checks = ROWS.map(([id, parents]) => ({ subject, action: 'view', resource: { type: 'document', id, properties: { parents } } }));
    const { body } = await call('POST', '/orgs/acme/check/batch', { checks });
    const filter = scopeFilter([page]);
    const verdicts = new Map(results.map(({ id, verdict }) => [id, verdict]));
    expect(verdicts.size).toBe(ROWS.length);
    ROWS.forEach(([id, parents], i) => {
      const verdict = applyScopes(filter, { id, parents });
      expect(verdicts.get(id), `${id}: as the client's rule`).toBe(verdict);
      if (verdict !== 'ask') expect(verdict === 'allow', id).toBe(body.results[i].decision);
    });
    const open = subject === 'user:alice' ? ['in a folder of apollo', 'in apollo'] : [];
    expect(results.flatMap(({ id, verdict }) => (verdict === 'ask' ? [id] : []))).toEqual(open);
  });
});
