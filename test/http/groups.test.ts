/** Groups and their members over HTTP. */
import { env } from 'cloudflare:workers';
import { beforeAll, describe, expect, it } from 'vitest';
import { assign, makeAcme, reasonOf, revision } from './acme.ts';
import { type Answer, call, makeKey, makeOrganization } from './client.ts';

const GROUPS = '/admin/orgs/acme/groups';

const codeOf = ({ status, body }: Answer): string => [status, body?.error?.code ?? []].flat().join(' ');
const problemsOf = ({ body }: Answer): string[] =>
  body.error.details.problems.map(({ code, path }: { code: string; path: string }) => `${path} ${code}`);
const make = (name: string, more: object = {}): Promise<Answer> => call('POST', GROUPS, { name, ...more });
const membersOf = async (group: string, query = ''): Promise<string[]> =>
  (await call('GET', `${GROUPS}/${group}/members?limit=1000${query}`)).body.items.map(({ member }: { member: string }) => member);

beforeAll(makeAcme);

describe('a group', () => {
  it('is made with members, found by id and name, changed and deleted', async () => {
    const made = await make('cooks', { description: 'who cook', members: ['user:ann', 'group:staff', 'user:ann'] });
    expect([made.status, made.body]).toEqual([
      201,
      {
        id: expect.stringMatching(/^grp_/),
        name: 'cooks',
        description: 'who cook',
        member_count: 2,
        revision: expect.any(Number),
        published: true,
      },
    ]);
    const { published: _published, ...shown } = made.body;
    for (const reference of ['cooks', 'COOKS', made.body.id]) {
      const got = await call('GET', `${GROUPS}/${reference}`);
      expect([got.status, got.body, got.headers.get('etag')]).toEqual([200, shown, made.headers.get('etag')]);
    }
    expect(await membersOf('cooks')).toEqual(['group:staff', 'user:ann']);

    const renamed = await call('PUT', `${GROUPS}/cooks`, { name: 'chefs' });
    expect(renamed.body).toMatchObject({ id: made.body.id, name: 'chefs', description: '', member_count: 2 });
    const patched = await call('PATCH', `${GROUPS}/chefs`, { description: 'again', members: ['user:bea'] });
    expect(patched.body).toMatchObject({ name: 'chefs', description: 'again', member_count: 1 });
    expect(await membersOf('chefs')).toEqual(['user:bea']);
    const same = await call('PATCH', `${GROUPS}/chefs`, { description: 'again' });
    expect(same.body.revision).toBe(patched.body.revision);

    const gone = await call('DELETE', `${GROUPS}/chefs`);
    expect([gone.status, gone.body.deleted.name]).toEqual([200, 'chefs']);
    expect(codeOf(await call('GET', `${GROUPS}/chefs`))).toBe('404 unknown_group');
  });

  it('has a name of its own, whatever the letter case', async () => {
    const first = await make('Grün');
    for (const name of ['Grün', 'grün', 'GRÜN', 'Gru\u0308n']) expect(codeOf(await make(name))).toBe('409 group_exists');
    const returned = await call('POST', `${GROUPS}?if_exists=return`, { name: 'grün' });
    expect([returned.status, returned.body.id, returned.body.name]).toEqual([200, first.body.id, 'Grün']);
    await make('Blau');
    expect(codeOf(await call('PATCH', `${GROUPS}/Blau`, { name: 'GRÜN' }))).toBe('409 group_exists');
    expect((await call('PATCH', `${GROUPS}/Blau`, { name: 'BLAU' })).body.name).toBe('BLAU');
  });

  it('gets an id of its own also where one of its name was renamed', async () => {
    const first = await make('moved');
    await call('PATCH', `${GROUPS}/moved`, { name: 'away' });
    const second = await make('moved');
    expect([second.status, second.body.id === first.body.id]).toEqual([201, false]);
  });

  it('is refused with every bad field, and nothing is written', async () => {
    const before = await revision();
    for (const name of ['', 'everyone', 'Owner', 'owner:x', 'grp_abc', 'x'.repeat(129), 'a\u0000b'])
      expect([name, codeOf(await make(name))]).toEqual([name, '422 invalid_group']);
    const many = await make('fine', { members: ['user:a', 'ann', 'group:nobody', 'group:everyone', 'api_key:nobody', 'user:'] });
    expect([codeOf(many), problemsOf(many)]).toEqual([
      '422 invalid_group',
      [
        'members[1] invalid_reference',
        'members[2] unknown_group',
        'members[3] reserved_group',
        'members[4] unknown_api_key',
        'members[5] invalid_reference',
      ],
    ]);
    for (const body of [{}, { name: 3 }, { name: 'x', colour: 'red' }, [], null, { name: 'x', members: 'user:a' }])
      expect(codeOf(await call('POST', GROUPS, body))).toBe('400 invalid_group');
    expect(codeOf(await call('POST', GROUPS, { name: 'x', members: Array.from({ length: 10_001 }, () => 'u:x') }))).toBe(
      '400 invalid_group',
    );
    expect(await revision()).toBe(before);
  });

  it('is not overwritten by who read it before somebody else changed it, its members included', async () => {
    const made = await make('raced', { members: ['user:a'] });
    const etag = made.headers.get('etag') ?? '';
    await call('POST', `${GROUPS}/raced/members/batch`, { add: ['user:b'], remove: ['user:a'] });
    const headers = { 'if-match': etag };
    expect(codeOf(await call('PUT', `${GROUPS}/raced`, { name: 'mine' }, { headers }))).toBe('412 changed_meanwhile');
    expect(codeOf(await call('DELETE', `${GROUPS}/raced`, undefined, { headers }))).toBe('412 changed_meanwhile');
    const now = (await call('GET', `${GROUPS}/raced`)).headers.get('etag') ?? '';
    const ok = await call('PUT', `${GROUPS}/raced`, { name: 'mine' }, { headers: { 'if-match': now } });
    expect([ok.status, ok.headers.get('etag')]).toEqual([200, (await call('GET', `${GROUPS}/mine`)).headers.get('etag')]);
  });

  it('in use is refused with its users; by force all of it goes, and nothing dangles', async () => {
    const made = await make('used', { members: ['user:used'] });
    await make('outer', { members: ['group:used'] });
    await assign({ subject: 'group:used', role: 'Viewer', scope: 'org' });
    await call('PUT', '/admin/orgs/acme/resources/dataset:d1/owners', { subject: 'group:used', kind: 'TECHNICAL' });
    const mapping = { claim: 'groups', value: 'x', group: 'used' };
    expect((await call('PATCH', '/admin/orgs/acme/settings', { claim_mappings: [mapping], closed_types: ['vault'] })).status).toBe(200);
    const refused = await call('DELETE', `${GROUPS}/used`);
    expect([codeOf(refused), refused.body.error.details]).toEqual([
      '409 group_in_use',
      {
        assignments: { total: 1, first: [{ id: expect.any(String), subject: 'group:used', role: 'Viewer', scope: 'org' }] },
        ownerships: { total: 1, first: [{ resource: 'dataset:d1', kind: 'TECHNICAL' }] },
        groups: { total: 1, first: [{ id: expect.any(String), name: 'outer' }] },
        claim_mappings: { total: 1, first: [{ claim: 'groups', value: 'x', group: made.body.id }] },
      },
    ]);
    expect(await reasonOf({ subject: 'user:used', action: 'view' })).toBe('granted');
    const gone = await call('DELETE', `${GROUPS}/used?force=true`);
    expect(gone.status).toBe(200);
    expect(await reasonOf({ subject: 'user:used', action: 'view', min_revision: gone.body.revision })).toBe('no_grant');
    const settings = (await call('GET', '/admin/orgs/acme/settings')).body;
    expect([settings.claim_mappings, settings.closed_types]).toEqual([[], ['vault']]);
    const left = await env.DB.prepare(
      `SELECT (SELECT count(*) FROM assignments WHERE org = 'acme' AND principal = ?1) + (SELECT count(*) FROM group_members WHERE org = 'acme'
        AND (member = ?1 OR group_id = ?2)) + (SELECT count(*) FROM resource_owners WHERE org = 'acme' AND owner = ?1) AS rows`,
    )
      .bind(`group:${made.body.id}`, made.body.id)
      .first<{ rows: number }>();
    expect(left?.rows).toBe(0);
    await call('PUT', '/admin/orgs/acme/settings', {});
  });
});

describe('members', () => {
  it('are added and removed one by one, twice being one', async () => {
    await make('ones');
    const put = await call('PUT', `${GROUPS}/ones/members/user%3Aann`);
    expect([put.status, put.body.result, put.body.group.member_count]).toEqual([201, 'added', 1]);
    const again = await call('PUT', `${GROUPS}/ones/members/user:ann`);
    expect([again.status, again.body.result, again.body.revision]).toEqual([200, 'unchanged', put.body.revision]);
    expect((await call('POST', `${GROUPS}/ones/members`, { member: 'group:staff' })).body.result).toBe('added');
    expect((await call('DELETE', `${GROUPS}/ones/members/group:staff`)).body.result).toBe('removed');
    for (const member of ['group:staff', 'group:nobody', 'user:nobody', 'nonsense'])
      expect(codeOf(await call('DELETE', `${GROUPS}/ones/members/${member}`))).toBe('404 unknown_member');
    expect(codeOf(await call('PUT', `${GROUPS}/nobody/members/user:a`))).toBe('404 unknown_group');
    expect(codeOf(await call('PUT', `${GROUPS}/ones/members/group:nobody`))).toBe('422 invalid_members');
    for (const id of ['a/b', '%', 'a%2Fb', '..', 'ü🜁', "'; --"]) {
      const member = `user:${id}`;
      expect((await call('PUT', `${GROUPS}/ones/members/${encodeURIComponent(member)}`)).body.result).toBe('added');
      expect(await membersOf('ones', `&q=${encodeURIComponent(member)}`)).toEqual([member]);
    }
  });

  it('come and go in batches, all or none, each with its result', async () => {
    await make('many', { members: ['user:a', 'user:b'] });
    const batch = await call('POST', `${GROUPS}/many/members/batch`, {
      add: ['user:a', 'user:c', 'user:c'],
      remove: ['user:b', 'user:x', 'group:nobody'],
    });
    expect([batch.status, batch.body.group.member_count, batch.body.results]).toEqual([
      200,
      2,
      [
        { member: 'user:a', result: 'unchanged' },
        { member: 'user:c', result: 'added' },
        { member: 'user:c', result: 'unchanged' },
        { member: 'user:b', result: 'removed' },
        { member: 'user:x', result: 'not_found' },
        { member: 'group:nobody', result: 'not_found' },
      ],
    ]);
    const before = await revision();
    const bad = await call('POST', `${GROUPS}/many/members/batch`, { add: ['user:d', 'group:nobody', 'user:e'], remove: ['user:e'] });
    expect([codeOf(bad), problemsOf(bad)]).toEqual(['422 invalid_members', ['add[1] unknown_group', 'remove[0] added_and_removed']]);
    expect(await revision()).toBe(before);
    expect(await membersOf('many')).toEqual(['user:a', 'user:c']);

    const all = Array.from({ length: 10_000 }, (_, i) => `user:m${i}`);
    const large = await call('POST', `${GROUPS}/many/members/batch`, { add: all });
    expect([large.status, large.body.group.member_count]).toEqual([200, 10_002]);
    expect(codeOf(await call('POST', `${GROUPS}/many/members/batch`, { add: [...all, 'user:one-more'] }))).toBe('400 invalid_members');
  });

  it('are listed in pages, each once, direct ones or all', async () => {
    await make('inner', { members: ['user:i1', 'user:i2'] });
    await make('shell', { members: ['user:s1', 'group:inner'] });
    expect(await membersOf('shell')).toEqual(['group:inner', 'user:s1']);
    const all = await call('GET', `${GROUPS}/shell/members?transitive=true`);
    expect(all.body.items).toEqual([
      { member: 'group:inner', group_id: expect.any(String), direct: true },
      { member: 'user:i1', group_id: null, direct: false },
      { member: 'user:i2', group_id: null, direct: false },
      { member: 'user:s1', group_id: null, direct: true },
    ]);
    const seen: string[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page: Answer = await call('GET', `${GROUPS}/shell/members?transitive=true&limit=1${cursor && `&cursor=${cursor}`}`);
      expect(page.body.total).toBe(4);
      seen.push(...page.body.items.map(({ member }: { member: string }) => member));
      cursor = page.body.next_cursor;
    }
    expect(seen).toEqual(['group:inner', 'user:i1', 'user:i2', 'user:s1']);
    expect(await membersOf('shell', '&transitive=true&q=I2')).toEqual(['user:i2']);
  });
});

describe('nesting', () => {
  it('SEC-03 in a cycle is refused with its path', async () => {
    await make('c1');
    await make('c2', { members: ['group:c1'] });
    await make('c3', { members: ['group:c2'] });
    const closing = await call('PUT', `${GROUPS}/c1/members/group:c3`);
    expect([codeOf(closing), closing.body.error.details.problems[0]]).toEqual([
      '422 invalid_members',
      {
        code: 'cycle',
        path: 'add[0]',
        message: expect.stringMatching(/`c1` → `c3` → `c2` → `c1`|`c3` → `c2` → `c1` → `c3`|`c2` → `c1` → `c3` → `c2`/),
      },
    ]);
    expect(problemsOf(await call('PUT', `${GROUPS}/c1/members/group:c1`))).toEqual(['add[0] cycle']);
    expect(problemsOf(await call('PATCH', `${GROUPS}/c1`, { members: ['user:x', 'group:c3'] }))).toEqual(['members[1] cycle']);
    // What is taken out in the same write closes nothing.
    expect((await call('POST', `${GROUPS}/c2/members/batch`, { remove: ['group:c1'], add: ['user:x'] })).status).toBe(200);
    expect((await call('PUT', `${GROUPS}/c1/members/group:c3`)).status).toBe(201);
  });

  it('is 32 deep at most, from top to bottom', async () => {
    await make('d0');
    for (let i = 1; i < 32; i++) expect((await make(`d${i}`, { members: [`group:d${i - 1}`] })).status).toBe(201);
    expect(problemsOf(await make('d32', { members: ['group:d31'] }))).toEqual(['members[0] too_deep']);
    await make('below');
    expect(problemsOf(await call('PUT', `${GROUPS}/d0/members/group:below`))).toEqual(['add[0] too_deep']);
    expect((await call('PUT', `${GROUPS}/d1/members/group:below`)).status).toBe(201);
  });

  it('that two writers close to a cycle at once is refused to one of them, a hundred times', async () => {
    await makeOrganization('race');
    const groups = '/admin/orgs/race/groups';
    await call('POST', groups, { name: 'left' });
    await call('POST', groups, { name: 'right' });
    for (let i = 0; i < 100; i++) {
      const answers = await Promise.all([
        call('PUT', `${groups}/left/members/group:right`),
        call('PUT', `${groups}/right/members/group:left`),
      ]);
      expect(answers.map(({ status }) => status).sort()).toEqual([201, 422]);
      await call('DELETE', `${groups}/left/members/group:right`);
      await call('DELETE', `${groups}/right/members/group:left`);
    }
  }, 300_000);
});

describe('rights', () => {
  it.each([
    ['POST', GROUPS, { name: 'mine' }],
    ['PUT', `${GROUPS}/staff`, { name: 'mine' }],
    ['PATCH', `${GROUPS}/nobody`, { name: 'mine' }],
    ['DELETE', `${GROUPS}/nobody`, undefined],
    ['POST', `${GROUPS}/staff/members`, { member: 'user:a' }],
    ['PUT', `${GROUPS}/nobody/members/user:a`, undefined],
    ['DELETE', `${GROUPS}/staff/members/user:a`, undefined],
    ['POST', `${GROUPS}/staff/members/batch`, { add: [] }],
  ])('%s %s needs `bitgate:manage_members`', async (method, path, body) => {
    const { token } = await makeKey('acme', ['Reader']);
    expect(codeOf(await call(method, path, body, { token }))).toBe('403 missing_privilege');
    const other = await makeOrganization(`other-${method.toLowerCase()}-${path.length}`).then(() =>
      makeKey(`other-${method.toLowerCase()}-${path.length}`, ['bitgate:owner']),
    );
    expect(codeOf(await call(method, path, body, { token: other.token }))).toBe('404 unknown_organization');
  });

  it('let who holds it keep groups, and see them', async () => {
    const { token } = await makeKey('acme', ['Manager']);
    expect((await call('POST', GROUPS, { name: 'kept' }, { token })).status).toBe(201);
    expect((await call('PUT', `${GROUPS}/kept/members/user:a`, undefined, { token })).status).toBe(201);
    expect((await call('GET', `${GROUPS}?q=KEP`, undefined, { token })).body.total).toBe(1);
    const { token: blind } = await makeKey('acme', ['bitgate:checker']);
    for (const path of [GROUPS, `${GROUPS}/kept`, `${GROUPS}/kept/members`])
      expect(codeOf(await call('GET', path, undefined, { token: blind }))).toBe('403 missing_privilege');
  });
});
