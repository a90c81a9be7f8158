/** A preview's pieces are those that the publish after the commit stores, and what it touches is what the log then says. */
import { describe, expect, it } from 'vitest';
import type { Manifest } from '../../../src/core/snapshot/manifest.ts';
import { BitgateError } from '../../../src/core/terms/problem.ts';
import type { ControlTools } from '../../../src/pap/control-ports.ts';
import { planChanges } from '../../../src/pap/manifest/plan.ts';
import type { RowChanges } from '../../../src/pap/ports.ts';
import { type Preview, previewChanges } from '../../../src/pap/preview/preview.ts';
import { PreviewPieces } from '../../../src/pap/preview/preview-pieces.ts';
import type { Touched } from '../../../src/pap/preview/touched.ts';
import { mutateWorld } from '../../properties/mutate.ts';
import { randomFrom } from '../../properties/random.ts';
import { randomWorld } from '../../properties/world.ts';
import { AUDIT, assignment, policy } from '../../storage/d1/believable.ts';
import { freshOrganization, revisionOf, run, select } from '../../storage/d1/by-hand.ts';
import { tablesOf } from '../../support/table-rows.ts';
import { controlTools, momentOf, publishedManifest, ROOT_WRITER } from '../control-tools.ts';

const WORLDS = 5;
const CHANGES = 10;

const namesOf = (manifest: Manifest): object => {
  const { catalog, leaves, reserved } = manifest.model();
  return { catalog, leaves, reserved };
};

/** What the log says was touched after a revision. */
async function loggedAfter(org: string, revision: number): Promise<Touched> {
  const rows = await select<{ area: string; touches: string }>(
    'SELECT DISTINCT area, touches FROM changes WHERE org = ?1 AND seq > ?2 ORDER BY touches',
    org,
    revision,
  );
  const of = (area: string): string[] => rows.filter((row) => row.area === area).map((row) => row.touches);
  const keys = of('key');
  const principals = new Set([...of('principal'), ...keys.map((key) => `api_key:${key}`)]);
  return { catalog: of('catalog').length > 0, principals: [...principals].sort(), resources: of('resource').sort(), keys: keys.sort() };
}

const sorted = ({ catalog, principals, resources, keys }: Touched): Touched => ({
  catalog,
  principals: principals.toSorted(),
  resources: resources.toSorted(),
  keys: keys.toSorted(),
});

async function stocked(
  seed: number,
): Promise<{ tools: ControlTools; world: ReturnType<typeof randomWorld>; random: ReturnType<typeof randomFrom> }> {
  const org = await freshOrganization();
  const tools = controlTools(org);
  const random = randomFrom(seed);
  const world = randomWorld(random);
  const { changes } = planChanges((await tools.writer.load()).tables, tablesOf(world.rows));
  await tools.writer.apply(await revisionOf(org), changes, AUDIT, 1);
  return { tools, world, random };
}

async function preview(tools: ControlTools, changes: RowChanges): Promise<Preview> {
  return previewChanges(tools, await momentOf(tools), changes);
}

async function commit(tools: ControlTools, changes: RowChanges): Promise<void> {
  await tools.writer.apply(await tools.reader.revision(), changes, AUDIT, 2);
  await tools.publisher.publish();
}

describe('a preview', () => {
  it(`makes the pieces that the publish makes after the commit, for ${WORLDS * CHANGES} random changes, and touches what the log says`, async () => {
    let compared = 0;
    for (let seed = 1; seed <= WORLDS; seed++) {
      const { tools, random, ...stock } = await stocked(seed);
      let { world } = stock;
      for (let i = 0; i < CHANGES; i++) {
        const mutation = mutateWorld(random, world);
        const { changes } = planChanges((await tools.writer.load()).tables, tablesOf(mutation.rows));
        if (Object.keys(changes).length === 0) continue;
        const before = await tools.reader.revision();
        const { point, touched } = await preview(tools, changes);
        await commit(tools, changes);
        expect(namesOf(point.snapshot.manifest), mutation.done.join(', ')).toEqual(namesOf(await publishedManifest(tools.organization)));
        expect(sorted(touched), mutation.done.join(', ')).toEqual(await loggedAfter(tools.organization, before));
        world = mutation.world;
        compared++;
      }
    }
    expect(compared).toBeGreaterThan((WORLDS * CHANGES) / 2);
  });

  it('makes them also where nothing was published, and where everything must be read', async () => {
    const { tools, world, random } = await stocked(77);
    const { changes } = planChanges((await tools.writer.load()).tables, tablesOf(mutateWorld(random, world).rows));
    const revision = await tools.reader.revision();
    const never = await previewChanges(tools, { writer: ROOT_WRITER, now: 1, revision, point: null }, changes);
    const moment = await momentOf(tools);
    const skipping: ControlTools = {
      ...tools,
      publisher: { ...tools.publisher, publish: async () => ({ ...(await tools.publisher.publish()), problem_count: 1 }) },
    };
    const whole = await previewChanges(skipping, moment, changes);
    await commit(tools, changes);
    const published = namesOf(await publishedManifest(tools.organization));
    expect(namesOf(never.point.snapshot.manifest)).toEqual(published);
    expect(namesOf(whole.point.snapshot.manifest)).toEqual(published);
  });

  it('decides as it will be, and writes nothing', async () => {
    const { tools } = await stocked(5);
    await run("INSERT INTO privileges (org, name) VALUES (?1, 'preview:see')", tools.organization);
    await run(`INSERT INTO policies (org, id, name, privileges) VALUES (?1, 'pol_see', 'Seeing', '["preview:see"]')`, tools.organization);
    const revision = await tools.reader.revision();
    const row = assignment({ id: 'asg_new', principal: 'user:zoe', policy: 'pol_see', scope: 'org' });
    const subject = { subject: 'user:zoe', status: 'active' as const, properties: '{}' };
    const changes: RowChanges = {
      subjects: { insert: [subject], update: [], delete: [] },
      assignments: { insert: [row], update: [], delete: [] },
    };
    const moment = await momentOf(tools);
    const { point } = await previewChanges(tools, moment, changes);
    const question = { subject: { type: 'user', id: 'zoe' }, action: { name: 'preview:see' } };
    expect(await point.decide(question, 1)).toMatchObject({ decision: true });
    expect(await moment.point?.decide(question, 1)).toMatchObject({ decision: false });
    expect(await tools.reader.revision()).toBe(revision);
    expect((await publishedManifest(tools.organization)).revision).toBe(revision);
  });

  it('refuses with 422 what could not be published, and lists rows that would be left out', async () => {
    const { tools } = await stocked(6);
    const deny = policy({ id: 'pol_broken', name: 'Broken', effect: 'deny', privileges: '[1]' });
    const broken = preview(tools, { policies: { insert: [deny], update: [], delete: [] } });
    await expect(broken).rejects.toMatchObject({ code: 'unpublishable', status: 422 });
    const { problems } = await preview(tools, { policies: { insert: [{ ...deny, effect: 'allow' }], update: [], delete: [] } });
    expect(problems.length).toBeGreaterThan(0);
  });

  it('gives up when somebody writes meanwhile, so that the write is decided again', async () => {
    const { tools } = await stocked(7);
    const moment = await momentOf(tools);
    await run("INSERT INTO subjects (org, subject) VALUES (?1, 'user:meanwhile')", tools.organization);
    const changes: RowChanges = {
      subjects: { insert: [{ subject: 'user:b', status: 'active', properties: '{}' }], update: [], delete: [] },
    };
    await expect(previewChanges(tools, moment, changes)).rejects.toMatchObject({ code: 'revision_moved' });
  });

  it('compiles everything when more keys are touched than an incremental compile takes', async () => {
    const { tools } = await stocked(8);
    const insert = Array.from({ length: 20_500 }, (_, i) => ({ subject: `user:many-${i}`, status: 'active' as const, properties: '{}' }));
    const changes: RowChanges = { subjects: { insert, update: [], delete: [] } };
    const { point } = await preview(tools, changes);
    await commit(tools, changes);
    expect(namesOf(point.snapshot.manifest)).toEqual(namesOf(await publishedManifest(tools.organization)));
  });

  it('refuses to hold more than it may', async () => {
    const source = controlTools('nobody').preview;
    const pieces = new PreviewPieces(source, new Set(['known']), 10);
    await pieces.put('known', new Uint8Array(100));
    await pieces.put('a', new Uint8Array(10));
    const error = await pieces.put('b', new Uint8Array(1)).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(BitgateError);
    expect(error).toMatchObject({ code: 'preview_too_large', status: 413 });
  });
});
