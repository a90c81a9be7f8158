/**
 * Diffgram's default roles: four that are assigned at a project, three at a dataset, three at a file. Each is a flat list, as there.
 * What a project role lets one do with datasets and files follows Diffgram's rule for them; a restricted dataset follows its documentation,
 * which promises that none but a role on it opens it: Diffgram's code hides it from lists alone. Admins of the project are excepted, as there.
 */
import type { ManifestRole } from '../manifest.ts';

const EVERY_FILE_RIGHT = ['file_view', 'file_edit', 'file_delete'];
const EVERY_DATASET_RIGHT = ['dataset_view', 'dataset_edit', 'dataset_delete', 'dataset_list', 'dataset_invite_user'];

/**
 * Diffgram lets admins of a project, and nobody else, share it, make roles of any permission, assign them and make keys.
 * Such roles may hold what admins don't, hence `bitgate:escalate`: it holds in that project alone.
 */
const ADMINISTRATION = [
  'bitgate:read',
  'bitgate:manage_policies',
  'bitgate:manage_members',
  'bitgate:manage_resources',
  'bitgate:manage_keys',
  'bitgate:audit',
  'bitgate:check',
  'bitgate:list',
  'bitgate:explain',
  'bitgate:escalate',
];

export const diffgramRoles: ManifestRole[] = [
  {
    name: 'admin',
    title: 'Project admin',
    description: 'Runs a project: its people and roles, and every dataset and file, restricted ones too.',
    privileges: ['project_view', 'project_edit', 'project_delete', ...EVERY_DATASET_RIGHT, ...EVERY_FILE_RIGHT, ...ADMINISTRATION],
    reaches_restricted: true,
  },
  {
    name: 'editor',
    title: 'Project editor',
    description: 'Changes a project, and the datasets and files in it that are not restricted.',
    privileges: ['project_view', 'project_edit', ...EVERY_DATASET_RIGHT, ...EVERY_FILE_RIGHT],
  },
  {
    name: 'annotator',
    title: 'Project annotator',
    description: 'Works on files, without opening the datasets that hold them.',
    privileges: ['project_view', 'project_edit', ...EVERY_FILE_RIGHT],
  },
  {
    name: 'viewer',
    title: 'Project viewer',
    description: 'Looks at a project, and at the datasets and files in it that are not restricted.',
    privileges: ['project_view', 'dataset_view', 'file_view'],
  },
  {
    name: 'dataset_viewer',
    title: 'Dataset viewer',
    description: 'Looks at a dataset and the files in it.',
    privileges: ['dataset_view'],
  },
  {
    name: 'dataset_editor',
    title: 'Dataset editor',
    description: 'Looks at a dataset and changes it and the files in it.',
    privileges: ['dataset_view', 'dataset_edit'],
  },
  {
    name: 'dataset_admin',
    title: 'Dataset admin',
    description: 'Does with a dataset and the files in it whatever can be done; for whoever created it.',
    privileges: ['dataset_view', 'dataset_edit', 'dataset_delete', 'dataset_invite_user'],
  },
  { name: 'file_viewer', title: 'File viewer', description: 'Looks at a file.', privileges: ['file_view'] },
  { name: 'file_editor', title: 'File editor', description: 'Looks at a file and annotates it.', privileges: ['file_view', 'file_edit'] },
  {
    name: 'file_admin',
    title: 'File admin',
    description: 'Looks at a file, annotates it and may delete it.',
    privileges: EVERY_FILE_RIGHT,
  },
];
