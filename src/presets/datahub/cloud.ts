/** Privileges that exist in DataHub Cloud alone. Each is name, title, what it lets one do. */
import type { DataHubPrivilege } from './entry.ts';

export const CLOUD_PLATFORM: readonly DataHubPrivilege[] = [
  ['VIEW_METADATA_PROPOSALS', 'View Metadata Proposals', 'See changes that others have proposed'],
  ['CREATE_METADATA_CONSTRAINTS', 'Create metadata constraints', 'Lay down rules that metadata must meet'],
  ['MANAGE_MONITORS', 'Manage Monitors', 'Keep the monitors that run quality checks'],
];

export const CLOUD_METADATA: readonly DataHubPrivilege[] = [
  ['VIEW_ENTITY', 'View Entity', 'Find an asset in search and lists'],
  ['PROPOSE_TAGS', 'Propose Tags', 'Suggest tags for an asset'],
  ['PROPOSE_GLOSSARY_TERMS', 'Propose Glossary Terms', 'Suggest glossary terms for an asset'],
  ['PROPOSE_DOCUMENTATION', 'Propose Documentation', 'Suggest a description for an asset'],
  ['PROPOSE_DATASET_COLUMN_GLOSSARY_TERMS', 'Propose Dataset Column Glossary Terms', 'Suggest glossary terms for columns'],
  ['PROPOSE_DATASET_COLUMN_TAGS', 'Propose Dataset Column Tags', 'Suggest tags for columns'],
  ['MANAGE_TAG_PROPOSALS', 'Manage Tag Proposals', 'Accept or reject suggested tags'],
  ['MANAGE_GLOSSARY_TERM_PROPOSALS', 'Manage Glossary Term Proposals', 'Accept or reject suggested glossary terms'],
  ['MANAGE_DATASET_COLUMN_GLOSSARY_TERMS', 'Manage Dataset Column Glossary Terms', 'Accept or reject glossary terms suggested for columns'],
  ['MANAGE_DATASET_COLUMN_TAG_PROPOSALS', 'Manage Dataset Column Tag Proposals', 'Accept or reject tags suggested for columns'],
  ['MANAGE_DOCUMENTATION_PROPOSALS', 'Manage Documentation Proposals', 'Accept or reject suggested descriptions'],
  ['MANAGE_GROUP_NOTIFICATION_SETTINGS', 'Manage Group Notification Settings', 'Choose how a group is notified'],
  ['MANAGE_GROUP_SUBSCRIPTIONS', 'Manage Group Subscriptions', 'Choose what a group is notified of'],
  ['MANAGE_USER_SUBSCRIPTIONS', 'Manage User Subscriptions', 'Choose what another user is notified of'],
  ['MANAGE_DATA_CONTRACT_PROPOSALS', 'Manage Data Contract Proposals', 'Accept or reject suggested data contracts'],
  ['SHARE_ENTITY', 'Share Entity', 'Share an asset with another DataHub instance'],
];
