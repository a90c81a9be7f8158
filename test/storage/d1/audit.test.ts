/** The chain of the audit: whatever is changed in it or taken out of it is found, and writers that meet keep it one chain. */
import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { sha256Hex } from '../../../src/authn/constant-time.ts';
import { CHAIN_START, type Verified, verifyAudit } from '../../../src/pap/audit/verify.ts';
import type { RowChanges } from '../../../src/pap/ports.ts';
import { d1AuditLog } from '../../../src/storage/d1/audit.ts';
import { createOrganization } from '../../../src/storage/d1/organizations.ts';
import { d1RowWriter } from '../../../src/storage/d1/row-writer.ts';
import { AUDIT } from './believable.ts';
import { freshOrganization, revisionOf, run, select } from './by-hand.ts';

const subject = (name: string): RowChanges => ({
  subjects: { insert: [{ subject: name, status: 'active', properties: '{}' }], update: [], delete: [] },
});

const verify = (org: string, maxRows = 10_000): Promise<Verified> => verifyAudit(d1AuditLog(env.DB, org), CHAIN_START, maxRows, sha256Hex);

/** @returns an organization with a chain of five lines */
async function chained(): Promise<string> {
  const org = await freshOrganization();
  const writer = d1RowWriter(env.DB, org);
  for (let i = 1; i <= 5; i++) {
    await writer.apply(await revisionOf(org), subject(`user:${i}`), { ...AUDIT, before: '{"n":0}', requestId: `req-${i}` }, 1000 + i);
  }
  return org;
}

/** What somebody does who may do everything: the triggers are away meanwhile. */
async function tamper(sql: string, ...values: (string | number)[]): Promise<void> {
  const triggers = await select<{ name: string; sql: string }>(
    "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit'",
  );
  expect(triggers).toHaveLength(3);
  for (const { name } of triggers) await run(`DROP TRIGGER ${name}`);
  await run(sql, ...values);
  for (const trigger of triggers) await run(trigger.sql);
}

describe('the chain', () => {
  it('is one from the first line to the last, and its head stands for it', async () => {
    const org = await chained();
    const rows = await select<{ id: number; prev_hash: string | null; hash: string; revision: number }>(
      'SELECT id, prev_hash, hash, revision FROM audit WHERE org = ?1 ORDER BY id',
      org,
    );
    expect(rows.map(({ id }) => id)).toEqual([1, 2, 3, 4, 5]);
    expect(rows[0]?.prev_hash).toBeNull();
    expect(new Set(rows.map(({ hash }) => hash)).size).toBe(5);
    for (const [i, { hash, revision }] of rows.entries()) {
      const seal = await sha256Hex(`["bitgate audit seal 1","${hash}",${revision}]`);
      if (i < 4) expect(rows[i + 1]?.prev_hash).toBe(seal);
      else expect(await verify(org)).toEqual({ valid: true, place: { id: 5, revision, seal }, more: false });
    }
  });

  it('has the hash that its description says', async () => {
    const org = await chained();
    const [row] = await select<{ prev_hash: string; hash: string }>('SELECT * FROM audit WHERE org = ?1 AND id = 2', org);
    const parts = ['bitgate audit row 1', org, 2, 1002, 'root', 'manifest.put', 'organization', 'req-2', '{"n":0}', '{"rows":1}'];
    expect(row?.hash).toBe(await sha256Hex(JSON.stringify([...parts, row?.prev_hash])));
  });

  const H = 'f'.repeat(64);
  const columns: readonly (readonly [string, string])[] = [
    ['org', "'somebody-else'"],
    ['id', '77'],
    ['at', 'at + 1'],
    ['revision', 'revision + 1000000'],
    ['revision', 'revision - 1'],
    ['actor', "'nobody'"],
    ['action', "'x'"],
    ['target', "'x'"],
    ['request_id', "'x'"],
    ['before', 'NULL'],
    ['after', `'{"rows":2}'`],
    ['prev_hash', `'${H}'`],
    ['prev_hash', 'NULL'],
    ['hash', `'${H}'`],
  ];

  for (const [column, value] of columns) {
    it.each([1, 3, 5])(`shows that \`${column}\` was set to ${value} in line %i`, async (id) => {
      const org = await chained();
      const head = await verify(org);
      const [before] = await select<object>('SELECT * FROM audit WHERE org = ?1 AND id = ?2', org, id);
      await tamper(`UPDATE audit SET ${column} = ${value} WHERE org = ?1 AND id = ?2`, org, id);
      const [after] = await select<object>('SELECT * FROM audit WHERE org = ?1 AND id = ?2', org, id);
      if (JSON.stringify(before) === JSON.stringify(after)) {
        expect([column, value, id]).toEqual(['prev_hash', 'NULL', 1]);
        expect(await verify(org)).toEqual(head);
        return;
      }
      // Taking the last line away, or giving it another revision that the log has, leaves a good chain with another head.
      if (id === 5 && (column === 'org' || value === 'revision - 1')) expect(await verify(org)).not.toEqual(head);
      else expect(await verify(org)).toEqual({ valid: false, firstBad: id });
      await tamper("DELETE FROM audit WHERE org = 'somebody-else'");
    });
  }

  it('shows, by its head, even a revision of the last line that was set to another one of the log', async () => {
    const org = await chained();
    const head = await verify(org);
    await run("INSERT INTO subjects (org, subject) VALUES (?1, 'user:by-hand')", org);
    await tamper('UPDATE audit SET revision = ?2 WHERE org = ?1 AND id = 5', org, await revisionOf(org));
    expect(await verify(org)).not.toEqual(head);
    await d1RowWriter(env.DB, org).apply(await revisionOf(org), subject('user:6'), AUDIT, 1);
    await tamper('UPDATE audit SET revision = revision - 1 WHERE org = ?1 AND id = 5', org);
    expect(await verify(org)).toEqual({ valid: false, firstBad: 5 });
  });

  it.each([
    [1, 1],
    [3, 3],
    [4, 4],
  ])('shows that line %i was taken out', async (id, firstBad) => {
    const org = await chained();
    await tamper('DELETE FROM audit WHERE org = ?1 AND id = ?2', org, id);
    expect(await verify(org)).toEqual({ valid: false, firstBad });
    await tamper('UPDATE audit SET id = id - 1 WHERE org = ?1 AND id = ?2', org, id + 1);
    expect(await verify(org)).toEqual({ valid: false, firstBad });
  });

  it.each(['id = 5', 'id > 2', 'id > 0'])('shows, by its head, that lines with %s were cut off at the end', async (which) => {
    const org = await chained();
    const head = await verify(org);
    await tamper(`DELETE FROM audit WHERE org = ?1 AND ${which}`, org);
    const left = await verify(org);
    expect(left.valid && head.valid && left.place.seal !== head.place.seal).toBe(true);
  });

  it('shows that two lines changed places', async () => {
    const org = await chained();
    await tamper('UPDATE audit SET id = 100 WHERE org = ?1 AND id = 2', org);
    await tamper('UPDATE audit SET id = 2 WHERE org = ?1 AND id = 3', org);
    await tamper('UPDATE audit SET id = 3 WHERE org = ?1 AND id = 100', org);
    expect(await verify(org)).toEqual({ valid: false, firstBad: 2 });
  });

  it('can be followed in steps that come to the same head', async () => {
    const org = await chained();
    const whole = await verify(org);
    const log = d1AuditLog(env.DB, org);
    const steps: [number, boolean][] = [];
    let place = CHAIN_START;
    for (let more = true; more; ) {
      const found = await verifyAudit(log, place, 2, sha256Hex);
      if (!found.valid) throw new Error('the chain is broken');
      ({ place, more } = found);
      steps.push([place.id, more]);
    }
    expect(steps).toEqual([
      [2, true],
      [4, true],
      [5, false],
    ]);
    expect(whole).toMatchObject({ place });
    await tamper("UPDATE audit SET actor = 'x' WHERE org = ?1 AND id = 4", org);
    const half = await verifyAudit(log, CHAIN_START, 3, sha256Hex);
    expect(half).toMatchObject({ valid: true, more: true });
    expect(half.valid && (await verifyAudit(log, half.place, 3, sha256Hex))).toEqual({ valid: false, firstBad: 4 });
  });

  it('holds after the log was pruned', async () => {
    const org = await chained();
    await run('DELETE FROM changes WHERE org = ?1 AND seq < ?2', org, await revisionOf(org));
    expect(await verify(org)).toMatchObject({ valid: true, place: { id: 5 } });
  });

  it('of an organization without lines is empty', async () => {
    expect(await verify(await freshOrganization())).toEqual({ valid: true, place: CHAIN_START, more: false });
  });
});

describe('writers that meet', () => {
  it('leave one chain, also when no revision tells them apart', async () => {
    const org = await chained();
    const revision = await revisionOf(org);
    const writer = d1RowWriter(env.DB, org);
    const outcomes = await Promise.allSettled(Array.from({ length: 10 }, () => writer.apply(revision, {}, AUDIT, 1)));
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
    for (const { reason } of refused) expect(reason).toMatchObject({ code: 'revision_moved', status: 409 });
    const written = outcomes.length - refused.length;
    expect(written).toBeGreaterThan(0);
    expect(await revisionOf(org)).toBe(revision);
    expect(await verify(org)).toMatchObject({ valid: true, place: { id: 5 + written } });
  });

  it('make an organization once, with one line', async () => {
    const make = () => createOrganization(env.DB, { id: 'once', name: '', preset: 'blank', createdAt: 1 }, subject('user:a'), AUDIT, 1);
    const outcomes = await Promise.allSettled([make(), make(), make()]);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const outcome of outcomes)
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'organization_exists' });
    expect(await verify('once')).toMatchObject({ valid: true, place: { id: 1 } });
  });
});

describe('pages', () => {
  it('have fewer rows when their texts are long, and lose none', async () => {
    const org = await freshOrganization();
    const long = JSON.stringify('x'.repeat(900_000));
    const writer = d1RowWriter(env.DB, org);
    for (let i = 0; i < 6; i++) await writer.apply(await revisionOf(org), {}, { ...AUDIT, before: long, after: long }, i);
    const log = d1AuditLog(env.DB, org);
    const ids: number[][] = [];
    for (let after: number | null = null, more = true; more; ) {
      const page = await log.page({}, after, 100);
      expect(page.total).toBe(6);
      ids.push(page.rows.map(({ id }) => id));
      more = page.next !== null;
      after = Number(page.next?.[0]);
    }
    expect(ids).toEqual([
      [6, 5],
      [4, 3],
      [2, 1],
    ]);
    expect(await verify(org)).toMatchObject({ valid: true, place: { id: 6 }, more: false });
  });
});
