/** Diffgram: its permissions on projects, datasets and files, and its default roles on each. */
import { diffgramPrivileges } from './diffgram/privileges.ts';
import { diffgramRoles } from './diffgram/roles.ts';
import type { Preset } from './manifest.ts';
import { organizationSystem } from './system.ts';

export const diffgram: Preset = {
  name: 'diffgram',
  title: 'Diffgram',
  description: 'The permissions of Diffgram on projects, datasets and files, with its default roles, and datasets that can be restricted.',
  system: {
    catalog: organizationSystem.catalog,
    policies: organizationSystem.policies,
    roles: [...organizationSystem.roles, ...diffgramRoles],
  },
  manifest: { bitgate: 1, catalog: { privileges: diffgramPrivileges } },
};
