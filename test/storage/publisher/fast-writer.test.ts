/** A writer who touches more than a compile reads in the same time: the compile ends all the same, and what it gives is one revision. */
import { env } from 'cloudflare:workers';
import { expect, it } from 'vitest';
import type { OrganizationRows } from '../../../src/core/terms/rows.ts';
import type { MutableTables } from '../../../src/pap/manifest/tables.ts';
import type { RowReader } from '../../../src/pap/ports.ts';
import { rowsAt } from '../../../src/storage/d1/past-rows.ts';
import { d1RowReader } from '../../../src/storage/d1/row-reader.ts';
import { MemoryReader } from '../../support/memory-reader.ts';
import { MemoryPieces, memoryCompiler, openBefore } from '../../support/memory-snapshot.ts';
import { Named } from './organization.ts';

const LEAF_WEIGHT = 90;
const SIZES = { keys: 5, changes: 3 };

/** The n-th write: of every table that leaves or the catalog are made of, more rows than a step brings in; some go from one key to another, some go. */
function edits(n: number): string[] {
  const [here, there, before] = [n % 7, (n * 3) % 11, n - 2];
  return [
    `INSERT INTO subjects (org, subject, properties) VALUES ($org, 'user:new${n}', '{"n":${n}}')`,
    `INSERT INTO assignments (org, id, principal, role, scope) VALUES ($org, 'asg_${n}', 'user:u${here}', 'rol_reader', 'doc:${n}')`,
    `UPDATE assignments SET principal = 'user:u${there}' WHERE org = $org AND id = 'asg_${before}'`,
    `DELETE FROM assignments WHERE org = $org AND id = 'asg_${before - 2}'`,
    `UPDATE subjects SET status = CASE status WHEN 'active' THEN 'suspended' ELSE 'active' END WHERE org = $org AND subject = 'user:u${there}'`,
    `DELETE FROM subjects WHERE org = $org AND subject = 'user:new${before - 3}'`,
    `INSERT INTO resources (org, resource) VALUES ($org, 'doc:${n}')`,
    `INSERT INTO resource_parents (org, resource, parent) VALUES ($org, 'doc:${n}', 'folder:${here}')`,
    `INSERT INTO resource_owners (org, resource, owner, kind) VALUES ($org, 'doc:${n}', 'user:u${here}', 'TECHNICAL')`,
    `DELETE FROM resource_owners WHERE org = $org AND resource = 'doc:${before}'`,
    `INSERT INTO groups (org, id, name) VALUES ($org, 'grp_${n}', 'group ${n}')`,
    `INSERT INTO group_members (org, group_id, member) VALUES ($org, 'grp_${n}', 'user:u${here}'), ($org, 'grp_${n}', 'group:grp_${n - 1}')`,
    `DELETE FROM group_members WHERE org = $org AND group_id = 'grp_${before}'`,
    `UPDATE api_keys SET status = CASE status WHEN 'active' THEN 'disabled' ELSE 'active' END WHERE org = $org`,
    `UPDATE roles SET privileges = CASE privileges WHEN '[]' THEN '["read"]' ELSE '[]' END WHERE org = $org`,
  ];
}

class Written extends Named {
  #writes = 0;

  async create(): Promise<this> {
    await this.sql(
      "INSERT INTO organizations (id, name, preset, created_at) VALUES ($org, 'test', 'blank', 0)",
      "INSERT INTO privileges (org, name, levels) VALUES ($org, 'read', 'both')",
      `INSERT INTO roles (org, id, name, privileges) VALUES ($org, 'rol_reader', 'Reader', '["read"]')`,
      "INSERT INTO groups (org, id, name) VALUES ($org, 'grp_0', 'group 0')",
      "INSERT INTO subjects (org, subject) VALUES ($org, 'api_key:k')",
      `INSERT INTO api_keys (org, id, hash) VALUES ($org, 'k', '${'ab'.repeat(32)}')`,
      ...Array.from({ length: 20 }, (_, i) => `INSERT INTO subjects (org, subject) VALUES ($org, 'user:u${i}')`),
    );
    return this;
  }

  async write(): Promise<void> {
    await this.sql(...edits(++this.#writes));
  }

  /** Before each look for changes, more is written than the look brings in. */
  reader(): RowReader {
    const reader = d1RowReader(env.DB, this.id);
    return {
      ...reader,
      changedSince: async (after, maxTouched, part) => {
        await this.write();
        return reader.changedSince(after, maxTouched, part);
      },
    };
  }

  /** All rows of a revision, by way of the log. */
  async rowsAt(revision: number): Promise<OrganizationRows> {
    const { tables } = (await rowsAt(env.DB, this.id, revision))!;
    const nests = ({ member }: { readonly member: string }): boolean => member.startsWith('group:');
    const mutable = structuredClone(tables) as MutableTables; // copies
    const { group_members: members } = mutable;
    return { ...mutable, group_nesting: members.filter(nests), memberships: members.filter((row) => !nests(row)) };
  }
}

async function inOneGo(rows: OrganizationRows): Promise<unknown> {
  const pieces = new MemoryPieces();
  const compiled = await memoryCompiler(new MemoryReader(rows), pieces, LEAF_WEIGHT).compile(null, true);
  return openBefore(pieces, compiled!).manifest.model();
}

it.each([
  ['everything', true],
  ['what changed', false],
])(
  'a compile of %s ends at a revision of its time, in the bytes of that revision',
  async (_, full) => {
    const org = await new Written(full ? 'fast-writer-full' : 'fast-writer-changes').create();
    const pieces = new MemoryPieces();
    const first = await memoryCompiler(d1RowReader(env.DB, org.id), pieces, LEAF_WEIGHT, SIZES).compile(null, true);
    await org.write();
    const compiler = memoryCompiler(org.reader(), pieces, LEAF_WEIGHT, SIZES);
    const compiled = await compiler.compile(openBefore(pieces, first!), full);
    const newest = await d1RowReader(env.DB, org.id).revision();
    expect(compiled!.revision).toBeGreaterThan(first!.revision);
    expect(compiled!.revision).toBeLessThan(newest);
    const { revision: __, ...expected } = (await inOneGo(await org.rowsAt(compiled!.revision))) as { revision: number };
    expect(openBefore(pieces, compiled!).manifest.model()).toEqual({ ...expected, revision: compiled!.revision });
  },
  60_000,
);
