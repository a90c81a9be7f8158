/**
 * Confident AI's permissions at organization level: every area can be read and managed, projects can also be created, users also removed.
 * Managing an area is no more than that here: there is nothing to imply but administering bitgate itself, and the projects.
 */
import type { ManifestPrivilege } from '../manifest.ts';

type Area = readonly [resource: string, title: string, what: string, manage: string];

const AREAS: readonly Area[] = [
  ['project', 'projects', 'the projects of the organization', 'See every project and do anything in it, whatever one’s role there'],
  ['organization', 'organization', 'the name and settings of the organization', 'Change the name and settings of the organization'],
  ['featureAccess', 'feature access', 'which features and plan limits are switched on', 'Switch features on and off for the organization'],
  ['sso', 'single sign-on', 'the identity providers and how they are set up', 'Set up single sign-on and its identity providers'],
  ['apiKey', 'organization API keys', 'the API keys of the organization', 'Create, switch off and delete API keys of the organization'],
  ['user', 'organization users', 'who belongs to the organization', 'Invite people to the organization and choose their roles'],
  ['billing', 'billing', 'subscription, invoices and usage', 'Choose the subscription and how it is paid'],
  [
    'modelCredential',
    'organization model credentials',
    'which model providers the organization has keys for',
    'Keep the keys of model providers that all projects may use',
  ],
  [
    'modelCost',
    'organization model costs',
    'the prices of models that all projects share',
    'Set the prices of models that all projects share',
  ],
  ['metric', 'organization metrics', 'the metrics that all projects share', 'Define the metrics that all projects share'],
  ['retentionConfig', 'organization retention', 'how long data are kept by default', 'Decide how long data are kept by default'],
  [
    'iam',
    'organization roles and policies',
    'the roles and policies of the organization',
    'Create, change and delete roles and policies of the organization',
  ],
];

const IMPLIES: Readonly<Record<string, string[]>> = {
  project: ['bitgate:manage_resources'],
  organization: ['bitgate:manage_settings', 'bitgate:audit'],
  sso: ['bitgate:manage_settings'],
};

function entry(name: string, title: string, description: string, more: Partial<ManifestPrivilege> = {}): ManifestPrivilege {
  return { name, title, description: `${description}.`, levels: ['org'], resource_types: [], ...more };
}

/** @param implies what managing an area implies at either level, by resource */
export function organizationPrivileges(implies: Readonly<Record<string, string[]>>): ManifestPrivilege[] {
  return [
    ...AREAS.flatMap(([resource, title, what, manage]) => [
      entry(`${resource}:read`, `Read ${title}`, `See ${what}`),
      entry(`${resource}:manage`, `Manage ${title}`, manage, {
        implies: implies[resource] ?? IMPLIES[resource] ?? [],
        ...(resource === 'project' ? { implies_all: 'project' } : {}),
      }),
    ]),
    entry('project:create', 'Create projects', 'Add a project to the organization'),
    entry('user:delete', 'Remove organization users', 'Remove people from the organization'),
  ];
}
