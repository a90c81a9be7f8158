/**
 * Who holds what in DataHub: the role table of its documentation, which here wins over its engine where the two differ, and the few
 * privileges beside the table that its boot policies are known to grant. Each role bundles two policies of its own.
 * Invariant: a Reader can do nothing that an Editor can't, an Editor nothing that an Admin can't.
 */
import type { ManifestPolicy, ManifestRole } from '../manifest.ts';

const READER_PLATFORM = ['VIEW_STRUCTURED_PROPERTIES_PAGE'];

const READER_METADATA = [
  'VIEW_ENTITY_PAGE',
  'VIEW_DATASET_USAGE',
  'VIEW_DATASET_PROFILE',
  'SEARCH_PRIVILEGE',
  'GET_COUNTS_PRIVILEGE',
  'GET_TIMESERIES_ASPECT_PRIVILEGE',
  'GET_ENTITY_PRIVILEGE',
  'GET_TIMELINE_PRIVILEGE',
  'ES_EXPLAIN_QUERY_PRIVILEGE',
  'VIEW_ENTITY',
  'PROPOSE_TAGS',
  'PROPOSE_GLOSSARY_TERMS',
  'PROPOSE_DOCUMENTATION',
  'PROPOSE_DATASET_COLUMN_GLOSSARY_TERMS',
  'PROPOSE_DATASET_COLUMN_TAGS',
  'VIEW_DATASET_OPERATIONS',
];

const EDITOR_PLATFORM = [
  ...READER_PLATFORM,
  'GENERATE_PERSONAL_ACCESS_TOKENS',
  'MANAGE_DOMAINS',
  'MANAGE_GLOBAL_ANNOUNCEMENTS',
  'MANAGE_GLOSSARIES',
  'MANAGE_TAGS',
  'MANAGE_BUSINESS_ATTRIBUTE',
  'MANAGE_DOCUMENTATION_FORMS',
  'MANAGE_TESTS',
  'VIEW_METADATA_PROPOSALS',
  'CREATE_METADATA_CONSTRAINTS',
];

const EDITOR_METADATA = [
  ...READER_METADATA,
  'EDIT_ENTITY_TAGS',
  'EDIT_ENTITY_GLOSSARY_TERMS',
  'EDIT_ENTITY_DOCS',
  'EDIT_ENTITY_DOC_LINKS',
  'EDIT_ENTITY_STATUS',
  'EDIT_DOMAINS_PRIVILEGE',
  'EDIT_ENTITY_DATA_PRODUCTS',
  'EDIT_DEPRECATION_PRIVILEGE',
  'EDIT_ENTITY_ASSERTIONS',
  'EDIT_ENTITY_INCIDENTS',
  'EDIT_ENTITY',
  'EDIT_DATASET_COL_TAGS',
  'EDIT_DATASET_COL_GLOSSARY_TERMS',
  'EDIT_DATASET_COL_DESCRIPTION',
  'EDIT_TAG_COLOR',
  'EDIT_LINEAGE',
  'EDIT_ENTITY_QUERIES',
  'MANAGE_DATA_PRODUCTS',
  'EDIT_ENTITY_PROPERTIES',
  'PRODUCE_PLATFORM_EVENT_PRIVILEGE',
  'MANAGE_TAG_PROPOSALS',
  'MANAGE_GLOSSARY_TERM_PROPOSALS',
  'MANAGE_DATASET_COLUMN_GLOSSARY_TERMS',
  'MANAGE_DATASET_COLUMN_TAG_PROPOSALS',
  'MANAGE_DOCUMENTATION_PROPOSALS',
  'MANAGE_GROUP_NOTIFICATION_SETTINGS',
  'MANAGE_GROUP_SUBSCRIPTIONS',
  'MANAGE_DATA_CONTRACT_PROPOSALS',
  'SHARE_ENTITY',
];

const ADMIN_PLATFORM = [
  ...EDITOR_PLATFORM,
  'MANAGE_POLICIES',
  'MANAGE_INGESTION',
  'MANAGE_SECRETS',
  'MANAGE_USERS_AND_GROUPS',
  'VIEW_ANALYTICS',
  'MANAGE_ACCESS_TOKENS',
  'MANAGE_USER_CREDENTIALS',
  'MANAGE_GLOBAL_VIEWS',
  'MANAGE_GLOBAL_OWNERSHIP_TYPES',
  'CREATE_BUSINESS_ATTRIBUTE',
  'MANAGE_CONNECTIONS',
  'RESTORE_INDICES_PRIVILEGE',
  'GET_TIMESERIES_INDEX_SIZES_PRIVILEGE',
  'TRUNCATE_TIMESERIES_INDEX_PRIVILEGE',
  'GET_ES_TASK_STATUS_PRIVILEGE',
  'SET_WRITEABLE_PRIVILEGE',
  'APPLY_RETENTION_PRIVILEGE',
  'GET_ANALYTICS_PRIVILEGE',
  'MANAGE_GLOBAL_SETTINGS',
  'MANAGE_MONITORS',
  'MANAGE_SERVICE_ACCOUNTS',
  'MANAGE_FEATURES',
  'MANAGE_SYSTEM_OPERATIONS',
];

const ADMIN_METADATA = [
  ...EDITOR_METADATA,
  'EXECUTE_ENTITY',
  'EDIT_ENTITY_OWNERS',
  'EDIT_GROUP_MEMBERS',
  'EDIT_USER_PROFILE',
  'EDIT_CONTACT_INFO',
  'DELETE_ENTITY',
  'MANAGE_USER_SUBSCRIPTIONS',
];

function systemPolicy(role: string, kind: 'Platform' | 'Metadata', privileges: string[]): ManifestPolicy {
  return {
    name: `${role} - ${kind} Privileges`,
    description: `The ${kind.toLowerCase()} privileges of the role ${role}.`,
    privileges,
  };
}

function systemRole(name: string, description: string): ManifestRole {
  return { name, title: name, description, policies: [`${name} - Platform Privileges`, `${name} - Metadata Privileges`] };
}

export const datahubPolicies: ManifestPolicy[] = [
  systemPolicy('Admin', 'Platform', ADMIN_PLATFORM),
  systemPolicy('Admin', 'Metadata', ADMIN_METADATA),
  systemPolicy('Editor', 'Platform', EDITOR_PLATFORM),
  systemPolicy('Editor', 'Metadata', EDITOR_METADATA),
  systemPolicy('Reader', 'Platform', READER_PLATFORM),
  systemPolicy('Reader', 'Metadata', READER_METADATA),
];

export const datahubRoles: ManifestRole[] = [
  systemRole('Admin', 'Runs the catalog: people, policies, ingestion, and every asset.'),
  systemRole('Editor', 'Documents and organizes assets, and manages domains, glossaries and tags.'),
  systemRole('Reader', 'Finds and views assets, and changes none.'),
];
