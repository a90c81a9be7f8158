/** Compiles that take more than one invocation: bounded at the bindings, gone on with by alarms, through evictions and failures, never a mixture. */
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { Manifest } from '../../../src/core/snapshot/manifest.ts';
import { Budget, MOST_OPERATIONS } from '../../../src/storage/publisher/budget.ts';
import type { PublishReport } from '../../../src/storage/publisher/report.ts';
import { Organization } from './organization.ts';

/** Calls of D1 (each statement of a batch) and KV since the last look. */
class Asked {
  count = 0;

  take(): number {
    const { count } = this;
    this.count = 0;
    return count;
  }
}

const RUNS: readonly PropertyKey[] = ['first', 'all', 'run', 'raw'];

/** Stands before a binding, or a statement of it, and counts what it is asked. */
function counting<T extends object>(target: T, asked: Asked): T {
  return new Proxy(target, {
    get(object, name) {
      const member: unknown = Reflect.get(object, name);
      if (typeof member !== 'function') return member;
      return (...given: unknown[]) => {
        if (name === 'batch') asked.count += (given[0] as unknown[]).length; // `as`: what a batch is given
        if (RUNS.includes(name) || ['put', 'delete', 'list', 'get'].includes(String(name))) asked.count++;
        const answer: unknown = member.apply(object, given);
        return name === 'prepare' || name === 'bind' ? counting(answer as object, asked) : answer; // `as`: a statement
      };
    },
  });
}

/** Its alarms run when the test says: by its clock they are years away. */
class Large extends Organization {
  readonly asked = new Asked();
  most = MOST_OPERATIONS;
  /** rejects every batch of D1 */
  down = false;

  async bind(): Promise<void> {
    const DB = new Proxy(counting(env.DB, this.asked), {
      get: (target, name) => {
        if (name === 'batch' && this.down) return () => Promise.reject(new Error('D1 is down'));
        return Reflect.get(target, name);
      },
    });
    await runInDurableObject(this.stub, (instance) => {
      instance.now = () => this.time;
      instance.budget = () => new Budget(this.most);
      Object.assign(instance, { env: { ...env, DB, KV: counting(env.KV, this.asked) } });
    });
  }

  subjects(prefix: string, count: number): Promise<void> {
    return this.sql(
      `WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ${count - 1})
       INSERT INTO subjects (org, subject, properties) SELECT $org, 'user:${prefix}' || i, '{"n":' || i || '}' FROM n`,
    );
  }

  ask(full = false): Promise<PublishReport> {
    return this.stub.publish({ org: this.id, full });
  }

  async alarm(): Promise<void> {
    this.time += 1_000;
    await runDurableObjectAlarm(this.stub);
  }

  /** Alarms until no compile is under way. @returns what each asked */
  async finish(between: () => Promise<void> = async () => {}): Promise<number[]> {
    const each: number[] = [];
    while (await this.underWay()) {
      await between();
      this.asked.take();
      await this.alarm();
      each.push(this.asked.take());
    }
    return each;
  }

  underWay(): Promise<boolean> {
    return runInDurableObject(this.stub, (_, { storage }) => storage.sql.exec('SELECT 1 FROM draft').toArray().length > 0);
  }

  async manifest(): Promise<Manifest> {
    const pointer = await this.stub.pointer();
    return new Manifest(new Uint8Array((await this.stub.blob(pointer!.manifest))!));
  }

  async revision(): Promise<number> {
    const row = await env.DB.prepare('SELECT max(seq) AS revision FROM changes WHERE org = ?').bind(this.id).first<{ revision: number }>();
    return row!.revision;
  }

  /** What is published shows D1's rows, in the bytes of a compile from scratch, and nothing but its pieces is left. */
  async expectRight(): Promise<void> {
    const before = (await this.stub.pointer())!;
    expect(before.revision).toBe(await this.revision());
    this.most = MOST_OPERATIONS;
    expect(await this.ask(true)).toMatchObject({ changed: false, full: true });
    await this.finish();
    expect((await this.stub.pointer())!.manifest).toBe(before.manifest);
    for (let i = 0; i < 3; i++) await this.alarm();
    const needed = new Set([before.manifest, ...(await this.manifest()).pieces()]);
    const { named, left } = await runInDurableObject(this.stub, (_, { storage }) => ({
      named: storage.sql.exec<{ hash: string }>('SELECT hash FROM pieces WHERE replaced_at IS NULL').toArray(),
      left: storage.sql.exec('SELECT 1 FROM pieces WHERE in_kv = 0').toArray().length,
    }));
    expect(new Set(named.map(({ hash }) => hash))).toEqual(needed);
    expect(left).toBe(0);
    const kv = await this.inKv();
    expect([...needed].filter((hash) => !kv.has(hash))).toEqual([]);
  }
}

async function large(id: string): Promise<Large> {
  const org = await new Large(id).create();
  await org.bind();
  return org;
}

describe('a compile of more than one invocation', () => {
  it('asks D1 and KV at most 900 times in each, and publishes at the end', async () => {
    const org = await large('invocations');
    await org.subjects('u', 100_000);
    const before = await org.stub.pointer();
    org.asked.take();
    const first = await org.ask();
    const each = [org.asked.take()];
    expect(first).toMatchObject({ revision: before!.revision, changed: false, compiling: { full: true } });
    expect(first.compiling!.keys_read).toBeGreaterThan(10_000);
    expect(await org.stub.pointer()).toEqual(before);
    each.push(...(await org.finish()));
    console.log(`asked of D1 and KV in each invocation: ${each.join(', ')}`);
    expect(each.length).toBeGreaterThan(1);
    for (const count of each) expect(count).toBeLessThanOrEqual(MOST_OPERATIONS);
    await org.expectRight();
  }, 120_000);

  it('answers those who call meanwhile with how far it is, and keeps serving the old revision', async () => {
    const org = await large('progress');
    await org.subjects('u', 21_000);
    org.most = 100;
    const seen: number[] = [];
    for (let report = await org.ask(); report.compiling !== undefined; report = await org.ask()) {
      expect(report).toMatchObject({ changed: false, revision: org.published[0]!.revision });
      seen.push(report.compiling.keys_read);
      await org.alarm();
    }
    expect(seen.length).toBeGreaterThan(3);
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    await org.expectRight();
  }, 60_000);

  it('goes on after the object was evicted between any two invocations, while rows change', async () => {
    const org = await large('evicted');
    await org.subjects('u', 21_000);
    org.most = 100;
    expect((await org.ask()).compiling).toBeDefined();
    let turns = 0;
    await org.finish(async () => {
      await evictDurableObject(org.stub);
      await org.bind();
      turns++;
      if (turns > 8) return;
      await org.sql(
        `UPDATE subjects SET status = 'suspended' WHERE org = $org AND subject = 'user:u${turns * 2_000}'`,
        `DELETE FROM subjects WHERE org = $org AND subject = 'user:u${turns * 2_000 + 1}'`,
        `INSERT INTO roles (org, id, name, privileges) VALUES ($org, 'rol_${turns}', 'new ${turns}', '["read"]')`,
        `INSERT INTO assignments (org, principal, role, scope) VALUES ($org, 'user:u${turns}', 'rol_${turns}', 'org')`,
      );
    });
    expect(turns).toBeGreaterThan(5);
    expect((await org.stub.pointer())!.revision).toBe(await org.revision());
    await org.expectRight();
  }, 60_000);

  it('brings many changes in by parts, from what is published', async () => {
    const org = await large('parts');
    await org.subjects('u', 9_000);
    org.most = 100;
    const report = await org.ask();
    expect(report).toMatchObject({ changed: false, full: false, compiling: { full: false } });
    await org.finish();
    await org.expectRight();
  }, 60_000);

  it('lets a change through while everything is compiled anew', async () => {
    const org = await large('meanwhile');
    await org.subjects('u', 9_000);
    await org.ask();
    await org.finish();
    org.most = 100;
    expect(await org.ask(true)).toMatchObject({ changed: false, compiling: { full: true } });
    await org.sql("UPDATE subjects SET status = 'suspended' WHERE org = $org AND subject = 'user:u7'");
    expect(await org.ask()).toMatchObject({ changed: true, full: false, revision: await org.revision(), compiling: { full: true } });
    expect(await org.underWay()).toBe(true);
    await org.finish();
    await org.expectRight();
  }, 60_000);

  it('goes on where it was when D1 fails for a while, and begins anew when it fails too often', async () => {
    for (const failures of [1, 3]) {
      const org = await large(`failing-${failures}`);
      await org.subjects('u', 21_000);
      org.most = 100;
      expect((await org.ask()).compiling).toBeDefined();
      org.down = true;
      for (let i = 0; i < failures; i++) await org.alarm();
      expect(await org.underWay()).toBe(failures < 3);
      org.down = false;
      await org.ask();
      await org.finish();
      await org.expectRight();
    }
  }, 60_000);

  it('is given up when the organization is deleted', async () => {
    const org = await large('deleted');
    await org.subjects('u', 21_000);
    org.most = 100;
    expect((await org.ask()).compiling).toBeDefined();
    const tables = ['assignments', 'roles', 'policies', 'privileges', 'subjects'];
    await org.sql(...tables.map((table) => `DELETE FROM ${table} WHERE org = $org`), 'DELETE FROM organizations WHERE id = $org');
    await org.alarm();
    expect(await org.underWay()).toBe(false);
    expect(await org.stub.pointer()).toBeNull();
  }, 60_000);
});

describe('a compile under way', () => {
  it('is given up when the organization is deleted before it was ever published', async () => {
    const org = new Large('never');
    await org.sql("INSERT INTO organizations (id, name, preset, created_at) VALUES ($org, 'test', 'blank', 0)");
    await org.bind();
    await org.subjects('u', 21_000);
    org.most = 100;
    expect((await org.ask()).compiling).toBeDefined();
    expect(await org.stub.pointer()).toBeNull();
    await org.sql('DELETE FROM subjects WHERE org = $org', 'DELETE FROM organizations WHERE id = $org');
    org.asked.take();
    await org.alarm();
    expect([await org.underWay(), org.asked.take() < 50]).toEqual([false, true]);
  }, 60_000);

  it('of changes alone gives way to one of everything, when that is asked for', async () => {
    const org = await large('all-of-it');
    await org.subjects('u', 9_000);
    org.most = 100;
    expect(await org.ask()).toMatchObject({ compiling: { full: false } });
    const report = await org.ask(true);
    expect(report).toMatchObject({ changed: false, compiling: { full: true } });
    // Asked for again it goes on.
    await org.alarm();
    const again = await org.ask(true);
    expect(again.compiling?.keys_read).toBeGreaterThan(report.compiling?.keys_read ?? 0);
    await org.finish();
    await org.expectRight();
  }, 60_000);
});

describe('leaves', () => {
  it('split when entries come, and are the same as before once those are gone', async () => {
    const org = await large('split');
    await org.subjects('a', 1_000);
    await org.ask();
    const few = await org.manifest();
    await org.subjects('b', 15_000);
    await org.ask();
    await org.finish();
    const many = await org.manifest();
    expect(few.directories.principals.count).toBe(1);
    expect(many.directories.principals.count).toBeGreaterThan(3);
    await org.sql("DELETE FROM subjects WHERE org = $org AND subject LIKE 'user:b%'");
    await org.ask();
    await org.finish();
    expect((await org.manifest()).pieces()).toEqual(few.pieces());
  }, 60_000);
});
