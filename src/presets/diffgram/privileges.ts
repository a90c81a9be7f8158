/**
 * Diffgram's permissions. Its object types become resource types: `Project` is ours, `project`; `WorkingDir` (a dataset, as its screens call it)
 * and `File` keep the names that its API takes. Files lie below the datasets that hold them, datasets below their project.
 */
import type { ManifestPrivilege } from '../manifest.ts';

type Row = readonly [name: string, title: string, description: string, implies?: string[]];

/**
 * `project_view` can't be granted to a custom role in Diffgram, though its documentation speaks of it; here it can. Inviting people to a
 * project is managing its members here as well.
 */
const PROJECT: readonly Row[] = [
  ['project_view', 'View project', 'Open a project and see what it is about.'],
  ['project_edit', 'Edit project', 'Change a project: its settings, labels and tasks.'],
  ['project_delete', 'Delete project', 'Delete a project with all that is in it.'],
  ['project_invite_members', 'Invite members', 'Bring people into a project and give them roles there.', ['bitgate:manage_members']],
  ['project_list_datasets', 'List datasets', 'List the datasets of a project.'],
  ['project_view_all_datasets', 'View all datasets', 'See the overview of all datasets of a project; opens none of them.'],
  ['project_list_inputs', 'List inputs', 'List what was imported into a project, and how far that is.'],
  ['project_job_list', 'List jobs', 'List the annotation jobs of a project.'],
  ['project_create_billing_account', 'Create billing account', 'Set up the account that a project is billed to.'],
];

/** A right on a dataset is the same right on the files in it: of a file in several datasets, any one is enough. */
const DATASET: readonly Row[] = [
  ['dataset_view', 'View dataset', 'Open a dataset and the files in it.', ['file_view']],
  ['dataset_edit', 'Edit dataset', 'Change a dataset and the files in it.', ['file_edit']],
  ['dataset_delete', 'Delete dataset', 'Delete a dataset or files in it.', ['file_delete']],
  ['dataset_list', 'List dataset', 'List the files of a dataset.'],
  ['dataset_invite_user', 'Invite to dataset', 'Ask people to work on a dataset.'],
];

const FILE: readonly Row[] = [
  ['file_view', 'View file', 'Open a file with its annotations.'],
  ['file_edit', 'Edit file', 'Annotate a file.'],
  ['file_delete', 'Delete file', 'Delete a file.'],
];

/** Datasets and files can be asked about outside of any project too: Diffgram grants roles on them by their id alone. */
function of(type: string, levels: ('org' | 'project')[], rows: readonly Row[]): ManifestPrivilege[] {
  return rows.map(([name, title, description, implies = []]) => ({ name, title, description, levels, resource_types: [type], implies }));
}

export const diffgramPrivileges: ManifestPrivilege[] = [
  ...of('project', ['project'], PROJECT),
  ...of('WorkingDir', ['org', 'project'], DATASET),
  ...of('File', ['org', 'project'], FILE),
];
