/** Retention and garbage collection on the real Durable Object, KV and D1, with a clock that the test sets. */
import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { droppable, RETENTION_DEFAULTS } from '../../../src/pap/history/retention.ts';
import { d1History } from '../../../src/storage/d1/history.ts';
import { blobKey } from '../../../src/storage/kv/keys.ts';
import { randomFrom } from '../../properties/random.ts';
import { DAY, HOUR, MINUTE, Organization } from './organization.ts';

describe('the collection', () => {
  it('deletes no piece of a kept revision and leaves none of any other, whatever is published between, for more than a year', async () => {
    const org = await new Organization('long').create();
    const random = randomFrom(7);
    const model = [...org.published];
    for (let i = 0; i < 120; i++) {
      org.time += random.pick([MINUTE, 20 * MINUTE, 3 * HOUR, 9 * DAY]);
      const done = org.published.length;
      if (random.chance(0.6)) await org.toggle(random.pick(['ACTIVE', 'INACTIVE', 'DRAFT']));
      else await org.change(`INSERT OR REPLACE INTO subjects (org, subject, properties) VALUES ($org, 'user:u${i % 5}', '{"n":${i % 7}}')`);
      model.push(...org.published.slice(done));
      if (!random.chance(0.3)) continue;
      await org.collect();
      const gone = new Set(droppable(model, new Set(), org.time, RETENTION_DEFAULTS));
      const kept = await org.kept();
      for (const { revision } of model) if (!gone.has(revision)) expect(kept).toContain(revision);
      const newest = org.published.at(-1)!;
      for (const hash of newest.pieces) expect(await env.KV.get(blobKey(org.id, hash))).not.toBeNull();
      await org.expectWhole();
    }
    org.time += 2 * DAY;
    await org.collect();
    await org.expectWhole();
    expect((await org.kept()).length).toBeLessThan(org.published.length / 1.5);
    org.time += 500 * DAY;
    await org.collect();
    expect(await org.kept()).toEqual([org.published.at(-1)!.revision]);
    await org.expectWhole();
    expect(await runDurableObjectAlarm(org.stub), 'one revision alone needs no further look').toBe(false);
  }, 120_000);

  it('gives KV again what it had deleted, when a policy is toggled back', async () => {
    const org = await new Organization('toggled').create();
    const [first] = org.published;
    org.time += MINUTE;
    await org.toggle('INACTIVE');
    org.time += 800 * DAY;
    await org.collect();
    expect(await org.kept()).toEqual([org.published[1]!.revision]);
    const catalog = first!.pieces[1]!;
    expect(await env.KV.get(blobKey(org.id, catalog))).toBeNull();
    await org.toggle('ACTIVE');
    expect(org.published[2]!.pieces[1]).toBe(catalog);
    expect(await env.KV.get(blobKey(org.id, catalog))).not.toBeNull();
    await org.expectWhole();
  });

  it('keeps what has a tag and what is held, and drops it when that is over', async () => {
    const org = await new Organization('tagged').create();
    for (const state of ['INACTIVE', 'ACTIVE', 'DRAFT'] as const) {
      org.time += MINUTE;
      await org.toggle(state);
    }
    const [, second, third, last] = org.published.map(({ revision }) => revision);
    org.time += 1_000 * DAY;
    await env.DB.prepare('INSERT INTO revision_tags (org, revision, tag) VALUES (?1, ?2, ?3)').bind(org.id, second, 'release').run();
    await runInDurableObject(org.stub, (instance) => {
      org.time += HOUR;
      expect(instance.hold(third!)).toMatchObject({ revision: third });
      expect(instance.hold(999_999)).toBeNull();
    });
    await runDurableObjectAlarm(org.stub);
    expect(await org.kept()).toEqual([second, third, last]);
    await org.collect();
    await org.collect();
    expect(await org.kept()).toEqual([second, last]);
    await org.expectWhole();
    const history = d1History(env.DB, org.id);
    expect((await history.rowsAt(second!))!.tables.policies).toMatchObject([{ state: 'INACTIVE' }]);
    await env.DB.prepare('DELETE FROM revision_tags WHERE org = ?1').bind(org.id).run();
    await org.collect();
    expect(await org.kept()).toEqual([last]);
    expect(await history.rowsAt(second!)).toBeNull();
  });

  it('keeps what the settings of the organization say', async () => {
    const org = await new Organization('settings').create();
    await org.change(`INSERT INTO settings (org, settings) VALUES ($org, '{"retention":{"all_hours":1,"hourly_days":0,"daily_days":0}}')`);
    org.time += MINUTE;
    await org.toggle('INACTIVE');
    org.time += 3 * HOUR;
    await org.collect();
    expect(await org.kept()).toEqual([org.published.at(-1)!.revision]);
  });

  it('prunes the log behind the oldest kept revision, and the next publish still is an incremental one', async () => {
    const org = await new Organization('pruned').create();
    org.time += MINUTE;
    await org.toggle('INACTIVE');
    org.time += 900 * DAY;
    await org.collect();
    const { n } = (await env.DB.prepare('SELECT count(*) AS n FROM changes WHERE org = ?1').bind(org.id).first<{ n: number }>())!;
    expect(n).toBe(1);
    await org.sql("UPDATE policies SET state = 'DRAFT' WHERE org = $org AND id = 'pol_x'");
    expect(await org.stub.publish({ org: org.id })).toMatchObject({ changed: true, full: false });
  });

  it('goes on where it stopped when KV or D1 failed', async () => {
    const org = await new Organization('failing').create();
    for (const state of ['INACTIVE', 'ACTIVE', 'DRAFT'] as const) {
      org.time += MINUTE;
      await org.toggle(state);
    }
    org.time += 900 * DAY;
    for (const broken of ['KV', 'DB'] as const) {
      const down = new Proxy(env[broken], {
        get: (target, name) => {
          if (['delete', 'batch'].includes(String(name))) return () => Promise.reject(new Error('down'));
          const member = Reflect.get(target, name);
          return typeof member === 'function' ? member.bind(target) : member;
        },
      });
      await runInDurableObject(org.stub, (instance) => {
        Object.assign(instance, { env: { ...env, [broken]: down } });
      });
      await org.collect();
      const kept = new Set(await org.kept());
      const inKv = await org.inKv();
      for (const { revision, pieces } of org.published) if (kept.has(revision)) for (const hash of pieces) expect(inKv).toContain(hash);
    }
    await runInDurableObject(org.stub, (instance) => {
      Object.assign(instance, { env });
    });
    await org.collect();
    expect(await org.kept()).toEqual([org.published.at(-1)!.revision]);
    await org.expectWhole();
  });

  it('never runs beside a publish: whatever both do, the newest revision has all its pieces in KV', async () => {
    const org = await new Organization('beside').create();
    for (let i = 0; i < 12; i++) {
      org.time += MINUTE;
      await org.toggle((['INACTIVE', 'ACTIVE', 'DRAFT'] as const)[i % 3]!);
      org.time += 900 * DAY;
      await Promise.all([runDurableObjectAlarm(org.stub), org.toggle((['ACTIVE', 'DRAFT', 'INACTIVE'] as const)[i % 3]!)]);
      const inKv = await org.inKv();
      for (const hash of org.published.at(-1)!.pieces) expect(inKv).toContain(hash);
    }
    org.time += 900 * DAY;
    await org.collect();
    await org.expectWhole();
  });
});
