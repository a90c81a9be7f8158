import { describe, expect, it } from 'vitest';
import type { KeyClaim } from '../../../src/authn/callers.ts';
import { BitgateError } from '../../../src/core/terms/problem.ts';
import { adminCost, COSTS } from '../../../src/http/common/limits/costs.ts';
import {
  COUNTED,
  type Counted,
  type RateLimiter,
  RateLimits,
  REFUSED_MS,
  UNITS_PER_CALL,
} from '../../../src/http/common/limits/rate-limits.ts';

const keyClaim = (keyId: string, organization = 'acme'): KeyClaim => ({ root: false, organization, keyId, hash: 'h' });
const user = (id: string, organization = 'acme') => ({ root: false, organization, subject: { type: 'user', id } }) as const;

/** A binding that lets so many calls of each key through, on a clock that stands still until it is moved. */
class World {
  readonly #allowed: number;
  now = 1_000_000;
  readonly asked: string[] = [];
  readonly background: Promise<unknown>[] = [];
  readonly limits: RateLimits;

  /** @param limiter in the place of the one that lets `allowed` calls through; null: none */
  constructor(allowed: number, limiter?: RateLimiter | null) {
    this.#allowed = allowed;
    this.limits = new RateLimits(limiter === null ? undefined : (limiter ?? this), () => this.now);
  }

  async limit({ key }: { readonly key: string }): Promise<{ success: boolean }> {
    this.asked.push(key);
    return { success: this.asked.filter((each) => each === key).length <= this.#allowed };
  }

  charge(caller: Counted, units: number): void {
    this.limits.charge(caller, units, this.now, { waitUntil: (work) => this.background.push(work) });
  }

  /** seconds until it may ask again; null: it may */
  refused(caller: Counted, units = 1): number | null {
    try {
      this.charge(caller, units);
      return null;
    } catch (error) {
      if (!(error instanceof BitgateError) || error.code !== 'rate_limited' || error.status !== 429) throw error;
      return Number(error.details?.retry_after_s);
    }
  }

  async settle(): Promise<void> {
    await Promise.all(this.background.splice(0));
  }
}

describe('the limits of one caller', () => {
  it('ask the binding once for a full thousand of units, and behind the answer', async () => {
    const world = new World(10);
    const key = keyClaim('k1');
    for (let i = 1; i < UNITS_PER_CALL; i++) world.charge(key, 1);
    expect([world.asked, world.background]).toEqual([[], []]);
    world.charge(key, 1);
    expect(world.background).toHaveLength(1);
    await world.settle();
    expect(world.asked).toEqual(['acme/api_key:k1']);
  });

  it('ask it as often as a request costs thousands, and carry over what is left', async () => {
    const world = new World(10);
    world.charge(keyClaim('k1'), 3 * UNITS_PER_CALL + 400);
    await world.settle();
    expect(world.asked).toHaveLength(3);
    world.charge(keyClaim('k1'), 599);
    await world.settle();
    expect(world.asked).toHaveLength(3);
    world.charge(keyClaim('k1'), 1);
    await world.settle();
    expect(world.asked).toHaveLength(4);
  });

  it('refuse once the binding says no, for a stated time, and nobody else', async () => {
    const world = new World(1);
    world.charge(keyClaim('k1'), 2 * UNITS_PER_CALL);
    expect(world.refused(keyClaim('k1'))).toBeNull();
    await world.settle();
    expect(world.refused(keyClaim('k1'))).toBe(REFUSED_MS / 1_000);
    world.now += REFUSED_MS - 1;
    expect(world.refused(keyClaim('k1'))).toBe(1);
    expect(world.refused(keyClaim('k2'))).toBeNull();
    expect(world.refused(keyClaim('k1', 'other'))).toBeNull();
    expect(world.refused(user('k1'))).toBeNull();
  });

  it('are asked again by the first request afterwards: refused again, or free', async () => {
    const world = new World(1);
    world.charge(keyClaim('k1'), 2 * UNITS_PER_CALL);
    await world.settle();
    world.now += REFUSED_MS;
    expect(world.refused(keyClaim('k1'))).toBeNull();
    await world.settle();
    expect(world.asked).toHaveLength(3);
    expect(world.refused(keyClaim('k1'))).not.toBeNull();

    world.now += REFUSED_MS;
    world.asked.length = 0;
    expect(world.refused(keyClaim('k1'))).toBeNull();
    await world.settle();
    expect(world.asked).toHaveLength(1);
    for (let i = 1; i < UNITS_PER_CALL; i++) expect(world.refused(keyClaim('k1'))).toBeNull();
    expect(world.background).toEqual([]);
  });

  it('count nothing of what is refused', async () => {
    const world = new World(1);
    world.charge(keyClaim('k1'), 2 * UNITS_PER_CALL);
    await world.settle();
    for (let i = 0; i < 10; i++) expect(world.refused(keyClaim('k1'), UNITS_PER_CALL)).not.toBeNull();
    await world.settle();
    expect(world.asked).toHaveLength(2);
  });

  it('refuse nobody for longer than the stated time when the clock is set back', async () => {
    const world = new World(0);
    world.charge(keyClaim('k1'), UNITS_PER_CALL);
    await world.settle();
    expect(world.refused(keyClaim('k1'))).not.toBeNull();
    world.now -= 3_600_000;
    expect(world.refused(keyClaim('k1'))).toBeNull();
  });

  it('are those of the caller, whichever object names it', async () => {
    const world = new World(0);
    const subject = { type: 'user', id: 'ada' };
    for (let i = 0; i < UNITS_PER_CALL / 2; i++) world.charge({ root: false, organization: 'acme', subject }, 1);
    for (let i = 0; i < UNITS_PER_CALL / 2; i++) world.charge(user('ada'), 1);
    await world.settle();
    expect(world.asked).toEqual(['acme/user:ada']);
    expect(world.refused({ root: false, organization: 'acme', subject })).not.toBeNull();
    // one object may name subjects of two organizations
    expect(world.refused({ root: false, organization: 'other', subject })).toBeNull();
  });

  it('are forgotten of the caller that came first when there are too many', async () => {
    const world = new World(0);
    world.charge(user('first'), UNITS_PER_CALL);
    world.charge(user('second'), UNITS_PER_CALL);
    await world.settle();
    for (let i = 0; i < COUNTED - 1; i++) world.charge(user(`u${i}`), 1);
    expect(world.refused(user('second'))).not.toBeNull();
    expect(world.refused(user('first'))).toBeNull();
  });
});

describe('nobody is limited', () => {
  const flood = async (world: World): Promise<void> => {
    for (let i = 0; i < 5; i++) expect(world.refused(keyClaim('k1'), UNITS_PER_CALL)).toBeNull();
  };

  it('without the binding', async () => {
    const world = new World(0, null);
    await flood(world);
    expect(world.background).toEqual([]);
  });

  it('who is root', async () => {
    const world = new World(0);
    for (let i = 0; i < 5; i++) expect(world.refused({ root: true }, UNITS_PER_CALL)).toBeNull();
    expect(world.background).toEqual([]);
  });

  it.each<[string, () => Promise<never>]>([
    ['rejects', () => Promise.reject(new Error('no'))],
    [
      'throws',
      () => {
        throw new Error('no');
      },
    ],
  ])('by a binding that %s, and no request fails', async (_, limit) => {
    const world = new World(0, { limit });
    await flood(world);
    await expect(world.settle()).resolves.toBeUndefined();
    await flood(world);
  });

  it('by a binding that hangs', async () => {
    const world = new World(0, { limit: () => new Promise(() => {}) });
    await flood(world);
    await flood(world);
  });
});

describe('the cost of administration', () => {
  it.each([
    ['GET', '/roles', '?limit=20', COSTS.adminRead],
    ['GET', '/roles/:role', '', COSTS.adminRead],
    ['POST', '/roles', '', COSTS.adminWrite],
    ['DELETE', '/roles/:role', '?dry_run=false', COSTS.adminWrite],
    ['POST', '/roles', '?publish=async&dry%5Frun=true', COSTS.adminWhole],
    ['GET', '/manifest', '', COSTS.adminWhole],
    ['PUT', '/manifest', '?format=yaml', COSTS.adminWhole],
    ['POST', '/assignments/batch', '', COSTS.adminWhole],
    ['POST', '/revisions/:revision/rollback', '', COSTS.adminWhole],
  ])('of %s %s%s is %i units', (method, path, query, units) => {
    expect(adminCost(method, `/admin/orgs/:org${path}`, `https://bitgate.test/admin/orgs/acme/x${query}`)).toBe(units);
  });
});
