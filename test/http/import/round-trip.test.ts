/** Random organizations: what they export makes them again, byte by byte. */
import { describe, expect, it } from 'vitest';
import { randomManifest } from '../../core/manifest/random-manifest.ts';
import { RICH } from '../../core/manifest/support.ts';
import { randomFrom } from '../../properties/random.ts';
import { call, makeOrganization, putManifest } from '../client.ts';
import { exported, importInto, piecesOf } from './lines.ts';

const SEEDS = Array.from({ length: 12 }, (_, i) => 4_100 + i);

/** The documents name a role of the system that a blank organization hasn't got. */
async function roundTrip(name: string, document: { readonly roles?: readonly object[] }): Promise<void> {
  await makeOrganization(`${name}-from`);
  await putManifest(`${name}-from`, { ...document, roles: [...(document.roles ?? []), { name: 'Reader' }] });
  const lines = await exported(`${name}-from`);
  await makeOrganization(`${name}-to`);
  const answer = await importInto(`${name}-to`, lines);
  expect(answer.status, answer.text.slice(0, 2_000)).toBe(200);
  expect(await piecesOf(`${name}-to`)).toEqual(await piecesOf(`${name}-from`));
  const [from, to] = [await call('GET', `/admin/orgs/${name}-from/manifest`), await call('GET', `/admin/orgs/${name}-to/manifest`)];
  expect(to.text).toBe(from.text);
  expect(await exported(`${name}-to`)).toEqual(lines);
  const again = await importInto(`${name}-to`, lines);
  expect(again.body.revision).toBe(answer.body.revision);
}

describe('export → wipe → import', () => {
  it('gives the same snapshot of an organization with everything in it', () => roundTrip('rich', RICH));

  it.each(SEEDS)('gives the same snapshot of a random organization: seed %i', (seed) =>
    roundTrip(`r${seed}`, randomManifest(randomFrom(seed))),
  );
});
