/** DataHub: its catalog, and its roles Admin, Editor and Reader with their immutable policies. */
import { datahubBootAssignments, datahubBootPolicies } from './datahub/boot-policies.ts';
import { datahubPrivileges } from './datahub/privileges.ts';
import { datahubPolicies, datahubRoles } from './datahub/roles.ts';
import type { Preset } from './manifest.ts';
import { organizationSystem } from './system.ts';

export const datahub: Preset = {
  name: 'datahub',
  title: 'DataHub',
  description: 'The privileges of DataHub and DataHub Cloud, with the roles Admin, Editor and Reader as documented.',
  system: {
    catalog: organizationSystem.catalog,
    policies: [...organizationSystem.policies, ...datahubPolicies],
    roles: [...organizationSystem.roles, ...datahubRoles],
  },
  manifest: {
    bitgate: 1,
    catalog: { privileges: datahubPrivileges },
    policies: datahubBootPolicies,
    assignments: datahubBootAssignments,
    // Whoever is given a role there loses the one before.
    settings: { role_cardinality: { org: 'single' } },
  },
};
