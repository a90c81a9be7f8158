/** An issuer whose keys are at an address: what tests of key sets begin with. `setUp` once in a file; what it makes is there anew for each test. */
import { beforeAll, beforeEach } from 'vitest';
import type { Catalog } from '../../../src/core/snapshot/catalog.ts';
import { outcome, type SigningKey, sign, signingKey, World, withUri } from './world.ts';

/** the one that is served, and another one */
export let first: SigningKey;
export let second: SigningKey;
export let world: World;
export let catalog: Catalog;

export function setUp(): void {
  beforeAll(async () => {
    [first, second] = await Promise.all([signingKey('ES256', 'k1'), signingKey('ES256', 'k2')]);
    catalog = withUri();
  });

  beforeEach(() => {
    beginAnew();
    world.serve(first);
  });
}

/** An isolate that has fetched nothing yet. */
export function beginAnew(): void {
  world = new World();
}

export function asked(token: string, organization = 'acme', of: Catalog = catalog): Promise<string> {
  return outcome(() => world.tokens.proof(token, organization, of));
}

export async function askedWith(key: SigningKey, header: object = {}): Promise<string> {
  return asked(await sign(key, world.claims({ jti: crypto.randomUUID() }), header));
}

/** Passes time while the question is open. */
export async function within<T>(ms: number, question: Promise<T>): Promise<T> {
  await world.clock.advance(ms);
  return question;
}
