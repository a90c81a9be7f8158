/** The manifest over HTTP: exported, put, shown what it would change. */
import { beforeAll, describe, expect, it } from 'vitest';
import { makeAcme, manifest, revision } from './acme.ts';
import { type Answer, call } from './client.ts';

beforeAll(makeAcme);

describe('the manifest', () => {
  const put = (body: unknown, query = ''): Promise<Answer> => call('PUT', `/admin/orgs/acme/manifest${query}`, body);

  it('is what it was made equal to, as JSON and as YAML', async () => {
    const json = await call('GET', '/admin/orgs/acme/manifest');
    expect(json.body.roles.map(({ name }: { name: string }) => name)).toEqual(manifest.roles.map(({ name }) => name).sort());
    const yaml = await call('GET', '/admin/orgs/acme/manifest', undefined, { headers: { accept: 'application/yaml' } });
    expect(yaml.headers.get('content-type')).toContain('application/yaml');
    const again = await call('PUT', '/admin/orgs/acme/manifest', yaml.text, { headers: { 'content-type': 'application/yaml' } });
    expect([again.status, again.body]).toEqual([
      200,
      { dry_run: false, plan: { summary: {}, changes: [] }, revision: await revision(), published: true },
    ]);
  });

  it('shows its plan without doing it', async () => {
    const before = await revision();
    const answer = await put({ ...manifest, groups: [] }, '?dry_run=true');
    expect([answer.status, answer.body.dry_run, answer.body.plan.summary]).toEqual([
      200,
      true,
      {
        groups: { insert: 0, update: 0, delete: 1 },
        group_members: { insert: 0, update: 0, delete: 1 },
        subjects: { insert: 0, update: 0, delete: 1 },
      },
    ]);
    expect(await revision()).toBe(before);
  });

  const wrong: [string, object | string, string, string][] = [
    ['an unknown key', { ...manifest, rolls: [] }, 'unknown_key', 'rolls'],
    ['an unknown key deep inside', { ...manifest, roles: [{ name: 'A', privilege: [] }] }, 'unknown_key', 'roles[0].privilege'],
    [
      'an unknown privilege',
      { ...manifest, roles: [...manifest.roles, { name: 'A', privileges: ['fly'] }] },
      'unknown_privilege',
      'roles[8].privileges[0]',
    ],
    [
      'an unknown role',
      { ...manifest, assignments: [{ subject: 'user:a', role: 'Nobody', scope: 'org' }] },
      'unknown_role',
      'assignments[0].role',
    ],
    [
      'a name twice in another letter case',
      { ...manifest, roles: [...manifest.roles, { name: 'VIEWER' }] },
      'duplicate_name',
      'roles[8].name',
    ],
    [
      'a privilege at the wrong level',
      { ...manifest, projects: [{ id: 'p1', roles: [{ name: 'R', privileges: ['org_only'] }] }] },
      'wrong_level',
      'projects[0].roles[0].privileges[0]',
    ],
    [
      'a time that is none',
      { ...manifest, assignments: [{ subject: 'user:a', role: 'Viewer', scope: 'org', expires_at: '2027-02-30T00:00:00Z' }] },
      'invalid_time',
      'assignments[0].expires_at',
    ],
    ['a name that is too long', { ...manifest, roles: [...manifest.roles, { name: 'x'.repeat(129) }] }, 'name_too_long', 'roles[8].name'],
  ];
  it.each(wrong)('is refused whole, with code and place: %s', async (_name, document, code, path) => {
    const before = await revision();
    const answer = await put(document);
    expect([answer.status, answer.body.error.code]).toEqual([422, 'invalid_manifest']);
    expect(answer.body.error.details.problems).toContainEqual(expect.objectContaining({ code, path }));
    expect(await revision()).toBe(before);
  });

  it('is refused with the path of a cycle', async () => {
    const roles = [
      { name: 'A', inherits: ['B'] },
      { name: 'B', inherits: ['C'] },
      { name: 'C', inherits: ['A'] },
    ];
    const answer = await put({ ...manifest, roles: [...manifest.roles, ...roles] });
    expect(answer.status).toBe(422);
    expect(answer.text).toMatch(/cycle/);
    for (const name of ['A', 'B', 'C']) expect(answer.body.error.details.problems[0].message).toContain(name);
  });

  it('is refused with the position of what does not parse in a condition', async () => {
    const answer = await put({
      ...manifest,
      policies: [...manifest.policies, { name: 'Bad', privileges: ['view'], condition: 'subject.id ==' }],
    });
    expect(answer.status).toBe(422);
    expect(answer.body.error.details.problems[0]).toMatchObject({
      path: 'policies[2].condition',
      position: { line: 1, column: expect.any(Number) },
    });
  });

  it('is refused when it is no document', async () => {
    expect((await put('{"bitgate":1,')).body.error.code).toBe('malformed_document');
    expect((await put('{"bitgate":1,"roles":[],"roles":[]}')).body.error).toMatchObject({
      code: 'malformed_document',
      details: { line: 1 },
    });
    const other = await call('PUT', '/admin/orgs/acme/manifest', 'x', { headers: { 'content-type': 'text/plain' } });
    expect([other.status, other.body.error.code]).toEqual([415, 'unsupported_media_type']);
  });

  it('is refused when nobody would own the organization any more', async () => {
    const answer = await put({ ...manifest, assignments: [] });
    expect([answer.status, answer.body.error.code]).toEqual([409, 'last_owner']);
  });
});
