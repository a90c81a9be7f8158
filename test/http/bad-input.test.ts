/** Bad input through the Worker: refused whole, with a code and the place of every error, and nothing written. */
import { env } from 'cloudflare:workers';
import { beforeAll, describe, expect, it } from 'vitest';
import { LIMITS } from '../../src/core/terms/limits.ts';
import { type Answer, call, makeKey, makeOrganization, putManifest } from './client.ts';

const owner = { subject: 'user:owner', role: 'bitgate:owner', scope: 'org' };
const catalog = { privileges: [{ name: 'view' }, { name: 'org_only', levels: ['org'] }, { name: 'in_project', levels: ['project'] }] };
const good = {
  bitgate: 1,
  catalog,
  roles: [{ name: 'Viewer', privileges: ['view'] }],
  projects: [{ id: 'p', roles: [{ name: 'Own', privileges: ['view'] }] }],
  assignments: [owner],
};
const many = <T>(count: number, item: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => item(i));

beforeAll(async () => {
  await makeOrganization('bad', { owner: 'user:owner' });
  await putManifest('bad', good);
});

/** All that a write leaves behind, KV included: the Publisher writes nothing but what D1 has. */
async function traces(): Promise<object> {
  const rows = await env.DB.prepare(
    `SELECT (SELECT max(seq) FROM changes) AS changes, (SELECT count(*) FROM audit) AS audit, (SELECT count(*) FROM organizations) AS orgs,
       (SELECT sum(revision) FROM published) AS published`,
  ).first();
  return { ...rows, blobs: (await env.KV.list({ prefix: 'org/bad/blob/' })).keys.length };
}

interface Expected {
  readonly status: number;
  readonly code: string;
  /** `code path` of all problems, in any order */
  readonly problems?: readonly string[];
}

async function refused(attempt: () => Promise<Answer>, { status, code, problems }: Expected): Promise<Answer> {
  const before = await traces();
  const answer = await attempt();
  expect([answer.status, answer.body?.error?.code], answer.text.slice(0, 1_000)).toEqual([status, code]);
  expect(answer.body.error.message).toMatch(/\S/);
  if (problems !== undefined) {
    const found = answer.body.error.details.problems.map((problem: { code: string; path: string }) => `${problem.code} ${problem.path}`);
    expect(found.sort()).toEqual([...problems].sort());
  }
  expect(await traces()).toEqual(before);
  return answer;
}

const put = (document: object, query = ''): Promise<Answer> => call('PUT', `/admin/orgs/bad/manifest${query}`, document);

type Case = readonly [what: string, change: object, problems: readonly string[]];

const MANIFESTS: readonly Case[] = [
  ['unknown keys', { rolls: [], groups: [{ name: 'g', colour: 1 }] }, ['unknown_key groups[0].colour', 'unknown_key rolls']],
  [
    'unknown names, all of them',
    {
      roles: [{ name: 'A', policies: ['nope'], inherits: ['nope'], privileges: ['nope'] }],
      groups: [{ name: 'g', members: ['group:nope'] }],
      resources: [{ type: 'd', id: '1', owners: [{ subject: 'group:nope' }] }],
      assignments: [owner, { subject: 'group:nope', role: 'nope', scope: 'org' }, { subject: 'api_key:nope', role: 'A', scope: 'org' }],
      settings: { default_role: 'nope' },
    },
    [
      'unknown_policy roles[0].policies[0]',
      'unknown_role roles[0].inherits[0]',
      'unknown_privilege roles[0].privileges[0]',
      'unknown_group groups[0].members[0]',
      'unknown_group resources[0].owners[0].subject',
      'unknown_group assignments[1].subject',
      'unknown_role assignments[1].role',
      'unknown_api_key assignments[2].subject',
      'unknown_role settings.default_role',
    ],
  ],
  [
    'names in another letter case',
    {
      roles: [{ name: 'viewer' }, { name: 'VIEWER' }, { name: 'BITGATE:Owner' }],
      policies: [
        { name: 'ärger', privileges: [] },
        { name: 'ÄRGER', privileges: [] },
      ],
      groups: [{ name: 'g' }, { name: 'G' }],
      projects: [{ id: 'p', roles: [{ name: 'own' }, { name: 'OWN' }] }],
    },
    [
      'duplicate_name roles[1].name',
      'reserved_name roles[2].name',
      'duplicate_name policies[1].name',
      'duplicate_name groups[1].name',
      'duplicate_name projects[0].roles[1].name',
    ],
  ],
  [
    'privileges at the wrong level',
    {
      projects: [
        { id: 'p', policies: [{ name: 'P', privileges: ['view', 'org_only'] }], roles: [{ name: 'R', privileges: ['org_only'] }] },
      ],
    },
    ['wrong_level projects[0].policies[0].privileges[1]', 'wrong_level projects[0].roles[0].privileges[0]'],
  ],
  [
    'times that are none',
    {
      assignments: [
        owner,
        { ...owner, not_before: 'tomorrow' },
        { ...owner, expires_at: '2027-02-29T00:00:00Z' },
        { ...owner, expires_at: '2027-01-01T00:00:00' },
        { ...owner, not_before: '2027-01-02T00:00:00Z', expires_at: '2027-01-01T00:00:00Z' },
        { ...owner, expires_at: '2027-01-01T25:00:00Z' },
      ],
    },
    [
      'invalid_time assignments[1].not_before',
      'invalid_time assignments[2].expires_at',
      'invalid_time assignments[3].expires_at',
      'empty_window assignments[4].expires_at',
      'invalid_time assignments[5].expires_at',
    ],
  ],
  [
    'names, ids, properties and conditions past their limits',
    {
      roles: [{ name: 'x'.repeat(LIMITS.nameChars + 1) }],
      subjects: [
        { type: 'user', id: 'ü'.repeat(LIMITS.idUtf8Bytes / 2 - 2) },
        { type: 'user', id: 'a', properties: { text: 'x'.repeat(LIMITS.propertiesBytes) } },
      ],
      policies: [{ name: 'P', privileges: [], condition: `true${' || true'.repeat(300)}` }],
    },
    [
      'name_too_long roles[0].name',
      'invalid_reference subjects[0].id',
      'properties_too_large subjects[1].properties',
      'invalid_condition policies[0].condition',
    ],
  ],
  [
    'groups too deep',
    { groups: many(33, (i) => ({ name: `g${i}`, members: i === 0 ? [] : [`group:g${i - 1}`] })) },
    ['too_deep groups[32].members[0]'],
  ],
  [
    'ancestors too deep',
    { resources: many(33, (i) => ({ type: 'd', id: `${i}`, parents: [`d:${i + 1}`] })) },
    ['too_deep resources[0].parents[0]'],
  ],
];

describe('a manifest', () => {
  it.each(MANIFESTS)('with %s is refused', async (_what, change, problems) => {
    for (const query of ['', '?dry_run=true']) {
      await refused(() => put({ ...good, ...change }, query), { status: 422, code: 'invalid_manifest', problems });
    }
  });

  it('with cycles is refused, each with its path', async () => {
    const answer = await refused(
      () =>
        put({
          ...good,
          roles: [
            { name: 'A', inherits: ['B'] },
            { name: 'B', inherits: ['C'] },
            { name: 'C', inherits: ['A'] },
          ],
          groups: [
            { name: 'a', members: ['group:b'] },
            { name: 'b', members: ['group:a'] },
          ],
          resources: [
            { type: 'd', id: '1', parents: ['d:2'] },
            { type: 'd', id: '2', parents: ['d:1'] },
          ],
        }),
      {
        status: 422,
        code: 'invalid_manifest',
        problems: ['cycle roles[2].inherits[0]', 'cycle groups[1].members[0]', 'cycle resources[1].parents[0]'],
      },
    );
    const [groups, resources, roles] = answer.body.error.details.problems.map(({ message }: { message: string }) => message);
    expect(roles).toMatch(/A.*B.*C.*A/);
    expect(groups).toMatch(/a.*b.*a/);
    expect(resources).toMatch(/d:1.*d:2.*d:1/);
  });

  it('with a condition that does not parse, or is of wrong types, is refused with its position', async () => {
    const policies = ['resource.id ==', 'context.a\n  && (', 'subject.id == 1', 'now', 'resource.id.matches("(a+)+$")'].map(
      (condition, i) => ({
        name: `P${i}`,
        privileges: [],
        condition,
      }),
    );
    const answer = await refused(() => put({ ...good, policies }), {
      status: 422,
      code: 'invalid_manifest',
      problems: policies.map((_, i) => `invalid_condition policies[${i}].condition`),
    });
    for (const { position, path } of answer.body.error.details.problems) {
      expect(position, path).toEqual({ offset: expect.any(Number), line: expect.any(Number), column: expect.any(Number) });
      if (path.startsWith('policies[1]')) expect(position.line).toBe(2);
    }
  });

  it('past the limits of counts and sizes is refused with 413, or 422 that names the limit', async () => {
    const privileges = many(LIMITS.privileges + 1, (i) => ({ name: `p${i}` }));
    const count = await refused(() => put({ ...good, catalog: { privileges } }), { status: 422, code: 'invalid_manifest' });
    expect(count.text).toContain(`${LIMITS.privileges}`);
    const rows = await refused(() => put({ ...good, subjects: many(LIMITS.rowsPerWrite + 1, (i) => ({ type: 'u', id: `${i}` })) }), {
      status: 413,
      code: 'too_many_rows',
    });
    expect(rows.body.error.details).toMatchObject({ limit: LIMITS.rowsPerWrite });
    await refused(() => call('PUT', '/admin/orgs/bad/manifest', ' '.repeat(LIMITS.manifestBodyBytes + 1)), {
      status: 413,
      code: 'body_too_large',
    });
  }, 60_000);

  it('with a row that D1 could not hold is refused, and named', async () => {
    const names = many(24_000, (i) => `${'service-area.resource:action'.padEnd(76, '-')}${i}`);
    const document = { ...good, catalog: { privileges: [...catalog.privileges, ...names.map((name) => ({ name }))] } };
    const answer = await refused(() => put({ ...document, roles: [...good.roles, { name: 'Large', privileges: names }] }), {
      status: 413,
      code: 'row_too_large',
    });
    expect(answer.body.error.details).toMatchObject({ kind: 'role', name: 'Large', limit: LIMITS.rowBytes });
  }, 60_000);

  it('that is no document is refused with the line and column', async () => {
    const answer = await refused(() => call('PUT', '/admin/orgs/bad/manifest', '{"bitgate": 1,\n "roles": [}'), {
      status: 400,
      code: 'malformed_document',
    });
    expect(answer.body.error.details).toMatchObject({ line: 2, column: 12 });
    for (const text of ['{"bitgate":1,"bitgate":1}', '{"bitgate":1,"settings":{"a":1,"a":2}}', '{"bitgate":1}}', '{"bitgate":1e400}', '']) {
      await refused(() => call('PUT', '/admin/orgs/bad/manifest', text), { status: 400, code: 'malformed_document' });
    }
    const deep = `{"bitgate":1,"subjects":[{"type":"u","id":"a","properties":${'{"a":'.repeat(40)}1${'}'.repeat(40)}}]}`;
    await refused(() => call('PUT', '/admin/orgs/bad/manifest', deep), { status: 422, code: 'document_too_deep' });
  });

  it('in YAML is refused alike, with aliases that multiply as well', async () => {
    const yaml = (text: string): Promise<Answer> =>
      call('PUT', '/admin/orgs/bad/manifest', text, { headers: { 'content-type': 'application/yaml' } });
    await refused(() => yaml('bitgate: 1\nroles:\n  - {name: A, colour: red}\n'), {
      status: 422,
      code: 'invalid_manifest',
      problems: ['unknown_key roles[0].colour'],
    });
    const lines = many(9, (i) => `${'abcdefghij'[i + 1]}: &${'abcdefghij'[i + 1]} [${many(9, () => `*${'abcdefghij'[i]}`).join(', ')}]`);
    await refused(() => yaml(`a: &a [x]\n${lines.join('\n')}\n`), { status: 400, code: 'malformed_document' });
    await refused(() => yaml('bitgate: 1\nbitgate: 1\n'), { status: 400, code: 'malformed_document' });
    await refused(() => yaml('bitgate: !!js/function "x"\n'), { status: 400, code: 'malformed_document' });
  });
});

describe('an assignment', () => {
  const post = (body: unknown): Promise<Answer> => call('POST', '/admin/orgs/bad/assignments', body);
  const fine = { subject: 'user:a', role: 'Viewer', scope: 'org' };
  const cases: readonly (readonly [string, object, number, readonly string[]])[] = [
    ['an unknown key', { ...fine, until: 'x' }, 400, ['unknown_key until']],
    ['neither role nor policy', { subject: 'user:a', scope: 'org' }, 400, ['invalid_value ']],
    ['a wrong type', { ...fine, role: 1 }, 400, ['invalid_value role']],
    ['an unknown role', { ...fine, role: 'None' }, 422, ['unknown_role role']],
    ['a role’s name in another letter case', { ...fine, role: 'viewer' }, 422, ['unknown_role role']],
    ['an unknown policy', { subject: 'user:a', policy: 'None', scope: 'org' }, 422, ['unknown_policy policy']],
    [
      'an unknown group, role and scope',
      { subject: 'group:none', role: 'None', scope: 'x' },
      422,
      ['unknown_group subject', 'unknown_role role', 'invalid_reference scope'],
    ],
    ['an unknown key as subject', { ...fine, subject: 'api_key:none' }, 422, ['unknown_api_key subject']],
    [
      'a time that is none',
      { ...fine, not_before: '2027-01-01', expires_at: 'never' },
      422,
      ['invalid_time not_before', 'invalid_time expires_at'],
    ],
    [
      'an empty window',
      { ...fine, not_before: '2027-01-01T00:00:00Z', expires_at: '2027-01-01T00:00:00Z' },
      422,
      ['empty_window expires_at'],
    ],
    ['a project’s role elsewhere', { ...fine, role: 'p/Own' }, 422, ['outside_project scope']],
    ['a subject too long', { ...fine, subject: `user:${'x'.repeat(508)}` }, 422, ['invalid_reference subject']],
  ];
  it.each(cases)('with %s is refused', async (_what, body, status, problems) => {
    await refused(() => post(body), { status, code: 'invalid_assignment', problems });
  });
});

describe('a key', () => {
  const post = (body: unknown): Promise<Answer> => call('POST', '/admin/orgs/bad/api-keys', body);
  it('is refused with the place of each thing that is wrong', async () => {
    const wrong = {
      name: 'k',
      roles: [
        { role: 'Viewer', scope: 'org' },
        { role: 'None', scope: 'x' },
        { role: 'p/Own', scope: 'org' },
      ],
    };
    await refused(() => post(wrong), {
      status: 422,
      code: 'invalid_api_key',
      problems: ['unknown_role roles[1].role', 'invalid_reference roles[1].scope', 'outside_project roles[2].scope'],
    });
    await refused(() => post({ name: 'k', expires_at: 'soon' }), {
      status: 422,
      code: 'invalid_api_key',
      problems: ['invalid_time expires_at'],
    });
    await refused(() => post({ name: 'x'.repeat(129), rolls: [], forward_auth: 'apache' }), {
      status: 400,
      code: 'invalid_api_key',
      problems: ['unknown_key rolls', 'invalid_value name', 'invalid_value forward_auth'],
    });
    await refused(() => post({ name: 'k', roles: many(101, () => ({ role: 'Viewer', scope: 'org' })) }), {
      status: 400,
      code: 'invalid_api_key',
    });
  });
});

describe('an organization', () => {
  const post = (body: unknown): Promise<Answer> => call('POST', '/admin/orgs', body);
  it.each([
    [{ id: 'Upper' }, ['invalid_value id']],
    [{ id: '' }, ['invalid_value id']],
    [{ id: 'x'.repeat(64) }, ['invalid_value id']],
    [{ id: 'a_b' }, ['invalid_value id']],
    [{ id: 'x', preset: 'none', owner: 'group:g', more: 1 }, ['invalid_value preset', 'invalid_value owner', 'unknown_key more']],
    [{ id: 'x', owner: 'api_key:k' }, ['invalid_value owner']],
    [{ id: 'x', name: 'a\u0007b' }, ['invalid_value name']],
  ])('%o is refused', async (body, problems) => {
    await refused(() => post(body), { status: 400, code: 'invalid_organization', problems });
  });

  it('that is there already is refused, and stays as it is', async () => {
    await refused(() => post({ id: 'bad', name: 'other' }), { status: 409, code: 'organization_exists' });
  });
});

describe('a check', () => {
  const fine = { subject: 'user:a', action: 'view' };
  const ask = (body: object): Promise<Answer> => call('POST', '/check', { org: 'bad', ...body });

  it('of what nobody registered is decided by the rule, not refused', async () => {
    const reasons: [object, string][] = [
      [{ subject: 'user:a', action: 'nothing' }, 'unknown_privilege'],
      [{ subject: 'user:a', action: 'in_project' }, 'unknown_privilege'],
      [{ subject: 'user:a', action: 'org_only', resource: 'project:p' }, 'unknown_privilege'],
      [{ subject: 'user:a', action: 'view', resource: 'nothing:there' }, 'no_grant'],
      [{ subject: 'group:everyone', action: 'view' }, 'no_grant'],
      [{ subject: 'user:owner', action: 'view', resource: 'nothing:there' }, 'granted'],
      [{ subject: 'user:Owner', action: 'view' }, 'no_grant'],
    ];
    for (const [body, reason] of reasons) {
      expect((await ask(body)).body, JSON.stringify(body)).toMatchObject({ decision: reason === 'granted', reason });
    }
  });

  it.each([
    ['an unknown key', { ...fine, ressource: 'd:1' }],
    ['no subject', { action: 'view' }],
    ['no action', { subject: 'user:a' }],
    ['an empty action', { ...fine, action: '' }],
    ['a subject without a colon', { ...fine, subject: 'alice' }],
    ['an unknown key within', { ...fine, subject: { type: 'user', id: 'a', name: 'A' } }],
    ['properties that are a list', { ...fine, subject: { type: 'user', id: 'a', properties: [] } }],
    ['a context that is a text', { ...fine, context: 'x' }],
    ['a revision below zero', { ...fine, min_revision: -1 }],
    ['an age that is a text', { ...fine, max_age_ms: '5' }],
    ['__proto__ as a key', JSON.parse('{"subject":"user:a","action":"view","__proto__":{"resource":"d:1"}}')],
  ])('with %s is 400 and a deny', async (_what, body) => {
    const answer = await refused(() => call('POST', '/orgs/bad/check', body), { status: 400, code: 'invalid_check' });
    expect(answer.body.decision).toBe(false);
  });

  it('as null in a batch is an error of its own, also where there are defaults', async () => {
    const answer = await call('POST', '/check/batch', {
      org: 'bad',
      defaults: { subject: 'user:owner', action: 'view' },
      checks: [null, {}, 0, [], 'x'],
    });
    expect(
      answer.body.results.map(({ decision, error }: { decision: boolean; error?: { code: string } }) => error?.code ?? decision),
    ).toEqual(['invalid_check', true, 'invalid_check', 'invalid_check', 'invalid_check']);
  });

  it('SEC-48 of 10,000 items with nothing but unknown keys is answered in the measure of its size', async () => {
    const item = `{${many(110, (i) => `"${i}":0`).join(',')}}`;
    const body = `{"org":"bad","checks":[${many(9_000, () => item).join(',')}]}`;
    const answer = await call('POST', '/check/batch', body);
    expect(answer.status).toBe(200);
    expect(answer.text.length).toBeLessThan(2 * body.length);
  });

  it('is 404 for an unknown organization, 401 without credentials, 403 without `bitgate:check`, each a deny', async () => {
    const unknown = await refused(() => call('POST', '/check', { ...fine, org: 'nowhere' }), { status: 404, code: 'unknown_organization' });
    expect(unknown.body).toMatchObject({ decision: false, reason: 'unknown_organization' });
    for (const path of ['/check', '/check/batch', '/orgs/bad/check', '/orgs/nowhere/check', '/orgs/bad/check/batch']) {
      const nobody = await refused(() => call('POST', path, fine, { token: null }), { status: 401, code: 'missing_credentials' });
      expect(nobody.headers.get('www-authenticate')).toMatch(/^Bearer realm="bitgate"/);
      expect(nobody.body.decision).toBe(false);
    }
    const { token } = await makeKey('bad', ['Viewer']);
    for (const path of ['/check', '/orgs/bad/check']) {
      const powerless = await refused(() => call('POST', path, fine, { token }), { status: 403, code: 'missing_privilege' });
      expect(powerless.body).toMatchObject({ decision: false, error: { details: { privilege: 'bitgate:check' } } });
    }
  });
});

describe('an unknown organization', () => {
  it.each(['nowhere', 'NOWHERE', '%00', '..%2fbad', 'bad%20', 'x'.repeat(70)])('%s is 404 on every address', async (id) => {
    const calls: [string, string, unknown?][] = [
      ['GET', ''],
      ['GET', '/manifest'],
      ['PUT', '/manifest', good],
      ['GET', '/privileges'],
      ['GET', '/projects/p/privileges'],
      ['GET', '/assignments'],
      ['POST', '/assignments', owner],
      ['DELETE', '/assignments/asg_x'],
      ['DELETE', '/assignments?subject=user:a&role=R&scope=org'],
      ['GET', '/api-keys'],
      ['POST', '/api-keys', { name: 'k' }],
      ['GET', '/api-keys/k'],
      ['PATCH', '/api-keys/k', { name: 'k' }],
      ['POST', '/api-keys/k/rotate', {}],
      ['DELETE', '/api-keys/k'],
      ['POST', '/recompile'],
    ];
    for (const [method, path, body] of calls) {
      await refused(() => call(method, `/admin/orgs/${id}${path}`, body), { status: 404, code: 'unknown_organization' });
    }
  });
});
