/** Reading resources with a right that is held below the organization: at a project, or at the resource itself. */
import { beforeAll, describe, expect, it } from 'vitest';
import { type Answer, call, codeOf, makeKey, makeOrganization, putManifest } from './client.ts';

const ORG = '/admin/orgs/reading';
const tokens = { reader: '', reaching: '', single: '', whole: '' };

const get = (path: string, token: string): Promise<Answer> => call('GET', `${ORG}/resources${path}`, undefined, { token });
const listed = ({ body }: Answer): string[] => body.items.map(({ resource }: { resource: string }) => resource);

beforeAll(async () => {
  await makeOrganization('reading', { owner: 'user:owner' });
  await putManifest('reading', {
    bitgate: 1,
    roles: [
      { name: 'Reader', privileges: ['bitgate:read'] },
      { name: 'Reaching', privileges: ['bitgate:read'], reaches_restricted: true },
    ],
    projects: [{ id: 'one' }, { id: 'two' }],
    resources: [
      { type: 'dataset', id: 'open', parents: ['project:one'] },
      { type: 'dataset', id: 'hidden', parents: ['project:one'], access: 'restricted' },
      { type: 'file', id: 'deep', parents: ['dataset:open'] },
      { type: 'dataset', id: 'other', parents: ['project:two'] },
    ],
    assignments: [{ subject: 'user:owner', role: 'bitgate:owner', scope: 'org' }],
  });
  tokens.reader = (await makeKey('reading', [{ role: 'Reader', scope: 'project:one' }])).token;
  tokens.reaching = (await makeKey('reading', [{ role: 'Reaching', scope: 'project:one' }])).token;
  tokens.single = (await makeKey('reading', [{ role: 'Reader', scope: 'dataset:hidden' }])).token;
  tokens.whole = (await makeKey('reading', ['Reader'])).token;
});

describe('a resource', () => {
  it('is read by whoever may read it, and by nobody else', async () => {
    for (const [who, readable] of [
      ['reader', ['project:one', 'dataset:open', 'file:deep']],
      ['reaching', ['project:one', 'dataset:open', 'dataset:hidden', 'file:deep']],
      ['single', ['dataset:hidden']],
      ['whole', ['project:one', 'project:two', 'dataset:open', 'file:deep', 'dataset:other']],
    ] as const) {
      for (const resource of ['project:one', 'project:two', 'dataset:open', 'dataset:hidden', 'file:deep', 'dataset:other']) {
        const answer = await get(`/${resource}`, tokens[who]);
        const may = (readable as readonly string[]).includes(resource);
        expect([who, resource, answer.status]).toEqual([who, resource, may ? 200 : 403]);
      }
    }
  });

  it('that is not there is told of only to whoever may read it', async () => {
    expect(codeOf(await get('/dataset:none', tokens.reader))).toBe('403 missing_privilege');
    expect(codeOf(await get('/dataset:none', tokens.whole))).toBe('404 unknown_resource');
    expect(codeOf(await get('/none', tokens.reader))).toBe('403 missing_privilege');
  });
});

describe('the list of resources', () => {
  it('of one parent is for whoever may read there, what is restricted only if the right reaches it', async () => {
    expect(listed(await get('?parent=project:one', tokens.reader))).toEqual(['dataset:open']);
    expect(listed(await get('?parent=dataset:open', tokens.reader))).toEqual(['file:deep']);
    expect(listed(await get('?parent=project:one', tokens.reaching))).toEqual(['dataset:hidden', 'dataset:open']);
    expect(listed(await get('?parent=project:one&access=restricted', tokens.reaching))).toEqual(['dataset:hidden']);
    expect(codeOf(await get('?parent=project:one&access=restricted', tokens.reader))).toBe('403 missing_privilege');
  });

  it('of another parent, or of all, is not', async () => {
    for (const query of ['', '?parent=project:two', '?type=dataset', '?parent=none', '?owner=user:a']) {
      expect([query, codeOf(await get(query, tokens.reader))]).toEqual([query, '403 missing_privilege']);
    }
    expect(listed(await get('', tokens.whole))).toHaveLength(6);
    expect(listed(await get('?parent=project:one', tokens.whole))).toEqual(['dataset:hidden', 'dataset:open']);
  });
});
