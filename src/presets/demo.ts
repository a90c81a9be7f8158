/** The demo organization: a small company on the DataHub preset, one example of each thing that the model can say. */
import type { Reason } from '../core/terms/decision.ts';
import { datahub } from './datahub.ts';
import { demoGroups, demoSubjects } from './demo/people.ts';
import { demoResources } from './demo/resources.ts';
import { demoAssignments, demoPolicies, demoRoles } from './demo/rights.ts';
import type { Manifest } from './manifest.ts';

/** Whole, catalog included: equal to what an organization made with the preset `datahub` should become. */
export const demoManifest: Manifest = {
  ...datahub.manifest,
  policies: [...(datahub.manifest.policies ?? []), ...demoPolicies],
  roles: demoRoles,
  subjects: demoSubjects,
  groups: demoGroups,
  resources: demoResources,
  assignments: [...(datahub.manifest.assignments ?? []), ...demoAssignments],
};

export interface DemoQuestion {
  readonly subject: string;
  readonly action: string;
  readonly resource: string;
  readonly decision: boolean;
  readonly reason: Reason;
}

function allowed(subject: string, action: string, resource: string): DemoQuestion {
  return { subject, action, resource, decision: true, reason: 'granted' };
}

function denied(subject: string, action: string, resource: string, reason: Reason): DemoQuestion {
  return { subject, action, resource, decision: false, reason };
}

/** What a newcomer can ask the demo organization, with the answers; an allow first, then a deny. */
export const demoQuestions: readonly DemoQuestion[] = [
  allowed('user:bob', 'EDIT_ENTITY_TAGS', 'dataset:campaign-clicks'),
  denied('user:carol', 'EDIT_ENTITY_TAGS', 'dataset:campaign-clicks', 'no_grant'),
  // a domain covers what lies in it, its subdomains too, and a group's rights reach the groups within it
  allowed('user:dave', 'EDIT_ENTITY_TAGS', 'dataset:general-ledger'),
  allowed('user:frank', 'EDIT_ENTITY_TAGS', 'dashboard:revenue-board'),
  denied('user:dave', 'EDIT_ENTITY_TAGS', 'dataset:campaign-clicks', 'no_grant'),
  // a condition
  allowed('user:grace', 'EDIT_ENTITY_DOCS', 'dataset:campaign-clicks'),
  denied('user:grace', 'EDIT_ENTITY_DOCS', 'dataset:newsletter-2019', 'condition_false'),
  // a deny beats the role Reader
  allowed('user:ivan', 'VIEW_ENTITY_PAGE', 'dataset:campaign-clicks'),
  denied('user:ivan', 'VIEW_DATASET_USAGE', 'dataset:campaign-clicks', 'denied_by_policy'),
  // owners
  allowed('user:erin', 'EDIT_ENTITY_DOCS', 'dataset:general-ledger'),
  denied('user:erin', 'EDIT_ENTITY_DOCS', 'dataset:quarterly-revenue', 'no_grant'),
  // a restricted dataset: rights from above stop before it
  allowed('user:heidi', 'VIEW_ENTITY_PAGE', 'dataset:payroll'),
  denied('user:carol', 'VIEW_ENTITY_PAGE', 'dataset:payroll', 'restricted'),
  denied('user:judy', 'VIEW_ENTITY_PAGE', 'dataset:campaign-clicks', 'subject_suspended'),
  allowed('service:ingestion-runner', 'EXECUTE_ENTITY', 'dataHubIngestionSource:warehouse-nightly'),
];
