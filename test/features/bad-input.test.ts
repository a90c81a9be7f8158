/** Bad input: what is wrong is refused in one shape; what is wrong in storage grants nothing, is reported, and breaks nothing else. */
import { env } from 'cloudflare:workers';
import { beforeAll, describe, expect, it } from 'vitest';
import { errorAnswer } from '../../src/http/common/error-wire.ts';
import { call, makeKey, makeOrganization, putManifest } from '../http/client.ts';
import { ALL_OPERATIONS } from '../support/operations.ts';

const manifest = {
  bitgate: 1,
  catalog: { privileges: [{ name: 'view' }, { name: 'edit' }] },
  policies: [{ name: 'Sometimes', privileges: ['edit'] }],
  roles: [
    { name: 'Viewer', privileges: ['view'] },
    { name: 'Editor', privileges: ['edit'] },
    { name: 'Conditional', policies: ['Sometimes'] },
  ],
  assignments: [
    { subject: 'user:owner', role: 'bitgate:owner', scope: 'org' },
    { subject: 'user:alice', role: 'Viewer', scope: 'org' },
    { subject: 'user:eve', role: 'Editor', scope: 'org' },
    { subject: 'user:con', role: 'Conditional', scope: 'org' },
  ],
};

const ORG = '/admin/orgs/acme';

/** Of a request for each status: what it is refused with. */
const REFUSALS: readonly (readonly [
  status: number,
  code: string,
  method: string,
  path: string,
  body?: unknown,
  headers?: Record<string, string>,
])[] = [
  [400, 'invalid_assignment', 'POST', `${ORG}/assignments`, { subject: 7 }],
  [400, 'malformed_document', 'POST', `${ORG}/assignments`, '"a'],
  [400, 'invalid_query', 'GET', `${ORG}/assignments?limit=0`],
  [400, 'invalid_cursor', 'GET', `${ORG}/assignments?cursor=a.b`],
  [401, 'missing_credentials', 'GET', ORG, undefined, { authorization: '' }],
  [404, 'not_found', 'GET', '/nowhere'],
  [404, 'not_found', 'DELETE', `${ORG}/assignments/asg_none`],
  [404, 'unknown_organization', 'GET', '/admin/orgs/nowhere'],
  [405, 'method_not_allowed', 'DELETE', '/check'],
  [409, 'organization_exists', 'POST', '/admin/orgs', { id: 'acme' }],
  [413, 'body_too_large', 'POST', `${ORG}/assignments`, `"${'x'.repeat(1_100_000)}"`],
  [415, 'unsupported_media_type', 'POST', `${ORG}/assignments`, '{}', { 'content-type': 'text/plain' }],
  [422, 'invalid_assignment', 'POST', `${ORG}/assignments`, { subject: 'user:a', role: 'Nobody', scope: 'org' }],
];

/** Rows that the database takes and nobody can mean, with the place of the problem, and who would hold `edit` if it were read kindly. */
const ROWS: readonly (readonly [what: string, sql: string, place: RegExp, subject: string])[] = [
  [
    'a role whose privileges are no texts',
    'UPDATE roles SET privileges = \'[1,{"name":"edit"}]\' WHERE org = ?1 AND name = \'Editor\'',
    /^roles\/.*\/privileges/,
    'user:eve',
  ],
  [
    'a role with a privilege that is not in the catalog',
    "UPDATE roles SET privileges = '[\"Edit\"]' WHERE org = ?1 AND name = 'Editor'",
    /^roles\/.*\/privileges/,
    'user:eve',
  ],
  [
    'a policy whose condition does not parse',
    "UPDATE policies SET condition = '1 +' WHERE org = ?1 AND name = 'Sometimes'",
    /^policies\/.*\/condition/,
    'user:con',
  ],
  [
    'a policy whose types are no texts',
    "UPDATE policies SET resource_types = '[7]' WHERE org = ?1 AND name = 'Sometimes'",
    /^policies\/.*\/resource_types/,
    'user:con',
  ],
  [
    'a privilege that implies what is no text',
    "UPDATE privileges SET implies = '[[\"edit\"]]' WHERE org = ?1 AND name = 'view'",
    /^privileges\/view\/implies/,
    'user:alice',
  ],
  [
    'a route that is none',
    'INSERT INTO routes (org, position, route) VALUES (?1, 0, \'{"action":["edit"]}\')',
    /^routes\/0/,
    'user:nobody',
  ],
];

const LISTS = ALL_OPERATIONS.filter(
  ({ method, path, answerExample }) =>
    method === 'GET' && /^\/admin\/orgs\/:org\/[^:]+$/.test(path) && Object.hasOwn(Object(answerExample), 'items'),
);

const check = async (org: string, subject: string, action: string): Promise<boolean> =>
  (await call('POST', '/check', { org, subject, action })).body.decision;

beforeAll(async () => {
  await makeOrganization('acme', { owner: 'user:owner' });
  await putManifest('acme', manifest);
});

describe('F41 one error shape', () => {
  it.each(REFUSALS.map((refusal) => [refusal.slice(0, 4).join(' '), refusal] as const))('F41 %s', async (_what, refusal) => {
    const [status, code, method, path, body, headers = {}] = refusal;
    const answer = await call(method, path, body, { headers });
    expect([answer.status, answer.body.error.code]).toEqual([status, code]);
    expect(errorAnswer.safeParse(answer.body).success).toBe(true);
  });

  it('F41 403: who lacks the right is told which one, in the same shape', async () => {
    const { token } = await makeKey('acme');
    const answer = await call('GET', `${ORG}/assignments`, undefined, { token });
    expect([answer.status, Object.keys(answer.body), Object.keys(answer.body.error)]).toEqual([
      403,
      ['error'],
      ['code', 'message', 'details'],
    ]);
  });
});

describe('F41 a malformed row put into the database by hand', () => {
  it.each(ROWS.map((row, i) => [...row, `row-${i}`] as const))(
    'F41 %s grants nothing, is reported, and breaks no list, compile or check',
    async (_what, sql, place, subject, org) => {
      await makeOrganization(org, { owner: 'user:owner' });
      await putManifest(org, manifest);
      const before = new Map<string, number>();
      for (const { id, path } of LISTS) before.set(id, (await call('GET', path.replace(':org', org))).body.total);
      await env.DB.prepare(sql).bind(org).run();

      for (const full of ['false', 'true']) {
        const report = await call('POST', `/admin/orgs/${org}/recompile?full=${full}`);
        expect([report.status, report.body.problem_count, report.body.behind]).toEqual([200, expect.any(Number), undefined]);
        expect(report.body.problems).toContainEqual(expect.objectContaining({ path: expect.stringMatching(place) }));
        expect(await check(org, subject, 'edit')).toBe(false);
        expect(await check(org, 'user:alice', 'view')).toBe(true);
      }
      for (const { id, path } of LISTS) {
        const list = await call('GET', path.replace(':org', org));
        expect([id, list.status]).toEqual([id, 200]);
        if (!/route/i.test(id)) expect([id, list.body.total]).toEqual([id, before.get(id)]);
      }
    },
  );
});
