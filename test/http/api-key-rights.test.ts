/** Who may disable, end, rotate and delete a key: whoever holds all that it holds, and nobody the last owner. */
import { env } from 'cloudflare:workers';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Answer, call, makeKey, makeOrganization, putManifest } from './client.ts';
import { type By, code, get, HOUR_MS, inMs, manifest, ORG, opens, owner, patch, refused, remove, rotate } from './keys.ts';

let manager = { token: '', id: '' };

beforeAll(async () => {
  await makeOrganization(ORG);
  await putManifest(ORG, manifest);
  manager = await makeKey(ORG, ['Keys']);
});

describe('SEC-46 the right to change a key', () => {
  const changes: [string, (id: string, by?: By) => Promise<Answer>][] = [
    ['disabling', (id, by) => patch(id, { status: 'disabled' }, by)],
    ['ending', (id, by) => patch(id, { expires_at: inMs(HOUR_MS) }, by)],
    ['rotating', (id, by) => rotate(id, {}, by)],
    ['deleting', remove],
  ];

  it.each(changes)('%s needs `bitgate:manage_keys` at the organization', async (_name, change) => {
    const { id } = await makeKey(ORG, ['Reader']);
    const readers = await makeKey(ORG, ['Reader']);
    await refused(() => change(id, { token: readers.token }), 403, 'missing_privilege');
    await refused(() => change('nope', { token: readers.token }), 403, 'missing_privilege');
    expect(code(await get(id, { token: readers.token }))).toEqual([403, 'missing_privilege']);
    expect((await get(id, { token: manager.token })).status).toBe(200);
    expect((await change(id, { token: manager.token })).status).toBe(200);
  });

  it.each(changes)('%s needs all that the key holds, anywhere, also through groups', async (_name, change) => {
    const by = { token: manager.token };
    const direct = await makeKey(ORG, ['Reader', { role: 'Editor', scope: 'dataset:1' }]);
    const member = await makeKey(ORG, ['Reader']);
    await env.DB.prepare("INSERT INTO group_members (org, group_id, member) SELECT org, id, ?1 FROM groups WHERE name = 'Editors'")
      .bind(`api_key:${member.id}`)
      .run();
    const root = await makeKey(ORG, ['bitgate:owner']);
    for (const { id } of [direct, member, root]) {
      await refused(() => change(id, by), 403, 'escalation');
      expect((await patch(id, { name: 'named by who may' }, by)).status).toBe(200);
    }
  });

  it('counts what was assigned until later, not what has ended', async () => {
    const by = { token: manager.token };
    const { id } = await makeKey(ORG, ['Reader']);
    const edit = { subject: `api_key:${id}`, role: 'Editor', scope: 'org' };
    await call('POST', `/admin/orgs/${ORG}/assignments`, { ...edit, not_before: inMs(-2 * HOUR_MS), expires_at: inMs(-HOUR_MS) });
    expect((await rotate(id, {}, by)).status).toBe(200);
    await call('POST', `/admin/orgs/${ORG}/assignments`, { ...edit, not_before: inMs(HOUR_MS) });
    await refused(() => rotate(id, {}, by), 403, 'escalation');
  });

  it('counts what the key holds as an owner', async () => {
    const { id } = await makeKey(ORG, ['Reader']);
    await call('POST', `/admin/orgs/${ORG}/assignments`, { subject: 'group:owner:steward', role: 'Reader', scope: 'org' });
    expect((await rotate(id, {}, { token: manager.token })).status).toBe(200);
    await env.DB.batch([
      env.DB.prepare('INSERT INTO resources (org, resource) VALUES (?1, ?2)').bind(ORG, `dataset:${id}`),
      env.DB.prepare("INSERT INTO resource_owners (org, resource, owner, kind) VALUES (?1, ?2, ?3, 'steward')").bind(
        ORG,
        `dataset:${id}`,
        `api_key:${id}`,
      ),
    ]);
    expect((await rotate(id, {}, { token: manager.token })).status).toBe(200);
    // Owners reach what they own, restricted or not.
    await env.DB.prepare("UPDATE resources SET access = 'restricted' WHERE org = ?1 AND resource = ?2").bind(ORG, `dataset:${id}`).run();
    await refused(() => rotate(id, {}, { token: manager.token }), 403, 'escalation');
  });

  it('enabling and extending need what disabling needs', async () => {
    const by = { token: manager.token };
    const { id, token } = await makeKey(ORG, ['bitgate:checker', 'Editor'], { expires_at: inMs(HOUR_MS) });
    await patch(id, { status: 'disabled' });
    await refused(() => patch(id, { status: 'active' }, by), 403, 'escalation');
    await refused(() => patch(id, { expires_at: inMs(2 * HOUR_MS) }, by), 403, 'escalation');
    await refused(() => patch(id, { expires_at: null }, by), 403, 'escalation');
    expect((await patch(id, { status: 'disabled' }, by)).status).toBe(200);
    expect(await opens(token)).toBe(401);
  });

  it('nobody extends a key past what they hold themselves', async () => {
    const { token } = await makeKey(ORG, ['Keys'], { expires_at: inMs(2 * HOUR_MS) });
    const { id } = await makeKey(ORG, ['Reader'], { expires_at: inMs(HOUR_MS) });
    await refused(() => patch(id, { expires_at: inMs(3 * HOUR_MS) }, { token }), 403, 'escalation');
    expect((await patch(id, { expires_at: inMs(1.5 * HOUR_MS) }, { token })).status).toBe(200);
  });

  it('no key changes its own state or end, and it may rotate itself', async () => {
    const { id, token } = await makeKey(ORG, ['bitgate:owner']);
    const by = { token };
    await refused(() => patch(id, { status: 'disabled' }, by), 403, 'own_rights');
    await refused(() => patch(id, { expires_at: inMs(HOUR_MS) }, by), 403, 'own_rights');
    await refused(() => remove(id, by), 403, 'own_rights');
    expect((await patch(id, { name: 'me', status: 'active' }, by)).status).toBe(200);
    const { secret } = (await rotate(id, {}, by)).body;
    expect([code(await get(id, by)), (await get(id, { token: secret })).status]).toEqual([[401, 'invalid_credentials'], 200]);
  });

  it('the default role counts where no role at the organization stands in its place', async () => {
    const org = 'keys-default';
    await makeOrganization(org);
    await putManifest(org, { ...manifest, settings: { default_role: 'Editor' } });
    const { token } = await makeKey(org, ['Keys']);
    const without = await makeKey(org, [{ role: 'Reader', scope: 'dataset:1' }]);
    const instead = await makeKey(org, ['Reader']);
    await refused(() => rotate(without.id, {}, { org, token }), 403, 'escalation', org);
    expect((await rotate(instead.id, {}, { org, token })).status).toBe(200);
  });

  it('SEC-47 a key of another organization is not there', async () => {
    await makeOrganization('keys-other', { owner: 'user:owner' });
    const { id, token } = await makeKey('keys-other');
    for (const ask of [() => get(id), () => patch(id, { status: 'disabled' }), () => rotate(id), () => remove(id)]) {
      await refused(ask, 404, 'unknown_api_key');
    }
    expect(await opens(token)).toBe(200);
  });
});

describe('the last owner', () => {
  it('is no key that can be disabled, ended or deleted, not even by root', async () => {
    const org = 'keys-owner';
    await makeOrganization(org);
    const first = await makeKey(org, ['bitgate:owner']);
    for (const ask of [
      () => patch(first.id, { status: 'disabled' }, { org }),
      () => patch(first.id, { expires_at: inMs(HOUR_MS) }, { org }),
      () => remove(first.id, { org }),
    ]) {
      await refused(ask, 409, 'last_owner', org);
    }
    expect((await rotate(first.id, {}, { org })).status).toBe(200);
    const second = await makeKey(org, ['bitgate:owner']);
    expect((await remove(first.id, { org })).status).toBe(200);
    await refused(() => remove(second.id, { org }), 409, 'last_owner', org);
  });

  it('is also one that owns through a group', async () => {
    const org = 'keys-owners';
    await makeOrganization(org);
    const { id } = await makeKey(org, []);
    await putManifest(org, {
      bitgate: 1,
      groups: [{ name: 'Owners', members: [`api_key:${id}`] }],
      assignments: [{ subject: 'group:Owners', role: 'bitgate:owner', scope: 'org' }],
    });
    await refused(() => remove(id, { org }), 409, 'last_owner', org);
    await refused(() => patch(id, { status: 'disabled' }, { org }), 409, 'last_owner', org);
    await call('POST', `/admin/orgs/${org}/assignments`, { ...owner, subject: 'user:other' });
    expect((await remove(id, { org })).status).toBe(200);
  });

  it('may be one of two that are shut at the same time, not both', async () => {
    const org = 'keys-both';
    await makeOrganization(org);
    const keys = await Promise.all([makeKey(org, ['bitgate:owner']), makeKey(org, ['bitgate:owner'])]);
    const answers = await Promise.all(keys.map(({ id }) => patch(id, { status: 'disabled' }, { org })));
    expect(answers.map(code).toSorted()).toEqual([
      [200, undefined],
      [409, 'last_owner'],
    ]);
  });
});
