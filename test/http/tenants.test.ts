/**
 * Two organizations, each with two projects of equal ids: nothing of one is there for the other, whichever operation asks. The operations are the
 * declared ones, so a new one is held to this by being declared.
 */
import { env } from 'cloudflare:workers';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Operation } from '../../src/http/common/operation.ts';
import { ALL_OPERATIONS } from '../support/operations.ts';
import { type Answer, call, makeKey, makeOrganization, putManifest, ROOT } from './client.ts';
import { type Json, placesOf, writeEdited } from './fuzz/places.ts';
import { makeIssuer } from './issuer.ts';

const ORGANIZATIONS = ['north', 'south'] as const;
const PROJECTS = ['p1', 'p2'] as const;
const CELLS = ORGANIZATIONS.flatMap((organization) => PROJECTS.map((project) => ({ organization, project })));

type Organization = (typeof ORGANIZATIONS)[number];

/** Each has an identity provider of its own, and what its claims say is said by the other's too. */
const issuers = { north: await makeIssuer('https://north.example'), south: await makeIssuer('https://south.example') };

/** The same in both but for what bears the organization's name. Whoever is `user:p1` may view in p1 of the organization alone. */
const manifestOf = (organization: Organization): object => ({
  bitgate: 1,
  catalog: { privileges: [{ name: 'view' }, { name: `${organization}_view` }] },
  policies: [{ name: `Policy of ${organization}`, privileges: [`${organization}_view`] }],
  roles: [
    { name: 'Viewer', privileges: ['view'] },
    { name: `Role of ${organization}`, privileges: [`${organization}_view`] },
  ],
  projects: [
    ...PROJECTS.map((id) => ({ id, roles: [{ name: `Own of ${organization} ${id}`, privileges: ['view'] }] })),
    { id: `only-${organization}` },
  ],
  subjects: [{ type: 'user', id: `only-${organization}` }],
  groups: [{ name: `Group of ${organization}`, members: [`user:only-${organization}`] }],
  resources: [{ type: 'dataset', id: `only-${organization}`, parents: ['project:p1'] }],
  assignments: [
    { subject: 'user:owner', role: 'bitgate:owner', scope: 'org' },
    ...PROJECTS.map((project) => ({ subject: `user:${organization}-${project}`, role: 'Viewer', scope: `project:${project}` })),
  ],
  settings: {
    issuers: [issuers[organization].settings],
    claim_mappings: [{ claim: 'groups', value: 'owners', role: 'bitgate:owner', scope: 'org' }],
  },
});

interface Tenant {
  readonly token: string;
  /** ids, names and references that only this organization has */
  readonly own: readonly string[];
}

const tenants = new Map<Organization, Tenant>();
const tenantOf = (organization: Organization): Tenant => {
  const tenant = tenants.get(organization);
  if (tenant === undefined) throw new Error(`\`${organization}\` was not made`);
  return tenant;
};
const otherOf = (organization: Organization): Organization => (organization === 'north' ? 'south' : 'north');

beforeAll(async () => {
  const tokens = new Map<Organization, string>();
  for (const organization of ORGANIZATIONS) {
    await makeOrganization(organization, { owner: 'user:owner' });
    await putManifest(organization, manifestOf(organization));
    tokens.set(organization, (await makeKey(organization, ['bitgate:owner'])).token);
  }
  for (const [organization, token] of tokens) tenants.set(organization, { token, own: await ownOf(organization) });
});

async function ownOf(organization: Organization): Promise<readonly string[]> {
  const own = ['Policy', 'Role', 'Group'].map((thing) => `${thing} of ${organization}`);
  own.push(`user:only-${organization}`, `dataset:only-${organization}`, `project:only-${organization}`);
  // system things have the same ids in all
  for (const table of ['roles', 'policies', 'groups', 'assignments', 'api_keys']) {
    const { results } = await env.DB.prepare(
      `SELECT id FROM ${table} WHERE org = ?1 AND id NOT IN (SELECT id FROM ${table} WHERE org <> ?1) LIMIT 2`,
    )
      .bind(organization)
      .all<{ id: string }>();
    own.push(...results.map(({ id }) => id));
  }
  return own;
}

/** Everything of an organization in every table that holds something of organizations. What is served, and when a key was last used, is no data. */
async function rowsOf(organization: string): Promise<string> {
  const { results } = await env.DB.prepare(
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql LIKE '% org TEXT %' AND name NOT IN ('published', 'key_use') ORDER BY name",
  ).all<{ name: string }>();
  const tables = await env.DB.batch(results.map(({ name }) => env.DB.prepare(`SELECT * FROM "${name}" WHERE org = ?1`).bind(organization)));
  return JSON.stringify(tables.map((table) => table.results));
}

const ADMIN = ALL_OPERATIONS.filter(({ path }) => path.startsWith('/admin/orgs/:org'));
const NAMING = ADMIN.filter(({ path }) => partsOf(path).length > 0);

/** Beside the organization. */
function partsOf(path: string): readonly string[] {
  return [...path.matchAll(/:([A-Za-z_]+)/g)].map(([, name = '']) => name).filter((name) => name !== 'org');
}

/** Asks with the example of the body and of the query. */
function ask(
  { method, path, query, queryExample, body, bodyExample, bodyTypes }: Operation,
  token: string,
  parts: Readonly<Record<string, string>>,
  more: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const address = path.replace(/:([A-Za-z_]+)/g, (_whole, name: string) => encodeURIComponent(parts[name] ?? 'none'));
  const asked = new URLSearchParams({ ...queryExample, ...(query === undefined ? {} : more) }).toString();
  const headers = bodyTypes === undefined ? {} : { 'content-type': bodyTypes[0] ?? '' };
  return call(method, asked === '' ? address : `${address}?${asked}`, body === undefined ? undefined : bodyExample, { token, headers });
}

describe('SEC-47 every operation of administration', () => {
  it('is there, and so are the rows that it must not touch', async () => {
    expect(ADMIN.length).toBeGreaterThan(5);
    for (const organization of ORGANIZATIONS)
      expect((JSON.parse(await rowsOf(organization)) as unknown[][]).flat().length).toBeGreaterThan(20);
  });

  it.each(ADMIN.map((operation) => [operation.id, operation] as const))(
    '%s: the key of another organization is told that there is no such organization, and nothing is written',
    async (_id, operation) => {
      for (const organization of ORGANIZATIONS) {
        const before = await Promise.all(ORGANIZATIONS.map(rowsOf));
        for (const project of PROJECTS) {
          const answer = await ask(operation, tenantOf(otherOf(organization)).token, { org: organization, project });
          expect([answer.status, answer.body.error.code]).toEqual([404, 'unknown_organization']);
        }
        expect(await Promise.all(ORGANIZATIONS.map(rowsOf))).toEqual(before);
      }
    },
  );

  it.each(ADMIN.map((operation) => [operation.id, operation] as const))(
    '%s: the token of another organization’s owner proves nobody here, and nothing is written',
    async (_id, operation) => {
      for (const organization of ORGANIZATIONS) {
        const before = await Promise.all(ORGANIZATIONS.map(rowsOf));
        const token = await issuers[otherOf(organization)].sign('owner', { groups: ['owners'] });
        const answer = await ask(operation, token, { org: organization, project: 'p1' });
        expect([answer.status, answer.body.error.code]).toEqual([401, 'invalid_credentials']);
        expect(await Promise.all(ORGANIZATIONS.map(rowsOf))).toEqual(before);
      }
    },
  );

  it('the token of an organization’s owner administers that one', async () => {
    for (const organization of ORGANIZATIONS) {
      const token = await issuers[organization].sign('somebody', { groups: ['owners'] });
      const roles = await call('GET', `/admin/orgs/${organization}/roles?limit=1000`, undefined, { token });
      expect(roles.body.items.map(({ name }: { name: string }) => name)).toContain(`Role of ${organization}`);
      expect(tenantOf(otherOf(organization)).own.filter((each) => roles.text.includes(each))).toEqual([]);
    }
  });

  it.each(NAMING.map((operation) => [operation.id, operation] as const))(
    '%s: nothing of another organization is found under this one, and nothing of it changes',
    async (_id, operation) => {
      for (const organization of ORGANIZATIONS) {
        const other = otherOf(organization);
        const before = await rowsOf(other);
        for (const name of partsOf(operation.path)) {
          const values = name === 'project' ? [`only-${other}`] : tenantOf(other).own;
          for (const value of values) {
            for (const token of [tenantOf(organization).token, ROOT]) {
              const answer = await ask(operation, token, { org: organization, project: 'p1', [name]: value });
              expect(isAbsent(operation, answer), `${name} ${value}: ${answer.status} ${answer.text}`).toBe(true);
            }
          }
        }
        expect(await rowsOf(other)).toBe(before);
      }
    },
  );
});

/**
 * Who reads or deletes is told 404, or that nothing can be named so. Who writes may be told first what else is wrong, and who puts a thing may
 * make its own of that name.
 */
function isAbsent({ method }: Operation, { status }: Answer): boolean {
  if (status === 404 || status === 400) return true;
  if (method === 'GET' || method === 'DELETE') return false;
  return [409, 412, 422].includes(status) || (method === 'PUT' && status < 300);
}

describe('F9, SEC-47 a grant in one project of one organization', () => {
  const pairs = CELLS.flatMap((granted) => CELLS.map((asked) => ({ granted, asked })));

  it.each(
    pairs.map(
      ({ granted, asked }) =>
        [`${granted.organization}/${granted.project}`, `${asked.organization}/${asked.project}`, granted, asked] as const,
    ),
  )('of %s is asked in %s', async (from, to, granted, asked) => {
    const question = { subject: `user:${granted.organization}-${granted.project}`, action: 'view', resource: `project:${asked.project}` };
    for (const answer of [
      await call('POST', '/check', question, { token: tenantOf(asked.organization).token }),
      await call('POST', `/orgs/${asked.organization}/check`, question),
    ]) {
      expect([answer.status, answer.body.decision]).toEqual([200, from === to]);
    }
  });

  it('is not one at the organization', async () => {
    for (const { organization, project } of CELLS) {
      const answer = await call('POST', '/check', { org: organization, subject: `user:${organization}-${project}`, action: 'view' });
      expect(answer.body.decision).toBe(false);
    }
  });

  it('cannot be asked about with the key of another organization', async () => {
    for (const { organization, project } of CELLS) {
      const question = { subject: `user:${organization}-${project}`, action: 'view', resource: `project:${project}` };
      const { token } = tenantOf(otherOf(organization));
      for (const answer of [
        await call('POST', '/check', { ...question, org: organization }, { token }),
        await call('POST', `/orgs/${organization}/check`, question, { token }),
        await call('POST', '/check/batch', { org: organization, checks: [question] }, { token }),
      ]) {
        expect([answer.status, answer.body.decision]).toEqual([404, false]);
      }
    }
  });
});

/** Last, since what is well-formed may be written. */
describe('SEC-47 the ids of another organization in queries and bodies', () => {
  const south = (): readonly string[] => tenantOf('south').own;

  /** Of the answer, what was asked with set aside. @param told values that this organization has been given meanwhile, by being asked with them */
  const leaked = (answer: Answer, ...told: readonly string[]): readonly string[] => {
    const text = told.reduce((left, each) => left.replaceAll(each, ''), answer.text);
    return south().filter((each) => !told.includes(each) && text.includes(each));
  };

  it.each(ADMIN.filter(({ query }) => query !== undefined).map((operation) => [operation.id, operation] as const))(
    '%s: as a parameter they find nothing and change nothing of the other',
    async (_id, operation) => {
      const before = await rowsOf('south');
      for (const name of Object.keys(operation.query?.shape ?? {})) {
        for (const value of south()) {
          const answer = await ask(operation, tenantOf('north').token, { org: 'north', project: 'p1' }, { [name]: value });
          expect(leaked(answer, value), `${name} ${value}`).toEqual([]);
        }
      }
      expect(await rowsOf('south')).toBe(before);
    },
  );

  it.each(ADMIN.filter(({ bodyExample }) => bodyExample !== undefined).map((operation) => [operation.id, operation] as const))(
    '%s: as a member of the body they find nothing and change nothing of the other',
    async (_id, operation) => {
      const before = await rowsOf('south');
      // examples are JSON
      const example = operation.bodyExample as Json;
      // A write may tell what it replaces: what was written just before.
      let replaced: readonly string[] = [];
      for (const place of placesOf(example)) {
        for (const value of south()) {
          const bodyExample: unknown = JSON.parse(
            writeEdited(
              example,
              place,
              (_written, inObject, key) => `${inObject ? `${JSON.stringify(key)}:` : ''}${JSON.stringify(value)}`,
            ),
          );
          const answer = await ask({ ...operation, bodyExample }, tenantOf('north').token, { org: 'north', project: 'p1' });
          expect(leaked(answer, value, ...replaced), `${place.join('.')} ${value}: ${answer.text}`).toEqual([]);
          if (answer.status < 300) replaced = [value];
        }
      }
      expect(await rowsOf('south')).toBe(before);
    },
  );
});
