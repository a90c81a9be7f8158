/** What a dry run tells of access, over HTTP: exactly what the write then does. */
import { beforeAll, describe, expect, it } from 'vitest';
import { assign, makeAcme, manifest, reasonOf, revision } from './acme.ts';
import { type Answer, call } from './client.ts';

beforeAll(makeAcme);

const DRY = '?dry_run=true';

const dryManifest = (change: (copy: typeof manifest) => void): Promise<Answer> => {
  const copy = structuredClone(manifest);
  change(copy);
  return call('PUT', `/admin/orgs/acme/manifest${DRY}&limit=1000`, copy);
};

describe('the access diff of a dry run', () => {
  it('lists what an assignment gives, once, and the write then gives it', async () => {
    const body = { subject: 'user:dry', role: 'Editor', scope: 'project:p1' };
    const before = await revision();
    const dry = await call('POST', `/admin/orgs/acme/assignments${DRY}`, body);
    expect(dry.status).toBe(200);
    const item = (privilege: string): object => ({
      change: 'gained',
      principal: 'user:dry',
      privilege,
      scope: 'project:p1',
      conditional: false,
    });
    expect(dry.body.access_diff).toMatchObject({ gained: 2, lost: 0, items: [item('edit'), item('view')] });
    expect(await revision()).toBe(before);
    const question = { subject: 'user:dry', action: 'edit', resource: 'dataset:d1' };
    expect(await reasonOf(question)).toBe('no_grant');
    await assign(body);
    expect(await reasonOf(question)).toBe('granted');
  });

  it("lists a group's change for the group, a condition as one, and a deny for who loses by it", async () => {
    await assign({ subject: 'user:gus', role: 'Editor', scope: 'org' });
    const { body } = await dryManifest((copy) => {
      copy.assignments.push(
        { subject: 'user:dry', role: 'Editor', scope: 'project:p1' },
        { subject: 'user:gus', role: 'Editor', scope: 'org' },
        { subject: 'group:staff', role: 'Conditional', scope: 'org' },
        { subject: 'group:staff', role: 'Denied', scope: 'project:p1' },
      );
    });
    expect(body.access_diff.items).toEqual([
      { change: 'gained', principal: 'group:staff', privilege: 'org_only', scope: 'org', conditional: true },
      { change: 'lost', principal: 'user:gus', privilege: 'edit', scope: 'project:p1', conditional: false },
    ]);
  });

  it('is empty for a change that gives and takes nothing', async () => {
    const { body } = await call('POST', `/admin/orgs/acme/assignments${DRY}`, { subject: 'user:dry', role: 'Viewer', scope: 'project:p1' });
    expect(body).toMatchObject({ changed: true, access_diff: { gained: 0, lost: 0, items: [] } });
  });
});
