/** Diffgram's roles and their assignments as an organization of ours. */
import { describe, expect, it } from 'vitest';
import { changedAgain, type ImportHow, imported, importedWorld, refusedImport } from './support.ts';

const HOW: ImportHow = { format: 'diffgram', preset: 'diffgram' };

const dump = {
  projects: [{ id: 1, project_string_id: 'cats', name: 'Cats' }],
  users: [
    { member_id: 10, email: 'ann@x', permissions_projects: { cats: ['Viewer'] } },
    { member_id: 11, email: 'bob@x', is_super_admin: true },
    { member_id: 12, email: 'cyd@x' },
  ],
  datasets: [
    { id: 7, project_id: 1, access_type: 'restricted' },
    { id: 8, project_id: 1 },
  ],
  files: [{ id: 70, dataset_ids: [7, 8] }],
  roles: [{ id: 3, name: 'Labeler', project_id: 1, permissions_list: ['dataset_view', 'dataset_view', 'file_edit'] }],
  role_member_object: [
    { member_id: 11, object_type: 'WorkingDir', object_id: 7, role_id: 3, default_role_name: null },
    { member_id: 12, object_type: 'WorkingDir', object_id: 8, role_id: null, default_role_name: 'dataset_viewer' },
  ],
};

describe('an import from Diffgram', () => {
  it('gives a role on one dataset, and what lies in it, and nothing beside', async () => {
    const world = await importedWorld(dump, HOW);
    const may = (action: string, resource: string): boolean => world.may('user:bob@x', action, resource);
    expect([may('dataset_view', 'WorkingDir:7'), may('dataset_view', 'WorkingDir:8'), may('file_view', 'File:7')]).toEqual([
      true,
      false,
      false,
    ]);
    expect([may('file_view', 'File:70'), may('file_edit', 'File:70'), may('file_delete', 'File:70')]).toEqual([true, true, false]);
    expect(world.told).toEqual(['super_admin users[1]']);
  });

  it('gives default roles on datasets and on projects, restricted datasets excepted', async () => {
    const world = await importedWorld(dump, HOW);
    expect(world.may('user:cyd@x', 'dataset_view', 'WorkingDir:8')).toBe(true);
    expect(world.may('user:cyd@x', 'dataset_edit', 'WorkingDir:8')).toBe(false);
    expect(world.may('user:ann@x', 'dataset_view', 'WorkingDir:8')).toBe(true);
    expect(world.decide('user:ann@x', 'dataset_view', 'WorkingDir:7').reason).toBe('restricted');
  });

  it('makes its default roles and privileges where the organization lacks them', async () => {
    const world = await importedWorld(dump, { format: 'diffgram' });
    expect(world.may('user:cyd@x', 'dataset_view', 'WorkingDir:8')).toBe(true);
    expect(world.told).toEqual(['role_added role_member_object[1]', 'role_added users[0].permissions_projects', 'super_admin users[1]']);
  });

  it('puts a dataset of which nothing is known into the project of the role, and leaves out one of another project', async () => {
    const roles = [
      { id: 1, name: 'A', project_id: 1, permissions_list: ['dataset_view'] },
      { id: 2, name: 'B', project_id: 2, permissions_list: ['dataset_edit'] },
    ];
    const on = (role: number): object => ({ member_id: 5, object_type: 'WorkingDir', object_id: 9, role_id: role });
    const world = await importedWorld({ roles, role_member_object: [on(1), on(2)] }, HOW);
    expect(world.may('user:5', 'dataset_view', 'WorkingDir:9')).toBe(true);
    expect(world.may('user:5', 'dataset_edit', 'WorkingDir:9')).toBe(false);
    expect(world.told).toEqual(['outside_project role_member_object[1]', 'unknown_member role_member_object[0].member_id']);
  });

  it('tells what it leaves out or calls otherwise', () => {
    const roles = [
      { id: 1, name: 'Foo', project_id: 1, permissions_list: ['fly'] },
      { id: 2, name: 'foo', project_id: 1 },
      { id: 3, name: 'Annotator', project_id: 1 },
      { id: 4, name: 'everywhere' },
    ];
    const on = (more: object): object => ({ member_id: 5, object_type: 'File', object_id: 9, role_id: 4, ...more });
    const { told } = imported(
      {
        roles,
        role_member_object: [
          on({ object_type: 'dataset' }),
          on({ role_id: 99 }),
          on({ role_id: null, default_role_name: 'chief' }),
          on({}),
        ],
      },
      HOW,
    );
    expect(told).toEqual([
      'privilege_added roles[0].permissions_list',
      'renamed roles[1]',
      'renamed roles[2]',
      'unknown_member role_member_object[3].member_id',
      'unknown_object_type role_member_object[0].object_type',
      'unknown_role role_member_object[1]',
      'unknown_role role_member_object[2]',
    ]);
  });

  it('done again changes nothing', () => {
    expect(changedAgain(dump, HOW)).toEqual([]);
  });

  it('is refused with every place that can’t be read', () => {
    expect(refusedImport({ roles: [{ id: 1, permissions_list: 'all' }], users: 7 }, HOW)).toEqual([
      'invalid_import',
      'invalid_value roles[0].name',
      'invalid_value roles[0].permissions_list',
      'invalid_value users',
    ]);
  });
});
