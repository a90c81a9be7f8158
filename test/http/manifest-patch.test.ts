/** The manifest over HTTP in sections, and changed only as somebody has read it. */
import { describe, expect, it } from 'vitest';
import { type Answer, call, makeKey, makeOrganization, putManifest } from './client.ts';

const document = {
  bitgate: 1,
  catalog: { privileges: [{ name: 'view' }, { name: 'edit' }] },
  policies: [{ name: 'Viewing', privileges: ['view'] }],
  roles: [{ name: 'Viewer', policies: ['Viewing'] }],
  subjects: [{ type: 'user', id: 'ann' }],
  projects: [{ id: 'p1', roles: [{ name: 'Own', privileges: ['edit'] }] }, { id: 'p2' }],
  assignments: [
    { subject: 'user:root', role: 'bitgate:owner', scope: 'org' },
    { subject: 'user:ann', role: 'Viewer', scope: 'org' },
  ],
};

const address = (org: string, query = ''): string => `/admin/orgs/${org}/manifest${query}`;
const patch = (org: string, body: unknown, query = '', headers = {}): Promise<Answer> =>
  call('PATCH', address(org, query), body, { headers });
const may = async (org: string, subject: string, action: string): Promise<boolean> =>
  (await call('POST', '/check', { org, subject, action })).body.decision;

describe('a patch of the manifest', () => {
  it('replaces what it holds and leaves the rest, as JSON and as YAML', async () => {
    await makeOrganization('patched');
    await putManifest('patched', document);
    const answer = await patch('patched', { bitgate: 1, policies: [{ name: 'Viewing', privileges: ['view', 'edit'] }] });
    expect([answer.status, answer.body.plan]).toEqual([
      200,
      {
        summary: { policies: { insert: 0, update: 1, delete: 0 } },
        changes: [{ op: 'update', kind: 'policy', name: 'Viewing', fields: { privileges: { added: ['edit'], removed: [] } } }],
      },
    ]);
    expect(await may('patched', 'user:ann', 'edit')).toBe(true);
    const yaml = 'bitgate: 1\npolicies:\n  - {name: Viewing, privileges: [view]}\n';
    expect((await patch('patched', yaml, '', { 'content-type': 'application/yaml' })).status).toBe(200);
    expect(await may('patched', 'user:ann', 'edit')).toBe(false);
    expect((await call('GET', address('patched'))).body.projects).toEqual(document.projects);
  });

  it('shows what it would change, and changes nothing', async () => {
    await makeOrganization('tried');
    await putManifest('tried', document);
    const before = (await call('GET', address('tried'))).text;
    const answer = await patch('tried', { bitgate: 1, projects: [{ id: 'p1', roles: [] }] }, '?dry_run=true');
    expect([answer.status, answer.body.dry_run, answer.body.plan.summary]).toEqual([
      200,
      true,
      { roles: { insert: 0, update: 0, delete: 1 } },
    ]);
    expect((await call('GET', address('tried'))).text).toBe(before);
  });

  it('is refused as a PUT is: by strangers to it, without an owner, when nothing can be read', async () => {
    await makeOrganization('guarded');
    await putManifest('guarded', document);
    const { token } = await makeKey('guarded');
    expect((await call('PATCH', address('guarded'), { bitgate: 1 }, { token })).status).toBe(403);
    expect((await patch('guarded', { bitgate: 1, assignments: [] })).body.error.code).toBe('last_owner');
    expect((await patch('guarded', { bitgate: 1, rolls: [] })).body.error.code).toBe('invalid_manifest');
    expect((await patch('guarded', 'x', '', { 'content-type': 'text/plain' })).status).toBe(415);
    expect((await patch('guarded', { bitgate: 1 }, '?dry=1')).status).toBe(400);
  });
});

describe('the manifest and If-Match', () => {
  it('is changed by whoever saw it as it is, and by nobody else', async () => {
    await makeOrganization('matched');
    await putManifest('matched', document);
    const first = (await call('GET', address('matched'))).headers.get('etag') ?? '';
    const yaml = await call('GET', address('matched'), undefined, { headers: { accept: 'application/yaml' } });
    expect([first === '', yaml.headers.get('etag')]).toEqual([false, first]);
    const change = { bitgate: 1, groups: [{ name: 'team' }] };
    const made = await patch('matched', change, '', { 'if-match': first });
    expect(made.status).toBe(200);
    const second = made.headers.get('etag');
    expect((await call('GET', address('matched'))).headers.get('etag')).toBe(second);
    for (const method of ['PUT', 'PATCH']) {
      const late = await call(method, address('matched'), { ...document, groups: [] }, { headers: { 'if-match': first } });
      expect([late.status, late.body.error]).toEqual([
        412,
        expect.objectContaining({ code: 'changed_meanwhile', details: { etag: second } }),
      ]);
    }
    expect((await patch('matched', change, '', { 'if-match': '*' })).status).toBe(200);
  });

  it('has a tag that a key made in between does not move', async () => {
    await makeOrganization('unmoved');
    await putManifest('unmoved', document);
    const tag = (await call('GET', address('unmoved'))).headers.get('etag');
    await makeKey('unmoved');
    expect((await call('GET', address('unmoved'))).headers.get('etag')).toBe(tag);
  });
});
