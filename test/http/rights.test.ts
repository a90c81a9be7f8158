/** Ways to more rights than one has, and ways to lock an organization, each tried through the Worker. */
import { env } from 'cloudflare:workers';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Answer, call, makeKey, makeOrganization, putManifest } from './client.ts';

const HOUR_MS = 3_600_000;
const inHours = (hours: number): string => new Date(Date.now() + hours * HOUR_MS).toISOString();
const owner = { subject: 'user:owner', role: 'bitgate:owner', scope: 'org' };

const post = (org: string, body: object, token?: string): Promise<Answer> =>
  call('POST', `/admin/orgs/${org}/assignments`, body, token === undefined ? {} : { token });
const take = (org: string, query: string, token?: string): Promise<Answer> =>
  call('DELETE', `/admin/orgs/${org}/assignments?${query}`, undefined, token === undefined ? {} : { token });
const code = (answer: Answer): [number, string] => [answer.status, answer.body.error?.code];
const revision = async (org: string): Promise<number> => (await call('GET', `/admin/orgs/${org}`)).body.revision;

/** Refused, and nothing written. */
async function refused(org: string, attempt: () => Promise<Answer>, status: number, error: string): Promise<void> {
  const before = await revision(org);
  expect(code(await attempt())).toEqual([status, error]);
  expect(await revision(org)).toBe(before);
}

describe('SEC-46 the default role', () => {
  const manifest = {
    bitgate: 1,
    catalog: { privileges: [{ name: 'basic' }, { name: 'more' }] },
    roles: [
      { name: 'Default', privileges: ['basic'] },
      { name: 'Manager', privileges: ['bitgate:manage_members', 'bitgate:manage_keys', 'more'] },
      { name: 'Better manager', inherits: ['Manager'], privileges: ['basic'] },
      { name: 'More', privileges: ['more'] },
    ],
    settings: { default_role: 'Default' },
    subjects: [{ type: 'user', id: 'known' }],
    assignments: [owner, { subject: 'user:held', role: 'More', scope: 'org' }],
  };
  let token = '';
  let better = '';
  beforeAll(async () => {
    await makeOrganization('default');
    await putManifest('default', manifest);
    ({ token } = await makeKey('default', ['Manager']));
    better = (await makeKey('default', ['Better manager'])).token;
  });
  const makeKeyWith = (roles: object[], by: string, more: object = {}): Promise<Answer> =>
    call('POST', '/admin/orgs/default/api-keys', { name: 'k', roles, ...more }, { token: by });

  it('is not got through a key without roles, made by who does not hold it', async () => {
    await refused('default', () => makeKeyWith([], token), 403, 'escalation');
    await refused('default', () => makeKeyWith([{ role: 'More', scope: 'dataset:1' }], token), 403, 'escalation');
    expect((await makeKeyWith([{ role: 'More', scope: 'org' }], token)).status).toBe(201);
    expect((await makeKeyWith([{ role: 'More', scope: 'org' }], token, { expires_at: inHours(1) })).status).toBe(201);
    expect((await makeKeyWith([], better)).status).toBe(201);
  });

  it('is not given to who is registered by an assignment', async () => {
    const elsewhere = { subject: 'user:new', role: 'More', scope: 'dataset:1' };
    await refused('default', () => post('default', elsewhere, token), 403, 'escalation');
    // between the ends of a window it would be in force
    await refused('default', () => post('default', { ...elsewhere, scope: 'org', expires_at: inHours(1) }, token), 403, 'escalation');
    expect((await post('default', { ...elsewhere, subject: 'user:known' }, token)).status).toBe(201);
    expect((await post('default', { ...elsewhere, subject: 'user:new-2', scope: 'org' }, token)).status).toBe(201);
    expect((await post('default', elsewhere, better)).status).toBe(201);
  });

  it('is not given by taking the role that stands in its place, nor taken by giving one', async () => {
    await refused('default', () => take('default', 'subject=user:held&role=More&scope=org', token), 403, 'escalation');
    await refused('default', () => post('default', { subject: 'user:known', role: 'More', scope: 'org' }, token), 403, 'escalation');
    expect((await take('default', 'subject=user:held&role=More&scope=org', better)).status).toBe(200);
  });
});

describe('SEC-46 what conditions read of a subject', () => {
  const policies = [{ name: 'Of team a', privileges: ['p'], condition: 'subject.properties.team == "a"' }];
  const roles = [
    { name: 'Conditional', policies: ['Of team a'] },
    ...['Manager', 'Better manager'].map((name) => ({
      name,
      privileges: ['bitgate:manage_members', ...(name === 'Manager' ? [] : ['p'])],
    })),
  ];
  const document = {
    bitgate: 1,
    catalog: { privileges: [{ name: 'p' }] },
    policies,
    roles,
    subjects: [{ type: 'user', id: 'known' }],
    assignments: [owner],
  };

  it.each([
    ['by the default role', 'by-default', { default_role: 'Conditional' }],
    ['by a role that a claim is mapped to', 'by-claim', { claim_mappings: [{ claim: 'groups', value: 'a', role: 'Conditional' }] }],
  ])('is not given %s', async (_name, org, settings) => {
    await makeOrganization(org);
    await putManifest(org, { ...document, settings });
    const [{ token }, better] = [await makeKey(org, ['Manager']), await makeKey(org, ['Better manager'])];
    const change = (by: string): Promise<Answer> =>
      call('PATCH', `/admin/orgs/${org}/subjects/user:known`, { properties: { team: 'a' } }, { token: by });
    await refused(org, () => change(token), 403, 'escalation');
    expect((await change(better.token)).status).toBe(200);
  });
});

describe('SEC-46 what is held with gaps', () => {
  beforeAll(async () => {
    await makeOrganization('gaps');
    await putManifest('gaps', {
      bitgate: 1,
      catalog: { privileges: [{ name: 'p' }] },
      policies: [{ name: 'Not now', effect: 'deny', privileges: ['p'] }],
      roles: [
        { name: 'Manager', privileges: ['bitgate:manage_members'] },
        { name: 'P', privileges: ['p'] },
      ],
      groups: [{ name: 'g' }],
      assignments: [owner],
    });
  });

  it('is not given across a gap', async () => {
    const { token, id } = await makeKey('gaps', ['Manager']);
    const subject = `api_key:${id}`;
    await post('gaps', { subject, role: 'P', scope: 'org', expires_at: inHours(10) });
    await post('gaps', { subject, role: 'P', scope: 'org', not_before: inHours(20) });
    await refused('gaps', () => post('gaps', { subject: 'user:x', role: 'P', scope: 'org' }, token), 403, 'escalation');
    expect((await post('gaps', { subject: 'user:x', role: 'P', scope: 'org', expires_at: inHours(9) }, token)).status).toBe(201);
    // the gap closed
    await post('gaps', { subject, role: 'P', scope: 'org', not_before: inHours(9), expires_at: inHours(21) });
    expect((await post('gaps', { subject: 'user:x', role: 'P', scope: 'org' }, token)).status).toBe(201);
  });

  it('is not given across a time in which a group of the writer is denied it', async () => {
    const { token, id } = await makeKey('gaps', ['Manager', 'P']);
    await env.DB.prepare("INSERT INTO group_members (org, group_id, member) SELECT org, id, ?1 FROM groups WHERE org = 'gaps'")
      .bind(`api_key:${id}`)
      .run();
    await post('gaps', { subject: 'group:g', policy: 'Not now', scope: 'org', not_before: inHours(5), expires_at: inHours(6) });
    await refused('gaps', () => post('gaps', { subject: 'user:y', role: 'P', scope: 'org' }, token), 403, 'escalation');
    expect((await post('gaps', { subject: 'user:y', role: 'P', scope: 'org', expires_at: inHours(4) }, token)).status).toBe(201);
  });
});

describe('no lock-out', () => {
  const policies = [
    { name: 'Locked', effect: 'deny', privileges: ['bitgate:manage_policies'] },
    { name: 'Locked perhaps', effect: 'deny', privileges: ['bitgate:manage_policies'], condition: 'context.locked == true' },
    { name: 'Unrelated', effect: 'deny', privileges: ['bitgate:list'] },
    { name: 'Typed', effect: 'deny', privileges: ['bitgate:manage_policies'], resource_types: ['dataset'] },
  ];
  const roles = [{ name: 'Locking', policies: ['Locked'] }];
  const everyone = { subject: 'group:everyone', scope: 'org' };

  it('through a deny that is assigned', async () => {
    await makeOrganization('locked');
    await putManifest('locked', { bitgate: 1, policies, roles, groups: [{ name: 'g', members: ['user:owner'] }], assignments: [owner] });
    for (const deny of [{ policy: 'Locked' }, { role: 'Locking' }, { policy: 'Locked perhaps' }]) {
      for (const subject of ['group:everyone', 'group:anyone', 'group:g', 'user:owner']) {
        await refused('locked', () => post('locked', { subject, ...deny, scope: 'org' }), 409, 'last_owner');
      }
    }
    for (const harmless of [
      { ...everyone, policy: 'Unrelated' },
      { ...everyone, policy: 'Typed' },
      { ...everyone, policy: 'Locked', scope: 'dataset:1' },
      { subject: 'user:somebody', policy: 'Locked', scope: 'org' },
    ]) {
      expect((await post('locked', harmless)).status).toBe(201);
    }
    expect((await call('POST', '/check', { org: 'locked', subject: 'user:owner', action: 'bitgate:manage_policies' })).body.decision).toBe(
      true,
    );
  });

  it('through a manifest, whatever unrelated denies there are', async () => {
    await makeOrganization('denies');
    const document = { bitgate: 1, policies, assignments: [owner, { ...everyone, policy: 'Unrelated' }, { ...everyone, policy: 'Typed' }] };
    await putManifest('denies', document);
    const put = (assignments: object[]): Promise<Answer> => call('PUT', '/admin/orgs/denies/manifest', { ...document, assignments });
    await refused('denies', () => put([{ ...everyone, policy: 'Unrelated' }]), 409, 'last_owner');
    await refused('denies', () => put([owner, { ...everyone, policy: 'Locked' }]), 409, 'last_owner');
    await refused('denies', () => put([owner, { ...everyone, policy: 'Locked perhaps' }]), 409, 'last_owner');
    await refused('denies', () => put([{ ...owner, expires_at: inHours(1) }]), 409, 'last_owner');
    const suspended = { ...document, subjects: [{ type: 'user', id: 'owner', status: 'suspended' }] };
    await refused('denies', () => call('PUT', '/admin/orgs/denies/manifest', suspended), 409, 'last_owner');
  });

  it('when a deny under a condition is there already, by taking what it leaves', async () => {
    await makeOrganization('perhaps');
    const document = { bitgate: 1, policies, assignments: [{ ...everyone, policy: 'Locked perhaps' }, owner] };
    await putManifest('perhaps', { ...document, assignments: [{ ...everyone, policy: 'Locked perhaps' }] });
    await putManifest('perhaps', document);
    await refused('perhaps', () => call('PUT', '/admin/orgs/perhaps/manifest', { bitgate: 1 }), 409, 'last_owner');
    expect((await putManifest('perhaps', { ...document, groups: [{ name: 'g' }] })).status).toBe(200);
  });
});

describe('who may not write', () => {
  beforeAll(async () => {
    await makeOrganization('silent');
    await putManifest('silent', { bitgate: 1, groups: [{ name: 'g' }], assignments: [owner] });
  });

  it('is not told what there is: names and assignments answer alike, there or not', async () => {
    const { token } = await makeKey('silent');
    for (const subject of ['user:owner', 'user:nobody', 'group:g', 'group:none']) {
      for (const role of ['bitgate:owner', 'None']) {
        await refused('silent', () => post('silent', { subject, role, scope: 'org' }, token), 403, 'missing_privilege');
        await refused('silent', () => take('silent', `subject=${subject}&role=${role}&scope=org`, token), 403, 'missing_privilege');
      }
    }
  });
});

describe('a key that was revoked', () => {
  it.each([
    ['disabled', "UPDATE api_keys SET status = 'disabled' WHERE org = ?1 AND id = ?2", 401],
    ['without its role', "DELETE FROM assignments WHERE org = ?1 AND principal = 'api_key:' || ?2", 403],
  ])('(%s) gets no answer from a revision at which it is: what it asks for freshly is refused', async (name, sql, status) => {
    const org = `revoked-${status}`;
    await makeOrganization(org);
    await putManifest(org, { bitgate: 1, roles: [{ name: 'Fresh', privileges: ['bitgate:check', 'bitgate:fresh'] }] });
    const { token, id } = await makeKey(org, ['Fresh']);
    const question = { subject: 'user:a', action: 'bitgate:read' };
    expect((await call('POST', '/check', question, { token })).status, name).toBe(200);
    await env.DB.prepare(sql).bind(org, id).run();
    // Published by somebody else: this isolate holds the older revision, and it is young.
    const stub = env.PUBLISHER.get(env.PUBLISHER.idFromName(org));
    const { revision: now } = await stub.publish({ org });
    expect((await call('POST', '/check', { ...question, min_revision: now }, { token })).status).toBe(status);
  });
});
