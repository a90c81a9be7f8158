/** Rows of the features about lists, each against the running server. */
import { beforeAll, describe, expect, it } from 'vitest';
import { type Answer, call, makeOrganization } from '../http/client.ts';

const ORG = '/admin/orgs/lists';
const OBJECTS = 1_000;
const PROJECTS = 7;

/** @throws when it is refused */
async function ask(method: string, path: string, body: object): Promise<Answer> {
  const answer = await call(method, path, body);
  if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
  return answer;
}

const listed = async (body: object): Promise<string[]> =>
  (await ask('POST', '/orgs/lists/list/resources', { type: 'dataset', limit: 10_000, ...body })).body.items;

const datasets = Array.from({ length: OBJECTS }, (_, i) => `d${String(i).padStart(3, '0')}`);

beforeAll(async () => {
  await makeOrganization('lists');
  await ask('PUT', `${ORG}/manifest`, {
    bitgate: 1,
    catalog: { privileges: [{ name: 'dataset_view' }, { name: 'dataset_edit' }] },
    policies: [{ name: 'No drafts', effect: 'deny', privileges: ['dataset_view'], condition: 'resource.properties.draft == true' }],
    roles: [{ name: 'Viewer', privileges: ['dataset_view'] }],
    groups: [{ name: 'staff', members: ['user:gus'] }],
    projects: Array.from({ length: PROJECTS }, (_, i) => ({ id: `p${i}` })),
    resources: datasets.map((id, i) => ({
      type: 'dataset',
      id,
      parents: [`project:p${i % PROJECTS}`],
      properties: { draft: i % 10 === 0 },
      ...(i % 9 === 0 ? { access: 'restricted' } : {}),
      ...(i % 50 === 3 ? { owners: [{ subject: 'user:olga' }] } : {}),
    })),
    assignments: [
      { subject: 'user:vera', role: 'Viewer', scope: 'project:p1' },
      { subject: 'user:vera', role: 'Viewer', scope: 'dataset:d009' },
      { subject: 'group:staff', role: 'Viewer', scope: 'project:p2' },
      { subject: 'group:anyone', policy: 'No drafts', scope: 'org' },
      { subject: 'group:owner', role: 'Viewer', scope: 'org' },
      { subject: 'user:all', role: 'Viewer', scope: 'org' },
    ],
  });
});

describe('F62', () => {
  it.each(['user:vera', 'user:gus', 'user:olga', 'user:all', 'user:nobody'])(
    'F62 the objects that %s may see are those that checks allow, of 1,000',
    async (subject) => {
      for (const action of ['dataset_view', 'dataset_edit']) {
        const checks = datasets.map((id) => ({ resource: `dataset:${id}` }));
        const { body } = await ask('POST', '/orgs/lists/check/batch', { defaults: { subject, action }, checks });
        const allowed = datasets.filter((_, i) => body.results[i].decision).map((id) => `dataset:${id}`);
        expect(await listed({ subject, action })).toEqual(allowed);
        if (action === 'dataset_view') expect(allowed.length > 0).toBe(subject !== 'user:nobody');
      }
    },
  );
});

describe('F16', () => {
  it('F16 a restricted object is hidden from the list of a viewer of its project, and shown to who has a role on it; the flag can be changed', async () => {
    const vera = { subject: 'user:vera', action: 'dataset_view' };
    const restricted = async (): Promise<string[]> => (await listed(vera)).filter((item) => Number(item.slice(9)) % 9 === 0);
    expect(await restricted()).toEqual(['dataset:d009']);
    expect((await listed(vera)).length).toBeGreaterThan(100);
    await ask('PATCH', `${ORG}/resources/dataset:d036`, { access: 'inherit' });
    expect(await restricted()).toEqual(['dataset:d009', 'dataset:d036']);
    const { body } = await ask('PATCH', `${ORG}/resources/dataset:d036`, { access: 'restricted' });
    expect((await listed({ ...vera, min_revision: body.revision })).includes('dataset:d036')).toBe(false);
  });
});
