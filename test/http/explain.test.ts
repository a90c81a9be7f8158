/** Why, and what if: who may ask, what is answered, as JSON and as text, and what is refused. */
import { beforeAll, describe, expect, it } from 'vitest';
import { manifest } from './acme.ts';
import { type Answer, call, codeOf, makeKey, makeOrganization, problemsOf, putManifest } from './client.ts';

const world = {
  ...manifest,
  roles: [...manifest.roles, { name: 'Lead', inherits: ['Editor'] }, { name: 'Asker', privileges: ['bitgate:check', 'bitgate:explain'] }],
  groups: [
    { name: 'staff', members: ['user:gus', 'group:devs'] },
    { name: 'devs', members: ['user:dev'] },
  ],
  resources: [
    { type: 'dataset', id: 'd1', parents: ['project:p1'] },
    { type: 'dataset', id: 'secret', parents: ['project:p1'], access: 'restricted' },
  ],
  assignments: [
    ...manifest.assignments,
    { subject: 'group:staff', role: 'Lead', scope: 'project:p1' },
    { subject: 'user:con', role: 'Conditional', scope: 'org' },
    { subject: 'user:old', role: 'Viewer', scope: 'org', expires_at: '2020-01-31T00:00:00Z' },
    { subject: 'user:dev', policy: 'Never edit', scope: 'dataset:d1' },
  ],
};

const check = (body: object, options?: Parameters<typeof call>[3]): Promise<Answer> =>
  call('POST', '/orgs/acme/check', { explain: true, ...body }, options);
const secret = { subject: 'user:dev', action: 'view', resource: 'dataset:secret' };

beforeAll(async () => {
  await makeOrganization('acme', { owner: 'user:owner' });
  await putManifest('acme', world);
});

describe('an explanation', () => {
  it('comes with the answer of the check, and says what cuts an allow off and what would not have been', async () => {
    const { explain: _, ...plain } = { explain: true, ...secret };
    const bare = (await call('POST', '/orgs/acme/check', plain)).body;
    const { body, headers } = await check(secret);
    expect(headers.get('cache-control')).toBe('no-store');
    const { explanation, ...answer } = body;
    expect(answer).toEqual(bare);
    expect(explanation).toMatchObject({
      decision: false,
      reason: 'restricted',
      level: 'project',
      privilege: { name: 'view', levels: 'both' },
      subject: { subject: 'user:dev', registered: true, suspended: false },
      resource: { resource: 'dataset:secret', registered: true, restricted: true },
      principals: [
        { principal: 'user:dev', as: 'itself' },
        { principal: 'group:devs', as: 'member', path: ['user:dev', 'group:devs'] },
        { principal: 'group:staff', as: 'member', path: ['user:dev', 'group:devs', 'group:staff'] },
        { principal: 'group:everyone' },
        { principal: 'group:anyone' },
      ],
      grants: [
        {
          effect: 'allow',
          outcome: 'restricted',
          principal: 'group:staff',
          role: 'Lead',
          inherited: ['Lead', 'Editor'],
          scope: 'project:p1',
          holds: 'named',
          cut_at: 'dataset:secret',
        },
      ],
      near_misses: [
        { assignment: { subject: 'user:dev', role: 'p1/Reviewer', scope: 'dataset:secret' }, privileges: 1 },
        { assignment: { subject: 'user:dev', role: 'Viewer', scope: 'dataset:secret' }, privileges: 1 },
        {},
      ],
      blocked_by: null,
    });
  });

  it('offers assignments that can be made as they stand, and then it is allowed', async () => {
    const question = { subject: 'user:new', action: 'edit', resource: 'dataset:secret' };
    const { near_misses } = (await check(question)).body.explanation;
    const made = await call('POST', '/admin/orgs/acme/assignments', near_misses[0].assignment);
    expect(made.status).toBe(201);
    expect((await check(question)).body).toMatchObject({ decision: true, explanation: { near_misses: [] } });
    expect((await call('DELETE', `/admin/orgs/acme/assignments/${made.body.id}`)).status).toBe(200);
  });

  it('is given of a question in the address, too', async () => {
    const { body } = await call('GET', '/orgs/acme/check?subject=user:old&action=view&explain=true');
    expect(body).toMatchObject({
      reason: 'expired',
      explanation: { grants: [{ outcome: 'expired', expires_at: '2020-01-31T00:00:00.000Z' }] },
    });
    expect((await call('GET', '/orgs/acme/check?subject=user:old&action=view&explain=false')).body.explanation).toBeUndefined();
    expect(codeOf(await call('GET', '/orgs/acme/check?subject=user:old&action=view&explain=yes'))).toBe('400 invalid_check');
  });

  it('is one for each action of a composite', async () => {
    const { body } = await check({ subject: 'user:dev', all_of: ['view', 'edit'], resource: 'dataset:d1' });
    expect(body).toMatchObject({
      decision: false,
      reason: 'denied_by_policy',
      actions: [
        { action: 'view', decision: true, explanation: { decision: true, privilege: { name: 'view' } } },
        { action: 'edit', decision: false, explanation: { decision: false, blocked_by: 'denied_by_policy', near_misses: [] } },
      ],
    });
    expect(body.explanation).toBeUndefined();
  });

  it('is of the past, too', async () => {
    const then = (await call('GET', '/admin/orgs/acme')).body.revision;
    const made = await call('POST', '/admin/orgs/acme/assignments', { subject: 'user:past', role: 'Viewer', scope: 'org' });
    const question = { subject: 'user:past', action: 'view' };
    expect((await check(question)).body).toMatchObject({ decision: true });
    expect((await check({ ...question, at_revision: then })).body).toMatchObject({
      decision: false,
      revision: then,
      explanation: { revision: then, reason: 'no_grant', subject: { registered: false } },
    });
    await call('DELETE', `/admin/orgs/acme/assignments/${made.body.id}`);
  });
});

describe('as text', () => {
  const asText = async (body: object, accept = 'text/plain'): Promise<string> => {
    const { text, headers } = await check(body, { headers: { accept } });
    expect(headers.get('content-type')).toMatch(/^text\/plain/);
    return text.replace(/revision \d+/g, 'revision N');
  };

  it('a deny tells what applies, what doesn’t and why, and what would have', async () => {
    expect(`\n${await asText(secret)}`).toBe(`
DENY restricted
  user:dev, view, dataset:secret; revision N
why
  privilege view, asked at project level
  subject registered
  resource registered, restricted
  scopes
    dataset:secret (restricted)
    project:p1: dataset:secret > project:p1 (allows are cut at dataset:secret)
    org: dataset:secret > project:p1 > org (allows are cut at dataset:secret)
  principals
    user:dev
    group:devs: user:dev > group:devs (member)
    group:staff: user:dev > group:devs > group:staff (member)
    group:everyone (registered)
    group:anyone (anybody)
  grants
    allow restricted at dataset:secret
      group:staff has role Lead at project:p1
      inherits Lead > Editor, named
each of these would have allowed it
  {"subject":"user:dev","role":"p1/Reviewer","scope":"dataset:secret"}
    gives 1 privilege
  {"subject":"user:dev","role":"Viewer","scope":"dataset:secret"}
    gives 1 privilege
  {"subject":"user:dev","role":"Lead","scope":"dataset:secret"}
    gives 2 privileges
`);
  });

  it('a condition comes with the values that it looked at, and what is missing', async () => {
    const text = await asText({ subject: 'user:con', action: 'org_only', context: { x: 2 } });
    expect(text).toContain(`    allow condition_false
      user:con has role Conditional at org
      policy Sometimes, named
      when context.x == 1
        context.x = 2
`);
    expect(await asText({ subject: 'user:con', action: 'org_only' })).toContain('        context.x is missing\n        error: no such key');
  });

  it('what can’t be overcome is said in a word', async () => {
    const text = await asText({ subject: 'user:dev', action: 'edit', resource: 'dataset:d1' });
    expect(text).toMatch(/no assignment to the subject would have allowed it: denied_by_policy\n$/);
    expect(text).toContain('    deny applies\n      user:dev has policy "Never edit" at dataset:d1\n      named\n');
  });

  it('nothing that a terminal would obey gets through, and no line is long that needn’t be', async () => {
    const text = await asText({ subject: 'user:\u001b[31m\u202e\u009b', action: 'view', resource: `dataset:${'a b '.repeat(60)}c` });
    expect(text).not.toMatch(/[^\P{C}\n]/u);
    const broken = text.split('\n').filter((each) => !each.trimStart().startsWith('{'));
    expect(Math.max(...broken.map((each) => each.length))).toBeLessThanOrEqual(100);
    // What is to be copied is not broken.
    const [assignment = ''] = text.split('\n').filter((each) => each.trimStart().startsWith('{'));
    expect(JSON.parse(assignment)).toMatchObject({ scope: expect.any(String) });
  });

  it('several actions are told one after another, and who asks for JSON as well gets it', async () => {
    const text = await asText({ subject: 'user:con', any_of: ['view', 'edit'] });
    expect(text.match(/^DENY .*$/gm)).toEqual(['DENY no_grant for 2 actions together', 'DENY no_grant', 'DENY no_grant']);
    expect((await check(secret, { headers: { accept: 'text/plain, application/json' } })).body.decision).toBe(false);
  });
});

describe('what is assumed', () => {
  const whatIf = (assume: object[], body: object = { subject: 'user:new', action: 'view', resource: 'dataset:d1' }): Promise<Answer> =>
    call('POST', '/orgs/acme/check', { ...body, assume });

  it.each([
    ['a role by name', { subject: 'user:new', role: 'Viewer', scope: 'org' }],
    ['a project’s own role', { subject: 'user:new', role: 'p1/Reviewer', scope: 'project:p1' }],
    ['a project’s own role below it', { subject: 'user:new', role: 'p1/Reviewer', scope: 'dataset:d1' }],
    ['a reserved group', { subject: 'group:anyone', role: 'Viewer', scope: 'dataset:d1' }],
    ['a window that is open', { subject: 'user:new', role: 'Viewer', scope: 'org', expires_at: '2100-01-01T00:00:00Z', not_before: null }],
  ])('decides as if it were there: %s', async (_name, assignment) => {
    expect((await whatIf([assignment])).body).toEqual({ decision: true, reason: 'granted', assumed: true, revision: expect.any(Number) });
    expect((await whatIf([])).body).toEqual({ decision: false, reason: 'no_grant', revision: expect.any(Number) });
  });

  it('takes groups by name, policies that deny, and is explained as assumed', async () => {
    const question = { subject: 'user:dev', action: 'view', resource: 'dataset:d1', explain: true };
    const { body } = await whatIf([{ subject: 'group:devs', role: 'Denied', scope: 'org' }], { ...question, action: 'edit' });
    expect(body).toMatchObject({ decision: false, reason: 'denied_by_policy', assumed: true });
    expect(body.explanation.grants[1]).toMatchObject({ principal: 'group:devs', role: 'Denied', policy: 'Never edit', assumed: true });
    const composite = await whatIf([{ subject: 'user:new', role: 'Viewer', scope: 'org' }], {
      subject: 'user:new',
      any_of: ['view', 'edit'],
    });
    expect(composite.body).toMatchObject({ decision: true, assumed: true, actions: [{ decision: true }, { decision: false }] });
  });

  it('takes what has a name by its id', async () => {
    const { near_misses } = (await check(secret)).body.explanation;
    const id = near_misses.find(({ assignment }: { assignment: { role: string } }) => assignment.role === 'Viewer').role_id;
    expect(id).toMatch(/^rol_/);
    expect((await whatIf([{ subject: 'user:new', role: id, scope: 'org' }])).body.decision).toBe(true);
  });

  it('names what there isn’t, with its place', async () => {
    const answer = await whatIf([
      { subject: 'group:nobody', role: 'Viewer', scope: 'org' },
      { subject: 'user:new', policy: 'Viewer', scope: 'org' },
      { subject: 'api_key:none', role: 'Wrong', scope: 'org' },
      { subject: 'user:new', role: 'p1/Reviewer', scope: 'org' },
      { subject: 'group:owner:', role: 'Viewer', scope: 'org', not_before: '2027-01-02T00:00:00Z', expires_at: '2027-01-01T00:00:00Z' },
    ]);
    expect(codeOf(answer)).toBe('422 invalid_assumption');
    expect(answer.body.decision).toBe(false);
    expect(problemsOf(answer)).toEqual([
      'assume[0].subject unknown_group',
      'assume[1].policy unknown_policy',
      'assume[2].role unknown_role',
      'assume[2].subject unknown_api_key',
      'assume[3].scope outside_project',
      'assume[4].expires_at empty_window',
      'assume[4].subject reserved_group',
    ]);
  });

  it.each([
    ['no reference', [{ subject: 'nobody', role: 'Viewer', scope: 'org' }], 'assume[0].subject'],
    ['no scope', [{ subject: 'user:a', role: 'Viewer', scope: 'nowhere' }], 'assume[0].scope'],
    ['no time', [{ subject: 'user:a', role: 'Viewer', scope: 'org', expires_at: 'soon' }], 'assume[0].expires_at'],
    ['neither role nor policy', [{ subject: 'user:a', scope: 'org' }], 'assume[0]'],
    ['both', [{ subject: 'user:a', role: 'Viewer', policy: 'Sometimes', scope: 'org' }], 'assume[0]'],
    ['an unknown key', [{ subject: 'user:a', role: 'Viewer', scope: 'org', until: 1 }], 'assume[0].until'],
    ['too many', Array.from({ length: 21 }, () => ({ subject: 'user:a', role: 'Viewer', scope: 'org' })), 'assume'],
  ])('is not understood when it is %s', async (_name, assume, path) => {
    const answer = await whatIf(assume);
    expect(codeOf(answer)).toBe('400 invalid_check');
    expect(answer.body.error.details.problems.map((problem: { path: string }) => problem.path)).toContain(path);
  });

  it('is nothing that a batch takes, nor why', async () => {
    const answer = await call('POST', '/orgs/acme/check/batch', { checks: [{ subject: 'user:a', action: 'view', explain: true }] });
    expect(answer.body.results[0]).toMatchObject({ decision: false, error: { code: 'invalid_check' } });
    expect(codeOf(await call('POST', '/orgs/acme/check/batch', { checks: [], explain: true }))).toBe('400 invalid_batch');
  });
});

describe('who may ask why', () => {
  it('a key with `bitgate:explain`; any other about itself alone, and never what if', async () => {
    const checker = await makeKey('acme');
    const asker = await makeKey('acme', ['Asker']);
    const self = { subject: `api_key:${checker.id}`, action: 'bitgate:check' };
    const by = (token: string, body: object): Promise<Answer> => call('POST', '/check', body, { token });
    const assume = [{ subject: 'user:a', role: 'Viewer', scope: 'org' }];
    expect(codeOf(await by(checker.token, { ...secret, explain: true }))).toBe('403 missing_privilege');
    expect(codeOf(await by(checker.token, { ...secret, assume }))).toBe('403 missing_privilege');
    expect(codeOf(await by(checker.token, { ...self, assume, explain: true }))).toBe('403 missing_privilege');
    expect((await by(checker.token, { ...secret, explain: false })).status).toBe(200);
    const own = await by(checker.token, { ...self, explain: true });
    expect(own.body).toMatchObject({ decision: true, explanation: { grants: [{ role: 'bitgate:checker' }] } });
    expect(own.text).not.toContain(checker.token.slice(-20));
    expect((await by(asker.token, { ...secret, explain: true, assume })).body).toMatchObject({ assumed: true, explanation: {} });
  });

  it('as of the present, whatever time is asked about', async () => {
    const { token, id } = await makeKey('acme', ['Asker']);
    const then = (await call('GET', '/admin/orgs/acme')).body.revision;
    const assigned = (await call('GET', `/admin/orgs/acme/assignments?subject=api_key:${id}`)).body.items[0];
    await call('DELETE', `/admin/orgs/acme/assignments/${assigned.id}`);
    await call('POST', '/admin/orgs/acme/assignments', { subject: `api_key:${id}`, role: 'bitgate:checker', scope: 'org' });
    const answer = await call('POST', '/check', { ...secret, explain: true, at_revision: then }, { token });
    expect(codeOf(answer)).toBe('403 missing_privilege');
  });
});
