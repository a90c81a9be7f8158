/** Confident AI's vocabulary and preset roles as data: actions by resource, and what each role does without. */

/** At organization level: every resource has `read` and `manage`. */
export const ORGANIZATION: Readonly<Record<string, string>> = {
  project: 'read manage create',
  organization: 'read manage',
  featureAccess: 'read manage',
  sso: 'read manage',
  apiKey: 'read manage',
  user: 'read manage delete',
  billing: 'read manage',
  modelCredential: 'read manage',
  modelCost: 'read manage',
  metric: 'read manage',
  retentionConfig: 'read manage',
  iam: 'read manage',
};

export const PROJECT: Readonly<Record<string, string>> = {
  dataset: 'create read update delete manage evaluate',
  golden: 'create read update delete manage assign',
  metric: 'create read update delete manage',
  metricCollection: 'create read update delete manage',
  evaluationRule: 'create read update delete manage',
  trace: 'create read update delete manage evaluate assign',
  span: 'create read update delete manage evaluate assign',
  thread: 'create read update delete manage evaluate assign',
  endUser: 'create read update delete manage',
  testRun: 'create read update delete manage evaluate',
  testCase: 'create read update delete manage evaluate assign',
  experiment: 'create read update delete manage evaluate',
  prompt: 'create read update delete manage evaluate',
  promptVersion: 'create read update delete manage evaluate',
  promptLabel: 'create read update delete manage',
  annotationQueue: 'create read update delete manage assign',
  queue_item: 'create read update delete manage assign',
  project: 'read update delete',
  apiKey: 'create read update delete manage',
  modelCredential: 'create read update delete manage',
  modelCost: 'create read update delete manage',
  evaluationModel: 'create read update delete manage',
  retentionConfig: 'read manage',
  iam: 'read manage',
  transformer: 'create read update delete manage',
  aiConnection: 'create read update delete manage',
  alertConfig: 'create read update delete manage',
  integration: 'create read update delete manage',
  user: 'read manage delete',
};

export function namesOf(vocabulary: Readonly<Record<string, string>>): string[] {
  return Object.entries(vocabulary).flatMap(([resource, actions]) => actions.split(' ').map((action) => `${resource}:${action}`));
}

export interface RoleExclusions {
  readonly role: string;
  readonly level: 'org' | 'project';
  /** everything of its level but these */
  readonly without: readonly string[];
}

export const EXCLUSIONS: readonly RoleExclusions[] = [
  { role: 'Owner', level: 'org', without: [] },
  { role: 'Admin', level: 'org', without: [] },
  {
    role: 'Member',
    level: 'org',
    without: [
      'project:manage',
      'organization:manage',
      'featureAccess:manage',
      'sso:manage',
      'apiKey:manage',
      'user:manage',
      'user:delete',
      'billing:manage',
      'modelCredential:manage',
      'modelCost:manage',
      'metric:manage',
      'retentionConfig:manage',
      'iam:manage',
    ],
  },
  { role: 'Project Owner', level: 'project', without: [] },
  { role: 'Project Manager', level: 'project', without: [] },
  {
    role: 'Project Member',
    level: 'project',
    without: ['project:delete', 'retentionConfig:manage', 'user:manage', 'user:delete', 'iam:manage'],
  },
];
