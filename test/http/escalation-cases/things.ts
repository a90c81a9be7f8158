/** SEC-46 of groups, subjects, resources and projects. */
import { ALL_OF_HELD, type Case, OPENED, of, P1 } from './case.ts';

export const groups: Case[] = [
  ...of('createGroup', '/groups', ['nothing: it holds nothing', 'manage_members', { name: 'new', members: ['user:idle'] }]),
  ...of(
    'replaceGroup',
    '/groups/staff',
    ['what it holds', 'manage_members edit', { name: 'staff', members: ['user:held', 'user:idle'] }],
    ['less', 'manage_members edit', { name: 'staff', members: [] }],
  ),
  ...of(
    'updateGroup',
    '/groups/outer',
    ['what it holds, to a group', 'manage_members view', { members: ['group:staff'] }],
    ['nothing: what it is called', 'manage_members', { description: 'around' }],
  ),
  ...of('deleteGroup', '/groups/staff', ['less', 'manage_members edit', undefined, '?force=true']),
  ...of('addGroupMember', '/groups/staff/members', ['what it holds', 'manage_members edit', { member: 'user:idle' }]),
  ...of('addGroupMember', '/groups/outer/members', ['what it holds, to a group', 'manage_members view', { member: 'group:staff' }]),
  ...of('putGroupMember', '/groups/staff/members/user:idle', ['what it holds', 'manage_members edit']),
  ...of('removeGroupMember', '/groups/staff/members/user:held', ['less', 'manage_members edit']),
  ...of(
    'changeGroupMembers',
    '/groups/staff/members/batch',
    ['what it holds', 'manage_members edit', { add: ['user:idle', 'user:new'] }],
    ['less', 'manage_members edit', { remove: ['user:held'] }],
  ),
  ...of('addGroupMember', '/groups/owners/members', [
    'what owners hold',
    'manage_members own@dataset:owned-by-group',
    { member: 'user:idle' },
  ]),
];

export const subjects: Case[] = [
  ...of(
    'registerSubject',
    '/subjects',
    ['nothing', 'manage_members', { type: 'user', id: 'new' }],
    ['what a condition reads', 'manage_members team', { type: 'user', id: 'new', properties: { team: 'a' } }],
  ),
  ...of('replaceSubject', '/subjects/user:idle', ['what a condition reads', 'manage_members team', { properties: { team: 'a' } }]),
  ...of('replaceSubject', '/subjects/user:held', ['less: suspended', `manage_members ${ALL_OF_HELD}`, { status: 'suspended' }]),
  ...of('updateSubject', '/subjects/user:off', ['what it had', 'manage_members view', { status: 'active' }]),
  ...of(
    'updateSubject',
    '/subjects/user:held',
    ['less: suspended', `manage_members ${ALL_OF_HELD}`, { status: 'suspended' }],
    ['what a condition reads', 'manage_members team', { properties: { team: 'b' } }],
    ['nothing: what no condition reads', 'manage_members', { properties: { colour: 'red' } }],
  ),
  ...of('updateSubject', '/subjects/user:ranker', [
    'what a condition reads of owners',
    'manage_members ranked@dataset:ranked',
    { properties: { rank: 1 } },
  ]),
  ...of('deleteSubject', '/subjects/user:held', ['less', `manage_members ${ALL_OF_HELD}`, undefined, '?force=true']),
  ...of('deleteSubject', '/subjects/user:teamed', ['its properties, which a request may say then', 'manage_members team']),
  ...of('removeMember', '/members/user:teamed', ['its properties, which a request may say then', 'manage_members team']),
  ...of('removeMember', '/members/user:held', ['less', `manage_members ${ALL_OF_HELD}`]),
  ...of('removeMemberInProject', `${P1}/members/user:local`, ['less', 'manage_members@project:p1 view@project:p1 export@project:p1']),
];

export const resources: Case[] = [
  ...of(
    'registerResource',
    '/resources',
    ['nothing', 'manage_resources', { type: 'dataset', id: 'new' }],
    ['what a condition reads', 'manage_resources cond', { type: 'dataset', id: 'new', properties: { level: 1 } }],
    ['what owners hold', 'manage_resources own', { type: 'dataset', id: 'new', owners: [{ subject: 'user:idle' }] }],
    ['a place', 'manage_resources@project:p1', { type: 'dataset', id: 'new', parents: ['project:p1'] }],
    ['a place to what lies below it', 'manage_resources under@folder:parent', { type: 'folder', id: 'parent', parents: ['folder:f1'] }],
    ['less: what lies below is shut', `manage_resources ${OPENED}`, { type: 'folder', id: 'parent', access: 'restricted' }],
  ),
  ...of(
    'replaceResource',
    '/resources/dataset:plain',
    ['what a condition reads', 'manage_resources@dataset:plain cond@dataset:plain', { properties: { level: 1 } }],
    ['a place', 'manage_resources under@dataset:plain', { parents: ['folder:f1'] }],
    ['what owners hold', 'manage_resources@dataset:plain own@dataset:plain', { owners: [{ subject: 'user:idle' }] }],
    ['less: restricted', `manage_resources ${OPENED}`, { access: 'restricted' }],
  ),
  ...of('replaceResource', '/resources/dataset:owned', [
    'less: an owner',
    'manage_resources@dataset:owned own@dataset:owned',
    { owners: [] },
  ]),
  ...of(
    'updateResource',
    '/resources/dataset:leveled',
    ['what a condition reads', 'manage_resources@dataset:leveled cond@dataset:leveled', { properties: { level: 2 } }],
    ['nothing: what no condition reads', 'manage_resources@dataset:leveled', { properties: { level: 1, colour: 'red' } }],
  ),
  ...of('updateResource', '/resources/dataset:shut', ['what was restricted', `manage_resources ${OPENED}`, { access: 'inherit' }]),
  ...of('updateResource', '/resources/dataset:below', ['another place', 'manage_resources under@dataset:below', { parents: [] }]),
  ...of('deleteResource', '/resources/dataset:gone', ['nothing', 'manage_resources']),
  ...of('deleteResource', '/resources/dataset:of-owners', ['less: an owner', 'manage_resources own']),
  ...of('deleteResource', '/resources/dataset:gone-below', ['less: its place', 'manage_resources under']),
  ...of('deleteResource', '/resources/dataset:shut', ['what was restricted', `manage_resources ${OPENED}`]),
  ...of('deleteResource', '/resources/dataset:gone-leveled', ['its properties, which a request may say then', 'manage_resources cond']),
  ...of('deleteResource', '/resources/folder:assigned', ['less', 'manage_resources manage_members view', undefined, '?force=true']),
  ...of('putResourceParent', '/resources/dataset:plain/parents/folder:f1', ['a place', 'manage_resources under@dataset:plain']),
  ...of('removeResourceParent', '/resources/dataset:below/parents/folder:f1', ['less: its place', 'manage_resources under@dataset:below']),
  ...of('putResourceOwner', '/resources/dataset:plain/owners', [
    'what owners hold',
    'manage_resources@dataset:plain own@dataset:plain',
    { subject: 'user:idle' },
  ]),
  ...of('removeResourceOwner', '/resources/dataset:owned/owners', [
    'less: an owner',
    'manage_resources@dataset:owned own@dataset:owned',
    undefined,
    '?subject=user:held&kind=T',
  ]),
];

export const projects: Case[] = [
  ...of(
    'createProject',
    '/projects',
    ['nothing', 'manage_resources', { id: 'new' }],
    ['what owners hold', 'manage_resources own', { id: 'new', owners: [{ subject: 'user:idle' }] }],
    ['what a condition reads', 'manage_resources cond', { id: 'new', properties: { level: 1 } }],
  ),
  ...of(
    'replaceProject',
    '/projects/p2',
    ['what owners hold', 'manage_resources@project:p2 own@project:p2', { nickname: '', owners: [{ subject: 'user:idle' }] }],
    ['a place', 'manage_resources under@project:p2', { nickname: '', parents: ['folder:f1'] }],
  ),
  ...of(
    'updateProject',
    '/projects/p2',
    ['nothing: what it is called', 'manage_resources@project:p2', { nickname: 'Second' }],
    ['less: restricted', `manage_resources ${OPENED}`, { access: 'restricted' }],
    ['what a condition reads', 'manage_resources@project:p2 cond@project:p2', { properties: { level: 1 } }],
  ),
  ...of('deleteProject', '/projects/p5', ['nothing', 'manage_resources']),
  ...of('deleteProject', '/projects/p3', ['less', 'manage_resources view', undefined, '?force=true']),
  ...of('deleteProject', '/projects/p4', ['what was restricted', `manage_resources ${OPENED}`]),
];
