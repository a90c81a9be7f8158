/** Other systems' policies and roles, imported into a running organization and asked. */
import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { Manifest } from '../../src/core/snapshot/manifest.ts';
import { type Answer, call, makeKey, makeOrganization, putManifest } from '../http/client.ts';
import { roleBits } from './published.ts';

const ACTORS = { users: [], groups: [], allUsers: false, allGroups: false, resourceOwners: false };
const ANN = { ...ACTORS, users: ['urn:li:corpuser:ann'] };
const OWNER = { subject: 'user:root', role: 'bitgate:owner', scope: 'org' };

interface Criterion {
  readonly field: string;
  readonly values: readonly string[];
  readonly condition?: string;
}

function policy(displayName: string, more: object, criteria?: readonly Criterion[]): object {
  const resources = criteria === undefined ? {} : { resources: { filter: { criteria } } };
  const info = { displayName, type: 'METADATA', state: 'ACTIVE', privileges: ['EDIT_ENTITY_TAGS'], actors: ANN, editable: true };
  return { urn: `urn:li:dataHubPolicy:${displayName}`, info: { ...info, ...resources, ...more } };
}

const post = (org: string, format: string, body: unknown, query = ''): Promise<Answer> =>
  call('POST', `/admin/orgs/${org}/manifest/import?format=${format}${query}`, body);

async function hub(org: string, policies: readonly object[], query = '&strict=false', sections: object = {}): Promise<void> {
  await makeOrganization(org, { preset: 'datahub' });
  const { catalog } = (await call('GET', `/admin/orgs/${org}/manifest`)).body;
  await putManifest(org, { bitgate: 1, catalog, assignments: [OWNER], ...sections });
  const answer = await post(org, 'datahub', policies, query);
  if (answer.status !== 200) throw new Error(`${answer.status} ${answer.text}`);
}

async function may(org: string, resource?: object | string, more: object = {}): Promise<boolean> {
  const question = { org, subject: 'user:ann', action: 'EDIT_ENTITY_TAGS', ...(resource === undefined ? {} : { resource }), ...more };
  return (await call('POST', '/check', question)).body.decision;
}

async function pieces(org: string): Promise<object> {
  const stub = env.PUBLISHER.get(env.PUBLISHER.idFromName(org));
  const pointer = await stub.pointer();
  const bytes = await stub.blob(pointer?.manifest ?? '');
  if (bytes === null) throw new Error('nothing is published');
  const { catalogHash, directories } = new Manifest(new Uint8Array(bytes));
  const hashes = (['principals', 'resources'] as const).map((kind) =>
    Array.from({ length: directories[kind].count }, (_, i) => directories[kind].hash(i)),
  );
  return { catalogHash, hashes };
}

const DATASET = 'urn:li:dataset:(urn:li:dataPlatform:hive,sales,PROD)';
const sales = `dataset:${DATASET}`;

describe('policies of DataHub', () => {
  it('F3 mixes of platform and metadata privileges are refused, and with `strict=false` taken as DataHub takes them', async () => {
    const mixed = [policy('Mixed', { privileges: ['MANAGE_POLICIES'] }), policy('Other', { type: 'PLATFORM' })];
    await makeOrganization('f3', { preset: 'datahub' });
    for (const query of ['', '&strict=true']) {
      const refused = await post('f3', 'datahub', mixed, query);
      expect([refused.status, refused.body.error.code]).toEqual([422, 'invalid_import']);
      expect(refused.body.error.details.problems.map(({ code, path }: { code: string; path: string }) => `${code} ${path}`)).toEqual([
        'mixed_privilege [0].info.privileges[0]',
        'mixed_privilege [1].info.privileges[0]',
      ]);
    }
    expect((await post('f3', 'datahub', mixed, '&strict=false')).status).toBe(200);
    expect(await may('f3', undefined, { action: 'MANAGE_POLICIES' })).toBe(true);
    expect(await may('f3', sales)).toBe(true);
  });

  it('F52 hold on a type, on one resource, and on nothing for an empty list', async () => {
    await hub('f52', [
      policy('Typed', { privileges: ['EDIT_ENTITY_DOCS'] }, [{ field: 'TYPE', values: ['chart'] }]),
      policy('One', {}, [{ field: 'URN', values: [DATASET] }]),
      policy('None', { privileges: ['EDIT_LINEAGE'] }, [{ field: 'TYPE', values: [] }]),
    ]);
    const docs = { action: 'EDIT_ENTITY_DOCS' };
    expect([await may('f52', 'chart:c', docs), await may('f52', sales, docs), await may('f52', undefined, docs)]).toEqual([
      true,
      false,
      false,
    ]);
    expect([await may('f52', sales), await may('f52', 'dataset:other'), await may('f52')]).toEqual([true, false, false]);
    expect(await may('f52', sales, { action: 'EDIT_LINEAGE' })).toBe(false);
  });

  it('F53 hold on what begins with a prefix', async () => {
    const values = ['urn:li:dataset:(urn:li:dataPlatform:hive,'];
    await hub('f53', [policy('Hive', {}, [{ field: 'URN', values, condition: 'STARTS_WITH' }])]);
    expect([await may('f53', sales), await may('f53', 'dataset:urn:li:dataset:(urn:li:dataPlatform:kafka,x,PROD)')]).toEqual([true, false]);
  });

  it.each([
    ['domain', 'DOMAIN', 'domain'],
    ['container', 'CONTAINER', 'container'],
    ['glossary node', 'GLOSSARY', 'glossaryNode'],
  ])('F54 on a parent %s cover a descendant at depth 5, and no longer once the link is gone', async (_name, field, type) => {
    const org = `f54-${type.toLowerCase()}`;
    const urn = (i: number): string => `urn:li:${type}:n${i}`;
    const chain = [1, 2, 3, 4].map((i) => ({ type, id: urn(i), parents: [`${type}:${urn(i - 1)}`] }));
    const resources = [...chain, { type: 'dataset', id: DATASET, parents: [`${type}:${urn(4)}`] }];
    await hub(org, [policy('Below', {}, [{ field, values: [urn(0)] }])], '', { resources });
    expect([await may(org, sales), await may(org, `${type}:${urn(0)}`), await may(org, 'dataset:elsewhere')]).toEqual([true, true, false]);
    const cut = resources.map((each) => (each.id === urn(2) ? { ...each, parents: [] } : each));
    expect((await call('PATCH', `/admin/orgs/${org}/manifest`, { bitgate: 1, resources: cut })).status).toBe(200);
    expect(await may(org, sales)).toBe(false);
    const loop = resources.map((each) => (each.id === urn(1) ? { ...each, parents: [`${type}:${urn(4)}`] } : each));
    expect((await call('PATCH', `/admin/orgs/${org}/manifest`, { bitgate: 1, resources: loop })).status).toBe(422);
  });

  it('F54 hold by tag and by platform instance', async () => {
    const instance = 'urn:li:dataPlatformInstance:(urn:li:dataPlatform:hive,eu)';
    const resources = [
      { type: 'dataset', id: DATASET, parents: [`dataPlatformInstance:${instance}`], properties: { tags: ['urn:li:tag:pii'] } },
      { type: 'dataset', id: 'plain' },
    ];
    const policies = [
      policy('Tagged', {}, [{ field: 'TAG', values: ['urn:li:tag:pii'] }]),
      policy('There', { privileges: ['EDIT_ENTITY_DOCS'] }, [{ field: 'DATA_PLATFORM_INSTANCE', values: [instance] }]),
    ];
    await hub('f54-more', policies, '', { resources });
    for (const more of [{}, { action: 'EDIT_ENTITY_DOCS' }]) {
      expect([await may('f54-more', sales, more), await may('f54-more', 'dataset:plain', more)]).toEqual([true, false]);
    }
  });

  it('F55 exclude, open to what is not known as there, and closed to it when strict', async () => {
    const excluding = [policy('Not pii', {}, [{ field: 'TAG', values: ['urn:li:tag:pii'], condition: 'NOT_EQUALS' }])];
    const resources = [
      { type: 'dataset', id: 'pii', properties: { tags: ['urn:li:tag:pii'] } },
      { type: 'dataset', id: 'raw', properties: { tags: ['urn:li:tag:raw'] } },
      { type: 'dataset', id: 'untagged', properties: { tags: [] } },
      { type: 'dataset', id: 'unknown' },
    ];
    await hub('f55-loose', excluding, '&strict=false', { resources });
    await hub('f55-strict', excluding, '&strict=true', { resources });
    const all = (org: string): Promise<boolean[]> => Promise.all(resources.map(({ id }) => may(org, `dataset:${id}`)));
    expect(await all('f55-loose')).toEqual([false, true, true, true]);
    expect(await all('f55-strict')).toEqual([false, true, true, false]);
  });

  it('F56 constrain which tags may be added', async () => {
    const criteria = [{ field: 'URN', values: ['urn:li:tag:A', 'urn:li:tag:B'] }];
    await hub('f56', [policy('Two tags', { resources: { privilegeConstraints: { criteria }, filter: { criteria: [] } } })]);
    const adding = (...tags: string[]): Promise<boolean> => {
      const properties = { sub_resources: tags.map((tag) => `urn:li:tag:${tag}`) };
      return may('f56', sales, { action: { name: 'EDIT_ENTITY_TAGS', properties } });
    };
    expect([await adding('A', 'B'), await adding('A', 'C'), await adding('C'), await adding()]).toEqual([true, false, false, true]);
    expect(await may('f56', sales)).toBe(true);
  });

  it('F57 reach all users, and all that are in a group', async () => {
    const groups = [{ name: 'some', members: ['user:gil'] }];
    const policies = [
      policy('All users', { actors: { ...ACTORS, allUsers: true } }),
      policy('All groups', { privileges: ['EDIT_ENTITY_DOCS'], actors: { ...ACTORS, allGroups: true } }),
    ];
    await hub('f57', policies, '', {
      groups,
      subjects: [
        { type: 'user', id: 'ann' },
        { type: 'user', id: 'sue', status: 'suspended' },
      ],
    });
    for (const [subject, all, grouped] of [
      ['user:ann', true, false],
      ['user:gil', true, true],
      ['user:sue', false, false],
    ] as const) {
      expect(await may('f57', sales, { subject })).toBe(all);
      expect(await may('f57', sales, { subject, action: 'EDIT_ENTITY_DOCS' })).toBe(grouped);
    }
  });

  it('F52 grant as a draft as its engine does, and do not when strict', async () => {
    await hub('draft-loose', [policy('Draft', { state: 'DRAFT' })]);
    await hub('draft-strict', [policy('Draft', { state: 'DRAFT' })], '&strict=true');
    expect([await may('draft-loose', sales), await may('draft-strict', sales)]).toEqual([true, false]);
  });
});

const DIFFGRAM = {
  users: [{ member_id: 1, email: 'ann' }],
  projects: [{ id: 1, project_string_id: 'cats' }],
  datasets: [
    { id: 7, project_id: 1 },
    { id: 8, project_id: 1 },
  ],
  roles: [{ id: 3, name: 'Labeler', project_id: 1, permissions_list: ['dataset_view', 'dataset_edit'] }],
  role_member_object: [{ member_id: 1, object_type: 'WorkingDir', object_id: 7, role_id: 3 }],
};

const CONFIDENT = {
  projects: [
    {
      id: 'one',
      policies: [{ id: 'p', name: 'Tracing', permissions: [{ name: 'trace:read' }] }],
      roles: [{ id: 'r', name: 'Analyst', policies: [{ id: 'p' }] }],
      members: [{ email: 'ann', roleId: 'r' }],
    },
  ],
};

const DATAHUB = [policy('Ann tags', {})];

/** Somebody, a privilege, a scope. */
interface Cell {
  readonly name: string;
  readonly questions: readonly object[];
}

/** Every privilege of the organization's catalog, for two people, at the organization and on the resources, each asked there and below it. */
async function grid(org: string, resources: readonly string[]): Promise<readonly Cell[]> {
  const { privileges } = (await call('GET', `/admin/orgs/${org}/manifest`)).body.catalog as {
    privileges: { name: string; resource_types?: string[] }[];
  };
  const below = (scope: string, types: readonly string[] = []): object[] =>
    ['anything', ...types].map((type) => ({ type, id: 'below', properties: { parents: [scope] } }));
  return ['user:ann', 'user:other'].flatMap((subject) =>
    ['org', ...resources].flatMap((scope) =>
      privileges.map(({ name, resource_types }) => {
        const places = scope === 'org' ? [undefined] : [scope, ...below(scope, resource_types)];
        const questions = places.map((resource) => ({ subject, action: name, ...(resource === undefined ? {} : { resource }) }));
        return { name: `${subject} ${name} ${scope}`, questions };
      }),
    ),
  );
}

/** Names of the cells in which something is allowed. */
async function allowed(org: string, cells: readonly Cell[]): Promise<Set<string>> {
  const { results } = (await call('POST', '/check/batch', { org, checks: cells.flatMap(({ questions }) => questions) })).body;
  const decisions = results.values();
  const held = cells.map(({ questions }) => questions.map(() => decisions.next().value.decision).includes(true));
  return new Set(cells.filter((_, i) => held[i]).map(({ name }) => name));
}

const GRANTED = ['thing:view', 'thing:edit'];
const SAID: Readonly<Record<string, unknown>> = {
  datahub: [
    {
      urn: 'urn:li:dataHubPolicy:work',
      info: {
        ...{ displayName: 'Work', type: 'METADATA', state: 'ACTIVE', privileges: GRANTED, editable: true },
        actors: { ...ACTORS, roles: ['urn:li:dataHubRole:Worker'] },
      },
    },
  ],
  diffgram: { roles: [{ id: 1, name: 'Worker', permissions_list: GRANTED.toReversed() }] },
  'confident-ai': {
    policies: GRANTED.map((name) => ({ id: name, name: `May ${name}`, permissions: [{ name }] })),
    roles: [{ name: 'Worker', policyIds: GRANTED }],
  },
};

/** An organization with a catalog that is none of the three, and what one of them says of its role. */
async function saidBy(row: string, format: string): Promise<string> {
  const org = `${row}-${format}`;
  await makeOrganization(org);
  const privileges = ['other:view', 'thing:delete', 'thing:edit', 'thing:view'].map((name) => ({ name }));
  await putManifest(org, { bitgate: 1, catalog: { privileges }, assignments: [OWNER] });
  const answer = await post(org, format, SAID[format]);
  if (answer.status !== 200) throw new Error(`${format}: ${answer.status} ${answer.text}`);
  return org;
}

describe('the same grants in three ways', () => {
  it('F4 as a policy of DataHub for a role they are the row of the bitmap that a role by hand has, byte for byte', async () => {
    const org = await saidBy('f4', 'datahub');
    expect((await call('POST', `/admin/orgs/${org}/roles`, { name: 'By hand', privileges: GRANTED })).body.published).toBe(true);
    const said = await roleBits(org, 'Worker');
    expect(said).toEqual(await roleBits(org, 'By hand'));
    expect(said.bytes.some((byte) => byte !== 0)).toBe(true);
  });

  it('F5 as a policy of DataHub, a flat role of Diffgram and a role of policies of Confident AI they are one row, and decide alike', async () => {
    const organizations = await Promise.all(Object.keys(SAID).map((format) => saidBy('f5', format)));
    const rows = await Promise.all(organizations.map((org) => roleBits(org, 'Worker')));
    for (const row of rows) expect(row).toEqual(rows[0]);
    expect(rows).toHaveLength(3);
    for (const org of organizations) {
      await call('POST', `/admin/orgs/${org}/assignments`, { subject: 'user:ann', role: 'Worker', scope: 'org' });
      const decisions = await Promise.all(
        ['thing:view', 'thing:edit', 'thing:delete', 'other:view'].map((action) => may(org, 'thing:t', { action })),
      );
      expect([org, decisions]).toEqual([org, [true, true, false, false]]);
    }
  });
});

describe('an import', () => {
  it('F11 a role of Diffgram on one dataset allows there, and neither on another nor on a file of that number', async () => {
    await makeOrganization('f11', { preset: 'diffgram' });
    expect((await post('f11', 'diffgram', DIFFGRAM)).body.report).toEqual([]);
    const on = (resource: string, action: string): Promise<boolean> => may('f11', resource, { action });
    expect([await on('WorkingDir:7', 'dataset_view'), await on('WorkingDir:8', 'dataset_view'), await on('File:7', 'file_view')]).toEqual([
      true,
      false,
      false,
    ]);
  });

  it.each([
    ['datahub', DATAHUB, 'EDIT_ENTITY_TAGS', sales],
    ['diffgram', DIFFGRAM, 'dataset_edit', 'WorkingDir:7'],
    ['confident-ai', CONFIDENT, 'trace:read', 'project:one'],
  ] as const)('F38 of %s can be tried first, is then there, and done again changes nothing', async (format, body, action, resource) => {
    const org = `f38-${format}`;
    await makeOrganization(org, { preset: format });
    const before = await pieces(org);
    const tried = await post(org, format, body, '&dry_run=true');
    expect([tried.status, tried.body.dry_run, tried.body.changed]).toEqual([200, true, true]);
    const tests = await grid(org, [resource, 'dataset:elsewhere']);
    const denied = await allowed(org, tests);
    expect([await pieces(org), await may(org, resource, { action })]).toEqual([before, false]);
    const done = await post(org, format, body);
    expect([done.status, done.body.plan, done.body.report]).toEqual([200, tried.body.plan, tried.body.report]);
    expect(await may(org, resource, { action })).toBe(true);
    // exactly what the trial said is what somebody could not do before and can now
    const held = await allowed(org, tests);
    const told = tried.body.access_diff.items.map((item: Record<string, string>) => `${item.principal} ${item.privilege} ${item.scope}`);
    expect([tried.body.access_diff.lost, tried.body.access_diff.total]).toEqual([0, told.length]);
    const places = new Set(told.map((each: string) => each.split(' ')[2]));
    const gained = [...held].filter((each) => !denied.has(each) && places.has(each.split(' ')[2]));
    expect(gained.toSorted()).toEqual(told.toSorted());
    expect([...denied].filter((each) => !held.has(each))).toEqual([]);
    const again = await post(org, format, body);
    expect([again.status, again.body.plan.changes, again.body.revision]).toEqual([200, [], done.body.revision]);

    const exported = (await call('GET', `/admin/orgs/${org}/manifest`)).body;
    const served = await pieces(org);
    await putManifest(org, { bitgate: 1, catalog: exported.catalog });
    expect(await pieces(org)).not.toEqual(served);
    await putManifest(org, exported);
    expect(await pieces(org)).toEqual(served);
  });

  it('F38 is refused whole, with every place, and needs the rights that a manifest needs', async () => {
    await makeOrganization('f38-refused', { preset: 'datahub' });
    const wrong = await post('f38-refused', 'datahub', [policy('A', {}), policy('B', { privileges: 7 })]);
    expect([wrong.status, wrong.body.error.details.problems]).toEqual([
      422,
      [expect.objectContaining({ code: 'invalid_value', path: '[1].info.privileges' })],
    ]);
    for (const query of ['', '?format=okta', '?format=datahub&strict=yes']) {
      expect((await call('POST', `/admin/orgs/f38-refused/manifest/import${query}`, [])).status).toBe(400);
    }
    const { token } = await makeKey('f38-refused', ['Editor']);
    const answer = await call('POST', '/admin/orgs/f38-refused/manifest/import?format=datahub', DATAHUB, { token });
    expect([answer.status, answer.body.error.code]).toEqual([403, 'missing_privilege']);
  });
});
