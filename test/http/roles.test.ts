/** Roles over HTTP, one by one, at both levels. */
import { env } from 'cloudflare:workers';
import { beforeAll, describe, expect, it } from 'vitest';
import { assign, makeAcme, reasonOf, revision } from './acme.ts';
import { type Answer, call, makeKey, makeOrganization, putManifest } from './client.ts';

const ROLES = '/admin/orgs/acme/roles';
const IN_P1 = '/admin/orgs/acme/projects/p1/roles';

const codeOf = ({ status, body }: Answer): string => [status, body?.error?.code ?? []].flat().join(' ');
const problemsOf = ({ body }: Answer): string[] =>
  body.error.details.problems.map(({ code, path }: { code: string; path: string }) => `${path} ${code}`);
const namesOf = ({ body }: Answer): string[] => body.items.map(({ name }: { name: string }) => name);

beforeAll(makeAcme);

describe('a role', () => {
  it('is made with names of policies, roles and privileges, found by id and name, and granted', async () => {
    const made = await call('POST', ROLES, {
      name: 'Cook',
      title: 'The cook',
      policies: ['Never edit'],
      inherits: ['Viewer'],
      privileges: ['typed'],
    });
    expect([made.status, made.body]).toEqual([
      201,
      {
        id: expect.stringMatching(/^rol_/),
        project: null,
        name: 'Cook',
        title: 'The cook',
        description: '',
        policies: ['Never edit'],
        policy_ids: [expect.stringMatching(/^pol_/)],
        inherits: ['Viewer'],
        inherit_ids: [expect.stringMatching(/^rol_/)],
        privileges: ['typed'],
        all_privileges: false,
        reaches_restricted: false,
        system: false,
        revision: expect.any(Number),
        published: true,
      },
    ]);
    const { published: _published, ...shown } = made.body;
    for (const reference of ['Cook', made.body.id]) {
      const got = await call('GET', `${ROLES}/${reference}`);
      expect([got.status, got.body]).toEqual([200, { ...shown, assignments: { total: 0, first: [] } }]);
      expect(got.headers.get('etag')).toBe(made.headers.get('etag'));
    }
    await assign({ subject: 'user:cook', role: 'Cook', scope: 'org' });
    expect(await reasonOf({ subject: 'user:cook', action: 'view' })).toBe('granted');
    expect(await reasonOf({ subject: 'user:cook', action: 'edit' })).toBe('denied_by_policy');
  });

  it('is refused with every bad name, and nothing is written', async () => {
    const before = await revision();
    const answer = await call('POST', ROLES, {
      name: 'bitgate:mine',
      policies: ['Never edit', 'None'],
      inherits: ['viewer', 'rol_none'],
      privileges: ['view', 'fly', 'swim'],
    });
    expect([codeOf(answer), problemsOf(answer)]).toEqual([
      '422 invalid_role',
      [
        'inherits[0] unknown_role',
        'inherits[1] unknown_role',
        'name reserved_name',
        'policies[1] unknown_policy',
        'privileges[1] unknown_privilege',
        'privileges[2] unknown_privilege',
      ],
    ]);
    expect(answer.body.error.details.problems[0].message).toContain('is `Viewer` meant');
    for (const body of [{}, { name: 'x', colour: 'red' }, { name: 3 }, [], null, { name: 'x', policies: 'Never edit' }])
      expect(codeOf(await call('POST', ROLES, body))).toBe('400 invalid_role');
    for (const name of ['', 'a\u0000b', 'x'.repeat(129), 'rol_abc'])
      expect(codeOf(await call('POST', ROLES, { name }))).toBe('422 invalid_role');
    expect(await revision()).toBe(before);
  });
});
