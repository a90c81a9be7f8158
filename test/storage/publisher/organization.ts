/** An organization with a Publisher of its own, on the real Durable Object, KV and D1, with a clock that the test sets. */
import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { expect } from 'vitest';
import { Manifest } from '../../../src/core/snapshot/manifest.ts';
import { organizationPrefix } from '../../../src/storage/kv/keys.ts';
import type { Publisher } from '../../../src/storage/publisher/publisher.ts';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** A name, the object of that name, and SQL about it: `$org` stands for the name. */
export class Named {
  readonly id: string;
  stub: DurableObjectStub<Publisher>;

  constructor(id: string) {
    this.id = id;
    // `as`: the binding doesn't name its class in tests
    this.stub = env.PUBLISHER.get(env.PUBLISHER.idFromName(id)) as DurableObjectStub<Publisher>;
  }

  async sql(...statements: string[]): Promise<void> {
    await env.DB.batch(statements.map((statement) => env.DB.prepare(statement.replaceAll('$org', `'${this.id}'`))));
  }
}

export class Organization extends Named {
  time = Date.UTC(2030, 0, 1);
  /** every revision that was published, with its pieces */
  readonly published: { revision: number; at: number; pieces: string[] }[] = [];

  async create(): Promise<this> {
    await this.sql(
      "INSERT INTO organizations (id, name, preset, created_at) VALUES ($org, 'test', 'blank', 0)",
      "INSERT INTO privileges (org, name, levels) VALUES ($org, 'read', 'both')",
      `INSERT INTO roles (org, id, name, privileges) VALUES ($org, 'rol_reader', 'Reader', '["read"]')`,
      `INSERT INTO policies (org, id, name, privileges) VALUES ($org, 'pol_x', 'X', '["read"]')`,
      "INSERT INTO assignments (org, principal, role, scope) VALUES ($org, 'user:ann', 'rol_reader', 'org')",
    );
    await runInDurableObject(this.stub, (instance) => {
      instance.now = () => this.time;
    });
    await this.publish();
    return this;
  }

  async publish(): Promise<void> {
    const report = await this.stub.publish({ org: this.id });
    if (!report.changed) return;
    const { manifest } = (await this.stub.pointer())!;
    const pieces = new Manifest(new Uint8Array((await this.stub.blob(manifest))!)).pieces();
    this.published.push({ revision: report.revision, at: this.time, pieces: [manifest, ...pieces] });
  }

  async change(statement: string): Promise<void> {
    await this.sql(statement);
    await this.publish();
  }

  toggle(state: 'ACTIVE' | 'INACTIVE' | 'DRAFT'): Promise<void> {
    return this.change(`UPDATE policies SET state = '${state}' WHERE org = $org AND id = 'pol_x'`);
  }

  /** Alarms until there is no garbage left. */
  async collect(): Promise<void> {
    this.time += HOUR;
    for (let i = 0; i < 5; i++) {
      await runDurableObjectAlarm(this.stub);
      this.time += 2_000;
    }
  }

  async kept(): Promise<number[]> {
    return (await this.stub.revisions()).map(({ revision }) => revision).toSorted((a, b) => a - b);
  }

  async inKv(): Promise<Set<string>> {
    const found = new Set<string>();
    const prefix = `${organizationPrefix(this.id)}blob/`;
    for (let cursor: string | undefined; ; ) {
      const page = await env.KV.list({ prefix, ...(cursor === undefined ? {} : { cursor }) });
      for (const { name } of page.keys) found.add(name.slice(prefix.length));
      if (page.list_complete) return found;
      cursor = page.cursor;
    }
  }

  /** Of every kept revision all pieces are there, and nothing else is. */
  async expectWhole(): Promise<void> {
    const kept = new Set(await this.kept());
    const needed = new Set(this.published.filter(({ revision }) => kept.has(revision)).flatMap(({ pieces }) => pieces));
    expect([...(await this.inKv())].toSorted()).toEqual([...needed].toSorted());
  }
}
