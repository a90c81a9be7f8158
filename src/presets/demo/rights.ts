/** Who may do what in the demo organization, beside the system roles of the DataHub preset. */
import type { ManifestAssignment, ManifestPolicy, ManifestRole } from '../manifest.ts';

export const demoPolicies: ManifestPolicy[] = [
  { name: 'Tag Editing', description: 'Tags and nothing else.', privileges: ['EDIT_ENTITY_TAGS'] },
  {
    name: 'Documentation of Live Datasets',
    description: 'Describe a dataset as long as it is not archived.',
    privileges: ['EDIT_ENTITY_DOCS', 'EDIT_ENTITY_DOC_LINKS'],
    resource_types: ['dataset'],
    condition: 'resource.properties.lifecycle != "archived"',
  },
  {
    name: 'No Usage for Contractors',
    description: 'People from outside may not see who queries what, whatever else they hold.',
    effect: 'deny',
    privileges: ['VIEW_DATASET_USAGE', 'VIEW_DATASET_PROFILE'],
  },
  { name: 'Owners Document', description: 'Whoever owns an asset may describe it.', privileges: ['EDIT_ENTITY_DOCS'] },
  { name: 'Ingestion Runs', description: 'Run an ingestion source.', privileges: ['EXECUTE_ENTITY'] },
  { name: 'Lineage Editing', description: 'Lineage and sample queries.', privileges: ['EDIT_LINEAGE', 'EDIT_ENTITY_QUERIES'] },
];

export const demoRoles: ManifestRole[] = [
  {
    name: 'Data Engineer',
    title: 'Data Engineer',
    description: 'A custom role: what a Reader has, and what pipelines need.',
    policies: ['Lineage Editing', 'Ingestion Runs'],
    inherits: ['Reader'],
    privileges: ['EDIT_ENTITY_STATUS'],
  },
];

export const demoAssignments: ManifestAssignment[] = [
  { subject: 'user:olivia', role: 'bitgate:owner', scope: 'org' },
  { subject: 'user:alice', role: 'Admin', scope: 'org' },
  { subject: 'user:bob', role: 'Editor', scope: 'org' },
  { subject: 'user:carol', role: 'Reader', scope: 'org' },
  { subject: 'group:finance', role: 'Reader', scope: 'domain:finance' },
  { subject: 'group:finance', policy: 'Tag Editing', scope: 'domain:finance' },
  { subject: 'group:marketing', role: 'Reader', scope: 'domain:marketing' },
  { subject: 'group:marketing', policy: 'Documentation of Live Datasets', scope: 'domain:marketing' },
  { subject: 'group:people-team', role: 'Reader', scope: 'dataset:payroll' },
  { subject: 'group:data-engineering', role: 'Data Engineer', scope: 'org' },
  { subject: 'user:ivan', role: 'Reader', scope: 'domain:marketing', expires_at: '2099-12-31T00:00:00Z' },
  { subject: 'group:contractors', policy: 'No Usage for Contractors', scope: 'org' },
  { subject: 'group:owner', policy: 'Owners Document', scope: 'org' },
  { subject: 'user:judy', role: 'Editor', scope: 'org' },
  { subject: 'service:ingestion-runner', policy: 'Ingestion Runs', scope: 'dataHubIngestionSource:warehouse-nightly' },
];
