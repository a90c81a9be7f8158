/** The admin face but for what has files of its own: organizations, catalog, keys, recompile, addresses. */
import { env } from 'cloudflare:workers';
import { beforeAll, describe, expect, it } from 'vitest';
import { makeAcme, reasonOf, revision } from './acme.ts';
import { type Answer, call, makeKey } from './client.ts';

beforeAll(makeAcme);

describe('organizations', () => {
  it('are made from a preset, listed, and found', async () => {
    const made = await call('POST', '/admin/orgs', { id: 'zeta', name: 'Zeta', preset: 'datahub', owner: 'user:z' });
    expect([made.status, made.body]).toEqual([
      201,
      { id: 'zeta', name: 'Zeta', preset: 'datahub', created_at: expect.any(String), revision: expect.any(Number), published: true },
    ]);
    expect((await call('POST', '/check', { org: 'zeta', subject: 'user:z', action: 'MANAGE_POLICIES' })).body.decision).toBe(true);
    const first = await call('GET', '/admin/orgs?limit=1');
    expect(first.body).toMatchObject({ items: [{ id: 'acme' }], total: 2 });
    const second = await call('GET', `/admin/orgs?limit=1&cursor=${first.body.next_cursor}`);
    expect(second.body).toMatchObject({ items: [{ id: 'zeta' }], next_cursor: null, total: 2 });
    expect((await call('GET', '/admin/orgs/zeta')).body).toMatchObject({ id: 'zeta', revision: made.body.revision });
    expect((await call('GET', '/admin/orgs/nowhere')).body.error.code).toBe('unknown_organization');
  });

  it.each([
    ['one that is there', { id: 'acme' }, 409, 'organization_exists'],
    ['an id in capitals', { id: 'Acme' }, 400, 'invalid_organization'],
    ['an id that is a path', { id: '../acme' }, 400, 'invalid_organization'],
    ['an unknown preset', { id: 'x', preset: 'aws' }, 400, 'invalid_organization'],
    ['an owner that is a group', { id: 'x', owner: 'group:everyone' }, 400, 'invalid_organization'],
    ['an unknown key', { id: 'x', presets: 'blank' }, 400, 'invalid_organization'],
  ])('are refused: %s', async (_name, body, status, code) => {
    const answer = await call('POST', '/admin/orgs', body);
    expect([answer.status, answer.body.error.code]).toEqual([status, code]);
  });

  it('answer with 202 before they are published, when that is asked for', async () => {
    const answer = await call('POST', '/admin/orgs?publish=async', { id: 'later' });
    expect([answer.status, answer.body.published]).toEqual([202, false]);
    await call('POST', '/admin/orgs/later/recompile');
    expect((await call('POST', '/check', { org: 'later', subject: 'user:x', action: 'bitgate:read' })).body.reason).toBe('no_grant');
  });
});

describe('the catalog', () => {
  const list = (query: string): Promise<Answer> => call('GET', `/admin/orgs/acme/${query}`);

  it('is listed for the organization and for a project, each with what can be asked there', async () => {
    const names = (answer: Answer): string[] =>
      answer.body.items.map(({ name }: { name: string }) => name).filter((name: string) => !name.startsWith('bitgate:'));
    expect(names(await list('privileges?limit=1000'))).toEqual(['edit', 'org_only', 'typed', 'view']);
    expect(names(await list('projects/p1/privileges?limit=1000'))).toEqual(['edit', 'in_project', 'typed', 'view']);
    expect((await list('projects/p2/privileges')).status).toBe(404);
    expect((await list('privileges?q=TYP')).body.items).toEqual([
      {
        name: 'typed',
        title: '',
        description: '',
        levels: ['org', 'project'],
        resource_types: ['dataset'],
        implies: [],
        implies_all: null,
        applies_to: [],
      },
    ]);
  });

  it('SEC-08 comes whole in pages, in one order, with its total on each', async () => {
    const names: string[] = [];
    const totals = new Set<number>();
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page: Answer = await list(`privileges?limit=3${cursor === '' ? '' : `&cursor=${cursor}`}`);
      names.push(...page.body.items.map(({ name }: { name: string }) => name));
      totals.add(page.body.total);
      cursor = page.body.next_cursor;
    }
    expect([...totals]).toEqual([names.length]);
    expect(names).toEqual([...new Set(names)].sort());
  });

  it('SEC-21 takes no cursor that was changed, made up, or made for another list', async () => {
    const cursor: string = (await list('privileges?limit=2')).body.next_cursor;
    const other: string = (await list('privileges?limit=2&q=e')).body.next_cursor;
    const [payload = '', mac = ''] = cursor.split('.');
    const wrong = [
      '',
      'x',
      `${payload}.`,
      `.${mac}`,
      `${payload}x.${mac}`,
      `${payload}.${mac.slice(0, -2)}AA`,
      `${btoa('["a","both"]').replaceAll('=', '')}.${mac}`,
      `${cursor}|`,
      `${cursor}%00`,
      other,
      (await call('GET', '/admin/orgs/zeta/privileges?limit=2')).body.next_cursor,
    ];
    for (const each of wrong) {
      const answer = await list(`privileges?limit=2&cursor=${each}`);
      expect([each, answer.status, answer.body.error.code]).toEqual([each, 400, 'invalid_cursor']);
    }
    expect((await list(`privileges?limit=5&cursor=${cursor}`)).status).toBe(200);
  });

  it.each(['limit=0', 'limit=1001', 'limit=x', 'limit=1&limit=2', 'offset=3'])('refuses the query %s', async (query) => {
    expect((await list(`privileges?${query}`)).status).toBe(400);
  });

  it('can only be read', async () => {
    const answer = await call('POST', '/admin/orgs/acme/privileges', {});
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET']);
  });
});

describe('API keys', () => {
  it('SEC-19 are shown once, stored as their hash, and listed without', async () => {
    const made = await call('POST', '/admin/orgs/acme/api-keys', {
      name: 'proxy',
      roles: [{ role: 'bitgate:checker', scope: 'org' }],
      forward_auth: 'nginx',
    });
    expect(made.body).toEqual({
      id: expect.stringMatching(/^[a-z2-7]{16}$/),
      secret: expect.stringMatching(/^bg_acme_[a-z2-7]{16}_[a-z2-7]{52}$/),
      name: 'proxy',
      project: null,
      subject: `api_key:${made.body.id}`,
      owner: null,
      masked: `bg_acme_${made.body.id}_******`,
      status: 'active',
      expires_at: null,
      forward_auth: 'nginx',
      revision: expect.any(Number),
      published: true,
    });
    const row = await env.DB.prepare('SELECT hash FROM api_keys WHERE id = ?1').bind(made.body.id).first<{ hash: string }>();
    expect(row?.hash).toMatch(/^[0-9a-f]{64}$/);
    const list = await call('GET', '/admin/orgs/acme/api-keys?limit=1000');
    expect(list.body.items.find(({ id }: { id: string }) => id === made.body.id)).toMatchObject({ name: 'proxy', forward_auth: 'nginx' });
    for (const text of [row?.hash ?? '', made.body.secret]) expect(list.text).not.toContain(text);
  });

  it.each([
    ['an unknown role', { name: 'x', roles: [{ role: 'Nobody', scope: 'org' }] }, 422],
    ['a role without a scope', { name: 'x', roles: [{ role: 'Viewer' }] }, 400],
    ['a role as a text', { name: 'x', roles: ['Viewer'] }, 400],
    ['no name', {}, 400],
    ['an unknown proxy', { name: 'x', forward_auth: 'apache' }, 400],
    ['a time that is none', { name: 'x', expires_at: 'soon' }, 422],
  ])('are refused: %s', async (_name, body, status) => {
    const before = await revision();
    expect((await call('POST', '/admin/orgs/acme/api-keys', body)).status).toBe(status);
    expect(await revision()).toBe(before);
  });
});

describe('SEC-47 a key of another organization', () => {
  it.each([
    ['GET', ''],
    ['GET', '/privileges'],
    ['GET', '/manifest'],
    ['PUT', '/manifest'],
    ['GET', '/assignments'],
    ['POST', '/assignments'],
    ['DELETE', '/assignments/asg_x'],
    ['GET', '/api-keys'],
    ['POST', '/api-keys'],
    ['GET', '/api-keys/x'],
    ['PATCH', '/api-keys/x'],
    ['DELETE', '/api-keys/x'],
    ['POST', '/api-keys/x/rotate'],
    ['POST', '/recompile'],
  ])('is told of nothing: %s %s', async (method, path) => {
    await call('POST', '/admin/orgs', { id: 'stranger' });
    const { token } = await makeKey('stranger', ['bitgate:owner']);
    for (const org of ['acme', 'not-there']) {
      const answer = await call(method, `/admin/orgs/${org}${path}`, method === 'GET' || method === 'DELETE' ? undefined : {}, { token });
      expect([answer.status, answer.body.error.code]).toEqual([404, 'unknown_organization']);
    }
  });
});

describe('recompile', () => {
  it('publishes what was changed by hand, and says what that took', async () => {
    await env.DB.prepare(
      "INSERT INTO assignments (org, principal, role, scope) SELECT 'acme', 'user:by-hand', id, 'org' FROM roles WHERE org = 'acme' AND name = 'Viewer'",
    ).run();
    const answer = await call('POST', '/admin/orgs/acme/recompile');
    expect([answer.status, answer.body]).toEqual([
      200,
      expect.objectContaining({
        revision: await revision(),
        changed: true,
        blobs_written: expect.any(Number),
        bytes_written: expect.any(Number),
        ms: expect.any(Number),
      }),
    ]);
    expect(answer.body.blobs_written).toBeLessThanOrEqual(3);
    expect(await reasonOf({ subject: 'user:by-hand', action: 'view' })).toBe('granted');
    const full = await call('POST', '/admin/orgs/acme/recompile?full=true');
    expect(full.body).toMatchObject({ full: true, changed: false });
    expect((await call('POST', '/admin/orgs/nowhere/recompile')).status).toBe(404);
  });

  it('of all organizations does those that are behind', async () => {
    await env.DB.prepare("DELETE FROM assignments WHERE org = 'acme' AND principal = 'user:by-hand'").run();
    const answer = await call('POST', '/admin/recompile');
    expect(answer.body.organizations).toEqual([expect.objectContaining({ organization: 'acme', changed: true })]);
    expect(await reasonOf({ subject: 'user:by-hand', action: 'view' })).toBe('no_grant');
  });
});

describe('every write', () => {
  it('is in the audit, with who, what and which request', async () => {
    const { token, id } = await makeKey('acme', ['Manager']);
    const made = await call(
      'POST',
      '/admin/orgs/acme/assignments',
      { subject: 'user:aud', role: 'Viewer', scope: 'org' },
      { token, headers: { 'x-request-id': 'req-77' } },
    );
    expect(made.headers.get('x-request-id')).toBe('req-77');
    const row = await env.DB.prepare(
      "SELECT actor, action, target, revision FROM audit WHERE org = 'acme' AND request_id = 'req-77'",
    ).first();
    expect(row).toEqual({
      actor: `api_key:${id}`,
      action: 'assignment.create',
      target: `assignment:${made.body.id}`,
      revision: made.body.revision,
    });
  });
});

describe('addresses', () => {
  it.each([
    ['GET', '/admin', 404],
    ['GET', '/admin/', 404],
    ['GET', '/admin/orgs/', 404],
    ['GET', '/nowhere', 404],
    ['GET', '/admin/orgs/acme/../zeta', 200],
    ['GET', '/admin//orgs', 404],
    ['PUT', '/admin/orgs/acme', 405],
    ['OPTIONS', '/admin/orgs', 405],
  ])('%s %s is answered %i', async (method, path, status) => {
    const answer = await call(method, path);
    expect(answer.status).toBe(status);
    if (status !== 200) expect(answer.body.error.code).toBe(status === 404 ? 'not_found' : 'method_not_allowed');
  });
});

describe('recompile by a key', () => {
  it('needs `bitgate:manage_settings`, and tells what it published', async () => {
    const owner = await makeKey('acme', ['bitgate:owner']);
    const reader = await makeKey('acme', ['Reader']);
    await env.DB.prepare("UPDATE groups SET description = 'x' WHERE org = 'acme'").run();
    const answer = await call('POST', '/admin/orgs/acme/recompile', undefined, { token: owner.token });
    expect([answer.status, answer.body.changed, answer.body.revision]).toEqual([200, true, await revision()]);
    expect((await call('POST', '/admin/orgs/acme/recompile?full=true', undefined, { token: owner.token })).body.full).toBe(true);
    expect((await call('POST', '/admin/orgs/acme/recompile?full=true', undefined, { token: reader.token })).status).toBe(403);
  });
});
