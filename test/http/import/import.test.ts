/** Lines in, lines out: every kind of thing, again and again, in parts, and with faults. */
import { beforeEach, describe, expect, it } from 'vitest';
import { demoManifest } from '../../../src/presets/demo.ts';
import { call, codeOf, makeOrganization, putManifest } from '../client.ts';
import { exported, faultsOf, importInto, piecesOf, revisionOf, sendBytes, textOf } from './lines.ts';

/** One of each kind, and of what refers to what. */
const WORLD = [
  { kind: 'privilege', name: 'all', implies: ['edit', 'view'] },
  { kind: 'privilege', name: 'view', title: 'View', resource_types: ['dataset'] },
  { kind: 'privilege', name: 'edit', levels: ['org'] },
  { kind: 'privilege', name: 'edit', levels: ['project'], implies_all: 'project' },
  { kind: 'group', name: 'staff', description: 'all of us' },
  { kind: 'group', name: 'inner' },
  { kind: 'membership', group: 'staff', member: 'group:inner' },
  { kind: 'project', id: 'p1', nickname: 'P1', owners: [{ subject: 'group:staff', kind: 'T' }], properties: { a: [1] } },
  { kind: 'project', id: 'p2', parents: ['project:p1'] },
  { kind: 'policy', name: 'No edit', effect: 'deny', privileges: ['edit'], condition: 'context.x == 1' },
  { kind: 'role', name: 'Editor', privileges: ['edit'], inherits: ['Viewer'], policies: ['No edit'] },
  { kind: 'role', name: 'Viewer', privileges: ['view'] },
  { kind: 'policy', project: 'p1', name: 'Own', privileges: ['view'] },
  { kind: 'role', project: 'p1', name: 'Own role', policies: ['Own'], inherits: ['Viewer'] },
  { kind: 'resource', type: 'folder', id: 'f', parents: ['project:p2'] },
  {
    kind: 'resource',
    type: 'dataset',
    id: 'd1',
    parents: ['folder:f'],
    access: 'restricted',
    owners: [{ subject: 'user:olga' }],
    properties: { k: 'v' },
  },
  { kind: 'settings', default_role: 'Viewer', closed_types: ['secret'], freshness: { max_age_ms: 9_000 } },
  { kind: 'route', position: 0, hosts: ['a.example'], methods: ['GET'], path: '/d/:id', action: 'view', resource: 'dataset:{id}' },
  { kind: 'route', position: 1, hosts: ['a.example'], methods: ['GET'], path: '/*', action: 'edit' },
  { kind: 'subject', type: 'user', id: 'ada', properties: { team: 'x' } },
  { kind: 'subject', type: 'user', id: 'sus', status: 'suspended' },
  { kind: 'membership', group: 'inner', member: 'user:ada' },
  { kind: 'assignment', subject: 'user:ada', role: 'Editor', scope: 'org' },
  { kind: 'assignment', subject: 'group:staff', role: 'p1/Own role', scope: 'dataset:d1' },
  { kind: 'assignment', subject: 'user:bob', policy: 'No edit', scope: 'folder:f', not_before: '2027-01-01T00:00:00Z' },
  { kind: 'assignment', subject: 'group:everyone', role: 'Viewer', scope: 'project:p1', expires_at: '2037-01-01T00:00:00Z' },
];

let n = 0;
let org = '';
beforeEach(async () => {
  org = `import-${++n}`;
  await makeOrganization(org);
});

const sorted = (items: readonly object[]): string[] => items.map((item) => JSON.stringify(Object.entries(item).sort())).sort();

describe('an import', () => {
  it('makes one of each kind, and counts what it made', async () => {
    const answer = await importInto(org, WORLD);
    expect(answer.status, answer.text).toBe(200);
    expect(answer.body).toMatchObject({ next_line: WORLD.length + 1, published: true, import: { state: 'done', lines: WORLD.length } });
    expect(answer.body.import.counts).toMatchObject({
      privilege: { created: 4, updated: 0, unchanged: 0 },
      role: { created: 3 },
      project: { created: 2 },
      assignment: { created: 4 },
      route: { created: 2 },
      settings: { created: 1 },
    });
    const ask = { org, subject: 'user:ada', action: 'view', resource: 'dataset:d1', min_revision: answer.body.revision };
    expect((await call('POST', '/check', ask)).body.decision).toBe(true);
    expect((await call('GET', `/admin/orgs/${org}/import/${answer.body.import.id}`)).body).toEqual(answer.body.import);
    expect((await call('GET', `/admin/orgs/${org}/imports`)).body).toMatchObject({ items: [answer.body.import], total: 1 });
  });

  it('sent again changes nothing, and leaves the revision where it is', async () => {
    await importInto(org, WORLD);
    const before = await revisionOf(org);
    const again = await importInto(org, WORLD);
    expect([again.status, again.body.revision, await revisionOf(org)]).toEqual([200, before, before]);
    for (const [kind, counts] of Object.entries(again.body.import.counts))
      expect([kind, counts]).toMatchObject([kind, { created: 0, updated: 0 }]);
  });

  it('exported is what was imported; exported, wiped and imported gives the same snapshot', async () => {
    await importInto(org, WORLD);
    const lines = await exported(org);
    const named = [
      { kind: 'subject', type: 'user', id: 'bob' },
      { kind: 'subject', type: 'user', id: 'olga' },
    ];
    expect(sorted(lines)).toEqual(sorted([...WORLD, ...named]));
    const before = await piecesOf(org);
    await call('DELETE', `/admin/orgs/${org}?confirm=${org}`);
    const copy = `${org}-copy`;
    await makeOrganization(copy);
    const answer = await importInto(copy, lines);
    expect(answer.status, answer.text).toBe(200);
    expect(await piecesOf(copy)).toEqual(before);
    expect(await exported(copy)).toEqual(lines);
  });

  it('of what the demo exports makes the same snapshot', async () => {
    await makeOrganization(`${org}-demo`, { preset: 'datahub' });
    await putManifest(`${org}-demo`, demoManifest);
    const lines = await exported(`${org}-demo`);
    await makeOrganization(`${org}-same`, { preset: 'datahub' });
    const answer = await importInto(`${org}-same`, lines);
    expect(answer.status, answer.text.slice(0, 2_000)).toBe(200);
    expect(await piecesOf(`${org}-same`)).toEqual(await piecesOf(`${org}-demo`));
  });

  it('updates what a line says otherwise, and leaves alone what no line names', async () => {
    await importInto(org, WORLD);
    const answer = await importInto(org, [
      { kind: 'role', name: 'Viewer', privileges: ['view'], title: 'Looks' },
      { kind: 'subject', type: 'user', id: 'ada' },
      { kind: 'resource', type: 'dataset', id: 'd1', parents: ['project:p1'] },
      { kind: 'route', position: 1, hosts: ['a.example'], methods: ['GET'], path: '/e', action: 'edit' },
    ]);
    expect(answer.status, answer.text).toBe(200);
    for (const kind of ['role', 'subject', 'resource', 'route'])
      expect(answer.body.import.counts[kind]).toEqual({ created: 0, updated: 1, unchanged: 0 });
    const lines = await exported(org);
    expect(lines).toContainEqual({ kind: 'resource', type: 'dataset', id: 'd1', parents: ['project:p1'] });
    expect(lines).toContainEqual({ kind: 'role', name: 'Viewer', title: 'Looks', privileges: ['view'] });
    expect(lines).toHaveLength(WORLD.length + 2);
  });

  it('takes marks, carriage returns, empty lines, gzip, and a last line without an end', async () => {
    const text = `\ufeff${textOf(WORLD).replaceAll('\n', '\r\n\n')}`.trimEnd();
    const packed = await new Response(new Blob([text]).stream().pipeThrough(new CompressionStream('gzip'))).arrayBuffer();
    expect((await importInto(org, text)).body.import).toMatchObject({ state: 'done', lines: 2 * WORLD.length - 1 });
    const sent = await sendBytes(org, packed, { 'content-encoding': 'gzip' });
    expect([sent.status, sent.body.import?.lines]).toEqual([200, 2 * WORLD.length - 1]);
    const latin = await sendBytes(org, new Uint8Array([...new TextEncoder().encode(text), 10, 0xe9]));
    expect([latin.status, latin.body.error.code]).toEqual([422, 'import_refused']);
    expect(latin.body.error.details.problems).toMatchObject([{ line: 2 * WORLD.length, code: 'malformed_line' }]);
    const broken = await importInto(org, 'no gzip', { headers: { 'content-encoding': 'gzip' } });
    expect(codeOf(broken)).toBe('400 malformed_body');
  });
});

describe('a fault', () => {
  const good = { kind: 'subject', type: 'user', id: 'good' };

  it.each([
    ['{"kind":"subject"', '2  malformed_document'],
    ['{"kind":"subject","type":"user","type":"x","id":"a"}', '2  malformed_document'],
    ['{"kind":"nothing"}', '2 kind unknown_kind'],
    ['{"type":"user","id":"a"}', '2 kind unknown_kind'],
    ['[1]', '2  wrong_type'],
    ['{"kind":"subject","type":"user","id":"a","odd":1}', '2 odd unknown_key'],
    ['{"kind":"subject","type":"user","id":7}', '2 id wrong_type'],
    ['{"kind":"subject","type":"user"}', '2 id missing_key'],
    ['{"kind":"subject","type":"user","id":"\\ud800"}', '2 id lone_surrogate'],
    ['{"kind":"subject","type":"group","id":"a"}', '2 type reserved_type'],
    ['{"kind":"subject","type":"api_key","id":"a"}', '2 type reserved_type'],
    ['{"kind":"assignment","subject":"user:a","role":"None","scope":"org"}', '2 role unknown_role'],
    ['{"kind":"assignment","subject":"api_key:none","role":"bitgate:owner","scope":"org"}', '2 subject unknown_api_key'],
    ['{"kind":"assignment","subject":"user:a","scope":"org"}', '2  role_or_policy'],
    ['{"kind":"membership","group":"none","member":"user:a"}', '2 group unknown_group'],
    ['{"kind":"role","name":"R","privileges":["none"]}', '2 privileges[0] unknown_privilege'],
    ['{"kind":"role","name":"bitgate:owner"}', '2 name reserved_name'],
    ['{"kind":"role","name":"R","project":"none"}', '2 project unknown_project'],
    ['{"kind":"policy","name":"P","privileges":[],"condition":"1 +"}', '2 condition invalid_condition'],
    ['{"kind":"resource","type":"project","id":"p"}', '2 type reserved_type'],
    ['{"kind":"resource","type":"a","id":"a","parents":["a:a"]}', '2 parents[0] cycle'],
    ['{"kind":"route","position":1,"hosts":["*"],"methods":["GET"],"path":"/","action":"bitgate:read"}', '2 position invalid_value'],
    ['{"kind":"settings","default_role":"none"}', '2 default_role unknown_role'],
  ])('is told with its line and path, and nothing of its chunk is written: %s', async (line, fault) => {
    const before = await revisionOf(org);
    const answer = await importInto(org, `${JSON.stringify(good)}\n${line}\n${JSON.stringify(good)}`);
    expect([codeOf(answer), ...faultsOf(answer)]).toEqual(['422 import_refused', fault]);
    expect(answer.body.error.details).toMatchObject({ next_line: 1, from_line: 1, count: 1 });
    expect([await revisionOf(org), (await call('GET', `/admin/orgs/${org}/imports`)).body.total]).toEqual([before, 0]);
  });

  it('of many is told with all of them, a hundred at most', async () => {
    const answer = await importInto(
      org,
      Array.from({ length: 300 }, (_, i) => ({ kind: 'membership', group: `g${i}`, member: 'user:a' })),
    );
    expect(answer.body.error.details.count).toBe(300);
    expect(faultsOf(answer)).toHaveLength(100);
    expect(faultsOf(answer)[99]).toBe('100 group unknown_group');
  });
});
