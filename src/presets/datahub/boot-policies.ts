/**
 * DataHub's editable boot policies: what an organization starts with and may change, switch on and off, or delete. That of owners is active, as there. Those for
 * all users are given switched off: with them everybody sees every asset and makes access tokens, which the role table denies to Readers. The one
 * for Editors on single resource types is left out, since the role table, which wins, lets Editors edit any entity.
 */
import type { ManifestAssignment, ManifestPolicy } from '../manifest.ts';

const OWNED = [
  'VIEW_ENTITY_PAGE',
  'EDIT_ENTITY_TAGS',
  'EDIT_ENTITY_GLOSSARY_TERMS',
  'EDIT_ENTITY_OWNERS',
  'EDIT_ENTITY_DOCS',
  'EDIT_ENTITY_DOC_LINKS',
  'EDIT_ENTITY_STATUS',
  'EDIT_DOMAINS_PRIVILEGE',
  'EDIT_ENTITY_DATA_PRODUCTS',
  'EDIT_DEPRECATION_PRIVILEGE',
  'EDIT_ENTITY_ASSERTIONS',
  'EDIT_ENTITY',
  'EDIT_DATASET_COL_TAGS',
  'EDIT_DATASET_COL_GLOSSARY_TERMS',
  'EDIT_DATASET_COL_DESCRIPTION',
  'VIEW_DATASET_USAGE',
  'VIEW_DATASET_PROFILE',
  'EDIT_TAG_COLOR',
  'EDIT_GROUP_MEMBERS',
  'EDIT_USER_PROFILE',
  'EDIT_CONTACT_INFO',
  'EDIT_LINEAGE',
  'EDIT_ENTITY_QUERIES',
  'GET_TIMELINE_PRIVILEGE',
  'GET_ENTITY_PRIVILEGE',
  'GET_TIMESERIES_ASPECT_PRIVILEGE',
  'GET_COUNTS_PRIVILEGE',
  'MANAGE_DATA_PRODUCTS',
];

const FOR_ALL: readonly ManifestPolicy[] = [
  {
    name: 'All Users - Base Platform Privileges',
    description: 'Lets everybody see usage figures and make personal access tokens.',
    privileges: ['VIEW_ANALYTICS', 'GENERATE_PERSONAL_ACCESS_TOKENS'],
  },
  {
    name: 'All Users - View Entity Page',
    description: 'Lets everybody find and open every asset.',
    privileges: [
      'VIEW_ENTITY_PAGE',
      'SEARCH_PRIVILEGE',
      'GET_COUNTS_PRIVILEGE',
      'GET_TIMESERIES_ASPECT_PRIVILEGE',
      'GET_ENTITY_PRIVILEGE',
      'GET_TIMELINE_PRIVILEGE',
    ],
  },
  {
    name: 'All Users - View Dataset Sensitive Information',
    description: 'Lets everybody see who queries a dataset, and what is in its columns.',
    privileges: ['VIEW_DATASET_USAGE', 'VIEW_DATASET_PROFILE'],
  },
];

const OWNERS: ManifestPolicy = {
  name: 'Asset Owners - Metadata Policy',
  description: 'Lets whoever owns an asset change it, and nobody else through it.',
  privileges: OWNED,
};

export const datahubBootPolicies: ManifestPolicy[] = [...FOR_ALL.map((each) => ({ ...each, state: 'INACTIVE' as const })), OWNERS];

export const datahubBootAssignments: ManifestAssignment[] = [
  ...FOR_ALL.map(({ name }): ManifestAssignment => ({ subject: 'group:everyone', policy: name, scope: 'org' })),
  { subject: 'group:owner', policy: OWNERS.name, scope: 'org' },
];
