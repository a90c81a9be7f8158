/** An organization ends: no longer seen at once, swept in chunks, its id free again, with nothing left but the audit and a revision that never falls. */
import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { d1OrganizationLife, endedOrganizations, SWEPT } from '../../../src/storage/d1/organization-life.ts';
import { createOrganization, getOrganization } from '../../../src/storage/d1/organizations.ts';
import { AUDIT, BELIEVABLE, insertAll } from './believable.ts';
import { revisionOf, run, select } from './by-hand.ts';

const record = (id: string) => ({ id, name: `Name of ${id}`, preset: 'blank', createdAt: 1 });

async function ended(id: string): Promise<number> {
  await createOrganization(env.DB, record(id), insertAll(BELIEVABLE), AUDIT, 5);
  const { revision } = await d1OrganizationLife(env.DB, id).end(await revisionOf(id), { ...AUDIT, action: 'organization.delete' }, 6);
  return revision;
}

/** table → rows of the organization, of every table that has organizations. */
async function rowsIn(org: string): Promise<Record<string, number>> {
  const tables = await select<{ name: string }>("SELECT name FROM sqlite_schema WHERE type = 'table' AND sql LIKE '%org TEXT%'");
  const counts: Record<string, number> = {};
  for (const { name } of tables) {
    const [row] = await select<{ n: number }>(`SELECT count(*) AS n FROM ${name} WHERE org = ?1`, org);
    if (row !== undefined && row.n > 0) counts[name] = row.n;
  }
  return counts;
}

describe('an organization that ended', () => {
  it('is no longer seen, and swept of all but its audit and its newest line in the log', async () => {
    const revision = await ended('ends');
    expect(await getOrganization(env.DB, 'ends')).toBeNull();
    expect(await endedOrganizations(env.DB, 10)).toContain('ends');
    expect(await d1OrganizationLife(env.DB, 'ends').sweep()).toBe(true);
    expect(await rowsIn('ends')).toEqual({ audit: 2, changes: 1, changes_pruned: 1 });
    expect(await select("SELECT id FROM organizations WHERE id = 'ends'")).toEqual([]);
    expect(await revisionOf('ends')).toBeGreaterThan(revision);
    expect(await endedOrganizations(env.DB, 10)).not.toContain('ends');
  });

  it('can be made again: higher revisions, and of the one before not even the log', async () => {
    const revision = await ended('again');
    await d1OrganizationLife(env.DB, 'again').sweep();
    const made = await createOrganization(env.DB, record('again'), {}, AUDIT, 7);
    expect(made.revision).toBeGreaterThan(revision);
    expect(await rowsIn('again')).toEqual({ audit: 3, changes: 1, changes_pruned: 1 });
    expect(await select("SELECT op, before FROM changes WHERE org = 'again'")).toEqual([{ op: 'insert', before: null }]);
  });

  it('is swept in chunks when it is large, a bounded number of them at a time', async () => {
    await createOrganization(env.DB, record('large'), {}, AUDIT, 5);
    const numbers = 'WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3500)';
    await run(
      `${numbers} INSERT INTO subjects (org, subject) SELECT ?1, 'user:' || i FROM n`.replace(
        /^(WITH.*?\)) INSERT (.*?) SELECT/,
        'INSERT $2 $1 SELECT',
      ),
      'large',
    );
    await d1OrganizationLife(env.DB, 'large').end(await revisionOf('large'), AUDIT, 6);
    expect(await d1OrganizationLife(env.DB, 'large').sweep()).toBe(true);
    expect(await rowsIn('large')).toEqual({ audit: 2, changes: 1, changes_pruned: 1 });
  });

  it('is not ended over what somebody wrote meanwhile, and one that goes on is not swept', async () => {
    await createOrganization(env.DB, record('lives'), insertAll(BELIEVABLE), AUDIT, 5);
    const life = d1OrganizationLife(env.DB, 'lives');
    const revision = await revisionOf('lives');
    await run("INSERT INTO subjects (org, subject) VALUES ('lives', 'user:new')");
    await expect(life.end(revision, AUDIT, 6)).rejects.toMatchObject({ code: 'revision_moved' });
    const before = await rowsIn('lives');
    expect(await life.sweep()).toBe(true);
    expect(await rowsIn('lives')).toEqual(before);
  });
});

it('every table with rows of organizations is swept, but those that are kept on purpose', async () => {
  const tables = await select<{ name: string }>(
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql LIKE '%org TEXT%' ORDER BY name",
  );
  const swept = SWEPT.map(({ table }) => table);
  expect(tables.map(({ name }) => name).filter((name) => !swept.includes(name))).toEqual([
    'api_key_owners',
    'audit',
    'audit_beside',
    'changes',
    'changes_pruned',
    'key_use',
    'published',
  ]);
});
