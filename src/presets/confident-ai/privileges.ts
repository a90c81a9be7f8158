/**
 * Confident AI's catalog: two vocabularies of `resource:action`. A name that both have is two entries, one a level.
 * Who administers Confident AI administers the organization, or the project, here too.
 */
import { organizationPrivileges } from './organization.ts';
import { projectPrivileges } from './project.ts';

const IMPLIES: Readonly<Record<string, string[]>> = {
  iam: ['bitgate:manage_policies', 'bitgate:read', 'bitgate:audit', 'bitgate:explain', 'bitgate:check', 'bitgate:list'],
  user: ['bitgate:manage_members'],
  apiKey: ['bitgate:manage_keys'],
};

export const confidentOrganization = organizationPrivileges(IMPLIES);
export const confidentProject = projectPrivileges(IMPLIES);
