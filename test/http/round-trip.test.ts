/** A manifest goes out and comes in again: equal data, equal pieces. On the demo organization, which has one example of everything. */
import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { Manifest } from '../../src/core/snapshot/manifest.ts';
import { demoManifest, demoQuestions } from '../../src/presets/demo.ts';
import { type Answer, call, makeKey, makeOrganization, putManifest } from './client.ts';

/** Hashes of the published pieces: the catalog and the leaves, keys apart. */
async function pieces(org: string): Promise<object> {
  const stub = env.PUBLISHER.get(env.PUBLISHER.idFromName(org));
  const pointer = await stub.pointer();
  const manifest = new Manifest(new Uint8Array((await stub.blob(pointer?.manifest ?? ''))!));
  const hashes = (kind: 'principals' | 'resources'): string[] => {
    const directory = manifest.directories[kind];
    return Array.from({ length: directory.count }, (_, i) => directory.hash(i));
  };
  return { catalog: manifest.catalogHash, principals: hashes('principals'), resources: hashes('resources') };
}

const get = (org: string, accept = 'application/json'): Promise<Answer> =>
  call('GET', `/admin/orgs/${org}/manifest`, undefined, { headers: { accept } });
const put = (org: string, text: string, type: string, query = ''): Promise<Answer> =>
  call('PUT', `/admin/orgs/${org}/manifest${query}`, text, { headers: { 'content-type': type } });

const rest = {
  settings: {
    default_role: 'Reader',
    closed_types: ['secret'],
    role_cardinality: { org: 'single' },
    freshness: { max_age_ms: 9_000 },
    retention: { hourly_days: 7 },
  },
  routes: [{ hosts: ['a.example'], methods: ['GET'], path: '/d/:id', action: 'VIEW_ENTITY_PAGE', resource: 'dataset:{id}' }],
  projects: [
    {
      id: 'p1',
      nickname: 'P1',
      policies: [{ name: 'Own', privileges: ['EDIT_ENTITY_TAGS'] }],
      roles: [{ name: 'Own role', policies: ['Own'], inherits: ['Reader'] }],
      properties: { '𝒳 "quoted"': [1, null, { __proto__x: '\u0000' }] },
    },
  ],
};
const whole = {
  ...demoManifest,
  ...rest,
  assignments: [...(demoManifest.assignments ?? []), { subject: 'user:bob', role: 'p1/Own role', scope: 'project:p1' }],
};

describe('the manifest of the demo organization', () => {
  it('exported and put again changes nothing, as JSON and as YAML', async () => {
    await makeOrganization('same', { preset: 'datahub' });
    await putManifest('same', whole);
    const json = await get('same');
    const yaml = await get('same', 'application/yaml');
    const before = [(await call('GET', '/admin/orgs/same')).body.revision, await pieces('same')];
    for (const [text, type] of [
      [json.text, 'application/json'],
      [yaml.text, 'application/yaml'],
    ] as const) {
      for (const query of ['?dry_run=true', '']) {
        const again = await put('same', text, type, query);
        expect([again.status, again.body.plan]).toEqual([200, { summary: {}, changes: [] }]);
      }
    }
    expect([(await call('GET', '/admin/orgs/same')).body.revision, await pieces('same')]).toEqual(before);
    expect((await get('same')).text).toBe(json.text);
  });

  it('exported, wiped and imported gives the same pieces, and the same answers; so does another organization', async () => {
    await makeOrganization('wiped', { preset: 'datahub' });
    await putManifest('wiped', whole);
    const { token } = await makeKey('wiped');
    const answers = async (): Promise<unknown> => {
      const checks = demoQuestions.map(({ subject, action, resource }) => ({ subject, action, resource }));
      return (
        await call('POST', '/check/batch', { checks, min_revision: (await call('GET', '/admin/orgs/wiped')).body.revision }, { token })
      ).body.results;
    };
    const exported = (await get('wiped', 'application/yaml')).text;
    const [before, decided] = [await pieces('wiped'), await answers()];

    // System bundles name privileges of the catalog, and somebody has to own: that much stays.
    const { catalog } = (await get('wiped')).body;
    const rows = async (): Promise<number> => (await call('GET', '/admin/orgs/wiped/assignments')).body.total;
    await putManifest('wiped', { bitgate: 1, catalog, assignments: [{ subject: 'user:olivia', role: 'bitgate:owner', scope: 'org' }] });
    // olivia's and the key's
    expect(await rows()).toBe(2);
    expect(await pieces('wiped')).not.toEqual(before);
    expect(await answers()).not.toEqual(decided);

    expect((await put('wiped', exported, 'application/yaml')).status).toBe(200);
    expect(await pieces('wiped')).toEqual(before);
    expect(await answers()).toEqual(decided);
    expect((await get('wiped', 'application/yaml')).text).toBe(exported);
    expect((await call('POST', '/admin/orgs/wiped/recompile?full=true')).body.changed).toBe(false);

    await makeOrganization('copy', { preset: 'datahub' });
    await put('copy', exported, 'application/yaml');
    const { catalog: copied, resources } = (await pieces('copy')) as { catalog: string; resources: string[] };
    expect({ catalog: copied, resources }).toMatchObject({ catalog: (before as { catalog: string }).catalog, resources });
  });

  it('wiped wholly is refused as long as a system bundle needs the catalog, and in an organization without one is empty', async () => {
    await makeOrganization('kept', { preset: 'datahub' });
    const answer = await call('PUT', '/admin/orgs/kept/manifest', { bitgate: 1 });
    expect([answer.status, answer.body.error.code, answer.body.error.details.problems[0].code]).toEqual([
      422,
      'invalid_manifest',
      'used_by_system',
    ]);
    await makeOrganization('empty');
    const fresh = await pieces('empty');
    await putManifest('empty', { bitgate: 1, catalog: { privileges: [{ name: 'p' }] }, roles: [{ name: 'R', privileges: ['p'] }] });
    await putManifest('empty', { bitgate: 1 });
    expect(await pieces('empty')).toEqual(fresh);
    expect((await get('empty')).body).toEqual({ bitgate: 1 });
  });
});
