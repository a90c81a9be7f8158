/** A manifest as large as a cloud provider's list of roles: imported and published, then asked at random and compared with the document. */
import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { Manifest } from '../../src/core/snapshot/manifest.ts';
import { randomFrom } from '../properties/random.ts';
import { call, makeOrganization } from './client.ts';

const SEED = 14_165;
const PRIVILEGES = 14_000;
const ROLES = 2_500;
const PAIRS = 165_000;
const ASSIGNMENTS = 2_500;
const SUBJECTS = 1_800;
const PROJECTS = 40;
const DECISIONS = 10_000;
const MIB = 1024 * 1024;

const random = randomFrom(SEED);
const { below, pick, chance } = random;

const AREAS = [
  'compute',
  'storage',
  'bigquery',
  'pubsub',
  'monitoring',
  'iam',
  'dataproc',
  'network-security',
  'artifact-registry',
  'vision-ai',
];
const RESOURCES = [
  'instances',
  'buckets',
  'datasets',
  'topics',
  'alert-policies',
  'service-accounts',
  'clusters',
  'firewalls',
  'repositories',
  'models',
];
const ACTIONS = ['create', 'get', 'list', 'update', 'delete', 'set-policy', 'export'];

/** 200 services of 70 privileges each: `network-security-3.firewalls:set-policy-17`. */
const names = Array.from({ length: PRIVILEGES }, (_, i) => {
  const service = Math.floor(i / 70);
  const within = i % 70;
  return `${AREAS[service % 10]}-${Math.floor(service / 10)}.${RESOURCES[Math.floor(within / 7)]}:${ACTIONS[within % 7]}-${i % 200}`;
});

/** Most of a role lies in a few services, the rest anywhere. */
function privilegesOf(count: number): number[] {
  const services = Array.from({ length: 1 + below(3) }, () => below(200));
  const chosen = new Set<number>();
  while (chosen.size < count)
    chosen.add(chance(0.7) && chosen.size < services.length * 60 ? pick(services) * 70 + below(70) : below(PRIVILEGES));
  return [...chosen];
}

/** Sizes differ, as they do in life; their sum is PAIRS. */
function sizes(): number[] {
  const all = Array.from({ length: ROLES }, () => 1 + below(131));
  for (let sum = all.reduce((a, b) => a + b, 0); sum !== PAIRS; sum += sum < PAIRS ? 1 : -1) {
    const i = below(ROLES);
    const size = all[i]! + (sum < PAIRS ? 1 : -1);
    if (size < 1) sum += sum < PAIRS ? -1 : 1;
    else all[i] = size;
  }
  return all;
}

const roles = sizes().map((size, i) => ({ name: `${pick(AREAS)} ${pick(ACTIONS)}er ${i}`, held: privilegesOf(size) }));
const assignments = Array.from({ length: ASSIGNMENTS }, () => ({
  subject: `user:person-${below(SUBJECTS)}@example.com`,
  role: below(ROLES),
  scope: chance(0.5) ? 'org' : `project:team-${below(PROJECTS)}`,
}));
const document = {
  bitgate: 1,
  catalog: { privileges: names.map((name) => ({ name, title: name.replace(':', ' ') })) },
  roles: roles.map(({ name, held }) => ({ name, privileges: held.map((i) => names[i]) })),
  assignments: assignments.map(({ role, ...rest }) => ({ ...rest, role: roles[role]?.name })),
};

interface Question {
  readonly subject: string;
  readonly action: string;
  readonly resource?: string;
}

/** Half of them near something that is granted, half anywhere. */
function question(): Question {
  const near = pick(assignments);
  const action = names[chance(0.6) ? pick(roles[near.role]!.held) : below(PRIVILEGES)]!;
  const place = chance(0.7) ? near.scope : `project:team-${below(PROJECTS)}`;
  return { subject: near.subject, action, ...(place === 'org' ? {} : { resource: place }) };
}

/** From the document alone. */
const bySubject = Map.groupBy(assignments, ({ subject }) => subject);
const heldBy = roles.map(({ held }) => new Set(held.map((i) => names[i])));
function expected({ subject, action, resource }: Question): boolean {
  return (bySubject.get(subject) ?? []).some(({ role, scope }) => (scope === 'org' || scope === resource) && heldBy[role]!.has(action));
}

describe('a manifest of 2,500 roles, 14,000 privileges and 165,000 pairs of them', () => {
  it('is imported, published and decided rightly, from a catalog below 1 MiB', async () => {
    expect(document.roles.reduce((sum, { privileges }) => sum + new Set(privileges).size, 0)).toBe(PAIRS);
    expect(new Set(names).size).toBe(PRIVILEGES);
    await makeOrganization('large');
    const text = JSON.stringify(document);
    const start = Date.now();
    const put = await call('PUT', '/admin/orgs/large/manifest', text);
    expect(put.status, put.text.slice(0, 500)).toBe(200);
    expect(put.body.plan.summary).toMatchObject({ privileges: { insert: PRIVILEGES }, roles: { insert: ROLES } });
    const imported = Date.now() - start;
    // Published already, unless that took longer than an answer waits for it.
    const published = await call('POST', '/admin/orgs/large/recompile');
    expect(published.body.revision).toBe(put.body.revision);
    const all = Date.now() - start;

    const questions = Array.from({ length: DECISIONS }, question);
    const asked = Date.now();
    const answer = await call('POST', '/check/batch', { org: 'large', min_revision: put.body.revision, checks: questions });
    const batch = Date.now() - asked;
    const wrong = questions.filter((each, i) => answer.body.results[i].decision !== expected(each));
    expect(wrong).toEqual([]);
    const allows = questions.filter(expected).length;
    expect(allows / DECISIONS).toBeGreaterThan(0.2);
    expect(allows / DECISIONS).toBeLessThan(0.8);

    const stub = env.PUBLISHER.get(env.PUBLISHER.idFromName('large'));
    const manifest = new Manifest(new Uint8Array((await stub.blob((await stub.pointer())?.manifest ?? ''))!));
    const sizeOf = async (hash: string): Promise<number> => (await stub.blob(hash))!.byteLength;
    const catalog = await sizeOf(manifest.catalogHash);
    const leaves = manifest.pieces().filter((hash) => hash !== manifest.catalogHash);
    let leafBytes = 0;
    for (const hash of leaves) leafBytes += await sizeOf(hash);
    expect(catalog).toBeLessThanOrEqual(MIB);

    const again = Date.now();
    const same = await call('PUT', '/admin/orgs/large/manifest', text);
    expect([same.status, same.body.plan]).toEqual([200, { summary: {}, changes: [] }]);
    console.log(
      `large manifest (seed ${SEED}): ${text.length} bytes; import ${imported} ms, with publish ${all} ms, the same again ${Date.now() - again} ms; ` +
        `catalog ${catalog} bytes, ${leaves.length} leaves of ${leafBytes} bytes; ${DECISIONS} decisions in ${batch} ms, ${allows} of them allows`,
    );
  }, 120_000);
});
