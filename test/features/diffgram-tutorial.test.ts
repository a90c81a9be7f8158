/**
 * Diffgram's tutorial on roles, step by step against the running server: a project with three open and two hidden datasets, a role
 * `security_advisor` that gets `dataset_view`, is assigned to a member on the hidden ones, and is taken away again. After each step: who can open what.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { type Answer, call, makeKey, makeOrganization } from '../http/client.ts';

const ORG = '/admin/orgs/studio';
const OPEN = ['WorkingDir:cats', 'WorkingDir:dogs', 'WorkingDir:birds'];
const HIDDEN = ['WorkingDir:faces', 'WorkingDir:plates'];
const ALL = [...OPEN, ...HIDDEN];
const PEOPLE = { admin: 'user:ada', editor: 'user:ed', viewer: 'user:vi', advisor: 'user:max' } as const;

/** the project's admin, who does all the rest */
let admin = '';

/** @throws when it is refused */
async function step(method: string, path: string, body?: object): Promise<Answer> {
  const answer = await call(method, `${ORG}${path}`, body, { token: admin });
  if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
  return answer;
}

/** The datasets on which somebody is allowed the action. */
async function may(subject: string, action: string): Promise<string[]> {
  const checks = ALL.map((resource) => ({ resource }));
  const { body } = await call('POST', '/check/batch', { org: 'studio', defaults: { subject, action }, checks });
  return ALL.filter((_, i) => body.results[i].decision);
}

/** What each can see, that is open, and what each can edit. */
async function picture(): Promise<Record<string, { see: string[]; edit: string[] }>> {
  const entries = Object.entries(PEOPLE).map(async ([name, subject]) => {
    return [name, { see: await may(subject, 'dataset_view'), edit: await may(subject, 'dataset_edit') }] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

const WITHOUT_ADVISOR = {
  admin: { see: ALL, edit: ALL },
  editor: { see: OPEN, edit: OPEN },
  viewer: { see: OPEN, edit: [] },
  advisor: { see: [], edit: [] },
};

beforeAll(async () => {
  await makeOrganization('studio', { preset: 'diffgram', owner: 'user:root' });
  const made = await call('POST', `${ORG}/projects`, { id: 'wild', nickname: 'Wild life' });
  if (made.status !== 201) throw new Error(`project: ${made.status} ${made.text}`);
  admin = (await makeKey('studio', [{ role: 'admin', scope: 'project:wild' }])).token;
});

describe('the Diffgram tutorial', () => {
  it('F11 F16 begins with a project of three open and two hidden datasets and its members', async () => {
    for (const resource of OPEN) await step('POST', '/resources', { resource, parents: ['project:wild'] });
    for (const resource of HIDDEN) await step('POST', '/resources', { resource, parents: ['project:wild'], access: 'restricted' });
    await step('POST', '/resources', { resource: 'File:face-1', parents: ['WorkingDir:faces'] });
    for (const name of ['admin', 'editor', 'viewer'] as const)
      await step('POST', '/assignments', { subject: PEOPLE[name], role: name, scope: 'project:wild' });
    expect(await picture()).toEqual(WITHOUT_ADVISOR);
  });

  it('goes on with a role that holds nothing, and changes nothing', async () => {
    await step('POST', '/projects/wild/roles', { name: 'security_advisor' });
    for (const scope of HIDDEN) await step('POST', '/assignments', { subject: PEOPLE.advisor, role: 'wild/security_advisor', scope });
    expect(await picture()).toEqual(WITHOUT_ADVISOR);
  });

  it('adds `dataset_view` to it: the advisor opens the hidden datasets and their files, and nothing else', async () => {
    await step('PUT', '/projects/wild/roles/security_advisor/privileges/dataset_view');
    expect(await picture()).toEqual({ ...WITHOUT_ADVISOR, advisor: { see: HIDDEN, edit: [] } });
    const file = async (subject: string): Promise<boolean> =>
      (await call('POST', '/check', { org: 'studio', subject, action: 'file_view', resource: 'File:face-1' })).body.decision;
    expect(await Promise.all([file(PEOPLE.advisor), file(PEOPLE.admin), file(PEOPLE.editor), file(PEOPLE.viewer)])).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });

  it('takes the advisor off one dataset, then off the other', async () => {
    const path = (scope: string): string => `/assignments?subject=${PEOPLE.advisor}&role=wild/security_advisor&scope=${scope}`;
    await step('DELETE', path('WorkingDir:faces'));
    expect(await picture()).toEqual({ ...WITHOUT_ADVISOR, advisor: { see: ['WorkingDir:plates'], edit: [] } });
    await step('DELETE', path('WorkingDir:plates'));
    expect(await picture()).toEqual(WITHOUT_ADVISOR);
    expect((await call('DELETE', `${ORG}${path('WorkingDir:plates')}`, undefined, { token: admin })).status).toBe(404);
  });

  it('deletes the role, which nobody holds any more', async () => {
    await step('DELETE', '/projects/wild/roles/security_advisor');
    expect(await picture()).toEqual(WITHOUT_ADVISOR);
  });

  it('opens a hidden dataset to all members when it is no longer restricted', async () => {
    await step('PATCH', `/resources/${encodeURIComponent('WorkingDir:faces')}`, { access: 'inherit' });
    const seen = [...OPEN, 'WorkingDir:faces'];
    expect(await picture()).toEqual({
      ...WITHOUT_ADVISOR,
      editor: { see: seen, edit: seen },
      viewer: { see: seen, edit: [] },
    });
  });
});
