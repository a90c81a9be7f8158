/** What the presets give: their catalogs, their system things, and what may be changed of them. */
import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { type Answer, call, makeKey, makeOrganization } from '../http/client.ts';

const upgrade = (org: string, query = ''): Promise<Answer> => call('POST', `/admin/orgs/${org}/preset/upgrade${query}`);
const exported = async (org: string) => (await call('GET', `/admin/orgs/${org}/manifest`)).body;
const patch = (org: string, sections: object): Promise<Answer> => call('PATCH', `/admin/orgs/${org}/manifest`, { bitgate: 1, ...sections });

interface Entry {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly applies_to: string[];
}

interface Named {
  readonly name: string;
}

describe('the catalog of DataHub', () => {
  it('F1 lists its 102 privileges, 43 of the platform, each described, for 24 resource types', async () => {
    await makeOrganization('f1', { preset: 'datahub' });
    const { body } = await call('GET', '/admin/orgs/f1/privileges?limit=1000');
    const own = (body.items as Entry[]).filter(({ name }) => !name.startsWith('bitgate:'));
    const inEngine = own.filter(({ description }) => !/\(Cloud, \w+\)\.$/.test(description));
    expect(inEngine).toHaveLength(102);
    expect(inEngine.filter(({ description }) => /\((platform|platform and metadata)\)\.$/.test(description))).toHaveLength(43);
    expect(new Set(inEngine.flatMap((each) => each.applies_to)).size).toBe(24);
    expect(own.filter(({ title, description }) => title === '' || description === '')).toEqual([]);
    expect(body.total).toBe(own.length + 13);
  });
});

describe('system things and what may be changed', () => {
  it('F26 a manifest leaves system policies and roles, and refuses to shadow them', async () => {
    await makeOrganization('f26-system', { preset: 'datahub' });
    for (const sections of [
      { policies: [{ name: 'admin - platform privileges', privileges: [] }], assignments: [] },
      { roles: [{ name: 'READER' }] },
    ]) {
      const answer = await patch('f26-system', sections);
      expect([answer.status, answer.body.error.details.problems[0].code]).toEqual([422, 'system_name']);
    }
  });

  it('F26 an upgrade repairs system things, leaves what was edited, and never brings back what was deleted', async () => {
    const org = 'f26';
    await makeOrganization(org, { preset: 'datahub' });
    const { policies, assignments } = (await exported(org)) as { policies: Named[]; assignments: { policy: string }[] };
    const deleted = 'All Users - View Entity Page';
    const edited = 'All Users - Base Platform Privileges';
    const kept = policies
      .filter(({ name }) => name !== deleted)
      .map((each) => (each.name === edited ? { ...each, state: 'ACTIVE' } : each));
    const changed = await patch(org, { policies: kept, assignments: assignments.filter(({ policy }) => policy !== deleted) });
    expect(changed.status).toBe(200);
    const before = await exported(org);
    // as an older version of the preset could have left it
    await env.DB.prepare("UPDATE policies SET privileges = '[]' WHERE org = ?1 AND name = 'Reader - Metadata Privileges'").bind(org).run();
    await call('POST', '/admin/orgs/f26/assignments', { subject: 'user:rea', role: 'Reader', scope: 'org' });
    const views = async (): Promise<string> =>
      (await call('POST', '/check', { org, subject: 'user:rea', action: 'VIEW_ENTITY_PAGE', resource: 'dataset:x' })).body.reason;
    expect(await views()).toBe('no_grant');

    const tried = await upgrade(org, '?dry_run=true');
    expect([tried.status, tried.body.dry_run, await views()]).toEqual([200, true, 'no_grant']);
    const done = await upgrade(org);
    expect([done.status, done.body.plan, done.body.preset]).toEqual([200, tried.body.plan, 'datahub']);
    expect(done.body.plan.changes.map(({ op, kind, name }: { op: string; kind: string; name: string }) => `${op} ${kind} ${name}`)).toEqual(
      ['update policy Reader - Metadata Privileges'],
    );
    expect(done.body.kept).toEqual([
      { kind: 'policy', name: edited, reason: 'edited' },
      { kind: 'policy', name: deleted, reason: 'deleted' },
    ]);
    expect(await views()).toBe('granted');
    const { assignments: _, ...after } = await exported(org);
    const { assignments: __, ...same } = before;
    expect(after).toEqual(same);
    const again = await upgrade(org);
    expect([again.body.plan.changes, again.body.revision]).toEqual([[], done.body.revision]);
  });

  it('F26 a part that was deleted before an upgrade that writes is still remembered after it', async () => {
    const org = 'f26-twice';
    await makeOrganization(org, { preset: 'datahub' });
    await patch(org, { policies: [], assignments: [] });
    for (let round = 0; round < 2; round++) {
      await env.DB.prepare("UPDATE policies SET privileges = '[]' WHERE org = ?1 AND name = 'Reader - Metadata Privileges'")
        .bind(org)
        .run();
      const { body } = await upgrade(org);
      expect([body.plan.changes.length, body.kept.length]).toEqual([1, 4]);
    }
    expect((await exported(org)).policies).toBeUndefined();
  });

  it('needs the rights that a manifest needs', async () => {
    await makeOrganization('f26-rights', { preset: 'datahub' });
    for (const [role, status] of [
      ['Editor', 403],
      ['Admin', 200],
      ['bitgate:owner', 200],
    ] as const) {
      const { token } = await makeKey('f26-rights', [role]);
      expect((await call('POST', '/admin/orgs/f26-rights/preset/upgrade', undefined, { token })).status).toBe(status);
    }
  });
});
