/** What every organization has, whatever its preset: the reserved privileges and the reserved roles. Data, no behaviour. */
import type { ManifestPrivilege, PresetSystem } from './manifest.ts';

/** Asked at either level: `bitgate:manage_members` at a project is the right to manage that project's members. */
function reserved(name: string, title: string, description: string): ManifestPrivilege {
  return { name: `bitgate:${name}`, title, description, levels: ['org', 'project'] };
}

export const organizationSystem: PresetSystem = {
  catalog: {
    privileges: [
      reserved('read', 'Read configuration', 'See privileges, policies, roles, groups, subjects, resources, assignments and settings.'),
      reserved('manage_policies', 'Manage policies and roles', 'Create, change, delete and assign policies and roles.'),
      reserved('manage_members', 'Manage members', 'Register subjects, keep groups, invite people and remove them.'),
      reserved('manage_resources', 'Manage resources', 'Register resources and projects and set their parents, owners and access.'),
      reserved('manage_keys', 'Manage API keys', 'Create, disable, rotate and delete API keys.'),
      reserved('manage_settings', 'Manage settings', 'Change settings, issuers, claim mappings and routes.'),
      reserved('audit', 'Read the audit log', 'See who changed what, when, and what it was before.'),
      reserved('check', 'Check', 'Ask for decisions about any subject.'),
      reserved('list', 'List', 'Ask for lists of subjects, resources, actions and scopes.'),
      reserved('explain', 'Explain', 'Ask why a decision about another subject is as it is.'),
      reserved('assert', 'Assert properties', 'Send properties that count over the stored ones of a registered subject.'),
      reserved('fresh', 'Demand freshness', 'Have a check compared with the source at once, past every cache.'),
      reserved('escalate', 'Grant beyond own rights', 'Grant privileges that the writer does not hold.'),
    ],
  },
  policies: [],
  roles: [
    {
      name: 'bitgate:owner',
      title: 'Owner',
      description: 'Holds every privilege, future ones too, on restricted resources as well.',
      all_privileges: true,
      reaches_restricted: true,
    },
    {
      name: 'bitgate:checker',
      title: 'Checker',
      description: 'For applications and proxies that ask for decisions and lists and change nothing.',
      privileges: ['bitgate:check', 'bitgate:list'],
    },
  ],
};
