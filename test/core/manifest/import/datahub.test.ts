/** DataHub's policies, corner by corner: what they grant there they grant here, and in strict mode but for three differences. */
import { describe, expect, it } from 'vitest';
import type { ManifestResource } from '../../../../src/presets/manifest.ts';
import { changedAgain, type ImportHow, imported, importedWorld, presentRows, refusedImport } from './support.ts';

const NOBODY = { users: [], groups: [], allUsers: false, allGroups: false, resourceOwners: false };
const ANN = { ...NOBODY, users: ['urn:li:corpuser:ann'] };
const DATASET = 'urn:li:dataset:(urn:li:dataPlatform:hive,sales,PROD)';
const RESOURCE = `dataset:${DATASET}`;

function policy(info: object): object[] {
  const whole = {
    displayName: 'P',
    type: 'METADATA',
    state: 'ACTIVE',
    privileges: ['EDIT_ENTITY_TAGS'],
    actors: ANN,
    editable: true,
    ...info,
  };
  return [{ urn: 'urn:li:dataHubPolicy:x', info: whole }];
}

function filter(...criteria: (readonly [field: string, values: readonly string[], condition?: string])[]): object {
  return { resources: { filter: { criteria: criteria.map(([field, values, condition = 'EQUALS']) => ({ field, values, condition })) } } };
}

const LOOSE: ImportHow = { format: 'datahub', preset: 'datahub' };
const STRICT: ImportHow = { ...LOOSE, strict: true };

const tagged = (tags?: readonly string[]): ManifestResource[] => [
  { type: 'dataset', id: DATASET, ...(tags === undefined ? {} : { properties: { tags: [...tags] } }) },
];

const decides = async (value: object[], how: ImportHow, resource?: string, subject = 'user:ann', action = 'EDIT_ENTITY_TAGS') =>
  (await importedWorld(value, how)).may(subject, action, resource);

describe('resources of a DataHub policy', () => {
  it('that are absent match everything, no resource included', async () => {
    for (const how of [LOOSE, STRICT]) {
      expect(await decides(policy({}), how, RESOURCE)).toBe(true);
      expect(await decides(policy({ resources: null }), how)).toBe(true);
    }
  });

  it('that are filtered never match without a resource', async () => {
    const filters = [
      filter(),
      filter(['TYPE', ['dataset']]),
      filter(['TAG', ['t'], 'NOT_EQUALS']),
      filter(['TYPE', ['chart'], 'NOT_EQUALS']),
    ];
    for (const each of filters) expect(await decides(policy(each), LOOSE)).toBe(false);
    expect(await decides(policy(filter()), LOOSE, RESOURCE)).toBe(true);
  });

  const cases: [string, object, boolean][] = [
    ['a type', filter(['TYPE', ['chart', 'dataset']]), true],
    ['another type', filter(['TYPE', ['chart']]), false],
    ['a type under its old name, in small letters', filter(['resource_type', ['dataset']]), true],
    ['two types at once', filter(['TYPE', ['dataset']], ['TYPE', ['chart']]), false],
    ['the beginning of a type', filter(['TYPE', ['data'], 'STARTS_WITH']), true],
    ['all but a type', filter(['TYPE', ['chart'], 'NOT_EQUALS']), true],
    ['all but its type', filter(['TYPE', ['chart', 'dataset'], 'NOT_EQUALS']), false],
    ['its URN', filter(['URN', [DATASET]]), true],
    ['its URN and its type', filter(['TYPE', ['dataset']], ['URN', [DATASET]]), true],
    ['its URN and another type', filter(['TYPE', ['chart']], ['URN', [DATASET]]), false],
    ['another URN', filter(['URN', ['urn:li:dataset:other']]), false],
    ['the beginning of its URN', filter(['URN', ['urn:li:dataset:(urn:li:dataPlatform:hive'], 'STARTS_WITH']), true],
    ['another beginning', filter(['URN', ['urn:li:dataset:(urn:li:dataPlatform:snowflake'], 'STARTS_WITH']), false],
    ['all but its URN', filter(['URN', [DATASET], 'NOT_EQUALS']), false],
    ['no value', filter(['TYPE', []]), false],
    ['all but no value', filter(['TYPE', [], 'NOT_EQUALS']), true],
    ['the beginning of no value', filter(['URN', [], 'STARTS_WITH']), false],
    ['a field that is none', filter(['COLOUR', ['red']]), false],
    ['a condition that is none', filter(['TYPE', ['dataset'], 'LIKE']), false],
    ['the old form with a type', { resources: { type: 'dataset', allResources: true } }, true],
    ['the old form with another type', { resources: { type: 'chart', allResources: true } }, false],
    ['the old form with its URN', { resources: { type: 'dataset', resources: [DATASET], allResources: false } }, true],
    ['the old form with no URN', { resources: { type: 'dataset', resources: [], allResources: false } }, false],
    ['a filter beside the old form', { resources: { type: 'chart', resources: [], filter: { criteria: [] } } }, true],
    ['values as GraphQL writes them', { resources: { filter: { criteria: [{ field: 'TYPE', values: [{ value: 'dataset' }] }] } } }, true],
  ];
  it.each(cases)('match by %s', async (_name, info, expected) => {
    for (const how of [LOOSE, STRICT]) expect(await decides(policy(info), how, RESOURCE)).toBe(expected);
    const inRole = policy({ ...info, actors: { ...NOBODY, roles: ['urn:li:dataHubRole:Steward'] } });
    const members = [{ actor: 'urn:li:corpuser:ann', roles: ['urn:li:dataHubRole:Steward'] }];
    const world = await importedWorld({ policies: inRole, members }, LOOSE);
    expect(world.may('user:ann', 'EDIT_ENTITY_TAGS', RESOURCE)).toBe(expected);
  });

  it('match by tags, which are a property here', async () => {
    const info = filter(['TAG', ['urn:li:tag:pii', 'urn:li:tag:raw']]);
    const at = async (tags: string[] | undefined, how: ImportHow) =>
      decides(policy(info), { ...how, before: { resources: tagged(tags) } }, RESOURCE);
    expect([
      await at(['urn:li:tag:raw'], LOOSE),
      await at(['urn:li:tag:x'], LOOSE),
      await at([], LOOSE),
      await at(undefined, LOOSE),
    ]).toEqual([true, false, false, false]);
  });

  it('that are excluded by a tag: what has none passes, and what is not known passes there, and here unless it is strict', async () => {
    const info = filter(['TAG', ['urn:li:tag:pii'], 'NOT_EQUALS']);
    const at = async (tags: string[] | undefined, how: ImportHow) =>
      decides(policy(info), { ...how, before: { resources: tagged(tags) } }, RESOURCE);
    for (const how of [LOOSE, STRICT]) {
      expect(await at(['urn:li:tag:pii'], how)).toBe(false);
      expect(await at(['urn:li:tag:raw'], how)).toBe(true);
      expect(await at([], how)).toBe(true);
    }
    expect([await at(undefined, LOOSE), await at(undefined, STRICT)]).toEqual([true, false]);
  });

  it('of a container or a domain by its URN are that alone, not what lies in it', async () => {
    const before = { resources: [{ type: 'dataset', id: DATASET, parents: ['container:urn:li:container:c'] }] };
    const byUrn = policy(filter(['URN', ['urn:li:container:c']]));
    expect(await decides(byUrn, { ...LOOSE, before }, 'container:urn:li:container:c')).toBe(true);
    expect(await decides(byUrn, { ...LOOSE, before }, RESOURCE)).toBe(false);
    const byContainer = policy(filter(['CONTAINER', ['urn:li:container:c']]));
    expect(await decides(byContainer, { ...LOOSE, before }, 'container:urn:li:container:c')).toBe(true);
    expect(await decides(byContainer, { ...LOOSE, before }, RESOURCE)).toBe(true);
  });

  it('by more URNs than a condition may hold become several policies, which grant together what it grants', async () => {
    const values = Array.from({ length: 400 }, (_, i) => `urn:li:dataset:(urn:li:dataPlatform:hive,table-${i},PROD)`);
    const world = await importedWorld(policy(filter(['URN', values, 'STARTS_WITH'])), LOOSE);
    for (const i of [0, 199, 399]) expect(world.may('user:ann', 'EDIT_ENTITY_TAGS', `dataset:${values[i]}`)).toBe(true);
    expect(world.may('user:ann', 'EDIT_ENTITY_TAGS', RESOURCE)).toBe(false);
    const excluded = await importedWorld(policy(filter(['URN', values, 'NOT_EQUALS'])), LOOSE);
    expect([excluded.told, excluded.may('user:ann', 'EDIT_ENTITY_TAGS', RESOURCE)]).toEqual([
      ['condition_too_long [0].info.resources'],
      false,
    ]);
  });

  it('are ignored for a platform policy', async () => {
    const info = { type: 'PLATFORM', privileges: ['MANAGE_TAGS'], ...filter(['TYPE', ['chart']]) };
    for (const how of [LOOSE, STRICT]) {
      const world = await importedWorld(policy(info), how);
      expect(world.may('user:ann', 'MANAGE_TAGS')).toBe(true);
      expect(world.may('user:ann', 'MANAGE_TAGS', RESOURCE)).toBe(true);
      expect(world.told).toEqual(['filter_ignored [0].info.resources']);
    }
  });
});

describe('state and kind of a DataHub policy', () => {
  it('a draft grants in its engine, and here unless it is strict', async () => {
    for (const state of ['DRAFT', 'whatever']) {
      expect(await decides(policy({ state }), LOOSE, RESOURCE)).toBe(true);
      expect(await decides(policy({ state }), STRICT, RESOURCE)).toBe(false);
    }
    for (const how of [LOOSE, STRICT]) expect(await decides(policy({ state: 'INACTIVE' }), how, RESOURCE)).toBe(false);
  });

  it('privileges of the other kind grant there and here, and are refused when it is strict', async () => {
    const platform = policy({
      type: 'PLATFORM',
      privileges: ['MANAGE_TAGS', 'EDIT_ENTITY', 'MANAGE_DOCUMENTS', 'SEARCH_PRIVILEGE', 'OWN'],
    });
    const metadata = policy({ privileges: ['MANAGE_POLICIES', 'MANAGE_DOCUMENTS', 'EDIT_ENTITY'] });
    expect(await decides(platform, LOOSE, RESOURCE, 'user:ann', 'EDIT_ENTITY')).toBe(true);
    expect(await decides(metadata, LOOSE, undefined, 'user:ann', 'MANAGE_POLICIES')).toBe(true);
    expect(refusedImport(platform, STRICT)).toEqual(['invalid_import', 'mixed_privilege [0].info.privileges[1]']);
    expect(refusedImport(metadata, STRICT)).toEqual(['invalid_import', 'mixed_privilege [0].info.privileges[0]']);
  });

  it('a privilege that nobody knows is added to the catalog, and told', async () => {
    for (const how of [LOOSE, STRICT]) {
      const world = await importedWorld(policy({ privileges: ['FLY'] }), how);
      expect([world.may('user:ann', 'FLY', RESOURCE), world.told]).toEqual([true, ['privilege_added [0].info.privileges']]);
    }
  });
});

describe('actors of a DataHub policy', () => {
  const owned = {
    resources: [{ type: 'dataset', id: DATASET, owners: [{ subject: 'user:ann', kind: 'TECHNICAL_OWNER' }, { subject: 'group:team' }] }],
    groups: [{ name: 'team', members: ['user:tim'] }],
    subjects: [{ type: 'user', id: 'eve' }],
    // without those that the preset gives
    policies: [],
    assignments: [],
  };

  it('are owners: of any type, of those that are listed, of none', async () => {
    const may = async (actors: object, subject: string) =>
      decides(policy({ actors: { ...NOBODY, ...actors } }), { ...LOOSE, before: owned }, RESOURCE, subject);
    const any = { resourceOwners: true };
    expect([await may(any, 'user:ann'), await may(any, 'user:tim'), await may(any, 'user:eve')]).toEqual([true, true, false]);
    const typed = (type: string): object => ({ resourceOwners: true, resourceOwnersTypes: [`urn:li:ownershipType:${type}`] });
    expect(await may(typed('__system__technical_owner'), 'user:ann')).toBe(true);
    expect(await may(typed('__system__business_owner'), 'user:ann')).toBe(false);
    expect(await may({ resourceOwners: true, resourceOwnersTypes: [] }, 'user:ann')).toBe(false);
    expect(await may({ resourceOwners: false, resourceOwnersTypes: ['urn:li:ownershipType:x'] }, 'user:ann')).toBe(false);
  });

  it('are all users, and all that are in a group', async () => {
    const everyone = await importedWorld(policy({ actors: { ...NOBODY, allUsers: true } }), { ...LOOSE, before: owned });
    expect([everyone.may('user:eve', 'EDIT_ENTITY_TAGS'), everyone.may('user:tim', 'EDIT_ENTITY_TAGS')]).toEqual([true, true]);
    const grouped = await importedWorld(policy({ actors: { ...NOBODY, allGroups: true } }), { ...LOOSE, before: owned });
    expect([grouped.may('user:eve', 'EDIT_ENTITY_TAGS'), grouped.may('user:tim', 'EDIT_ENTITY_TAGS')]).toEqual([false, true]);
    expect(grouped.told).toEqual(['all_groups [0].info.actors.allGroups']);
  });

  it('are members of groups and holders of roles, also through a group', async () => {
    const actors = { ...NOBODY, groups: ['urn:li:corpGroup:bfoo'], roles: ['urn:li:dataHubRole:Steward'] };
    const members = [
      { actor: 'urn:li:corpuser:gil', groups: ['urn:li:corpGroup:bfoo'] },
      { actor: 'urn:li:corpGroup:staff', roles: ['urn:li:dataHubRole:Steward'] },
      { actor: 'urn:li:corpuser:sam', groups: ['urn:li:corpGroup:staff'] },
      { actor: 'urn:li:tag:no', roles: [] },
      { actor: 'urn:li:corpuser:sam', roles: ['urn:li:dataHubRole:Nothing'] },
    ];
    const world = await importedWorld({ policies: policy({ actors }), members }, { format: 'datahub' });
    expect(['user:gil', 'user:sam', 'user:ann'].map((subject) => world.may(subject, 'EDIT_ENTITY_TAGS'))).toEqual([true, true, false]);
    expect(world.told).toEqual(['unknown_actor members[3].actor', 'unknown_role members[4].roles[0]']);
  });

  it('that are no URNs are left out and told', async () => {
    const { told } = imported(policy({ actors: { ...NOBODY, users: ['ann', 'urn:li:corpGroup:x'], groups: ['y'], roles: ['z'] } }), LOOSE);
    expect(told).toEqual([
      'unknown_actor [0].info.actors.groups[0]',
      'unknown_actor [0].info.actors.roles[0]',
      'unknown_actor [0].info.actors.users[0]',
      'unknown_actor [0].info.actors.users[1]',
    ]);
  });
});

describe('an import from DataHub', () => {
  it('leaves the policies of DataHub’s own roles to the preset, and makes a role beside a system role for others', async () => {
    const reader = { ...NOBODY, roles: ['urn:li:dataHubRole:Reader'] };
    const own = policy({ actors: reader, editable: false });
    expect(imported(own, LOOSE).told).toEqual(['held_by_preset [0].info']);
    const world = await importedWorld(
      { policies: policy({ actors: reader }), members: [{ actor: 'urn:li:corpuser:ann', roles: ['urn:li:dataHubRole:Reader'] }] },
      LOOSE,
    );
    expect(world.told).toEqual(['renamed policies[0].info.actors.roles', 'system_role policies[0].info.actors.roles']);
    expect(world.may('user:ann', 'EDIT_ENTITY_TAGS')).toBe(true);
    expect(world.may('user:ann', 'VIEW_ENTITY_PAGE')).toBe(true);
  });

  it('done again changes nothing, and takes away what an edited policy no longer gives', async () => {
    const info = {
      ...filter(['DOMAIN', ['urn:li:domain:a', 'urn:li:domain:b']]),
      actors: { ...ANN, roles: ['urn:li:dataHubRole:Steward'] },
    };
    const first = imported(policy(info), LOOSE);
    expect(changedAgain(policy(info), LOOSE)).toEqual([]);
    const edited = imported(policy({ ...info, actors: { ...NOBODY, users: ['urn:li:corpuser:bob'] } }), LOOSE, first.tables);
    expect(edited.tables.assignments.filter(({ policy: id }) => id !== null).map(({ principal }) => principal)).not.toContain('user:ann');
  });

  it('keeps what it does not name', () => {
    const before = {
      policies: [{ name: 'Mine', privileges: ['EDIT_ENTITY'] }],
      assignments: [{ subject: 'user:me', policy: 'Mine', scope: 'org' }],
    };
    const present = presentRows({ ...LOOSE, before });
    const { tables } = imported(policy({}), LOOSE, present);
    for (const table of ['policies', 'assignments', 'privileges', 'roles'] as const) {
      for (const row of present[table]) expect(tables[table]).toContainEqual(row);
    }
  });

  it('gives two policies of one name two names, and long or reserved ones others', () => {
    const named = (displayName: string): object => policy({ displayName })[0] ?? {};
    const { tables, told } = imported([named('A'), named('a'), named(`${'x'.repeat(300)}`), named('pol_x')], LOOSE);
    const names = tables.policies.filter(({ system }) => system === 0).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['A', 'a (2)', 'x'.repeat(108), 'imported pol_x']));
    expect(told).toEqual(['renamed [1].info', 'renamed [2].info', 'renamed [3].info']);
  });

  it('is refused with every place that can’t be read', () => {
    expect(refusedImport(policy({ privileges: 'EDIT', actors: { users: [7] } }), LOOSE)).toEqual([
      'invalid_import',
      'invalid_value [0].info.actors.users[0]',
      'invalid_value [0].info.privileges',
    ]);
    expect(refusedImport('policies', LOOSE)[0]).toBe('invalid_import');
    expect(refusedImport([7, null], LOOSE)[0]).toBe('invalid_import');
    expect(imported([{ urn: 'urn:li:dataHubPolicy:gone' }], LOOSE).told).toEqual(['deletion_ignored [0]']);
  });
});
