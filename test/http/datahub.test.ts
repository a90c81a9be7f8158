/** The DataHub preset and the demo organization, as applications see them. */
import { env } from 'cloudflare:workers';
import { beforeAll, describe, expect, it } from 'vitest';
import { demoManifest, demoQuestions } from '../../src/presets/demo.ts';
import { ROLE_TABLE } from '../presets/datahub-role-table.ts';
import { call, makeKey, makeOrganization, putManifest } from './client.ts';

describe('the preset datahub', () => {
  let token = '';
  const people = { Admin: 'user:ada', Editor: 'user:ed', Reader: 'user:rea' } as const;

  beforeAll(async () => {
    await makeOrganization('hub', { preset: 'datahub' });
    for (const [role, subject] of Object.entries(people)) {
      const answer = await call('POST', '/admin/orgs/hub/assignments', { subject, role, scope: 'org' });
      expect(answer.status).toBe(201);
    }
    ({ token } = await makeKey('hub'));
  });

  it('decides all 81 rows × 3 roles of the role table as documented', async () => {
    const rows = ROLE_TABLE.flatMap(([section, , privilege, admin, editor, reader]) =>
      [admin, editor, reader].map((expected, i) => ({ section, privilege, expected, subject: Object.values(people)[i] })),
    );
    expect(rows).toHaveLength(243);
    const wrong: object[] = [];
    for (const { section, privilege, expected, subject } of rows) {
      const resource = section === 'metadata' ? { resource: 'dataset:any' } : {};
      const answer = await call('POST', '/check', { subject, action: privilege, ...resource }, { token });
      if (answer.body.decision !== expected) wrong.push({ privilege, subject, expected, answer: answer.body });
    }
    expect(wrong).toEqual([]);
  });

  it('gives what was assigned by hand, and no longer what was deleted by hand, once it is compiled', async () => {
    const reason = async (subject: string): Promise<string> =>
      (await call('POST', '/check', { subject, action: 'MANAGE_TAGS' }, { token })).body.reason;
    await env.DB.prepare(
      "INSERT INTO assignments (org, principal, role, scope) SELECT 'hub', 'user:hand', id, 'org' FROM roles WHERE org = 'hub' AND name = 'Editor'",
    ).run();
    await env.DB.prepare("DELETE FROM assignments WHERE org = 'hub' AND principal = 'user:ed'").run();
    expect((await call('POST', '/admin/orgs/hub/recompile')).body.changed).toBe(true);
    expect([await reason('user:hand'), await reason('user:ed')]).toEqual(['granted', 'no_grant']);
  });
});

describe('the demo organization', () => {
  it('answers every question that is shown to newcomers', async () => {
    await makeOrganization('demo', { preset: 'datahub' });
    await putManifest('demo', demoManifest);
    const { token } = await makeKey('demo');
    const checks = demoQuestions.map(({ subject, action, resource }) => ({ subject, action, resource }));
    const answer = await call('POST', '/check/batch', { checks }, { token });
    expect(answer.body.results).toEqual(demoQuestions.map(({ decision, reason }) => ({ decision, reason })));
  });
});
