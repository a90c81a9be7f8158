/** An organization whose Publisher's I/O breaks on command, and what must hold of it whatever broke. */
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { expect } from 'vitest';
import { Manifest } from '../../src/core/snapshot/manifest.ts';
import { RevisionCompiler } from '../../src/pap/publish/compile-revision.ts';
import type { Pointer } from '../../src/pdp/ports.ts';
import { d1RowReader } from '../../src/storage/d1/row-reader.ts';
import { blobKey, organizationPrefix, pointerKey } from '../../src/storage/kv/keys.ts';
import { Budget, MOST_OPERATIONS } from '../../src/storage/publisher/budget.ts';
import type { Publisher } from '../../src/storage/publisher/publisher.ts';
import { sha256Hex } from '../../src/storage/sha256.ts';
import { DAY, Named } from '../storage/publisher/organization.ts';
import { Breaking, breakable, type Fault } from './breaking.ts';

export type Work = (instance: Publisher) => Promise<unknown>;

/** alarms until nothing is planned; more than that never end */
const MOST_ALARMS = 30;

export class Breakable extends Named {
  readonly breaking = new Breaking();
  time = Date.UTC(2030, 0, 1);
  /** what one invocation may ask of D1 and KV */
  most = MOST_OPERATIONS;
  /** of every revision that there was: the manifest of a compile from scratch, beside which nothing broke */
  readonly truth = new Map<number, string>();

  async create(): Promise<this> {
    await this.sql(
      "INSERT INTO organizations (id, name, preset, created_at) VALUES ($org, 'test', 'blank', 0)",
      "INSERT INTO privileges (org, name, levels) VALUES ($org, 'read', 'both')",
      `INSERT INTO roles (org, id, name, privileges) VALUES ($org, 'rol_reader', 'Reader', '["read"]')`,
      `INSERT INTO policies (org, id, name, privileges) VALUES ($org, 'pol_x', 'X', '["read"]')`,
      "INSERT INTO resources (org, resource) VALUES ($org, 'dataset:d1')",
      "INSERT INTO assignments (org, principal, role, scope) VALUES ($org, 'user:ann', 'rol_reader', 'org')",
      `INSERT INTO api_keys (org, id, name, hash) VALUES ($org, 'k1', 'key', '${'ab'.repeat(32)}')`,
    );
    await this.wire();
    return this;
  }

  /** Gives the object, which may be a new one, the bindings that break and the clock of the test. */
  async wire(): Promise<void> {
    const { breaking } = this;
    this.stub = env.PUBLISHER.get(env.PUBLISHER.idFromName(this.id)) as Named['stub']; // as there
    await runInDurableObject(this.stub, (instance) => {
      instance.now = () => this.time;
      instance.budget = () => new Budget(this.most);
      Object.assign(instance, { env: breakable(env, breaking) });
    });
  }

  publish(full = false): Promise<unknown> {
    return this.stub.publish({ org: this.id, full });
  }

  /** Changes rows, and notes what a compile of them comes to. */
  async change(...statements: string[]): Promise<number> {
    await this.sql(...statements);
    return this.note();
  }

  /** @returns the revision of the rows */
  async note(): Promise<number> {
    const pieces = { load: () => Promise.reject(new Error('nothing is read')), put: async () => undefined };
    const tools = { sha256: sha256Hex, pause: async () => undefined };
    const compiled = await new RevisionCompiler(this.id, d1RowReader(env.DB, this.id), pieces, tools).compile(null, true);
    this.truth.set(compiled!.revision, compiled!.manifest);
    return compiled!.revision;
  }

  /** Has the object do it, with a fault at the `at`-th operation. @returns whether it got as far as that, and whether it failed */
  async broken(fault: Fault, at: number, work: Work): Promise<{ readonly reached: boolean; readonly failed: boolean }> {
    const { breaking } = this;
    // Inside: workerd would print each rejection of a call.
    const succeeded = await runInDurableObject(this.stub, async (instance, state) => {
      breaking.arm(fault, at, () => state.abort('stopped on command'));
      return await work(instance).then(
        () => true,
        () => false,
      );
    }).catch(() => false);
    breaking.disarm();
    if (fault === 'stopped') await this.wire();
    return { reached: breaking.broke !== null, failed: !succeeded };
  }

  /** What is served is one revision, whole: all its pieces are the bytes of a compile that nothing broke, in the strong copy, and in KV if they are there. */
  async expectWhole(): Promise<Pointer | null> {
    const pointer = await this.stub.pointer();
    const wide = await env.KV.get<Pointer>(pointerKey(this.id), 'json');
    if (wide !== null) expect(this.truth.get(wide.revision), 'the pointer in KV').toBe(wide.manifest);
    if (pointer === null) return null;
    expect(pointer.manifest).toBe(this.truth.get(pointer.revision));
    for (const hash of await this.piecesOf(pointer)) {
      expect(await sha256Hex((await this.stub.blob(hash))!)).toBe(hash);
      const copy = await env.KV.get(blobKey(this.id, hash), 'arrayBuffer');
      if (copy !== null) expect(await sha256Hex(copy)).toBe(hash);
    }
    return pointer;
  }

  /** Of every revision that is kept all pieces are in KV. */
  async expectKeptWhole(): Promise<void> {
    for (const { manifest, revision } of await this.#kept()) {
      const bytes = await env.KV.get(blobKey(this.id, manifest), 'arrayBuffer');
      expect(bytes, `the manifest of revision ${revision}`).not.toBeNull();
      for (const hash of new Manifest(new Uint8Array(bytes!)).pieces()) {
        expect(await env.KV.get(blobKey(this.id, hash)), `revision ${revision}`).not.toBeNull();
      }
    }
  }

  #kept(): Promise<{ manifest: string; revision: number }[]> {
    return runInDurableObject(this.stub, (_, { storage: { sql } }) =>
      sql.exec<{ manifest: string; revision: number }>('SELECT manifest, revision FROM revisions').toArray(),
    );
  }

  /** As the runtime calls it again when it failed. */
  alarmAgain(): Promise<void> {
    return runInDurableObject(this.stub, (instance) => instance.alarm());
  }

  async piecesOf({ manifest }: Pointer): Promise<string[]> {
    return [manifest, ...new Manifest(new Uint8Array((await this.stub.blob(manifest))!)).pieces()];
  }

  /** Alarms until no compile is under way. */
  async endCompile(): Promise<void> {
    const isUnderWay = (): Promise<boolean> =>
      runInDurableObject(this.stub, (_, { storage }) => storage.sql.exec('SELECT 1 FROM draft LIMIT 1').toArray().length > 0);
    for (let i = 0; i < MOST_ALARMS && (await isUnderWay()); i++) {
      this.time += 5_000;
      await runDurableObjectAlarm(this.stub);
    }
  }

  /** Ends the object, which so forgets what it hasn't stored, and lets so much time pass that retention keeps one revision, with all alarms in it. */
  async settle(): Promise<void> {
    await evictDurableObject(this.stub);
    await this.wire();
    this.time += 500 * DAY;
    for (let i = 0; i < MOST_ALARMS; i++) {
      if (!(await runDurableObjectAlarm(this.stub))) return;
      this.time += 5_000;
    }
    throw new Error(`alarms go on after ${MOST_ALARMS}`);
  }

  /** Nothing is left anywhere but what is published. */
  async expectNothingLeaked(): Promise<void> {
    const pointer = await this.stub.pointer();
    const pieces = pointer === null ? [] : (await this.piecesOf(pointer)).toSorted();
    const prefix = organizationPrefix(this.id);
    const { keys } = await env.KV.list({ prefix });
    const wanted = pieces.map((hash) => blobKey(this.id, hash));
    expect(keys.map(({ name }) => name).toSorted()).toEqual(pointer === null ? [] : [...wanted, pointerKey(this.id)].toSorted());
    const held = await runInDurableObject(this.stub, (_, { storage: { sql } }) => {
      const column = (text: string): unknown[] => [...sql.exec(text).raw()].flat();
      return {
        pieces: column('SELECT hash FROM pieces ORDER BY hash'),
        chunks: column('SELECT DISTINCT hash FROM chunks ORDER BY hash'),
        spans: column('SELECT hash FROM spans ORDER BY hash'),
        garbage: column('SELECT hash FROM garbage'),
        draft: column('SELECT part FROM draft'),
        revisions: column('SELECT revision FROM revisions'),
      };
    });
    expect(held).toEqual({
      pieces,
      chunks: pieces,
      spans: pieces,
      garbage: [],
      draft: [],
      revisions: pointer === null ? [] : [pointer.revision],
    });
  }
}
