/** Confident AI's policies, roles and members as an organization of ours. */
import { describe, expect, it } from 'vitest';
import { changedAgain, type ImportHow, imported, importedWorld, refusedImport } from './support.ts';

const HOW: ImportHow = { format: 'confident-ai', preset: 'confident-ai' };

const dump = {
  policies: [{ id: 'p1', name: 'Reading', organizationId: 'o', permissions: [{ id: 'x1', name: 'billing:read' }] }],
  roles: [
    { id: 'r0', name: 'Owner', organizationId: null, projectId: null, policies: [] },
    { id: 'r1', name: 'Accountant', organizationId: 'o', policies: [{ id: 'p1', name: 'Reading' }] },
  ],
  members: [
    { id: 'm1', email: 'ann@x', role: { id: 'r1', name: 'Accountant' } },
    { id: 'm2', user: { email: 'bob@x' }, role: { id: 'r0', name: 'Owner' } },
  ],
  projects: [
    {
      id: 'one',
      name: 'One',
      permissions: [{ id: 'x2', name: 'dataset:manage' }],
      policies: [
        { id: 'p2', name: 'Reading', permissions: [{ name: 'traces:read' }] },
        { id: 'p3', name: 'Datasets', permissionIds: ['x2'] },
      ],
      roles: [{ id: 'r2', name: 'Analyst', policyIds: ['p2', 'p3'] }],
      members: [
        { email: 'cyd@x', roleId: 'r2' },
        { email: 'dan@x', role: { name: 'Member' } },
      ],
    },
    { id: 'two' },
  ],
};

describe('an import from Confident AI', () => {
  it('keeps the levels apart: what holds in the organization, what in one project', async () => {
    const world = await importedWorld(dump, HOW);
    expect([world.may('user:ann@x', 'billing:read'), world.may('user:ann@x', 'billing:manage')]).toEqual([true, false]);
    const cyd = (action: string, project: string): boolean => world.may('user:cyd@x', action, `project:${project}`);
    expect([cyd('trace:read', 'one'), cyd('dataset:delete', 'one'), cyd('trace:read', 'two'), cyd('trace:delete', 'one')]).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect([world.may('user:dan@x', 'dataset:create', 'project:one'), world.may('user:dan@x', 'iam:manage', 'project:one')]).toEqual([
      true,
      false,
    ]);
    expect(world.may('user:bob@x', 'iam:manage', 'project:two')).toBe(true);
    expect(world.told).toEqual(['renamed_permission projects[0].policies[0]', 'system_role roles[0]']);
  });

  it('takes what is listed at the top with a `projectId` as that project’s', async () => {
    const flat = {
      policies: [{ id: 'p', name: 'Reading', projectId: 'one', permissions: ['trace:read'] }],
      roles: [{ id: 'r', name: 'Analyst', projectId: 'one', policies: ['Reading'] }],
      projects: [{ id: 'one', members: [{ email: 'cyd@x', roleId: 'r' }] }],
    };
    const world = await importedWorld(flat, HOW);
    expect([world.may('user:cyd@x', 'trace:read', 'project:one'), world.told]).toEqual([true, []]);
  });

  it('makes the system’s own roles and permissions where the organization lacks them', async () => {
    const world = await importedWorld(dump, { format: 'confident-ai' });
    expect(world.may('user:dan@x', 'dataset:create', 'project:one')).toBe(true);
    expect(world.may('user:dan@x', 'dataset:create', 'project:two')).toBe(false);
    expect(world.told).toContain('role_added projects[0].members[1]');
  });

  it('tells what it leaves out', () => {
    const { told } = imported(
      {
        policies: [{ name: 'A', permissionIds: ['nobody-knows'], permissions: ['fly:high'] }],
        roles: [{ name: 'R', policies: [{ id: 'gone', name: 'Gone' }] }],
        members: [{ email: 'a@x' }, { role: { name: 'R' } }, { email: 'b@x', role: { name: 'Nobody' } }],
      },
      HOW,
    );
    expect(told).toEqual([
      'privilege_added policies[0].permissions',
      'unknown_member members[0]',
      'unknown_member members[1]',
      'unknown_permission policies[0]',
      'unknown_policy roles[0]',
      'unknown_role members[2]',
    ]);
  });

  it('done again changes nothing', () => {
    expect(changedAgain(dump, HOW)).toEqual([]);
  });

  it('is refused with every place that can’t be read', () => {
    expect(refusedImport({ policies: [{}], projects: [{ id: {} }] }, HOW)[0]).toBe('invalid_import');
  });
});
