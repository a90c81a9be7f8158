/**
 * Confident AI's preset roles: each everything of its level, but for what its documentation excludes. Those for projects have `Project`
 * before their names, since names are unique in an organization; they are meant to be assigned at projects.
 * Where both levels have a name (roles, keys, metrics …) they are independent: what a Member of the organization may read there it may not read in
 * projects.
 */
import type { ManifestPolicy, ManifestPrivilege, ManifestRole } from '../manifest.ts';
import { confidentOrganization, confidentProject } from './privileges.ts';

const NOT_FOR_MEMBERS = new Set([
  'project:manage',
  'organization:manage',
  'featureAccess:manage',
  'sso:manage',
  'apiKey:manage',
  'user:manage',
  'user:delete',
  'billing:manage',
  'modelCredential:manage',
  'modelCost:manage',
  'metric:manage',
  'retentionConfig:manage',
  'iam:manage',
]);

const NOT_FOR_PROJECT_MEMBERS = new Set(['project:delete', 'retentionConfig:manage', 'user:manage', 'user:delete', 'iam:manage']);

function policy(
  name: string,
  description: string,
  vocabulary: readonly ManifestPrivilege[],
  excluded?: ReadonlySet<string>,
): ManifestPolicy {
  return { name, description, privileges: vocabulary.map((entry) => entry.name).filter((each) => excluded?.has(each) !== true) };
}

export const confidentPolicies: ManifestPolicy[] = [
  policy('All Organization Permissions', 'Every permission at organization level.', confidentOrganization),
  policy('Organization Member Permissions', 'Reading every area, and creating projects.', confidentOrganization, NOT_FOR_MEMBERS),
  policy('All Project Permissions', 'Every permission at project level.', confidentProject),
  policy(
    'Project Member Permissions',
    'Every permission at project level but deleting the project, its retention, its members and its roles.',
    confidentProject,
    NOT_FOR_PROJECT_MEMBERS,
  ),
];

/**
 * `project:manage` passes over the checks of every project, so those who have it here pass restricted projects and resources too. A role
 * that an organization makes for itself reaches those only by its own `reaches_restricted`.
 */
export const confidentRoles: ManifestRole[] = [
  {
    name: 'Owner',
    title: 'Owner',
    description: 'Holds everything, in every project too; alone can make Owners and Admins, and remove them.',
    all_privileges: true,
    reaches_restricted: true,
  },
  {
    name: 'Admin',
    title: 'Admin',
    description: 'Holds everything, in every project too, but can neither make nor remove Owners and Admins.',
    policies: ['All Organization Permissions'],
    reaches_restricted: true,
  },
  {
    name: 'Member',
    title: 'Member',
    description: 'Sees how the organization is set up, and may create projects.',
    policies: ['Organization Member Permissions'],
  },
  {
    name: 'Project Owner',
    title: 'Owner of a project',
    description: 'Holds everything in a project.',
    policies: ['All Project Permissions'],
  },
  {
    name: 'Project Manager',
    title: 'Manager of a project',
    description: 'Holds everything in a project, as its Owner does.',
    policies: ['All Project Permissions'],
  },
  {
    name: 'Project Member',
    title: 'Member of a project',
    description: 'Works with everything in a project, without managing its people, roles and retention.',
    policies: ['Project Member Permissions'],
  },
];
