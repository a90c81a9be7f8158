/** What is read is what is stored: page by page, and by what changed, each from one transaction. */
import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import type { PrincipalRows, ResourceRows } from '../../../src/core/terms/rows.ts';
import type { RowPage } from '../../../src/pap/ports.ts';
import { d1RowReader } from '../../../src/storage/d1/row-reader.ts';
import { d1RowWriter } from '../../../src/storage/d1/row-writer.ts';
import { AUDIT, assignment, BELIEVABLE, writeBelievable } from './believable.ts';
import { freshOrganization, revisionOf, run } from './by-hand.ts';

async function stocked() {
  const org = await freshOrganization();
  const revision = await writeBelievable(org, await revisionOf(org));
  return { org, revision, reader: d1RowReader(env.DB, org) };
}

const byCodePoint = (keys: readonly string[]): string[] => {
  const bytes = (key: string) => Array.from(new TextEncoder().encode(key), (byte) => byte.toString(16).padStart(2, '0')).join('');
  return [...new Set(keys)].toSorted((a, b) => (bytes(a) < bytes(b) ? -1 : 1));
};

async function pages<Rows>(read: (after: string, limit: number) => Promise<RowPage<Rows>>, limit: number): Promise<RowPage<Rows>[]> {
  const all: RowPage<Rows>[] = [];
  let after: string | null = '';
  while (after !== null) {
    const page: RowPage<Rows> = await read(after, limit);
    all.push(page);
    after = page.last;
  }
  return all;
}

/** Each table's rows of all pages, and a check that each page's rows are of its keys alone. */
function joined<Rows extends object>(all: readonly RowPage<Rows>[], keyOf: (row: object) => string): Record<string, object[]> {
  const whole: Record<string, object[]> = {};
  for (const page of all) {
    for (const [table, rows] of Object.entries(page.rows)) {
      for (const row of rows) expect(page.keys).toContain(keyOf(row));
      whole[table] = [...(whole[table] ?? []), ...rows];
    }
  }
  return whole;
}

const sets = (tables: object): Record<string, string[]> =>
  Object.fromEntries(
    Object.entries(tables).map(([table, rows]) => [
      table,
      // `as`: every table is an array of rows
      (rows as object[]).map((row) => JSON.stringify(Object.entries(row).toSorted(([a], [b]) => (a < b ? -1 : 1)))).toSorted(),
    ]),
  );

const principalOf = (row: object): string =>
  'principal' in row
    ? String(row.principal)
    : 'member' in row
      ? String(row.member)
      : 'subject' in row
        ? String(row.subject)
        : `api_key:${keyIdOf(row)}`;
const resourceOf = (row: object): string => ('resource' in row ? String(row.resource) : '');
const keyIdOf = (row: object): string => ('id' in row ? String(row.id) : '');

const isGroup = (text: string): boolean => text.startsWith('group:');
const PRINCIPALS: PrincipalRows = {
  subjects: [...BELIEVABLE.subjects],
  memberships: BELIEVABLE.group_members.filter((row) => !isGroup(row.member)),
  assignments: [...BELIEVABLE.assignments],
  api_keys: [...BELIEVABLE.api_keys],
};
const RESOURCES: ResourceRows = {
  resources: [...BELIEVABLE.resources],
  resource_parents: [...BELIEVABLE.resource_parents],
  resource_owners: [...BELIEVABLE.resource_owners],
};

describe('the row reader', () => {
  it('knows the revision, which is 0 for an organization never heard of', async () => {
    const { revision, reader } = await stocked();
    expect(await reader.revision()).toBe(revision);
    const nobody = d1RowReader(env.DB, 'nobody');
    expect(await nobody.revision()).toBe(0);
    expect(await nobody.principalPage('', 5)).toEqual({
      ...{ revision: 0, keys: [], last: null },
      rows: { subjects: [], memberships: [], assignments: [], api_keys: [] },
    });
    expect(await nobody.changedSince(0, 10)).toMatchObject({ revision: 0, catalog: null, changes: 0 });
  });

  it('gives the catalog whole', async () => {
    const { revision, reader } = await stocked();
    const catalog = await reader.catalog();
    expect(catalog.revision).toBe(revision);
    const { privileges, policies, roles, role_policies, role_inherits, groups, routes, settings } = BELIEVABLE;
    const group_nesting = BELIEVABLE.group_members.filter((row) => isGroup(row.member));
    expect(sets(catalog.rows)).toEqual(
      sets({ privileges, policies, roles, role_policies, role_inherits, groups, group_nesting, routes, settings }),
    );
  });

  for (const limit of [1, 2, 3, 7, 100]) {
    it(`gives all principals, resources and keys in pages of ${limit}, each key once, in order of code points`, async () => {
      const { reader } = await stocked();
      const principals = await pages(reader.principalPage, limit);
      const principalKeys = [...BELIEVABLE.subjects.map((row) => row.subject), ...BELIEVABLE.assignments.map((row) => row.principal)];
      expect(principals.flatMap((page) => page.keys)).toEqual(byCodePoint(principalKeys));
      expect(sets(joined(principals, principalOf))).toEqual(sets(PRINCIPALS));

      const resources = await pages(reader.resourcePage, limit);
      expect(resources.flatMap((page) => page.keys)).toEqual(byCodePoint(BELIEVABLE.resources.map((row) => row.resource)));
      expect(sets(joined(resources, resourceOf))).toEqual(sets(RESOURCES));

      const keys = await pages(reader.keyPage, limit);
      expect(keys.flatMap((page) => page.keys)).toEqual(['k1', 'k2']);
      expect(keys.flatMap((page) => page.rows.map((row) => row.id))).toEqual(['k1', 'k2']);
      for (const page of [...principals, ...resources]) expect(page.keys.length).toBeLessThanOrEqual(limit);
    });
  }

  it('ends with the last full page, not with an empty one', async () => {
    const { reader } = await stocked();
    const all = await pages(reader.keyPage, 2);
    expect(all.map((page) => page.keys.length)).toEqual([2]);
  });

  it('says where the next page goes on even if rows are deleted in between', async () => {
    const { org, reader } = await stocked();
    const first = await reader.principalPage('', 2);
    await run('DELETE FROM subjects WHERE org = ?1 AND subject = ?2', org, first.last ?? '');
    const second = await reader.principalPage(first.last ?? '', 100);
    expect(second.revision).toBeGreaterThan(first.revision);
    expect(second.keys).not.toContain(first.last);
    expect(second.last).toBeNull();
  });
});

describe('what changed since a revision', () => {
  it('is nothing when nothing changed', async () => {
    const { revision, reader } = await stocked();
    expect(await reader.changedSince(revision, 0)).toEqual({
      ...{ revision, catalog: null, changes: 0 },
      principals: { keys: [], rows: { subjects: [], memberships: [], assignments: [], api_keys: [] } },
      resources: { keys: [], rows: { resources: [], resource_parents: [], resource_owners: [] } },
      keys: { keys: [], rows: [] },
    });
  });

  it('is exactly the principals touched, each once, in order, with all their rows', async () => {
    const { org, revision, reader } = await stocked();
    await run("UPDATE subjects SET status = 'suspended' WHERE org = ?1 AND subject = 'user:\u{1F600}'", org);
    await run("UPDATE subjects SET status = 'active' WHERE org = ?1 AND subject = 'user:\u{1F600}'", org);
    await run("DELETE FROM assignments WHERE org = ?1 AND principal = 'group:everyone'", org);
    await run("INSERT INTO assignments (org, principal, role, scope) VALUES (?1, 'user:\uFFFD', 'rol_editor', 'org')", org);
    await run("DELETE FROM subjects WHERE org = ?1 AND subject = 'user:gone'", org);
    const set = await reader.changedSince(revision, 4);
    expect(set).toMatchObject({ revision: await revisionOf(org), catalog: null, changes: 5, resources: { keys: [] }, keys: { keys: [] } });
    expect(set?.principals.keys).toEqual(['group:everyone', 'user:gone', 'user:\uFFFD', 'user:\u{1F600}']);
    expect(set?.principals.rows.subjects.map((row) => row.subject)).toEqual(['user:\uFFFD', 'user:\u{1F600}']);
    expect(set?.principals.rows.memberships).toEqual([{ group_id: 'grp_all', member: 'user:\u{1F600}' }]);
    expect(set?.principals.rows.assignments.map((row) => [row.principal, row.scope])).toEqual([
      ['user:\uFFFD', 'org'],
      ['user:\u{1F600}', 'dataset:not-registered'],
    ]);
  });

  it('is exactly the resources touched, with all their rows', async () => {
    const { org, revision, reader } = await stocked();
    await run("DELETE FROM resource_owners WHERE org = ?1 AND kind = 'BUSINESS'", org);
    await run("INSERT INTO resource_parents (org, resource, parent) VALUES (?1, 'dataset:new', 'dataset:2')", org);
    const set = await reader.changedSince(revision, 2);
    expect(set).toMatchObject({ catalog: null, principals: { keys: [] } });
    expect(set?.resources.keys).toEqual(['dataset:1', 'dataset:new']);
    expect(set?.resources.rows.resources.map((row) => row.resource)).toEqual(['dataset:1', 'dataset:new']);
    expect(set?.resources.rows.resource_parents).toHaveLength(3);
    expect(set?.resources.rows.resource_owners).toHaveLength(2);
  });

  it('touches the leaf of a key and the subject that it is', async () => {
    const { org, revision, reader } = await stocked();
    await run("UPDATE api_keys SET status = 'disabled' WHERE org = ?1 AND id = 'k1'", org);
    const set = await reader.changedSince(revision, 2);
    expect(set).toMatchObject({ catalog: null, changes: 1, keys: { keys: ['k1'], rows: [{ id: 'k1', status: 'disabled' }] } });
    expect(set?.principals.keys).toEqual(['api_key:k1']);
    expect(set?.principals.rows.api_keys).toMatchObject([{ id: 'k1', status: 'disabled' }]);
    expect(set?.principals.rows.assignments.map((row) => row.id)).toEqual(['asg_5']);
  });

  it('has a deleted key and its subject as keys without rows', async () => {
    const { org, revision, reader } = await stocked();
    await run("DELETE FROM api_keys WHERE org = ?1 AND id = 'k1'", org);
    const set = await reader.changedSince(revision, 2);
    expect(set?.keys).toEqual({ keys: ['k1'], rows: [] });
    expect(set?.principals).toEqual({ keys: ['api_key:k1'], rows: { subjects: [], memberships: [], assignments: [], api_keys: [] } });
  });

  it('has the catalog when anything of it changed, and then nothing else unless touched', async () => {
    const { org, revision, reader } = await stocked();
    await run("INSERT INTO group_members (org, group_id, member) VALUES (?1, 'grp_leads', 'group:grp_all')", org);
    const set = await reader.changedSince(revision, 0);
    expect(set?.catalog?.group_nesting).toHaveLength(2);
    expect(set?.catalog?.privileges).toHaveLength(4);
    expect(set).toMatchObject({ principals: { keys: [] }, resources: { keys: [] }, keys: { keys: [] } });
  });

  it('has neither for a nickname or the organization itself, but the revision', async () => {
    const { org, revision, reader } = await stocked();
    await run("UPDATE projects SET nickname = 'N' WHERE org = ?1 AND id = 'atlas'", org);
    await run("UPDATE organizations SET name = 'N' WHERE id = ?1", org);
    expect(await reader.changedSince(revision, 0)).toMatchObject({ revision: await revisionOf(org), catalog: null, changes: 2 });
  });

  it('has what a group lost when it was deleted', async () => {
    const { org, revision, reader } = await stocked();
    await run("DELETE FROM groups WHERE org = ?1 AND id = 'grp_leads'", org);
    const set = await reader.changedSince(revision, 100);
    expect(set?.principals.keys).toEqual(['group:grp_leads', 'user:Ann']);
    expect(set?.resources.keys).toEqual(['dataset:1']);
    expect(set?.catalog?.groups.map((row) => row.id)).toEqual(['grp_all']);
    expect(set?.principals.rows.memberships).toEqual([]);
  });

  it('is null when more keys were touched than asked for, a key counting twice', async () => {
    const { org, revision, reader } = await stocked();
    await run("UPDATE api_keys SET name = 'x' WHERE org = ?1", org);
    await run("UPDATE resources SET properties = '{\"n\":0}' WHERE org = ?1 AND resource = 'dataset:1'", org);
    expect(await reader.changedSince(revision, 4)).toBeNull();
    expect((await reader.changedSince(revision, 5))?.changes).toBe(3);
  });

  it('is null when the log was pruned past the revision, and not when it was pruned up to it', async () => {
    const { org, revision, reader } = await stocked();
    for (const name of ['a', 'b', 'c']) await run(`INSERT INTO subjects (org, subject) VALUES (?1, 'user:new-${name}')`, org);
    const newest = await revisionOf(org);
    await run('DELETE FROM changes WHERE org = ?1 AND seq <= ?2', org, newest - 2);
    expect(await reader.changedSince(0, 100)).toBeNull();
    expect(await reader.changedSince(revision, 100)).toBeNull();
    expect((await reader.changedSince(newest - 2, 100))?.principals.keys).toEqual(['user:new-b', 'user:new-c']);
    expect((await reader.changedSince(newest, 100))?.changes).toBe(0);
  });

  it('is null from a revision that the log does not have: the database was set back', async () => {
    const { org, revision, reader } = await stocked();
    const other = await stocked();
    await run("INSERT INTO subjects (org, subject) VALUES (?1, 'user:new')", org);
    expect(await reader.changedSince(revision + 1, 100)).toBeNull();
    expect(await reader.changedSince(other.revision, 100)).toBeNull();
    expect(await reader.changedSince((await revisionOf(org)) + 1, 100)).toBeNull();
  });

  it('is everything, since 0, when nothing was pruned', async () => {
    const { revision, reader } = await stocked();
    const set = await reader.changedSince(0, 10_000);
    expect(set?.revision).toBe(revision);
    expect(sets(set?.principals.rows ?? {})).toEqual(sets(PRINCIPALS));
    expect(sets(set?.resources.rows ?? {})).toEqual(sets(RESOURCES));
    expect(set?.keys.rows).toHaveLength(2);
  });

  it('shows one state, the newest, while writers are at work', async () => {
    const { org, revision, reader } = await stocked();
    const writer = d1RowWriter(env.DB, org);
    // Each write keeps two assignments and two resources in step: a set that mixes two states has them out of step.
    const same = <Row>(rows: readonly Row[]) => rows.map((row) => ({ before: row, after: row }));
    const write = async (i: number): Promise<void> => {
      const expires_at = 4_000_000_000_000 + i;
      const rows = ['user:Ann', 'user:ann'].map((principal, n) =>
        assignment({ id: `pair_${n}`, principal, role: 'rol_editor', expires_at }),
      );
      const resources = ['dataset:1', 'dataset:2'].map((resource) => ({ resource, access: 'inherit', properties: `{"i":${i}}` }) as const);
      const step = { insert: i === 0 ? rows : [], update: i === 0 ? [] : same(rows), delete: [] };
      const roles = { insert: [], update: same([{ ...BELIEVABLE.roles[0]!, title: String(i) }]), delete: [] };
      await writer.apply(
        await revisionOf(org),
        { assignments: step, resources: { insert: [], update: same(resources), delete: [] }, roles },
        AUDIT,
        i,
      );
    };
    await write(0);
    const writing = (async () => {
      for (let i = 1; i < 30; i++) await write(i);
    })();
    let last = 0;
    for (let n = 0; n < 30; n++) {
      const set = await reader.changedSince(revision, 100);
      const expiries = set?.principals.rows.assignments.filter((row) => row.id.startsWith('pair_')).map((row) => row.expires_at);
      const i = Number(expiries?.[0]) - 4_000_000_000_000;
      expect(expiries).toEqual([expiries?.[0], expiries?.[0]]);
      expect(set?.resources.rows.resources.map((row) => row.properties)).toEqual([`{"i":${i}}`, `{"i":${i}}`]);
      expect(set?.catalog?.roles.find((row) => row.id === 'rol_editor')?.title).toBe(String(i));
      expect(set?.revision).toBeGreaterThanOrEqual(last);
      last = set?.revision ?? 0;
    }
    await writing;
  });
});
