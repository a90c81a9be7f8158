/** Confident AI: its permissions at organization and project level, and the three preset roles of each. */
import { confidentOrganization, confidentProject } from './confident-ai/privileges.ts';
import { confidentPolicies, confidentRoles } from './confident-ai/roles.ts';
import type { Preset } from './manifest.ts';
import { organizationSystem } from './system.ts';

export const confidentAi: Preset = {
  name: 'confident-ai',
  title: 'Confident AI',
  description:
    'The permissions of Confident AI for organizations and projects, with the roles Owner, Admin, Manager and Member as documented.',
  system: {
    catalog: organizationSystem.catalog,
    policies: [...organizationSystem.policies, ...confidentPolicies],
    roles: [...organizationSystem.roles, ...confidentRoles],
  },
  manifest: {
    bitgate: 1,
    catalog: { privileges: [...confidentOrganization, ...confidentProject] },
    // One role in the organization, and one in each project.
    settings: { role_cardinality: { org: 'single', project: 'single' } },
  },
};
