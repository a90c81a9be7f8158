/** A small publishing house: one of everything that a snapshot can hold, named as people would. */
import type { OrganizationRows } from '../../../src/core/terms/rows.ts';
import { apiKey, assignment, catalogRows, group, policy, principalRows, privilege, resourceRows, role } from '../compile/rows.ts';

const MAY_2026 = Date.UTC(2026, 4, 1);
const JUNE_2026 = Date.UTC(2026, 5, 1);

const json = JSON.stringify;

export const SMALL_ORGANIZATION: OrganizationRows = {
  ...catalogRows({
    privileges: [
      privilege('read', { resource_types: json(['manuscript', 'series']) }),
      privilege('write', { implies: json(['read']), resource_types: json(['manuscript']) }),
      privilege('publish', { implies: json(['write']) }),
      privilege('manage', { levels: 'org', implies_all: 'project' }),
      privilege('manage', { levels: 'project' }),
    ],
    policies: [
      policy('pol_edit', { name: 'Edit', privileges: json(['write']) }),
      policy('pol_office_only', {
        name: 'Publish from the office',
        privileges: json(['publish']),
        condition: 'context.network == "office"',
      }),
      policy('pol_embargo', {
        name: 'Embargo',
        effect: 'deny',
        privileges: json(['publish', 'read']),
        resource_types: json(['manuscript']),
      }),
      policy('pol_no_manage', { name: 'Never manage', effect: 'deny', privileges: json(['manage']) }),
      policy('pol_draft', { name: 'Of no effect yet', state: 'DRAFT', privileges: json(['manage']) }),
      policy('pol_poems', { project: 'poetry', name: 'Edit poems', privileges: json(['write']) }),
    ],
    roles: [
      role('rol_reader', { name: 'Reader', privileges: json(['read']) }),
      role('rol_editor', { name: 'Editor' }),
      role('rol_publisher', { name: 'Publisher', reaches_restricted: 1 }),
      role('rol_director', { name: 'Director', all_privileges: 1 }),
      role('rol_intern', { name: 'Intern, "supervised"' }),
      role('rol_poet', { project: 'poetry', name: 'Poet' }),
    ],
    role_policies: [
      { role: 'rol_editor', policy: 'pol_edit' },
      { role: 'rol_publisher', policy: 'pol_office_only' },
      { role: 'rol_intern', policy: 'pol_no_manage' },
      { role: 'rol_intern', policy: 'pol_draft' },
      { role: 'rol_poet', policy: 'pol_poems' },
    ],
    role_inherits: [
      { role: 'rol_editor', parent: 'rol_reader' },
      { role: 'rol_publisher', parent: 'rol_editor' },
      { role: 'rol_intern', parent: 'rol_reader' },
    ],
    groups: [group('grp_house'), group('grp_editors'), group('grp_poets')],
    group_nesting: [
      { group_id: 'grp_house', member: 'group:grp_editors' },
      { group_id: 'grp_editors', member: 'group:grp_poets' },
    ],
    routes: [
      {
        position: 1,
        route: json({ hosts: ['books.example'], methods: ['GET'], path: '/m/:id', action: 'read', resource: 'manuscript:{id}' }),
      },
    ],
    settings: [{ settings: json({ default_role: 'rol_reader', closed_types: ['contract'] }) }],
  }),
  ...principalRows({
    subjects: [
      { subject: 'user:ada', status: 'active', properties: json({ desk: 'novels', level: 3 }) },
      { subject: 'user:bertolt', status: 'suspended', properties: '{}' },
      { subject: 'user:zoë', status: 'active', properties: '{}' },
      { subject: 'api_key:print', status: 'active', properties: '{}' },
    ],
    memberships: [
      { group_id: 'grp_editors', member: 'user:ada' },
      { group_id: 'grp_house', member: 'user:ada' },
      { group_id: 'grp_poets', member: 'user:zoë' },
    ],
    assignments: [
      assignment('a1', { principal: 'group:grp_editors', role: 'rol_editor', scope: 'project:novels' }),
      assignment('a2', {
        principal: 'user:ada',
        role: 'rol_publisher',
        scope: 'series:crime',
        not_before: MAY_2026,
        expires_at: JUNE_2026,
      }),
      assignment('a3', { principal: 'user:ada', policy: 'pol_embargo', scope: 'manuscript:memoir, part 2' }),
      assignment('a4', { principal: 'user:bertolt', role: 'rol_director' }),
      assignment('a5', { principal: 'group:grp_poets', role: 'rol_poet', scope: 'project:poetry' }),
      assignment('a6', { principal: 'group:owner', policy: 'pol_edit', scope: 'org' }),
      assignment('a7', { principal: 'api_key:print', role: 'rol_reader', scope: 'org' }),
    ],
    api_keys: [
      apiKey('print', {
        project: 'novels',
        hash: '0123456789abcdef'.repeat(4),
        previous_hash: 'fedcba9876543210'.repeat(4),
        previous_until: MAY_2026,
        expires_at: JUNE_2026,
        forward_auth: 'nginx',
      }),
      apiKey('old', { hash: '11'.repeat(32), status: 'disabled' }),
    ],
  }),
  ...resourceRows({
    resources: [
      { resource: 'project:novels', access: 'inherit', properties: '{}' },
      { resource: 'series:crime', access: 'inherit', properties: '{}' },
      { resource: 'manuscript:memoir, part 2', access: 'restricted', properties: json({ status: 'draft' }) },
    ],
    resource_parents: [
      { resource: 'series:crime', parent: 'project:novels' },
      { resource: 'manuscript:memoir, part 2', parent: 'series:crime' },
    ],
    resource_owners: [
      { resource: 'manuscript:memoir, part 2', owner: 'user:zoë', kind: 'AUTHOR' },
      { resource: 'manuscript:memoir, part 2', owner: 'group:grp_editors', kind: '' },
    ],
  }),
};
