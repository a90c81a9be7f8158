/** Organizations made from the presets of Diffgram and Confident AI, and what their roles let people administer. */
import { beforeAll, describe, expect, it } from 'vitest';
import { confidentAi } from '../../src/presets/confident-ai.ts';
import { PRESET_NAMES } from '../../src/presets/index.ts';
import { organizationSystem } from '../../src/presets/system.ts';
import { namesOf, ORGANIZATION, PROJECT } from '../presets/confident-ai-roles.ts';
import { call, makeKey, makeOrganization, putManifest } from './client.ts';

const check = async (org: string, subject: string, action: string, resource?: string): Promise<string> => {
  const question = { org, subject, action, ...(resource === undefined ? {} : { resource }) };
  return (await call('POST', '/check', question)).body.reason;
};

/** @returns the status, and the code of an error */
const assign = async (org: string, token: string | undefined, subject: string, role: string, scope: string): Promise<string> => {
  const answer = await call('POST', `/admin/orgs/${org}/assignments`, { subject, role, scope }, token === undefined ? {} : { token });
  return [answer.status, answer.body.error?.code ?? []].flat().join(' ');
};

describe('presets', () => {
  it.each(PRESET_NAMES)('make an organization by their name: %s', async (preset) => {
    const made = await call('POST', '/admin/orgs', { id: `of-${preset}`, preset, owner: 'user:ada' });
    expect([made.status, made.body]).toEqual([201, expect.objectContaining({ preset, published: true })]);
    expect(await check(`of-${preset}`, 'user:ada', 'bitgate:manage_policies')).toBe('granted');
    expect(await check(`of-${preset}`, 'user:bob', 'bitgate:manage_policies')).toBe('no_grant');
  });

  it('are refused by any other name', async () => {
    for (const preset of ['Diffgram', 'confident', 'confident_ai']) {
      expect((await call('POST', '/admin/orgs', { id: 'nowhere', preset })).status).toBe(400);
    }
  });
});

describe('an organization made from diffgram', () => {
  let admin = '';

  beforeAll(async () => {
    await makeOrganization('labels', { preset: 'diffgram', owner: 'user:ada' });
    ({ token: admin } = await makeKey('labels', [{ role: 'admin', scope: 'project:cats' }]));
  });

  it('lists Diffgram’s permissions', async () => {
    const answer = await call('GET', '/admin/orgs/labels/privileges?limit=100');
    expect(answer.body.items).toContainEqual(expect.objectContaining({ name: 'dataset_view', resource_types: ['WorkingDir'] }));
  });

  it('lets the admin of a project give any role in it, and none elsewhere', async () => {
    for (const role of ['admin', 'editor', 'annotator', 'viewer']) {
      expect(await assign('labels', admin, `user:${role}`, role, 'project:cats')).toBe('201');
    }
    for (const scope of ['project:dogs', 'org'])
      expect(await assign('labels', admin, 'user:x', 'viewer', scope)).toBe('403 missing_privilege');
    expect(await check('labels', 'user:editor', 'project_edit', 'project:cats')).toBe('granted');
    expect(await check('labels', 'user:viewer', 'project_edit', 'project:cats')).toBe('no_grant');
  });

  it('lets editors give none', async () => {
    const { token } = await makeKey('labels', [{ role: 'editor', scope: 'project:cats' }]);
    expect(await assign('labels', token, 'user:x', 'viewer', 'project:cats')).toBe('403 missing_privilege');
  });

  it('decides about an object that is known by its id alone', async () => {
    expect(await assign('labels', undefined, 'user:guest', 'dataset_viewer', 'WorkingDir:7')).toBe('201');
    expect(await check('labels', 'user:guest', 'dataset_view', 'WorkingDir:7')).toBe('granted');
    expect(await check('labels', 'user:guest', 'dataset_view', 'WorkingDir:8')).toBe('no_grant');
  });
});

describe('an organization made from confident-ai', () => {
  let admin = '';

  beforeAll(async () => {
    await makeOrganization('evals', { preset: 'confident-ai', owner: 'user:ada' });
    const assignments = [{ subject: 'user:ada', role: 'bitgate:owner', scope: 'org' }];
    await putManifest('evals', { ...confidentAi.manifest, projects: [{ id: 'chat' }, { id: 'mail' }], assignments });
    ({ token: admin } = await makeKey('evals', ['Admin']));
    expect(await assign('evals', undefined, 'user:owner', 'Owner', 'org')).toBe('201');
  });

  it('lists the permissions of each level where they can be asked', async () => {
    const listed = async (place: string): Promise<[total: number, metricReaders: string[]]> => {
      const { items, total } = (await call('GET', `/admin/orgs/evals${place}/privileges?limit=1000`)).body;
      const readers = items.filter((item: { name: string }) => item.name === 'metric:read');
      return [total, readers.map((item: { title: string }) => item.title)];
    };
    const reserved = organizationSystem.catalog.privileges.length;
    expect(await listed('')).toEqual([namesOf(ORGANIZATION).length + reserved, ['Read organization metrics']]);
    expect(await listed('/projects/chat')).toEqual([namesOf(PROJECT).length + reserved, ['Read metrics']]);
  });

  it('lets an Admin give roles, but neither make Owners or Admins nor unmake them', async () => {
    expect(await assign('evals', admin, 'user:m', 'Member', 'org')).toBe('201');
    expect(await assign('evals', admin, 'user:p', 'Project Owner', 'project:chat')).toBe('201');
    for (const role of ['Owner', 'Admin']) expect(await assign('evals', admin, 'user:m', role, 'org')).toBe('403 escalation');
    const removal = await call('DELETE', '/admin/orgs/evals/assignments?subject=user:owner&role=Owner&scope=org', undefined, {
      token: admin,
    });
    expect([removal.status, removal.body.error?.code]).toEqual([403, 'escalation']);
  });

  it('lets the Owner of a project give its roles in it, and none elsewhere', async () => {
    const { token } = await makeKey('evals', [{ role: 'Project Owner', scope: 'project:chat' }]);
    for (const role of ['Project Owner', 'Project Manager', 'Project Member']) {
      expect(await assign('evals', token, 'user:new', role, 'project:chat')).toBe('201');
    }
    expect(await assign('evals', token, 'user:new', 'Project Member', 'project:mail')).toBe('403 missing_privilege');
    expect(await assign('evals', token, 'user:new', 'Member', 'org')).toBe('403 missing_privilege');
  });

  it('lets Owners and Admins into every project, and others into their own', async () => {
    for (const who of ['user:owner', 'user:p']) expect(await check('evals', who, 'trace:evaluate', 'project:chat')).toBe('granted');
    expect(await check('evals', 'user:owner', 'trace:evaluate', 'project:mail')).toBe('granted');
    for (const who of ['user:m', 'user:p']) expect(await check('evals', who, 'trace:evaluate', 'project:mail')).toBe('no_grant');
  });
});
