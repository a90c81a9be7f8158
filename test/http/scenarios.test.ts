/** Every scenario through the whole way: rows in D1, published, asked over HTTP by keys. Claims of tokens have no place in a request, so cases with them are left to the core. */
import { env } from 'cloudflare:workers';
import { beforeAll, describe, expect, it } from 'vitest';
import type { OrganizationRows } from '../../src/core/terms/rows.ts';
import type { RowChanges } from '../../src/pap/ports.ts';
import { d1RowReader } from '../../src/storage/d1/row-reader.ts';
import { d1RowWriter } from '../../src/storage/d1/row-writer.ts';
import { scenarios } from '../scenarios/index.ts';
import { describeCase, requestOfCase } from '../scenarios/scenario.ts';
import { call, makeKey, makeOrganization } from './client.ts';

const AUDIT = { actor: 'root', action: 'test', target: 'organization', requestId: 'test', before: null, after: null };

function changesOf(rows: OrganizationRows): RowChanges {
  const { group_nesting, memberships, ...tables } = rows;
  const projects = new Set([...rows.roles, ...rows.policies].map(({ project }) => project).filter((project) => project !== ''));
  const resources = rows.resources.map(({ resource }) => resource);
  const projectResources = [...projects].map((id) => `project:${id}`).filter((resource) => !resources.includes(resource));
  const inserts = {
    ...tables,
    resources: [...rows.resources, ...projectResources.map((resource) => ({ resource, access: 'inherit' as const, properties: '{}' }))],
    projects: [...projects].map((id) => ({ id, nickname: '' })),
    group_members: [...group_nesting, ...memberships],
  };
  // One entry for each table, each with rows of that table.
  return Object.fromEntries(Object.entries(inserts).map(([table, insert]) => [table, { insert, update: [], delete: [] }])) as RowChanges;
}

describe.each(scenarios.map((scenario, i) => ({ ...scenario, organization: `s${i}` })))(
  'over HTTP: $name',
  ({ rows, cases, organization }) => {
    let plain = '';
    let asserting = '';

    beforeAll(async () => {
      await makeOrganization(organization);
      const revision = await d1RowReader(env.DB, organization).revision();
      const checker = {
        id: 'rol_asserter',
        project: '',
        name: 'Asserter',
        title: '',
        description: '',
        privileges: '["bitgate:check","bitgate:assert"]',
        all_privileges: 0,
        reaches_restricted: 0,
        system: 0,
      } as const;
      const changes = changesOf({ ...rows, roles: [...rows.roles, checker] });
      await d1RowWriter(env.DB, organization).apply(revision, changes, AUDIT, Date.now());
      plain = (await makeKey(organization)).token;
      asserting = (await makeKey(organization, ['Asserter'])).token;
    });

    it.each(cases.filter(([, , , , , more]) => more?.options?.groups === undefined).map((each) => [describeCase(each), each] as const))(
      '%s',
      async (_name, given) => {
        const [, , , decision, reason, more] = given;
        const token = more?.options?.assert ? asserting : plain;
        const { subject, action, resource, context } = requestOfCase(given);
        const answer = await call('POST', '/check', { subject, action, resource, context }, { token });
        expect(answer.body).toMatchObject({ decision: decision === 'allow', reason });
      },
    );
  },
);
