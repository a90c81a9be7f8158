/**
 * Confident AI's permissions at project level. Its documentation gives resources and actions and leaves it to the product which go together, so this
 * is the widest reading that its roles allow: things can be created, read, updated, deleted and managed, some of them evaluated or assigned.
 * Settings and people have only the actions that it names, since a Member, who holds all but five, must not manage them by another name.
 */
import type { ManifestPrivilege } from '../manifest.ts';

type Thing = readonly [resource: string, plural: string, what: string];

const THINGS: readonly Thing[] = [
  ['dataset', 'datasets', 'collections of goldens to test against'],
  ['golden', 'goldens', 'inputs with what is expected of them'],
  ['metric', 'metrics', 'measures of how good an output is'],
  ['metricCollection', 'metric collections', 'metrics that are run together'],
  ['evaluationRule', 'evaluation rules', 'what is evaluated as it comes in'],
  ['trace', 'traces', 'recorded runs of an application'],
  ['span', 'spans', 'the steps within a trace'],
  ['thread', 'threads', 'conversations made of traces'],
  ['endUser', 'end users', 'people who talk to the application'],
  ['testRun', 'test runs', 'evaluations of many test cases at once'],
  ['testCase', 'test cases', 'single interactions that are evaluated'],
  ['experiment', 'experiments', 'test runs that are compared'],
  ['prompt', 'prompts', 'instructions kept outside of the code'],
  ['promptVersion', 'prompt versions', 'committed states of a prompt'],
  ['promptLabel', 'prompt labels', 'names for the version of a prompt that is in use'],
  ['annotationQueue', 'annotation queues', 'lists of things for people to review'],
  ['queue_item', 'queue items', 'things waiting in an annotation queue'],
  ['apiKey', 'project API keys', 'credentials of programs that work in the project'],
  ['modelCredential', 'project model credentials', 'keys of model providers'],
  ['modelCost', 'project model costs', 'prices that usage is reckoned with'],
  ['evaluationModel', 'evaluation models', 'models that judge outputs'],
  ['transformer', 'transformers', 'code that reshapes data before it is evaluated'],
  ['aiConnection', 'AI connections', 'endpoints of the application under test'],
  ['alertConfig', 'alerts', 'who is told when something goes wrong'],
  ['integration', 'integrations', 'links to other tools'],
];

const VERBS = { create: 'Create', read: 'Read', update: 'Update', delete: 'Delete', manage: 'Manage' } as const;
const MANAGED = ['create', 'update', 'delete'] as const;
const EVALUATED = ['dataset', 'trace', 'span', 'thread', 'testRun', 'testCase', 'experiment', 'prompt', 'promptVersion'];
const ASSIGNED = ['golden', 'trace', 'span', 'thread', 'testCase', 'annotationQueue', 'queue_item'];

const SETTINGS: readonly (readonly [name: string, title: string, description: string])[] = [
  ['project:read', 'Read project', 'See the project and its settings'],
  ['project:update', 'Update project', 'Change the name and settings of the project'],
  ['project:delete', 'Delete project', 'Delete the project with all that is in it'],
  ['retentionConfig:read', 'Read project retention', 'See how long data of the project are kept'],
  ['retentionConfig:manage', 'Manage project retention', 'Decide how long data of the project are kept'],
  ['iam:read', 'Read project roles and policies', 'See the roles and policies of the project'],
  ['iam:manage', 'Manage project roles and policies', 'Create, change and delete roles and policies of the project'],
  ['user:read', 'Read project members', 'See who is a member of the project'],
  ['user:manage', 'Manage project members', 'Invite people to the project and choose their roles in it'],
  ['user:delete', 'Remove project members', 'Remove people from the project'],
];

function entry(name: string, title: string, description: string, implies: string[] = []): ManifestPrivilege {
  return { name, title, description: `${description}.`, levels: ['project'], resource_types: [], implies };
}

/** @param implies what managing an area implies at either level, by resource */
export function projectPrivileges(implies: Readonly<Record<string, string[]>>): ManifestPrivilege[] {
  const onThing = ([resource, plural, what]: Thing): ManifestPrivilege[] => {
    const managed = [...MANAGED.map((action) => `${resource}:${action}`), ...(implies[resource] ?? [])];
    const entries = Object.entries(VERBS).map(([action, verb]) =>
      entry(`${resource}:${action}`, `${verb} ${plural}`, `${verb} ${plural} of the project: ${what}`, action === 'manage' ? managed : []),
    );
    if (EVALUATED.includes(resource)) entries.push(entry(`${resource}:evaluate`, `Evaluate ${plural}`, `Run evaluations on ${plural}`));
    if (ASSIGNED.includes(resource)) entries.push(entry(`${resource}:assign`, `Assign ${plural}`, `Assign ${plural} to people or queues`));
    return entries;
  };
  const ofArea = (name: string): string[] => (name.endsWith(':manage') ? (implies[name.slice(0, -':manage'.length)] ?? []) : []);
  return [...THINGS.flatMap(onThing), ...SETTINGS.map(([name, title, description]) => entry(name, title, description, ofArea(name)))];
}
