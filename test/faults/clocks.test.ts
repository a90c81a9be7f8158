/** Clocks that disagree: of the Publisher, of isolates, and of whoever wrote the rows. Answers and revisions are the same, and no age is understated. */
import { env } from 'cloudflare:workers';
import { beforeAll, describe, expect, it } from 'vitest';
import { World } from '../support/data-plane.ts';
import { subject } from '../support/snapshot.ts';
import { Breakable } from './organization.ts';

const HOUR = 3_600_000;
const SKEWS = [-24 * HOUR, -HOUR, -6 * 60_000, 0, 60_000, HOUR, 24 * HOUR];

describe('a Publisher whose clock is wrong', () => {
  it('publishes the same bytes in the same order, whether its clock jumps forward or back between two publishes', async () => {
    const org = await new Breakable('jumps').create();
    await org.note();
    await org.publish();
    const start = org.time;
    for (const [n, skew] of [...SKEWS, ...SKEWS.toReversed()].entries()) {
      org.time = start + skew;
      const newest = await org.change(
        `INSERT INTO assignments (org, principal, role, scope) VALUES ($org, 'user:u${n}', 'rol_reader', 'org')`,
      );
      await org.publish();
      expect(await org.expectWhole(), `${skew} ms`).toMatchObject({ revision: newest, behindSince: null });
    }
    await org.settle();
    await org.expectWhole();
    await org.expectNothingLeaked();
  }, 60_000);

  it('gives KV the pointer in the end, though its clock was put back by a day', async () => {
    const org = await new Breakable('put-back').create();
    await org.note();
    await org.publish();
    org.time -= 24 * HOUR;
    const newest = await org.change("INSERT INTO assignments (org, principal, role, scope) VALUES ($org, 'user:u', 'rol_reader', 'org')");
    await org.publish();
    await org.settle();
    expect(await env.KV.get(`org/${org.id}/pointer`, 'json')).toMatchObject({ revision: newest });
  });
});

describe('rows whose times are wrong', () => {
  beforeAll(async () => {
    // the log is append-only, and its times are those of D1
    await env.DB.exec('DROP TRIGGER changes_no_update');
  });

  it.each(SKEWS)('written %d ms off: published with the bytes of any others, and never behind for it', async (skew) => {
    const org = await new Breakable(`rows${skew}`).create();
    await org.sql(`UPDATE changes SET at = at + ${skew} WHERE org = $org`);
    const newest = await org.note();
    await org.publish();
    expect(await org.expectWhole()).toMatchObject({ revision: newest, behindSince: null });
  });
});

describe('isolates whose clocks are wrong', () => {
  it.each(SKEWS)('%d ms off: what is published is seen within ten seconds of its own clock, a revocation included', async (skew) => {
    const world = new World();
    world.locationWorks = true;
    await world.publish({ revision: 7 });
    await world.open();
    world.clock.correct(skew);
    const other = world.isolate();
    expect(await world.decide(await world.open({}, other))).toMatchObject({ decision: true });
    await world.publish({ revision: 8, principals: [subject('user:alice', false)] });
    await world.clock.advance(10_000);
    for (const pdp of [world.pdp, other]) {
      const session = await world.open({}, pdp);
      expect(session.revision).toBe(8);
      expect(session.ageMs).toBeGreaterThanOrEqual(0);
      expect(session.ageMs).toBeLessThanOrEqual(10_000);
      expect(await world.decide(session)).toMatchObject({ decision: false });
    }
  });

  it.each(SKEWS)('%d ms off from the Publisher that is behind: never younger than by its own clock since it heard of it', async (skew) => {
    const world = new World();
    await world.publish({ revision: 7 });
    await world.open();
    world.publisherPointer = { ...world.publisherPointer!, behindSince: world.clock.now() + skew };
    await world.clock.advance(10_000);
    const opened = await world.open().catch((error: unknown) => error);
    if (skew <= -300_000) expect(opened).toMatchObject({ code: 'stale', status: 503 });
    else expect(opened).toMatchObject({ revision: 7, ageMs: Math.max(0, 10_000 - skew) });
  });
});
