/**
 * DataHub's catalog: every privilege of its policy engine, and those of its Cloud edition that its role table names.
 * No privilege is tied to resource types, as in DataHub's own engine; the description says its kind.
 */
import type { ManifestPrivilege } from '../manifest.ts';
import { API_ONLY } from './api.ts';
import { CLOUD_METADATA, CLOUD_PLATFORM } from './cloud.ts';
import type { DataHubPrivilege } from './entry.ts';
import { METADATA } from './metadata.ts';
import { PLATFORM, PLATFORM_AND_METADATA } from './platform.ts';
import { offeredOn } from './screens.ts';

/**
 * DataHub's administrators administer the organization too. Nothing here implies a privilege of DataHub's own, so the
 * role table is untouched.
 */
const IMPLIES: Readonly<Record<string, string[]>> = {
  MANAGE_POLICIES: ['bitgate:manage_policies', 'bitgate:read', 'bitgate:audit', 'bitgate:explain', 'bitgate:check', 'bitgate:list'],
  // What is known of assets (where they lie, who owns them) comes in by ingestion.
  MANAGE_INGESTION: ['bitgate:manage_resources'],
  MANAGE_USERS_AND_GROUPS: ['bitgate:manage_members'],
  MANAGE_ACCESS_TOKENS: ['bitgate:manage_keys'],
  MANAGE_SERVICE_ACCOUNTS: ['bitgate:manage_keys'],
  MANAGE_GLOBAL_SETTINGS: ['bitgate:manage_settings'],
};

function ofKind(kind: string, privileges: readonly DataHubPrivilege[]): ManifestPrivilege[] {
  return privileges.map(([name, title, does]) => ({
    name,
    title,
    description: `${does} (${kind}).`,
    levels: ['org', 'project'],
    resource_types: [],
    applies_to: offeredOn(name),
    implies: IMPLIES[name] ?? [],
  }));
}

export const datahubPrivileges: ManifestPrivilege[] = [
  ...ofKind('platform', PLATFORM),
  ...ofKind('platform and metadata', PLATFORM_AND_METADATA),
  ...ofKind('metadata', METADATA),
  ...ofKind('API only', API_ONLY),
  ...ofKind('Cloud, platform', CLOUD_PLATFORM),
  ...ofKind('Cloud, metadata', CLOUD_METADATA),
];
