/** Registered resources over HTTP: where they lie, who owns them, who may change that. */
import { beforeAll, describe, expect, it } from 'vitest';
import { assign, makeAcme, reasonOf, revision } from './acme.ts';
import { type Answer, call, makeKey, makeOrganization, putManifest } from './client.ts';

const RESOURCES = '/admin/orgs/acme/resources';

const codeOf = ({ status, body }: Answer): string => [status, body?.error?.code ?? []].flat().join(' ');
const problemsOf = ({ body }: Answer): string[] =>
  body.error.details.problems.map(({ code, path }: { code: string; path: string }) => `${path} ${code}`);
const at = (resource: string): string => `${RESOURCES}/${encodeURIComponent(resource)}`;
const make = (resource: string, more: object = {}, token?: string): Promise<Answer> =>
  call('POST', RESOURCES, { resource, ...more }, token === undefined ? {} : { token });

beforeAll(makeAcme);

describe('a resource', () => {
  it('is registered once, found, changed and deleted', async () => {
    const made = await make('dataset:a', {
      parents: ['project:p1', 'domain:x'],
      access: 'restricted',
      owners: [{ subject: 'user:ann', kind: 'TECHNICAL' }, { subject: 'group:staff' }],
      properties: { n: 1 },
    });
    const shown = {
      resource: 'dataset:a',
      type: 'dataset',
      id: 'a',
      parents: ['domain:x', 'project:p1'],
      access: 'restricted',
      owners: [
        { subject: 'group:staff', kind: null },
        { subject: 'user:ann', kind: 'TECHNICAL' },
      ],
      properties: { n: 1 },
    };
    expect([made.status, made.body]).toEqual([201, { ...shown, revision: expect.any(Number), published: true }]);
    const got = await call('GET', at('dataset:a'));
    expect([got.body, got.headers.get('etag')]).toEqual([{ ...shown, revision: made.body.revision }, made.headers.get('etag')]);
    expect(codeOf(await make('dataset:a'))).toBe('409 resource_exists');
    expect((await call('POST', `${RESOURCES}?if_exists=return`, { resource: 'dataset:a' })).body.access).toBe('restricted');

    const open = await call('PATCH', at('dataset:a'), { access: 'inherit' });
    expect(open.body).toMatchObject({ ...shown, access: 'inherit' });
    const put = await call('PUT', at('dataset:a'), { owners: [] });
    expect(put.body).toMatchObject({ parents: shown.parents, owners: [], access: 'inherit', properties: {} });
    expect((await call('PUT', at('dataset:a'), {})).body.revision).toBe(put.body.revision);
    expect((await call('DELETE', at('dataset:a'))).body.deleted.resource).toBe('dataset:a');
    expect(codeOf(await call('GET', at('dataset:a')))).toBe('404 unknown_resource');
  });

  it('gets and loses parents and owners one at a time', async () => {
    await make('folder:f');
    await make('folder:g');
    expect((await call('PUT', `${at('folder:f')}/parents/folder:g`)).body.parents).toEqual(['folder:g']);
    const again = await call('PUT', `${at('folder:f')}/parents/folder:g`);
    expect([again.status, again.body.parents]).toEqual([200, ['folder:g']]);
    expect((await call('DELETE', `${at('folder:f')}/parents/folder:g`)).body.parents).toEqual([]);
    expect(codeOf(await call('DELETE', `${at('folder:f')}/parents/folder:g`))).toBe('404 unknown_parent');
    const owner = { subject: 'group:staff', kind: 'BUSINESS' };
    expect((await call('PUT', `${at('folder:f')}/owners`, owner)).body.owners).toEqual([owner]);
    expect((await call('PUT', `${at('folder:f')}/owners`, { subject: 'user:a' })).body.owners.length).toBe(2);
    expect(codeOf(await call('DELETE', `${at('folder:f')}/owners?subject=group:staff`))).toBe('404 unknown_owner');
    expect((await call('DELETE', `${at('folder:f')}/owners?subject=group:staff&kind=BUSINESS`)).body.owners).toEqual([
      { subject: 'user:a', kind: null },
    ]);
    expect(codeOf(await call('PUT', `${at('folder:none')}/parents/folder:g`))).toBe('404 unknown_resource');
  });

  it.each([
    [{ resource: 'x' }, '400 invalid_reference', null],
    [{ type: 'a:b', id: 'x' }, '400 invalid_reference', null],
    [{ type: 'x' }, '400 invalid_resource', null],
    [{ resource: 'x:y', access: 'open' }, '400 invalid_resource', null],
    [{ resource: 'x:y', colour: 'red' }, '400 invalid_resource', null],
    [{ resource: 'x:y', parents: ['p', 'x:y'] }, '422 invalid_resource', ['parents[0] invalid_reference', 'parents[1] cycle']],
    [
      {
        resource: 'x:y',
        owners: [{ subject: 'group:none' }, { subject: 'group:everyone' }, { subject: 'u' }, { subject: 'u:x', kind: 'a\u0000' }],
      },
      '422 invalid_resource',
      [
        'owners[0].subject unknown_group',
        'owners[1].subject reserved_group',
        'owners[2].subject invalid_reference',
        'owners[3].kind invalid_name',
      ],
    ],
    [{ resource: 'x:y', properties: { big: 'x'.repeat(17_000) } }, '422 invalid_resource', ['properties properties_too_large']],
    [{ resource: 'project:new' }, '409 project_resource', null],
  ])('is refused: %j', async (body, code, problems) => {
    const before = await revision();
    const answer = await call('POST', RESOURCES, body);
    expect(codeOf(answer)).toBe(code);
    if (problems !== null) expect(problemsOf(answer)).toEqual(problems);
    expect(await revision()).toBe(before);
  });

  it('that is a project may be moved and owned here, not made nor deleted', async () => {
    const changed = await call('PATCH', at('project:p1'), { properties: { n: 1 }, owners: [{ subject: 'user:ann' }] });
    expect(changed.body).toMatchObject({ properties: { n: 1 }, owners: [{ subject: 'user:ann', kind: null }] });
    expect(codeOf(await call('DELETE', at('project:p1')))).toBe('409 project_resource');
  });

  it('in use is refused with its users; by force they are unlinked and unassigned', async () => {
    await make('box:top');
    await make('box:below', { parents: ['box:top'] });
    await assign({ subject: 'user:boxer', role: 'Viewer', scope: 'box:top' });
    expect(await reasonOf({ subject: 'user:boxer', action: 'view', resource: 'box:below' })).toBe('granted');
    const refused = await call('DELETE', at('box:top'));
    expect([codeOf(refused), refused.body.error.details]).toEqual([
      '409 resource_in_use',
      {
        children: { total: 1, first: ['box:below'] },
        assignments: { total: 1, first: [{ id: expect.any(String), subject: 'user:boxer', role: 'Viewer', scope: 'box:top' }] },
      },
    ]);
    const gone = await call('DELETE', `${at('box:top')}?force=true`);
    expect(gone.status).toBe(200);
    expect((await call('GET', at('box:below'))).body.parents).toEqual([]);
    expect((await call('GET', '/admin/orgs/acme/assignments?scope=box:top')).body.total).toBe(0);
    expect(await reasonOf({ subject: 'user:boxer', action: 'view', resource: 'box:below', min_revision: gone.body.revision })).toBe(
      'no_grant',
    );
  });

  it('is tried without being written: its own access stands beside who would gain and lose it', async () => {
    await make('try:t', { parents: ['project:p1'] });
    await assign({ subject: 'user:trier', role: 'Viewer', scope: 'project:p1' });
    const before = await revision();
    const tried = await call('PATCH', `${at('try:t')}?dry_run=true`, { access: 'restricted' });
    expect(tried.body).toMatchObject({ access: 'restricted', dry_run: true, changed: true, revision: before });
    expect(tried.body.access_diff.lost).toBeGreaterThan(0);
    expect([await revision(), (await call('GET', at('try:t'))).body.access]).toEqual([before, 'inherit']);
    expect((await call('DELETE', `${at('try:t')}?dry_run=true`)).body).toMatchObject({ dry_run: true, changed: true });
    expect((await call('GET', at('try:t'))).status).toBe(200);
  });

  it('can’t leave a project whose own role somebody holds there', async () => {
    await make('cell:c', { parents: ['project:p1'] });
    await make('cell:inner', { parents: ['cell:c'] });
    await assign({ subject: 'user:rev', role: 'p1/Reviewer', scope: 'cell:inner' });
    for (const [method, path, body] of [
      ['PATCH', at('cell:c'), { parents: [] }],
      ['DELETE', `${at('cell:c')}/parents/project:p1`, undefined],
      ['DELETE', `${at('cell:c')}?force=true`, undefined],
      ['PATCH', at('cell:inner'), { parents: ['cell:elsewhere'] }],
    ] as const)
      expect(codeOf(await call(method, path, body))).toBe('409 outside_project');
    expect((await call('PATCH', at('cell:inner'), { parents: ['project:p1'] })).status).toBe(200);
    expect((await call('DELETE', `${at('cell:c')}?force=true`)).status).toBe(200);
    expect((await call('DELETE', `${at('cell:inner')}?force=true`)).status).toBe(200);
  });

  it('is not overwritten by who read it before somebody else changed it', async () => {
    const made = await make('note:n');
    const headers = { 'if-match': made.headers.get('etag') ?? '' };
    expect((await call('PUT', `${at('note:n')}/owners`, { subject: 'user:a' }, { headers })).status).toBe(200);
    expect(codeOf(await call('PUT', `${at('note:n')}/owners`, { subject: 'user:b' }, { headers }))).toBe('412 changed_meanwhile');
    expect(codeOf(await call('DELETE', at('note:n'), undefined, { headers }))).toBe('412 changed_meanwhile');
  });
});

describe('the hierarchy', () => {
  it('in a cycle is refused with its path', async () => {
    await make('k:1');
    await make('k:2', { parents: ['k:1'] });
    await make('k:3', { parents: ['k:2'] });
    const closing = await call('PUT', `${at('k:1')}/parents/k:3`);
    expect([codeOf(closing), closing.body.error.details.problems[0]]).toEqual([
      '422 invalid_resource',
      { code: 'cycle', path: 'parents[0]', message: expect.stringContaining('`k:1` → `k:3` → `k:2` → `k:1`') },
    ]);
    expect(problemsOf(await call('PATCH', at('k:1'), { parents: ['k:1'] }))).toEqual(['parents[0] cycle']);
  });

  it('is 32 deep at most, counted through the whole path', async () => {
    await make('deep:0');
    for (let i = 1; i <= 32; i++) expect((await make(`deep:${i}`, { parents: [`deep:${i - 1}`] })).status).toBe(201);
    expect(problemsOf(await make('deep:33', { parents: ['deep:32'] }))).toEqual(['parents[0] too_deep']);
    expect(problemsOf(await call('PUT', `${at('deep:0')}/parents/deep:above`))).toEqual(['parents[0] too_deep']);
    expect((await call('PUT', `${at('deep:1')}/parents/deep:beside`)).status).toBe(200);
  }, 60_000);

  it('that two writers close to a cycle at once is refused to one of them, a hundred times', async () => {
    await makeOrganization('race');
    const resources = '/admin/orgs/race/resources';
    for (const id of ['left', 'right']) await call('POST', resources, { type: 'x', id });
    for (let i = 0; i < 100; i++) {
      const answers = await Promise.all([
        call('PUT', `${resources}/x:left/parents/x:right`),
        call('PUT', `${resources}/x:right/parents/x:left`),
      ]);
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 422]);
      await call('PATCH', `${resources}/x:left`, { parents: [] });
      await call('PATCH', `${resources}/x:right`, { parents: [] });
    }
  }, 300_000);
});

describe('the list of resources', () => {
  it('F40 is searched and filtered by type, parent, access and owner', async () => {
    await makeOrganization('listed');
    await putManifest('listed', {
      bitgate: 1,
      groups: [{ name: 'team' }],
      resources: [
        { type: 'top', id: 't' },
        ...Array.from({ length: 12 }, (_, i) => ({
          type: 'leaf',
          id: `L${i}`,
          parents: i % 2 === 0 ? ['top:t'] : [],
          access: i % 3 === 0 ? 'restricted' : 'inherit',
          owners: i % 4 === 0 ? [{ subject: 'group:team' }, { subject: 'user:a', kind: 'X' }] : [],
        })),
      ],
    });
    const total = async (query: string): Promise<number> => (await call('GET', `/admin/orgs/listed/resources?${query}`)).body.total;
    expect([await total(''), await total('type=leaf'), await total('parent=top:t'), await total('access=restricted')]).toEqual([
      13, 12, 6, 4,
    ]);
    expect([await total('owner=group:team'), await total('owner=user:a'), await total('owner=user:b'), await total('q=l1')]).toEqual([
      3, 3, 0, 3,
    ]);
    expect(await total('type=leaf&parent=top:t&access=restricted&owner=user:a&q=L')).toBe(1);
    expect((await call('GET', '/admin/orgs/listed/resources?owner=group:none')).status).toBe(404);
    const seen: string[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page: Answer = await call('GET', `/admin/orgs/listed/resources?limit=5&owner=user:a${cursor && `&cursor=${cursor}`}`);
      for (const item of page.body.items) {
        seen.push(item.resource);
        expect(item.owners).toEqual([
          { subject: 'group:team', kind: null },
          { subject: 'user:a', kind: 'X' },
        ]);
      }
      cursor = page.body.next_cursor;
    }
    expect(seen).toEqual(['leaf:L0', 'leaf:L4', 'leaf:L8']);
  });
});

describe('rights', () => {
  it('hold where the resource lies, and are needed at old and new parents', async () => {
    await makeOrganization('land');
    await putManifest('land', {
      bitgate: 1,
      roles: [{ name: 'Gardener', privileges: ['bitgate:manage_resources'] }],
      resources: [
        { type: 'field', id: 'mine' },
        { type: 'field', id: 'theirs' },
        { type: 'tree', id: 'oak', parents: ['field:mine'] },
        { type: 'tree', id: 'elm', parents: ['field:theirs'] },
      ],
    });
    const { token } = await makeKey('land', [{ role: 'Gardener', scope: 'field:mine' }]);
    const ask = async (method: string, path: string, body?: object): Promise<string> =>
      codeOf(await call(method, `/admin/orgs/land/resources${path}`, body, { token }));
    expect(await ask('POST', '', { resource: 'tree:new', parents: ['field:mine'] })).toBe('201');
    expect(await ask('POST', '', { resource: 'tree:bad', parents: ['field:mine', 'field:theirs'] })).toBe('403 missing_privilege');
    expect(await ask('POST', '', { resource: 'tree:bad' })).toBe('403 missing_privilege');
    expect(await ask('POST', '', { resource: 'tree:elm', parents: ['field:theirs'] })).toBe('403 missing_privilege');
    expect(await ask('PATCH', '/tree:oak', { properties: { n: 1 } })).toBe('200');
    expect(await ask('PATCH', '/tree:oak', { parents: ['field:theirs'] })).toBe('403 missing_privilege');
    expect(await ask('PATCH', '/tree:oak', { parents: [] })).toBe('403 missing_privilege');
    expect(await ask('PUT', '/tree:oak/parents/field:theirs')).toBe('403 missing_privilege');
    for (const [method, path, body] of [
      ['PATCH', '/tree:elm', {}],
      ['PUT', '/tree:elm', {}],
      ['DELETE', '/tree:elm', undefined],
      ['DELETE', '/tree:nowhere', undefined],
      ['PUT', '/tree:elm/parents/field:mine', undefined],
      ['DELETE', '/tree:elm/parents/field:theirs', undefined],
      ['PUT', '/tree:elm/owners', { subject: 'user:a' }],
      ['DELETE', '/tree:elm/owners?subject=user:a', undefined],
    ] as const)
      expect(await ask(method, path, body)).toBe('403 missing_privilege');
    expect(await ask('DELETE', '/tree:oak')).toBe('200');
    expect(await ask('GET', '')).toBe('403 missing_privilege');
  });
});
