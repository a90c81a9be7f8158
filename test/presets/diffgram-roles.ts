/** Diffgram's default roles as data: what each holds of its own vocabulary, by the object that one assigns it on. */

/** Everything that it knows, by the object that it is asked about. */
export const PERMISSIONS = {
  project: [
    'project_view',
    'project_create_billing_account',
    'project_list_inputs',
    'project_job_list',
    'project_delete',
    'project_edit',
    'project_invite_members',
    'project_list_datasets',
    'project_view_all_datasets',
  ],
  WorkingDir: ['dataset_view', 'dataset_edit', 'dataset_delete', 'dataset_list', 'dataset_invite_user'],
  File: ['file_view', 'file_edit', 'file_delete'],
} as const;

export type ObjectType = keyof typeof PERMISSIONS;

export interface RoleHoldings {
  readonly role: string;
  /** what it is assigned on; what lies below is reached too */
  readonly on: ObjectType;
  readonly project: readonly string[];
  readonly WorkingDir: readonly string[];
  readonly File: readonly string[];
}

const ALL_FILE = PERMISSIONS.File;
const ALL_DATASET = PERMISSIONS.WorkingDir;

export const HOLDINGS: readonly RoleHoldings[] = [
  { role: 'admin', on: 'project', project: ['project_view', 'project_edit', 'project_delete'], WorkingDir: ALL_DATASET, File: ALL_FILE },
  { role: 'editor', on: 'project', project: ['project_view', 'project_edit'], WorkingDir: ALL_DATASET, File: ALL_FILE },
  { role: 'annotator', on: 'project', project: ['project_view', 'project_edit'], WorkingDir: [], File: ALL_FILE },
  { role: 'viewer', on: 'project', project: ['project_view'], WorkingDir: ['dataset_view'], File: ['file_view'] },
  { role: 'dataset_viewer', on: 'WorkingDir', project: [], WorkingDir: ['dataset_view'], File: ['file_view'] },
  { role: 'dataset_editor', on: 'WorkingDir', project: [], WorkingDir: ['dataset_view', 'dataset_edit'], File: ['file_view', 'file_edit'] },
  {
    role: 'dataset_admin',
    on: 'WorkingDir',
    project: [],
    WorkingDir: ['dataset_view', 'dataset_edit', 'dataset_delete', 'dataset_invite_user'],
    File: ALL_FILE,
  },
  { role: 'file_viewer', on: 'File', project: [], WorkingDir: [], File: ['file_view'] },
  { role: 'file_editor', on: 'File', project: [], WorkingDir: [], File: ['file_view', 'file_edit'] },
  { role: 'file_admin', on: 'File', project: [], WorkingDir: [], File: ALL_FILE },
];
