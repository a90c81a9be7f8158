/**
 * An administrator of DataHub at work, step by step against the running server: roles with their users and policies, one role to many at once,
 * another role for one, "Reader, and editor of one domain", what can't be edited, no role, a link per role. After each step: who can do what.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { type Answer, call, codeOf, makeKey, makeOrganization, namesOf } from '../http/client.ts';

const ORG = '/admin/orgs/lake';
const ROLES = ['Admin', 'Editor', 'Reader'];
const SYSTEM_POLICIES = ROLES.flatMap((role) => [`${role} - Metadata Privileges`, `${role} - Platform Privileges`]);
const PEOPLE = ['user:ana', 'user:ben', 'user:cleo', 'user:dov'];
/** two datasets and a domain below Finance, a dataset of Sales, one of no domain */
const ASSETS = ['dataset:ledger', 'dataset:payroll', 'domain:payroll', 'dataset:orders', 'dataset:loose'];
const OF_FINANCE = ASSETS.slice(0, 3);

/** holds the role Admin */
let admin = '';

const ask = (method: string, path: string, body?: object): Promise<Answer> => call(method, `${ORG}${path}`, body, { token: admin });

/** @throws when it is refused */
async function step(method: string, path: string, body?: object): Promise<Answer> {
  const answer = await ask(method, path, body);
  if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
  return answer;
}

interface Rights {
  readonly views: readonly string[];
  readonly edits: readonly string[];
  readonly manages: boolean;
}

/** What somebody may view, edit, and whether they administer people. */
async function rights(subject: string): Promise<Rights> {
  const question = (action: string, resource?: string): object => ({ subject, action, ...(resource === undefined ? {} : { resource }) });
  const checks = [
    ...ASSETS.map((asset) => question('VIEW_ENTITY_PAGE', asset)),
    ...ASSETS.map((asset) => question('EDIT_ENTITY_DOCS', asset)),
    question('MANAGE_USERS_AND_GROUPS'),
  ];
  const { results } = (await call('POST', '/check/batch', { org: 'lake', checks })).body;
  const allowed = (start: number): string[] => ASSETS.filter((_, i) => results[start + i].decision);
  return { views: allowed(0), edits: allowed(ASSETS.length), manages: results.at(-1).decision };
}

const NOTHING: Rights = { views: [], edits: [], manages: false };
const READER: Rights = { views: ASSETS, edits: [], manages: false };
const EDITOR: Rights = { views: ASSETS, edits: ASSETS, manages: false };
const ADMIN: Rights = { views: ASSETS, edits: ASSETS, manages: true };

/** Everybody's, in the order of `PEOPLE`. */
const picture = (): Promise<Rights[]> => Promise.all(PEOPLE.map(rights));

/** The roles that somebody holds, as the page of members shows them. */
async function rolesOf(subject: string): Promise<string[]> {
  const { roles } = (await step('GET', `/members/${subject}`)).body;
  return roles.flatMap(({ role }: { role?: string }) => role ?? []);
}

beforeAll(async () => {
  await makeOrganization('lake', { preset: 'datahub', owner: 'user:root' });
  admin = (await makeKey('lake', ['Admin'])).token;
});

describe('a walk through DataHub', () => {
  it('begins with people who have no role, and assets in domains', async () => {
    for (const [resource, parents] of [
      ['domain:finance', []],
      ['domain:payroll', ['domain:finance']],
      ['domain:sales', []],
      ['dataset:ledger', ['domain:finance']],
      ['dataset:payroll', ['domain:payroll']],
      ['dataset:orders', ['domain:sales']],
      ['dataset:loose', []],
    ] as const) {
      await step('POST', '/resources', { resource, parents });
    }
    for (const subject of PEOPLE) await step('POST', '/subjects', { subject });
    expect(await picture()).toEqual([NOTHING, NOTHING, NOTHING, NOTHING]);
  });

  it('lists the roles, each with its policies and its users', async () => {
    const { items } = (await step('GET', '/roles?system=true&limit=100')).body;
    const own = items.filter(({ name }: { name: string }) => !name.startsWith('bitgate:'));
    expect(own.map(({ name }: { name: string }) => name)).toEqual(ROLES);
    for (const { name, policies, assignments, system } of own) {
      expect(policies.toSorted()).toEqual([`${name} - Metadata Privileges`, `${name} - Platform Privileges`]);
      // the administrator's key
      expect([name, system, assignments.total]).toEqual([name, true, name === 'Admin' ? 1 : 0]);
    }
  });

  it('adds three users to a role at once, and the role shows them', async () => {
    const subjects = ['user:ana', 'user:ben', 'user:cleo', 'user:nobody'];
    const answer = await step('POST', '/assignments/batch', { role: 'Reader', subjects, must_exist: true });
    expect(answer.body.items.map(({ status }: { status: string }) => status)).toEqual(['assigned', 'assigned', 'assigned', 'not_found']);
    expect(await picture()).toEqual([READER, READER, READER, NOTHING]);
    const { assignments } = (await step('GET', '/roles/Reader')).body;
    expect([assignments.total, assignments.first.map(({ subject }: { subject: string }) => subject).toSorted()]).toEqual([
      3,
      ['user:ana', 'user:ben', 'user:cleo'],
    ]);
    const again = await step('POST', '/assignments/batch', { role: 'Reader', subjects: subjects.slice(0, 3) });
    expect(again.body.items.map(({ status }: { status: string }) => status)).toEqual(['unchanged', 'unchanged', 'unchanged']);
  });

  it('gives one of them another role, which takes the place of the first: one role each', async () => {
    const answer = await step('PUT', '/members/user:ben', { roles: ['Editor'] });
    expect(answer.body.removed.map(({ role }: { role: string }) => role)).toEqual(['Reader']);
    expect(await rolesOf('user:ben')).toEqual(['Editor']);
    expect(await picture()).toEqual([READER, EDITOR, READER, NOTHING]);
    // the drop-down of the page of users assigns, as DataHub's does: the role is exchanged likewise
    const assigned = await step('POST', '/assignments/batch', { role: 'Admin', subjects: ['user:ben'] });
    expect(assigned.body.items[0]).toMatchObject({ status: 'replaced', replaced: [{ role: 'Editor' }] });
    expect([await rolesOf('user:ben'), await rights('user:ben')]).toEqual([['Admin'], ADMIN]);
    await step('PUT', '/members/user:ben', { roles: ['Editor'] });
    expect(await rights('user:ben')).toEqual(EDITOR);
  });

  it('lets a Reader edit within one domain, and only read elsewhere', async () => {
    const policy = { name: 'Finance documentation', privileges: ['EDIT_ENTITY_DOCS'] };
    expect((await step('POST', '/policies', policy)).status).toBe(201);
    expect(await rights('user:ana')).toEqual(READER);
    const given = { subject: 'user:ana', policy: policy.name, scope: 'domain:finance' };
    const { id } = (await step('POST', '/assignments', given)).body;
    expect(await picture()).toEqual([{ ...READER, edits: OF_FINANCE }, EDITOR, READER, NOTHING]);
    expect(await rolesOf('user:ana')).toEqual(['Reader']);

    // an asset that is moved there is hers to edit, and no longer when it is moved away
    await step('PATCH', '/resources/dataset:orders', { parents: ['domain:payroll'] });
    expect((await rights('user:ana')).edits).toEqual([...OF_FINANCE, 'dataset:orders']);
    await step('PATCH', '/resources/dataset:orders', { parents: ['domain:sales'] });
    expect((await rights('user:ana')).edits).toEqual(OF_FINANCE);

    // editing the policy does not lose whom it was given to (#19909), and takes effect
    const described = await step('PATCH', `/policies/${encodeURIComponent(policy.name)}`, { description: 'For the controllers' });
    expect([described.status, (await rights('user:ana')).edits]).toEqual([200, OF_FINANCE]);
    await step('PATCH', `/policies/${encodeURIComponent(policy.name)}`, { state: 'INACTIVE' });
    expect(await rights('user:ana')).toEqual(READER);
    await step('PATCH', `/policies/${encodeURIComponent(policy.name)}`, { state: 'ACTIVE' });
    expect((await rights('user:ana')).edits).toEqual(OF_FINANCE);
    expect(
      (await step('GET', `/assignments?subject=user:ana&scope=domain:finance`)).body.items.map((each: { id: string }) => each.id),
    ).toEqual([id]);
  });

  it('F26 edits and deletes none of the system policies and roles, all of them tried, by whom has every right too', async () => {
    const owner = (await makeKey('lake', ['bitgate:owner'])).token;
    const before = (await step('GET', '')).body.revision;
    for (const [kind, expected] of [
      ['policies', SYSTEM_POLICIES],
      ['roles', ROLES],
    ] as const) {
      const { items } = (await step('GET', `/${kind}?system=true&limit=1000`)).body;
      const code = kind === 'policies' ? '409 system_policy' : '409 system_role';
      expect(items.map(({ name }: { name: string }) => name)).toEqual(expect.arrayContaining([...expected]));
      for (const { id, name, system, description } of items) {
        expect(system).toBe(true);
        for (const reference of [id, encodeURIComponent(name)]) {
          const path = `${ORG}/${kind}/${reference}`;
          for (const token of [admin, owner]) {
            for (const [method, query, body] of [
              ['PATCH', '', { description: 'Mine' }],
              ['PATCH', '', { name: 'Mine' }],
              ['PUT', '', { name, description, privileges: [] }],
              ['DELETE', '', undefined],
              ['DELETE', '?force=true', undefined],
            ] as const) {
              const answer = await call(method, `${path}${query}`, body, { token });
              expect([name, method, query, codeOf(answer)]).toEqual([name, method, query, code]);
            }
          }
        }
      }
    }
    expect((await step('GET', '')).body.revision).toBe(before);
    expect(await picture()).toEqual([{ ...READER, edits: OF_FINANCE }, EDITOR, READER, NOTHING]);
  });

  it('F26 shadows none of them, in any letter case, by making or by renaming', async () => {
    await step('POST', '/roles', { name: 'Steward' });
    await step('POST', '/policies', { name: 'Stewardship', privileges: [] });
    const before = (await step('GET', '')).body.revision;
    for (const [kind, own, names] of [
      ['policies', 'Stewardship', SYSTEM_POLICIES],
      ['roles', 'Steward', ROLES],
    ] as const) {
      for (const name of names) {
        const spelled = [
          name,
          name.toLowerCase(),
          name.toUpperCase(),
          [...name].map((c, i) => (i % 2 ? c.toUpperCase() : c.toLowerCase())).join(''),
        ];
        for (const shadow of spelled) {
          const body = kind === 'policies' ? { name: shadow, privileges: [] } : { name: shadow };
          for (const answer of [
            await ask('POST', `/${kind}`, body),
            await ask('POST', `/${kind}?if_exists=return`, body),
            await ask('PATCH', `/${kind}/${own}`, { name: shadow }),
            await ask('PUT', `/${kind}/${own}`, body),
          ]) {
            expect([shadow, codeOf(answer)]).toEqual([shadow, '409 system_name']);
          }
        }
      }
    }
    expect((await step('GET', '')).body.revision).toBe(before);
    await step('DELETE', '/roles/Steward');
    await step('DELETE', '/policies/Stewardship');
  });

  it('takes the role of one away, who then has nothing', async () => {
    const answer = await step('POST', '/assignments/batch', { role: null, subjects: ['user:cleo', 'user:dov'] });
    expect(answer.body.items.map(({ status }: { status: string }) => status)).toEqual(['unassigned', 'unchanged']);
    expect([await rolesOf('user:cleo'), await rights('user:cleo')]).toEqual([[], NOTHING]);
    // likewise in the page of members: the Reader keeps the policy that is hers
    await step('PUT', '/members/user:ana', { roles: [] });
    expect(await rights('user:ana')).toEqual({ ...NOTHING, edits: OF_FINANCE });
    await step('PUT', '/members/user:ana', { roles: ['Reader'] });
    expect(await picture()).toEqual([{ ...READER, edits: OF_FINANCE }, EDITOR, NOTHING, NOTHING]);
  });

  it('makes a link for each role, and whoever accepts it has that role and no other', async () => {
    for (const [role, expected] of [
      ['Reader', READER],
      ['Editor', EDITOR],
      ['Admin', ADMIN],
    ] as const) {
      const { token } = (await step('POST', '/invitations', { role, max_uses: 2 })).body;
      const subject = `user:new-${role}`;
      expect(await rights(subject)).toEqual(NOTHING);
      expect((await call('POST', '/invitations/accept', { token, subject })).status).toBe(200);
      expect([await rolesOf(subject), await rights(subject)]).toEqual([[role], expected]);
    }
    expect((await step('GET', '/invitations?state=pending')).body.total).toBe(3);
    // a Reader's link neither lowers nor clears what an Admin has, unless that is asked for
    const { id, token } = (await step('POST', '/invitations', { role: 'Reader' })).body;
    expect(codeOf(await call('POST', '/invitations/accept', { token, subject: 'user:new-Admin' }))).toBe('409 role_kept');
    expect(await rights('user:new-Admin')).toEqual(ADMIN);
    // a new link ends the one before at once
    const { token: newer } = (await step('POST', `/invitations/${id}/resend`)).body;
    expect(codeOf(await call('POST', '/invitations/accept', { token, subject: 'user:dov' }))).toBe('410 invitation_replaced');
    expect((await call('POST', '/invitations/accept', { token: newer, subject: 'user:new-Admin', replace: true })).status).toBe(200);
    expect(await rights('user:new-Admin')).toEqual(READER);
    expect(await rights('user:dov')).toEqual(NOTHING);
  });

  it('ends as it began for the roles, whose lists name their users now', async () => {
    const roles = await step('GET', '/roles?system=true&limit=100');
    expect(namesOf(roles).filter((name) => !name.startsWith('bitgate:'))).toEqual(ROLES);
    const totals = roles.body.items.flatMap(({ name, assignments }: { name: string; assignments: { total: number } }) =>
      ROLES.includes(name) ? [assignments.total] : [],
    );
    expect(totals).toEqual([1, 2, 3]);
  });
});
