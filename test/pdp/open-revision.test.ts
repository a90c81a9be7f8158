/** A past revision that is kept: read beside the newest, and never taken for it. */
import { describe, expect, it } from 'vitest';
import { ALICE_READS, ORG, World } from '../support/data-plane.ts';
import { subject } from '../support/snapshot.ts';

describe('a kept revision', () => {
  it('decides as then, while checks go on with the newest', async () => {
    const world = new World();
    const then = await world.publish({ revision: 7 });
    await world.open();
    await world.publish({ revision: 8, principals: [subject('user:alice', false)] });
    await world.clock.advance(20_000);
    expect((await world.decide(await world.open())).decision).toBe(false);
    const held = world.pdp.cachedBytes;
    const past = await world.clock.settle(world.pdp.openRevision(ORG, then.pointer));
    expect(past.revision).toBe(7);
    expect(await world.decide(past)).toEqual({ decision: true, reason: 'granted' });
    const now = await world.open();
    expect([now.revision, (await world.decide(now, ALICE_READS)).decision]).toEqual([8, false]);
    expect(world.pdp.cachedBytes, 'nothing of it stays').toBe(held);
  });

  it('is refused as stale when its pieces are gone, and when its manifest is of another revision', async () => {
    const world = new World();
    const { pointer } = await world.publish({ revision: 7 });
    const refusal = { code: 'stale', status: 503 };
    await expect(world.clock.settle(world.pdp.openRevision(ORG, { ...pointer, revision: 6 }))).rejects.toMatchObject(refusal);
    await expect(world.clock.settle(world.pdp.openRevision('another', pointer))).rejects.toMatchObject(refusal);
    for (const blobs of [world.kvBlobs, world.publisherBlobs]) blobs.clear();
    await expect(world.clock.settle(world.pdp.openRevision(ORG, pointer))).rejects.toMatchObject(refusal);
  });
});
