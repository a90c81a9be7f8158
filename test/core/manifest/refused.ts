/** What is wrong with a manifest, by name: the document, and every code with its place. */
export const P = { name: 'P', privileges: [] };
export const chain = (length: number, item: (i: number) => object): object[] => Array.from({ length }, (_, i) => item(i));

/** A title, a document without its version, and all that it is refused for. */
export const CASES: readonly (readonly [string, Readonly<Record<string, unknown>>, readonly string[]])[] = [
  ['an unknown key at the top', { rolls: [] }, ['unknown_key rolls']],
  ['an unknown key deep down', { roles: [{ name: 'A' }, { name: 'B', color: 1 }] }, ['unknown_key roles[1].color']],
  ['an unknown key of a project’s role', { projects: [{ id: 'p', roles: [{ name: 'A', x: 1 }] }] }, ['unknown_key projects[0].roles[0].x']],
  ['an unknown setting', { settings: { colour: 1 } }, ['unknown_key settings.colour']],
  ['a key that is missing', { policies: [{ name: 'P' }] }, ['missing_key policies[0].privileges']],
  ['a wrong type', { roles: [{ name: 5 }] }, ['wrong_type roles[0].name']],
  ['properties that are a list', { subjects: [{ type: 'u', id: 'x', properties: [] }] }, ['wrong_type subjects[0].properties']],
  ['an unknown value', { policies: [{ ...P, effect: 'maybe' }] }, ['invalid_value policies[0].effect']],
  ['an unknown level', { catalog: { privileges: [{ name: 'a', levels: ['galaxy'] }] } }, ['invalid_value catalog.privileges[0].levels[0]']],
  ['no level', { catalog: { privileges: [{ name: 'a', levels: [] }] } }, ['invalid_value catalog.privileges[0].levels']],

  [
    'an unknown privilege of a policy',
    { policies: [{ name: 'P', privileges: ['nope'] }] },
    ['unknown_privilege policies[0].privileges[0]'],
  ],
  ['an unknown privilege of a role', { roles: [{ name: 'A', privileges: ['nope'] }] }, ['unknown_privilege roles[0].privileges[0]']],
  [
    'an unknown implied one',
    { catalog: { privileges: [{ name: 'a', implies: ['b'] }] } },
    ['unknown_privilege catalog.privileges[0].implies[0]'],
  ],
  ['an unknown policy', { roles: [{ name: 'A', policies: ['nope'] }] }, ['unknown_policy roles[0].policies[0]']],
  ['an unknown parent role', { roles: [{ name: 'A', inherits: ['nope'] }] }, ['unknown_role roles[0].inherits[0]']],
  ['an unknown group of members', { groups: [{ name: 'g', members: ['group:nope'] }] }, ['unknown_group groups[0].members[0]']],
  [
    'an unknown owner group',
    { resources: [{ type: 'd', id: '1', owners: [{ subject: 'group:no' }] }] },
    ['unknown_group resources[0].owners[0].subject'],
  ],
  ['an unknown assigned role', { assignments: [{ subject: 'user:a', role: 'nope', scope: 'org' }] }, ['unknown_role assignments[0].role']],
  [
    'an unknown assigned policy',
    { assignments: [{ subject: 'user:a', policy: 'nope', scope: 'org' }] },
    ['unknown_policy assignments[0].policy'],
  ],
  [
    'an unknown group',
    { policies: [P], assignments: [{ subject: 'group:x', policy: 'P', scope: 'org' }] },
    ['unknown_group assignments[0].subject'],
  ],
  ['an unknown project', { assignments: [{ subject: 'user:a', role: 'nope/R', scope: 'org' }] }, ['unknown_project assignments[0].role']],
  [
    'an unknown role of a project',
    { projects: [{ id: 'p' }], assignments: [{ subject: 'user:a', role: 'p/R', scope: 'org' }] },
    ['unknown_role assignments[0].role'],
  ],
  ['an unknown default role', { settings: { default_role: 'nope' } }, ['unknown_role settings.default_role']],
  [
    'an unknown API key',
    { policies: [P], assignments: [{ subject: 'api_key:x', policy: 'P', scope: 'org' }] },
    ['unknown_api_key assignments[0].subject'],
  ],

  [
    'a privilege of the organization in a project’s policy and role',
    {
      catalog: { privileges: [{ name: 'a', levels: ['org'] }] },
      projects: [{ id: 'p', policies: [{ name: 'P', privileges: ['a'] }], roles: [{ name: 'R', privileges: ['a'] }] }],
    },
    ['wrong_level projects[0].policies[0].privileges[0]', 'wrong_level projects[0].roles[0].privileges[0]'],
  ],
  [
    'a project’s policy in a role of the organization',
    { projects: [{ id: 'p', policies: [P] }], roles: [{ name: 'A', policies: ['p/P'] }] },
    ['wrong_project roles[0].policies[0]'],
  ],
  [
    'another project’s role',
    {
      projects: [
        { id: 'p', roles: [{ name: 'A' }] },
        { id: 'q', roles: [{ name: 'B', inherits: ['p/A'] }] },
      ],
    },
    ['wrong_project projects[1].roles[0].inherits[0]'],
  ],
  [
    'a project’s role as default',
    { projects: [{ id: 'p', roles: [{ name: 'A' }] }], settings: { default_role: 'p/A' } },
    ['wrong_project settings.default_role'],
  ],

  ['a role’s name in another letter case', { roles: [{ name: 'Ädmin' }, { name: 'äDMIN' }] }, ['duplicate_name roles[1].name']],
  [
    'a name in another composition',
    {
      policies: [
        { ...P, name: 'caf\u00e9' },
        { ...P, name: 'cafe\u0301' },
      ],
    },
    ['duplicate_name policies[1].name'],
  ],
  ['a group’s name in another letter case', { groups: [{ name: 'g' }, { name: 'G' }] }, ['duplicate_name groups[1].name']],
  [
    'a name twice in a project',
    { projects: [{ id: 'p', roles: [{ name: 'a' }, { name: 'A' }] }] },
    ['duplicate_name projects[0].roles[1].name'],
  ],
  [
    'a privilege twice',
    { catalog: { privileges: [{ name: 'a' }, { name: 'a', levels: ['org'] }] } },
    ['duplicate_name catalog.privileges[1].name'],
  ],
  ['a system role’s name', { roles: [{ name: 'READER' }] }, ['system_name roles[0].name']],
  [
    'a system role’s name in a project',
    { projects: [{ id: 'p', roles: [{ name: 'Reader' }] }] },
    ['system_name projects[0].roles[0].name'],
  ],
  ['a system policy’s name', { policies: [{ ...P, name: 'system readers' }] }, ['system_name policies[0].name']],
  [
    'an id twice',
    {
      roles: [
        { name: 'a', id: 'rol_1' },
        { name: 'b', id: 'rol_1' },
      ],
    },
    ['duplicate_id roles[1].id'],
  ],
  ['the id of a system role', { roles: [{ name: 'a', id: 'rol_owner' }] }, ['duplicate_id roles[0].id']],
  [
    'an id of another kind',
    { roles: [{ name: 'a', id: 'pol_1' }], policies: [{ ...P, id: 'pol_A' }] },
    ['invalid_id policies[0].id', 'invalid_id roles[0].id'],
  ],
  ['a project twice', { projects: [{ id: 'p' }, { id: 'p' }] }, ['duplicate_id projects[1].id']],
  [
    'a subject twice',
    {
      subjects: [
        { type: 'u', id: '1' },
        { type: 'u', id: '1' },
      ],
    },
    ['duplicate_id subjects[1].id'],
  ],
  [
    'a resource twice',
    {
      resources: [
        { type: 'u', id: '1' },
        { type: 'u', id: '1' },
      ],
    },
    ['duplicate_id resources[1].id'],
  ],
  ['a project among the resources', { resources: [{ type: 'project', id: '1' }] }, ['reserved_type resources[0].type']],

  ['a role that inherits itself', { roles: [{ name: 'A', inherits: ['A'] }] }, ['cycle roles[0].inherits[0]']],
  [
    'a cycle of three roles',
    {
      roles: [
        { name: 'A', inherits: ['B'] },
        { name: 'B', inherits: ['C'] },
        { name: 'C', inherits: ['A'] },
      ],
    },
    ['cycle roles[2].inherits[0]'],
  ],
  [
    'a cycle of groups',
    {
      groups: [
        { name: 'a', members: ['group:b'] },
        { name: 'b', members: ['group:a'] },
      ],
    },
    ['cycle groups[1].members[0]'],
  ],
  [
    'a cycle of resources',
    {
      resources: [
        { type: 'd', id: '1', parents: ['d:2'] },
        { type: 'd', id: '2', parents: ['d:1'] },
      ],
    },
    ['cycle resources[1].parents[0]'],
  ],
  [
    'a cycle through a project',
    { projects: [{ id: 'p', parents: ['d:2'] }], resources: [{ type: 'd', id: '2', parents: ['project:p'] }] },
    ['cycle resources[0].parents[0]'],
  ],
  [
    'groups 33 deep',
    { groups: chain(33, (i) => ({ name: `g${i}`, members: i === 32 ? [] : [`group:g${i + 1}`] })) },
    ['too_deep groups[0].members[0]'],
  ],
  [
    'ancestors 33 deep',
    { resources: chain(33, (i) => ({ type: 'd', id: `${i}`, parents: [`d:${i + 1}`] })) },
    ['too_deep resources[0].parents[0]'],
  ],

  ['a condition that does not parse', { policies: [{ ...P, condition: 'resource.id ==' }] }, ['invalid_condition policies[0].condition']],
  ['an empty condition', { policies: [{ ...P, condition: '' }] }, ['invalid_condition policies[0].condition']],
  [
    'a condition too long',
    { policies: [{ ...P, condition: `true || "${'x'.repeat(2_048)}" == ""` }] },
    ['invalid_condition policies[0].condition'],
  ],

  [
    'a time that is none',
    { policies: [P], assignments: [{ subject: 'u:1', policy: 'P', scope: 'org', expires_at: 'soon' }] },
    ['invalid_time assignments[0].expires_at'],
  ],
  [
    'a time without zone',
    { policies: [P], assignments: [{ subject: 'u:1', policy: 'P', scope: 'org', not_before: '2027-01-01T00:00:00' }] },
    ['invalid_time assignments[0].not_before'],
  ],
  [
    'a day that is not in the month',
    { policies: [P], assignments: [{ subject: 'u:1', policy: 'P', scope: 'org', expires_at: '2027-02-29T00:00:00Z' }] },
    ['invalid_time assignments[0].expires_at'],
  ],
  [
    'a window that never opens',
    {
      policies: [P],
      assignments: [
        { subject: 'u:1', policy: 'P', scope: 'org', not_before: '2027-01-01T00:00:00Z', expires_at: '2027-01-01T01:00:00+01:00' },
      ],
    },
    ['empty_window assignments[0].expires_at'],
  ],

  ['a name too long', { roles: [{ name: 'x'.repeat(129) }] }, ['name_too_long roles[0].name']],
  ['an empty name', { groups: [{ name: '' }] }, ['invalid_name groups[0].name']],
  ['a name with a control character', { groups: [{ name: 'a\u0000b' }] }, ['invalid_name groups[0].name']],
  ['a privilege’s name too long', { catalog: { privileges: [{ name: 'x'.repeat(129) }] } }, ['name_too_long catalog.privileges[0].name']],
  ['an id too long', { subjects: [{ type: 'u', id: 'ü'.repeat(256) }] }, ['invalid_reference subjects[0].id']],
  [
    'a type with a colon',
    { subjects: [{ type: 'u:x', id: '1' }], resources: [{ type: 'a:b', id: '1' }] },
    ['invalid_reference resources[0].id', 'invalid_reference subjects[0].id'],
  ],
  ['a resource type with a colon', { policies: [{ ...P, resource_types: ['a:b'] }] }, ['invalid_type policies[0].resource_types[0]']],
  ['an empty id', { resources: [{ type: 'a', id: '' }] }, ['invalid_reference resources[0].id']],
  [
    'a lone surrogate in properties',
    { subjects: [{ type: 'u', id: '1', properties: { a: ['\ud800'] } }] },
    ['lone_surrogate subjects[0].properties.a[0]'],
  ],
  ['a lone surrogate in a description', { roles: [{ name: 'a', description: '\udfff' }] }, ['lone_surrogate roles[0].description']],
  ['a subject of type group', { subjects: [{ type: 'group', id: 'g' }] }, ['reserved_type subjects[0].type']],
  ['an API key as a subject', { subjects: [{ type: 'api_key', id: 'k1', status: 'suspended' }] }, ['reserved_type subjects[0].type']],
  [
    'properties too large',
    { resources: [{ type: 'd', id: '1', properties: { a: 'x'.repeat(16_384) } }] },
    ['properties_too_large resources[0].properties'],
  ],
  ['a reference without a colon', { groups: [{ name: 'g', members: ['alice'] }] }, ['invalid_reference groups[0].members[0]']],
  [
    'a scope that is neither',
    { policies: [P], assignments: [{ subject: 'u:1', policy: 'P', scope: 'everywhere' }] },
    ['invalid_reference assignments[0].scope'],
  ],

  ['a reserved privilege', { catalog: { privileges: [{ name: 'bitgate:more' }] } }, ['reserved_name catalog.privileges[0].name']],
  ['a reserved role', { roles: [{ name: 'Bitgate:admin' }] }, ['reserved_name roles[0].name']],
  [
    'reserved groups',
    { groups: [{ name: 'everyone' }, { name: 'Anyone' }, { name: 'owner' }, { name: 'owner:X' }] },
    [0, 1, 2, 3].map((i) => `reserved_name groups[${i}].name`),
  ],
  [
    'a name like an id',
    { groups: [{ name: 'pol_x' }], roles: [{ name: 'rol_x' }] },
    ['reserved_name groups[0].name', 'reserved_name roles[0].name'],
  ],
  ['a reserved group as a member', { groups: [{ name: 'g', members: ['group:everyone'] }] }, ['reserved_group groups[0].members[0]']],
  [
    'a reserved group as an owner',
    { resources: [{ type: 'd', id: '1', owners: [{ subject: 'group:owner' }] }] },
    ['reserved_group resources[0].owners[0].subject'],
  ],
  [
    'an owner group without kind',
    { policies: [P], assignments: [{ subject: 'group:owner:', policy: 'P', scope: 'org' }] },
    ['reserved_group assignments[0].subject'],
  ],

  ['neither role nor policy', { assignments: [{ subject: 'u:1', scope: 'org' }] }, ['role_or_policy assignments[0]']],
  [
    'both role and policy',
    { policies: [P], roles: [{ name: 'A' }], assignments: [{ subject: 'u:1', role: 'A', policy: 'P', scope: 'org' }] },
    ['role_or_policy assignments[0]'],
  ],
  ...['org', 'project:q', 'dataset:elsewhere', 'dataset:unregistered'].map(
    (scope) =>
      [
        `a project’s role at ${scope}`,
        {
          projects: [{ id: 'p', roles: [{ name: 'R' }] }, { id: 'q' }],
          resources: [{ type: 'dataset', id: 'elsewhere', parents: ['project:q'] }],
          assignments: [{ subject: 'u:1', role: 'p/R', scope }],
        },
        ['outside_project assignments[0].scope'],
      ] as const,
  ),
  [
    'a project’s policy outside',
    { projects: [{ id: 'p', policies: [P] }], assignments: [{ subject: 'u:1', policy: 'p/P', scope: 'org' }] },
    ['outside_project assignments[0].scope'],
  ],
  [
    'a name with two meanings',
    {
      roles: [{ name: 'p/R' }],
      projects: [{ id: 'p', roles: [{ name: 'R' }] }],
      assignments: [{ subject: 'u:1', role: 'p/R', scope: 'project:p' }],
    },
    ['ambiguous_name assignments[0].role'],
  ],

  [
    'an unknown method',
    { routes: [{ hosts: ['a'], methods: ['GTE'], path: '/', action: 'bitgate:read' }] },
    ['invalid_value routes[0].methods[0]'],
  ],
  [
    'a route’s unknown action',
    { routes: [{ hosts: ['a'], methods: ['GET'], path: '/', action: 'nope' }] },
    ['unknown_privilege routes[0].action'],
  ],
  [
    'a route’s unknown parameter',
    { routes: [{ hosts: ['a'], methods: ['GET'], path: '/:id', action: 'bitgate:read', resource: 'd:{name}' }] },
    ['unknown_parameter routes[0].resource'],
  ],
  [
    'a route that an earlier one takes all of',
    { routes: ['/:id', '/x'].map((path) => ({ hosts: ['a'], methods: ['GET'], path, action: 'bitgate:read' })) },
    ['unreachable_route routes[1].path'],
  ],
  [
    'HEAD without GET, a host with a port, a regular expression',
    { routes: [{ hosts: ['a:80'], methods: ['HEAD'], path: '/:id{.*}', action: 'bitgate:read' }] },
    ['invalid_host routes[0].hosts[0]', 'head_without_get routes[0].methods', 'invalid_path routes[0].path'],
  ],
  [
    'forward-auth that no browser can use',
    { settings: { forward_auth: { cookie: 'a b', sign_in_url: 'http://login.example/', return_parameter: '' } } },
    [
      'invalid_value settings.forward_auth.cookie',
      'invalid_value settings.forward_auth.return_parameter',
      'invalid_value settings.forward_auth.sign_in_url',
    ],
  ],
  [
    'a route’s path without a slash',
    { routes: [{ hosts: ['a'], methods: ['GET'], path: 'x', action: 'bitgate:read' }] },
    ['invalid_value routes[0].path'],
  ],
  ['no retention at all', { settings: { retention: { all_hours: 0 } } }, ['invalid_value settings.retention.all_hours']],
  ['freshness upside down', { settings: { freshness: { max_age_ms: 1 } } }, ['invalid_value settings.freshness']],
  [
    'a mapping to both',
    { groups: [{ name: 'g' }], settings: { claim_mappings: [{ claim: 'c', value: 'v', group: 'g', role: 'Reader' }] } },
    ['role_or_group settings.claim_mappings[0]'],
  ],
  [
    'a mapping of an unknown issuer',
    { groups: [{ name: 'g' }], settings: { claim_mappings: [{ issuer: 'x', claim: 'c', value: 'v', group: 'g' }] } },
    ['unknown_issuer settings.claim_mappings[0].issuer'],
  ],
];
