/** The Diffgram preset against Diffgram's default roles, and its objects as they are decided about. */
import { describe, expect, it } from 'vitest';
import { diffgram } from '../../src/presets/diffgram.ts';
import { HOLDINGS, type ObjectType, PERMISSIONS } from './diffgram-roles.ts';
import { presetWorld, worldOf } from './preset-world.ts';
import { privilegesOf } from './privilege-sets.ts';

const catalog = diffgram.manifest.catalog?.privileges ?? [];
const ofDiffgram = (names: Iterable<string>): string[] => [...names].filter((name) => !name.startsWith('bitgate:')).sort();

describe('the catalog of Diffgram', () => {
  it('holds its 16 grantable permissions and the project_view of its documentation, each tied to its object', () => {
    expect(catalog).toHaveLength(17);
    for (const [type, names] of Object.entries(PERMISSIONS)) {
      expect(
        catalog
          .filter((entry) => entry.resource_types?.includes(type))
          .map((entry) => entry.name)
          .sort(),
      ).toEqual([...names].sort());
    }
  });
});

describe('the default roles of Diffgram', () => {
  it.each(HOLDINGS)('hold what is documented: $role', ({ role, project, WorkingDir, File }) => {
    expect(ofDiffgram(privilegesOf(diffgram, role))).toEqual([...project, ...WorkingDir, ...File].sort());
  });

  it('let the admin of a project, and no other role, administer it', () => {
    for (const { role } of HOLDINGS) {
      const rights = [...privilegesOf(diffgram, role)].filter((name) => name.startsWith('bitgate:'));
      expect(rights.length > 0, role).toBe(role === 'admin');
    }
  });

  it.each(HOLDINGS)('decide so about the object and what lies below it: $role', async ({ role, on, ...held }) => {
    const places: Record<ObjectType, string> = { project: 'project:p', WorkingDir: 'WorkingDir:7', File: 'File:1' };
    const world = await presetWorld(diffgram, {
      projects: [{ id: 'p' }],
      resources: [
        { type: 'WorkingDir', id: '7', parents: ['project:p'] },
        { type: 'File', id: '1', parents: ['WorkingDir:7'] },
      ],
      assignments: [{ subject: 'user:u', role, scope: places[on] }],
    });
    for (const type of ['project', 'WorkingDir', 'File'] as const) {
      const allowed = PERMISSIONS[type].filter((permission) => world.may('user:u', permission, places[type]));
      expect(allowed).toEqual(PERMISSIONS[type].filter((permission) => held[type].includes(permission)));
    }
    expect(world.decide('user:u', 'dataset_view', 'project:p').reason).toBe('unknown_privilege');
  });
});

describe('restricted datasets of Diffgram', () => {
  const open = ['WorkingDir:1', 'WorkingDir:2', 'WorkingDir:3'];
  const hidden = ['WorkingDir:8', 'WorkingDir:9'];
  const all = [...open, ...hidden];

  const world = presetWorld(diffgram, {
    projects: [{ id: 'p' }],
    roles: [{ name: 'Advisor', privileges: ['dataset_view'] }],
    resources: [
      ...open.map((ref) => ({ type: 'WorkingDir', id: ref.slice(11), parents: ['project:p'] })),
      ...hidden.map((ref) => ({ type: 'WorkingDir', id: ref.slice(11), parents: ['project:p'], access: 'restricted' as const })),
      { type: 'File', id: 'secret', parents: ['WorkingDir:8'] },
      { type: 'File', id: 'shared', parents: ['WorkingDir:8', 'WorkingDir:1'] },
    ],
    assignments: [
      ...(['admin', 'editor', 'annotator', 'viewer'] as const).map((role) => ({ subject: `user:${role}`, role, scope: 'project:p' })),
      { subject: 'user:advisor', role: 'Advisor', scope: 'WorkingDir:8' },
      { subject: 'user:helper', role: 'viewer', scope: 'project:p' },
      { subject: 'user:helper', role: 'Advisor', scope: 'WorkingDir:8' },
    ],
  });

  it.each([
    ['admin', 'dataset_view', all],
    ['editor', 'dataset_view', open],
    ['editor', 'dataset_edit', open],
    ['annotator', 'dataset_view', []],
    ['viewer', 'dataset_view', open],
    ['viewer', 'dataset_edit', []],
    ['advisor', 'dataset_view', ['WorkingDir:8']],
    ['helper', 'dataset_view', [...open, 'WorkingDir:8']],
    ['stranger', 'dataset_view', []],
  ] as const)('are open to %s for %s as far as a role on them says', async (who, permission, expected) => {
    const { may } = await world;
    expect(all.filter((dataset) => may(`user:${who}`, permission, dataset))).toEqual(expected);
  });

  it('say that restriction is the reason', async () => {
    const { decide } = await world;
    expect(decide('user:viewer', 'dataset_view', 'WorkingDir:8').reason).toBe('restricted');
    expect(decide('user:stranger', 'dataset_view', 'WorkingDir:8').reason).toBe('no_grant');
  });

  it('hide the files in them, unless these are in an open dataset too', async () => {
    const { may } = await world;
    const seeing = (file: string): string[] =>
      ['admin', 'editor', 'annotator', 'viewer', 'advisor', 'stranger'].filter((who) => may(`user:${who}`, 'file_view', file));
    expect(seeing('File:secret')).toEqual(['admin', 'advisor']);
    expect(seeing('File:shared')).toEqual(['admin', 'editor', 'annotator', 'viewer', 'advisor']);
  });

  it('can be restricted, or opened, later', async () => {
    const { rows } = await world;
    const access = (resource: string): 'inherit' | 'restricted' => (resource === 'WorkingDir:1' ? 'restricted' : 'inherit');
    const { may } = await worldOf({ ...rows, resources: rows.resources.map((row) => ({ ...row, access: access(row.resource) })) });
    expect(all.filter((dataset) => may('user:viewer', 'dataset_view', dataset))).toEqual(all.slice(1));
  });
});

describe('roles of Diffgram on one object', () => {
  it('hold on that object alone, be it known or not', async () => {
    const { may } = await presetWorld(diffgram, { assignments: [{ subject: 'user:u', role: 'dataset_viewer', scope: 'WorkingDir:7' }] });
    expect(may('user:u', 'dataset_view', 'WorkingDir:7')).toBe(true);
    for (const other of ['WorkingDir:8', 'File:7', 'project:7']) expect(may('user:u', 'dataset_view', other), other).toBe(false);
    expect(may('user:u', 'file_view', 'File:7')).toBe(false);
  });

  it('give users, services and API keys the same', async () => {
    const subjects = ['user:u', 'service:s', 'api_key:k'];
    const world = await presetWorld(diffgram, { assignments: [] });
    const editor = world.rows.roles.find((role) => role.name === 'editor')!;
    const assignments = subjects.map((principal, i) => {
      return { id: `asg_${i}`, principal, role: editor.id, policy: null, scope: 'project:p', not_before: null, expires_at: null };
    });
    const { may } = await worldOf({ ...world.rows, assignments });
    const held = subjects.map((subject) => PERMISSIONS.project.map((permission) => may(subject, permission, 'project:p')));
    expect(held[0]).toContain(true);
    expect(held[1]).toEqual(held[0]);
    expect(held[2]).toEqual(held[0]);
  });

  it('hold in their project alone', async () => {
    const { may } = await presetWorld(diffgram, {
      projects: [{ id: 'p' }, { id: 'q' }],
      assignments: [{ subject: 'user:u', role: 'admin', scope: 'project:p' }],
    });
    for (const permission of [...PERMISSIONS.project, 'bitgate:manage_members', 'bitgate:escalate']) {
      expect(may('user:u', permission, 'project:q'), permission).toBe(false);
      expect(may('user:u', permission), permission).toBe(false);
    }
  });
});
