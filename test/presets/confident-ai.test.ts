/** The Confident AI preset against the vocabulary and the roles of its documentation, and its two levels as they are decided about. */
import { describe, expect, it } from 'vitest';
import { confidentAi } from '../../src/presets/confident-ai.ts';
import type { ManifestRole } from '../../src/presets/manifest.ts';
import { EXCLUSIONS, namesOf, ORGANIZATION, PROJECT } from './confident-ai-roles.ts';
import { presetWorld, refusedFor } from './preset-world.ts';
import { privilegesOf } from './privilege-sets.ts';

const catalog = confidentAi.manifest.catalog?.privileges ?? [];
const vocabulary = { org: namesOf(ORGANIZATION), project: namesOf(PROJECT) };
const own = (names: Iterable<string>): string[] => [...names].filter((name) => !name.startsWith('bitgate:')).sort();
const roleOf = (name: string): ManifestRole | undefined => confidentAi.system.roles.find((role) => role.name === name);

describe('the catalog of Confident AI', () => {
  it.each(['org', 'project'] as const)('has the vocabulary of the level %s, and every entry one level', (level) => {
    const entries = catalog.filter(({ levels }) => levels?.includes(level));
    expect(entries.map(({ name }) => name).sort()).toEqual([...vocabulary[level]].sort());
    for (const { levels } of entries) expect(levels).toEqual([level]);
  });

  it('lets manage include creating, updating and deleting wherever a project has these beside it', () => {
    for (const [resource, actions] of Object.entries(PROJECT)) {
      if (!actions.includes('create')) continue;
      const manage = catalog.find(({ name, levels }) => name === `${resource}:manage` && levels?.includes('project'));
      expect(manage?.implies).toEqual(expect.arrayContaining(['create', 'update', 'delete'].map((action) => `${resource}:${action}`)));
    }
  });
});

describe('the roles of Confident AI', () => {
  it.each(EXCLUSIONS.filter(({ role }) => role !== 'Owner'))('hold all but what is excluded: $role', ({ role, level, without }) => {
    const wanted = vocabulary[level].filter((name) => !without.includes(name));
    const implied = role === 'Admin' ? impliedOf(wanted) : [];
    expect(own(privilegesOf(confidentAi, role))).toEqual([...new Set([...wanted, ...implied])].sort());
  });

  it('make the Owner of an organization no bundle, but everything', () => {
    expect(roleOf('Owner')).toMatchObject({ all_privileges: true, reaches_restricted: true });
    expect(roleOf('Owner')?.policies ?? []).toEqual([]);
  });

  it.each(EXCLUSIONS)('decide so at their level: $role', async ({ role, level, without }) => {
    const { may } = await presetWorld(confidentAi, {
      projects: [{ id: 'p' }],
      assignments: [{ subject: 'user:u', role, scope: level === 'org' ? 'org' : 'project:p' }],
    });
    const resource = level === 'org' ? undefined : 'project:p';
    expect(vocabulary[level].filter((name) => !may('user:u', name, resource))).toEqual(
      vocabulary[level].filter((name) => without.includes(name)),
    );
  });

  it.each([
    ['Owner', true],
    ['Admin', true],
    ['Member', false],
  ])('reach every project, restricted ones too, with project:manage alone: %s', async (role, reaches) => {
    const { may } = await presetWorld(confidentAi, {
      projects: [{ id: 'closed', access: 'restricted' }],
      resources: [{ type: 'trace', id: '1', parents: ['project:closed'], access: 'restricted' }],
      assignments: [{ subject: 'user:u', role, scope: 'org' }],
    });
    for (const name of vocabulary.project) expect(may('user:u', name, 'project:closed'), name).toBe(reaches);
    expect(may('user:u', 'trace:read', 'trace:1')).toBe(reaches);
    expect(may('user:u', 'bitgate:manage_members', 'project:closed')).toBe(reaches);
  });

  it('tie administering Confident AI to administering bitgate at the same place', async () => {
    const { may } = await presetWorld(confidentAi, {
      projects: [{ id: 'p' }, { id: 'q' }],
      assignments: [
        { subject: 'user:admin', role: 'Admin', scope: 'org' },
        { subject: 'user:manager', role: 'Project Manager', scope: 'project:p' },
        { subject: 'user:member', role: 'Project Member', scope: 'project:p' },
      ],
    });
    const rights = ['read', 'manage_policies', 'manage_members', 'manage_keys', 'check', 'list', 'explain'].map(
      (name) => `bitgate:${name}`,
    );
    const held = (who: string, scope?: string): string[] => rights.filter((right) => may(`user:${who}`, right, scope));
    expect(held('admin')).toEqual(rights);
    expect(held('manager', 'project:p')).toEqual(rights);
    expect([held('manager'), held('manager', 'project:q')]).toEqual([[], []]);
    expect(held('member', 'project:p')).toEqual(['bitgate:manage_keys']);
    for (const right of ['bitgate:manage_settings', 'bitgate:manage_resources', 'bitgate:audit'])
      expect(may('user:admin', right)).toBe(true);
    for (const right of ['bitgate:escalate', 'bitgate:assert', 'bitgate:fresh']) expect(may('user:admin', right)).toBe(false);
  });
});

describe('the two levels of Confident AI', () => {
  it('don’t mix: what is granted in a project holds neither in another one nor in the organization', async () => {
    const projects = ['project:p', 'project:q'];
    const { may } = await presetWorld(confidentAi, {
      projects: [{ id: 'p' }, { id: 'q' }],
      assignments: projects.map((scope) => ({ subject: `user:${scope.slice(8)}`, role: 'Project Owner', scope })),
    });
    for (const name of [...vocabulary.project, ...vocabulary.org]) {
      for (const who of ['p', 'q']) {
        const allowed = [...projects, undefined].filter((place) => may(`user:${who}`, name, place));
        expect(allowed, name).toEqual(vocabulary.project.includes(name) ? [`project:${who}`] : []);
      }
    }
  });

  it('are independent where both have a name: what a member of the organization reads there, it can’t read in a project, open or not', async () => {
    const { may } = await presetWorld(confidentAi, {
      projects: [{ id: 'open' }],
      assignments: [
        { subject: 'user:member', role: 'Member', scope: 'org' },
        { subject: 'user:inside', role: 'Project Member', scope: 'project:open' },
        { subject: 'user:owner', role: 'Owner', scope: 'org' },
      ],
    });
    const shared = vocabulary.org.filter((name) => vocabulary.project.includes(name));
    expect(shared).toContain('metric:read');
    for (const name of shared.filter((each) => each.endsWith(':read'))) {
      expect(may('user:member', name), name).toBe(true);
      expect(may('user:member', name, 'project:open'), name).toBe(false);
      expect(may('user:inside', name), name).toBe(false);
      expect(may('user:inside', name, 'project:open'), name).toBe(true);
      expect(may('user:owner', name, 'project:open'), name).toBe(true);
    }
  });

  it('know names of the other level no more than unknown ones', async () => {
    const { decide } = await presetWorld(confidentAi, {
      projects: [{ id: 'p' }],
      assignments: [{ subject: 'user:u', role: 'Owner', scope: 'org' }],
    });
    expect(decide('user:u', 'billing:manage', 'project:p').reason).toBe('unknown_privilege');
    expect(decide('user:u', 'trace:read').reason).toBe('unknown_privilege');
  });

  it('refuse a permission of the organization in a policy or role of a project', () => {
    const policies = [{ name: 'Payer', privileges: ['trace:read', 'billing:manage'] }];
    const roles = [{ name: 'Payer', privileges: ['sso:read'] }];
    expect(refusedFor(confidentAi, { projects: [{ id: 'p', policies, roles }] })).toEqual([
      'wrong_level projects[0].policies[0].privileges[1]',
      'wrong_level projects[0].roles[0].privileges[0]',
    ]);
  });
});

describe('project:manage at the organization', () => {
  const people = { roles: [{ name: 'Overseer', privileges: ['project:manage'] }], projects: ['p', 'q'].map((id) => ({ id })) };
  const reached = async (scope: string | null): Promise<string[]> => {
    const assignments = scope === null ? [] : [{ subject: 'user:u', role: 'Overseer', scope }];
    const { may } = await presetWorld(confidentAi, { ...people, assignments });
    return ['project:p', 'project:q', 'project:unknown'].filter((project) =>
      vocabulary.project.every((name) => may('user:u', name, project)),
    );
  };

  it('reaches every permission of every project, and its removal restores denial', async () => {
    expect(await reached('org')).toEqual(['project:p', 'project:q', 'project:unknown']);
    expect(await reached(null)).toEqual([]);
  });

  it('reaches nothing when it is granted in a project', async () => {
    expect(await reached('project:p')).toEqual([]);
  });

  it('stops before a restricted project, unless the role itself reaches these', async () => {
    const { decide } = await presetWorld(confidentAi, {
      roles: [...people.roles, { name: 'Warden', privileges: ['project:manage'], reaches_restricted: true }],
      projects: [{ id: 'closed', access: 'restricted' }],
      assignments: [
        { subject: 'user:u', role: 'Overseer', scope: 'org' },
        { subject: 'user:w', role: 'Warden', scope: 'org' },
      ],
    });
    expect(decide('user:u', 'trace:read', 'project:closed').reason).toBe('restricted');
    expect(decide('user:w', 'trace:read', 'project:closed').reason).toBe('granted');
  });
});

describe('manage in a project', () => {
  it('includes creating, updating and deleting the same thing, and nothing of another', async () => {
    const { may } = await presetWorld(confidentAi, {
      projects: [{ id: 'p', roles: [{ name: 'Curator', privileges: ['dataset:manage'] }] }],
      assignments: [{ subject: 'user:u', role: 'p/Curator', scope: 'project:p' }],
    });
    expect(vocabulary.project.filter((name) => may('user:u', name, 'project:p'))).toEqual([
      'dataset:create',
      'dataset:update',
      'dataset:delete',
      'dataset:manage',
    ]);
  });
});

/** What names imply at either level: a name stands for its entries at both. */
function impliedOf(names: readonly string[]): string[] {
  return catalog.filter(({ name }) => names.includes(name)).flatMap(({ implies = [] }) => own(implies));
}
