/** Rows of the features about groups, owners, restricted objects and the hierarchy, each against the running server. */
import { env } from 'cloudflare:workers';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Answer, call, makeOrganization } from '../http/client.ts';

const ORG = '/admin/orgs/rows';

const at = (thing: string, reference: string, rest = ''): string => `${ORG}/${thing}/${encodeURIComponent(reference)}${rest}`;

/** @throws when it is refused */
async function write(method: string, path: string, body?: object): Promise<Answer> {
  const answer = await call(method, path, body);
  if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
  return answer;
}

const assign = (subject: string, role: string, scope: string): Promise<Answer> =>
  write('POST', `${ORG}/assignments`, { subject, role, scope });
const reason = async (subject: string, action: string, resource?: string): Promise<string> =>
  (await call('POST', '/check', { org: 'rows', subject, action, ...(resource === undefined ? {} : { resource }) })).body.reason;

beforeAll(async () => {
  await makeOrganization('rows');
  await write('PUT', `${ORG}/manifest`, {
    bitgate: 1,
    catalog: { privileges: ['dataset_view', 'dataset_edit', 'page_view'].map((name) => ({ name })) },
    roles: [
      { name: 'Viewer', privileges: ['dataset_view'] },
      { name: 'Editor', privileges: ['dataset_edit'] },
      { name: 'Keeper', privileges: ['dataset_view', 'dataset_edit'] },
    ],
    projects: [{ id: 'p' }],
  });
});

describe('F11', () => {
  it('F11 a role assigned on (WorkingDir, 7) allows on 7, and denies on 8 and on (File, 7)', async () => {
    await assign('user:f11', 'Viewer', 'WorkingDir:7');
    expect(await reason('user:f11', 'dataset_view', 'WorkingDir:7')).toBe('granted');
    expect(await reason('user:f11', 'dataset_view', 'WorkingDir:8')).toBe('no_grant');
    expect(await reason('user:f11', 'dataset_view', 'File:7')).toBe('no_grant');
    expect(await reason('user:f11', 'dataset_view')).toBe('no_grant');
  });
});

describe('F12 and F13', () => {
  it('F12 a member of a group has what the group has from the publish on, and not after it is removed', async () => {
    await write('POST', `${ORG}/groups`, { name: 'viewers' });
    await assign('group:viewers', 'Viewer', 'org');
    expect(await reason('user:f12', 'dataset_view')).toBe('no_grant');
    await write('PUT', `${ORG}/groups/viewers/members/user:f12`);
    expect(await reason('user:f12', 'dataset_view')).toBe('granted');
    await write('DELETE', `${ORG}/groups/viewers/members/user:f12`);
    expect(await reason('user:f12', 'dataset_view')).toBe('no_grant');
  });

  it('F13 a subject in two groups has the union, also through a group within a group', async () => {
    await write('POST', `${ORG}/groups`, { name: 'editors', members: ['user:f13'] });
    await write('POST', `${ORG}/groups`, { name: 'inner', members: ['user:f13', 'user:nested'] });
    await write('PUT', `${ORG}/groups/viewers/members/group:inner`);
    await assign('group:editors', 'Editor', 'project:p');
    for (const action of ['dataset_view', 'dataset_edit']) expect(await reason('user:f13', action, 'project:p')).toBe('granted');
    expect(await reason('user:nested', 'dataset_view', 'project:p')).toBe('granted');
    expect(await reason('user:nested', 'dataset_edit', 'project:p')).toBe('no_grant');
  });

  it('F12 an empty group grants nothing', async () => {
    await write('POST', `${ORG}/groups`, { name: 'empty' });
    await assign('group:empty', 'Keeper', 'org');
    for (const subject of ['user:nobody', 'group:empty', 'user:empty']) expect(await reason(subject, 'dataset_edit')).toBe('no_grant');
  });

  it('F12 deleting a group removes its grants and leaves no dangling reference', async () => {
    const { id } = (await write('POST', `${ORG}/groups`, { name: 'gone', members: ['user:gone'] })).body;
    await write('PUT', `${ORG}/groups/empty/members/group:gone`);
    await assign('group:gone', 'Viewer', 'org');
    await write('POST', `${ORG}/resources`, { resource: 'dataset:of-gone', owners: [{ subject: 'group:gone' }] });
    expect(await reason('user:gone', 'dataset_edit')).toBe('granted');
    expect((await call('DELETE', `${ORG}/groups/gone`)).body.error.code).toBe('group_in_use');
    await write('DELETE', `${ORG}/groups/gone?force=true`);
    for (const action of ['dataset_view', 'dataset_edit']) expect(await reason('user:gone', action)).toBe('no_grant');
    const { results } = await env.DB.prepare(
      `SELECT principal AS reference FROM assignments WHERE principal = ?1 UNION ALL SELECT owner FROM resource_owners WHERE owner = ?1
       UNION ALL SELECT member FROM group_members WHERE member = ?1 OR group_id = ?2`,
    )
      .bind(`group:${id}`, id)
      .all();
    expect(results).toEqual([]);
  });
});

describe('F15', () => {
  it('F15 the owner is allowed, who isn’t is denied, an owner through a group is allowed, the wrong kind is denied', async () => {
    await write('POST', `${ORG}/groups`, { name: 'stewards', members: ['user:steward'] });
    await write('POST', `${ORG}/resources`, {
      resource: 'dataset:owned',
      owners: [{ subject: 'user:tech', kind: 'TECHNICAL' }, { subject: 'group:stewards', kind: 'BUSINESS' }, { subject: 'user:plain' }],
    });
    await assign('group:owner:TECHNICAL', 'Editor', 'org');
    expect(await reason('user:tech', 'dataset_edit', 'dataset:owned')).toBe('granted');
    for (const subject of ['user:steward', 'user:plain', 'user:stranger'])
      expect(await reason(subject, 'dataset_edit', 'dataset:owned')).toBe('no_grant');
    await assign('group:owner:BUSINESS', 'Editor', 'org');
    expect(await reason('user:steward', 'dataset_edit', 'dataset:owned')).toBe('granted');
    expect(await reason('user:tech', 'dataset_edit', 'dataset:other')).toBe('no_grant');
  });

  it('F15 without a kind any owner is meant, and who no longer owns is denied', async () => {
    await assign('group:owner', 'Viewer', 'org');
    for (const subject of ['user:tech', 'user:steward', 'user:plain'])
      expect(await reason(subject, 'dataset_view', 'dataset:owned')).toBe('granted');
    expect(await reason('user:stranger', 'dataset_view', 'dataset:owned')).toBe('no_grant');
    await write('DELETE', at('resources', 'dataset:owned', '/owners?subject=user:plain'));
    expect(await reason('user:plain', 'dataset_view', 'dataset:owned')).toBe('no_grant');
  });
});

describe('F16', () => {
  it('F16 a restricted object is denied to who sees its project, but not to who has a role on it; the flag can be changed', async () => {
    for (const id of ['open', 'hidden']) await write('POST', `${ORG}/resources`, { type: 'dataset', id, parents: ['project:p'] });
    await assign('user:viewer', 'Viewer', 'project:p');
    await assign('user:advisor', 'Viewer', 'dataset:hidden');
    expect(await reason('user:viewer', 'dataset_view', 'dataset:hidden')).toBe('granted');
    await write('PATCH', at('resources', 'dataset:hidden'), { access: 'restricted' });
    expect(await reason('user:viewer', 'dataset_view', 'dataset:hidden')).toBe('restricted');
    expect(await reason('user:viewer', 'dataset_view', 'dataset:open')).toBe('granted');
    expect(await reason('user:advisor', 'dataset_view', 'dataset:hidden')).toBe('granted');
    expect(await reason('user:advisor', 'dataset_view', 'dataset:open')).toBe('no_grant');
    await write('PATCH', at('resources', 'dataset:hidden'), { access: 'inherit' });
    expect(await reason('user:viewer', 'dataset_view', 'dataset:hidden')).toBe('granted');
  });
});

describe('F54', () => {
  it('F54 a grant on a domain covers a descendant at depth 5 until a link between them is removed', async () => {
    const chain = ['domain:top', 'domain:sub', 'container:c', 'folder:f', 'folder:g', 'page:deep'];
    for (const [i, resource] of chain.entries()) {
      await write('POST', `${ORG}/resources`, { resource, parents: i === 0 ? [] : [chain[i - 1]] });
    }
    await assign('user:f54', 'Viewer', 'domain:top');
    expect(await reason('user:f54', 'dataset_view', 'page:deep')).toBe('granted');
    expect((await call('PUT', at('resources', 'domain:top', '/parents/page:deep'))).body.error.details.problems[0].code).toBe('cycle');
    await write('DELETE', at('resources', 'container:c', '/parents/domain:sub'));
    expect(await reason('user:f54', 'dataset_view', 'page:deep')).toBe('no_grant');
    expect(await reason('user:f54', 'dataset_view', 'domain:sub')).toBe('granted');
    await write('PUT', at('resources', 'container:c', '/parents/domain:sub'));
    expect(await reason('user:f54', 'dataset_view', 'page:deep')).toBe('granted');
  });

  it('F54 a cycle typed into the database by hand terminates', async () => {
    await env.DB.prepare("INSERT INTO resource_parents (org, resource, parent) VALUES ('rows', 'domain:top', 'page:deep')").run();
    await write('POST', `${ORG}/recompile`);
    expect(await reason('user:f54', 'dataset_view', 'page:deep')).toBe('granted');
    expect(await reason('user:stranger', 'dataset_view', 'page:deep')).toBe('no_grant');
    await write('DELETE', at('resources', 'domain:top', '/parents/page:deep'));
  });
});
