/** The life of an API key after it was made, through the Worker: what the administration answers, and what opens at the edge afterwards. */
import { env } from 'cloudflare:workers';
import { beforeAll, describe, expect, it } from 'vitest';
import { call, makeKey, makeOrganization, putManifest } from './client.ts';
import { code, get, HOUR_MS, hashes, inMs, manifest, ORG, opens, patch, refused, remove, revision, rotate } from './keys.ts';

let manager = { token: '', id: '' };

beforeAll(async () => {
  await makeOrganization(ORG);
  await putManifest(ORG, manifest);
  manager = await makeKey(ORG, ['Keys']);
});

describe('GET of a key', () => {
  it('shows it with its roles, and nothing of its secret', async () => {
    const { id } = await makeKey(ORG, ['Reader', { role: 'Editor', scope: 'dataset:1' }], { forward_auth: 'nginx' });
    const answer = await get(id);
    expect([answer.status, answer.body]).toEqual([
      200,
      {
        id,
        name: 'test',
        project: null,
        subject: `api_key:${id}`,
        owner: null,
        masked: `bg_keys_${id}_******`,
        last_used_at: null,
        status: 'active',
        expires_at: null,
        forward_auth: 'nginx',
        previous_until: null,
        roles: expect.arrayContaining([
          expect.objectContaining({ subject: `api_key:${id}`, role: 'Reader', scope: 'org' }),
          expect.objectContaining({ role: 'Editor', scope: 'dataset:1', not_before: null, expires_at: null }),
        ]),
        revision: await revision(),
      },
    ]);
    expect(answer.body.roles).toHaveLength(2);
    for (const hash of await hashes(id)) expect(answer.text).not.toContain(hash);
  });

  it('says whose it is, as every answer about a key does', async () => {
    const owner = 'user:keyholder';
    await call('POST', `/admin/orgs/${ORG}/subjects`, { subject: owner });
    const made = await call('POST', `/admin/orgs/${ORG}/api-keys`, { name: 'owned', owner });
    const { id } = made.body;
    const { items } = (await call('GET', `/admin/orgs/${ORG}/api-keys?q=owned`)).body;
    const answers = [made, await get(id), await patch(id, { name: 'owned still' }), await rotate(id)].map(({ body }) => body.owner);
    expect([...answers, items[0].owner, (await remove(id)).body.deleted.owner]).toEqual(Array.from({ length: 6 }, () => owner));
  });

  it('of an unknown one is 404, and so are all other methods', async () => {
    for (const id of ['nope', '%00', 'x'.repeat(300), "'%20OR%201=1"]) {
      for (const ask of [() => get(id), () => patch(id, { name: 'x' }), () => rotate(id), () => remove(id)]) {
        await refused(ask, 404, 'unknown_api_key');
      }
    }
  });
});

describe('PATCH of a key', () => {
  it('changes what it names and nothing else, and the same again changes nothing', async () => {
    const { id, token } = await makeKey(ORG, ['bitgate:checker'], { forward_auth: 'envoy' });
    const named = await patch(id, { name: 'Web' });
    expect([named.status, named.body]).toMatchObject([200, { name: 'Web', status: 'active', forward_auth: 'envoy', published: true }]);
    const expires = inMs(HOUR_MS);
    expect((await patch(id, { expires_at: expires, forward_auth: null })).body).toMatchObject({
      name: 'Web',
      expires_at: expires.replace('.000Z', 'Z'),
      forward_auth: null,
    });
    const before = await revision();
    for (const same of [{ name: 'Web' }, { status: 'active' }, { expires_at: expires, forward_auth: null }, {}]) {
      expect([(await patch(id, same)).status, (await patch(id, same)).body.revision]).toEqual([200, before]);
    }
    expect((await patch(id, { expires_at: null })).body.expires_at).toBeNull();
    expect(await opens(token)).toBe(200);
  });

  it.each([
    [{ nmae: 'x' }, 400],
    [{ id: 'x' }, 400],
    [{ hash: '0'.repeat(64) }, 400],
    [{ roles: [] }, 400],
    [{ status: 'revoked' }, 400],
    [{ status: null }, 400],
    [{ name: 'x'.repeat(129) }, 400],
    [{ name: 'a\nb' }, 400],
    [{ forward_auth: 'apache' }, 400],
    [{ expires_at: 0 }, 400],
    [{ expires_at: 'tomorrow' }, 422],
    [[], 400],
  ] as const)('refuses %j', async (body, status) => {
    const { id } = await makeKey(ORG, []);
    await refused(() => patch(id, body), status, 'invalid_api_key');
  });

  it('disables it at the edge by the time it answers, and enables it again; twice is once', async () => {
    const { id, token } = await makeKey(ORG);
    expect(await opens(token)).toBe(200);
    const disabled = await patch(id, { status: 'disabled' });
    expect([disabled.status, disabled.body.status, await opens(token)]).toEqual([200, 'disabled', 401]);
    const again = await patch(id, { status: 'disabled' });
    expect([again.status, again.body.revision]).toEqual([200, disabled.body.revision]);
    expect([(await patch(id, { status: 'active' })).status, await opens(token)]).toEqual([200, 200]);
  });

  it('ends it to the moment that it names', async () => {
    const { id, token } = await makeKey(ORG);
    const end = (Math.floor(Date.now() / 1_000) + 3) * 1_000;
    expect((await patch(id, { expires_at: new Date(end).toISOString() })).status).toBe(200);
    expect(await opens(token)).toBe(200);
    await new Promise((resolve) => setTimeout(resolve, end - 150 - Date.now()));
    expect([Date.now() < end, await opens(token)]).toEqual([true, 200]);
    await new Promise((resolve) => setTimeout(resolve, end + 20 - Date.now()));
    expect(await opens(token)).toBe(401);
    expect([(await patch(id, { expires_at: inMs(HOUR_MS) })).status, await opens(token)]).toEqual([200, 200]);
  });
});

describe('rotation', () => {
  it('gives a new secret once, and the one before opens nothing any more', async () => {
    const { id, token } = await makeKey(ORG);
    const answer = await rotate(id);
    expect([answer.status, answer.body]).toMatchObject([200, { id, status: 'active', previous_until: null, published: true }]);
    expect(answer.body.secret).toMatch(new RegExp(`^bg_${ORG}_${id}_[a-z2-7]{52}$`));
    expect([await opens(token), await opens(answer.body.secret)]).toEqual([401, 200]);
    expect((await get(id)).text).not.toContain(answer.body.secret);
    for (const hash of await hashes(id)) expect(answer.text).not.toContain(hash);
  });

  it('leaves the one before valid until the overlap ends, and not after', async () => {
    const { id, token } = await makeKey(ORG);
    const answer = await rotate(id, { overlap_ms: 2_500 });
    const until = Date.parse(answer.body.previous_until);
    expect(Math.abs(until - Date.now() - 2_500)).toBeLessThan(2_500);
    expect([await opens(token), await opens(answer.body.secret)]).toEqual([200, 200]);
    await new Promise((resolve) => setTimeout(resolve, until + 20 - Date.now()));
    expect([await opens(token), await opens(answer.body.secret)]).toEqual([401, 200]);
  });

  it('twice leaves the last two, and without an overlap the last', async () => {
    const { id, token } = await makeKey(ORG);
    const second = (await rotate(id, { overlap_ms: HOUR_MS })).body.secret;
    const third = (await rotate(id, { overlap_ms: 7 * 24 * HOUR_MS })).body.secret;
    expect([await opens(token), await opens(second), await opens(third)]).toEqual([401, 200, 200]);
    const fourth = (await rotate(id)).body.secret;
    expect([await opens(second), await opens(third), await opens(fourth)]).toEqual([401, 401, 200]);
  });

  it('does not enable a disabled key', async () => {
    const { id } = await makeKey(ORG);
    await patch(id, { status: 'disabled' });
    const { secret } = (await rotate(id, { overlap_ms: HOUR_MS })).body;
    expect(await opens(secret)).toBe(401);
    await patch(id, { status: 'active' });
    expect(await opens(secret)).toBe(200);
  });

  it.each([{ overlap_ms: -1 }, { overlap_ms: 7 * 24 * HOUR_MS + 1 }, { overlap_ms: 1.5 }, { overlap_ms: '1' }, { overlap: 1 }])(
    'refuses %j',
    async (body) => {
      const { id, token } = await makeKey(ORG);
      await refused(() => rotate(id, body), 400, 'invalid_api_key');
      expect(await opens(token)).toBe(200);
    },
  );
});

describe('DELETE of a key', () => {
  it('removes it with its subject, its roles and what it is a member or owner of', async () => {
    const { id, token } = await makeKey(ORG, ['bitgate:checker', { role: 'Editor', scope: 'dataset:1' }]);
    const subject = `api_key:${id}`;
    await env.DB.batch([
      env.DB.prepare("INSERT INTO group_members (org, group_id, member) SELECT org, id, ?1 FROM groups WHERE name = 'Editors'").bind(
        subject,
      ),
      env.DB.prepare('INSERT INTO resources (org, resource) VALUES (?1, ?2)').bind(ORG, `dataset:${id}`),
      env.DB.prepare('INSERT INTO resource_owners (org, resource, owner, kind) VALUES (?1, ?2, ?3, ?4)').bind(
        ORG,
        `dataset:${id}`,
        subject,
        '',
      ),
    ]);
    const answer = await remove(id);
    expect([answer.status, answer.body]).toEqual([
      200,
      { deleted: expect.objectContaining({ id, subject }), revision: await revision(), published: true },
    ]);
    expect(await opens(token)).toBe(401);
    for (const [table, column] of [
      ['api_keys', 'subject'],
      ['subjects', 'subject'],
      ['assignments', 'principal'],
      ['group_members', 'member'],
      ['resource_owners', 'owner'],
    ]) {
      const left = await env.DB.prepare(`SELECT count(*) AS n FROM ${table} WHERE org = ?1 AND ${column} = ?2`)
        .bind(ORG, subject)
        .first('n');
      expect([table, left]).toEqual([table, 0]);
    }
    await refused(() => remove(id), 404, 'unknown_api_key');
    const late = await call('POST', `/admin/orgs/${ORG}/assignments`, { subject, role: 'Reader', scope: 'org' });
    expect([late.status, late.body.error.details.problems[0].code]).toEqual([422, 'unknown_api_key']);
  });
});

describe('changes at the same time', () => {
  it('come one after the other: a key that was deleted stays deleted', async () => {
    const keys = await Promise.all(Array.from({ length: 3 }, () => makeKey(ORG)));
    for (const { id, token } of keys) {
      const [changed, rotated, deleted] = await Promise.all([patch(id, { name: 'raced', status: 'disabled' }), rotate(id), remove(id)]);
      expect(deleted.status).toBe(200);
      for (const answer of [changed, rotated]) expect([200, 404, 409]).toContain(answer.status);
      expect(deleted.body.deleted.name).toBe(changed.status === 200 ? 'raced' : 'test');
      expect(deleted.body.deleted.status).toBe(changed.status === 200 ? 'disabled' : 'active');
      expect([code(await get(id)), await opens(token)]).toEqual([[404, 'unknown_api_key'], 401]);
      if (rotated.status === 200) expect(await opens(rotated.body.secret)).toBe(401);
    }
  });

  it('of two rotations leave the secret of the later one', async () => {
    const { id, token } = await makeKey(ORG);
    const answers = await Promise.all([rotate(id), rotate(id)]);
    const [before, after] = answers.toSorted((a, b) => a.body.revision - b.body.revision).map(({ body }) => body.secret);
    expect([await opens(token), await opens(before), await opens(after)]).toEqual([401, 401, 200]);
  });
});

describe('SEC-20 SEC-49 the audit', () => {
  it('tells who did what to a key, and holds no secret and no hash', async () => {
    const { id, token } = await makeKey(ORG, ['Reader']);
    const known = await hashes(id);
    const by = { token: manager.token };
    await patch(id, { status: 'disabled' }, by);
    await patch(id, { status: 'disabled' }, by);
    const { secret } = (await rotate(id, { overlap_ms: HOUR_MS }, by)).body;
    known.push(...(await hashes(id)));
    await remove(id, by);
    const { results } = await env.DB.prepare('SELECT actor, action, before, after FROM audit WHERE org = ?1 AND target = ?2 ORDER BY id')
      .bind(ORG, `api_key:${id}`)
      .all<{ actor: string; action: string; before: string | null; after: string | null }>();
    expect(results.map(({ actor, action }) => [actor, action])).toEqual([
      ['root', 'api_key.create'],
      ...['update', 'rotate', 'delete'].map((action) => [`api_key:${manager.id}`, `api_key.${action}`]),
    ]);
    expect(JSON.parse(results[1]?.after ?? '')).toMatchObject({ id, status: 'disabled' });
    expect(JSON.parse(results[3]?.before ?? '').assignments).toHaveLength(1);
    const text = JSON.stringify(results);
    for (const secretText of [token, secret, ...known]) expect(text).not.toContain(secretText);
  });
});
