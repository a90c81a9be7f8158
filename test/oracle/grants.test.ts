/** The naive evaluator by the text of RULE.md, §6: grants, what they bundle, and what restricted resources cut off. */
import { describe, expect, it } from 'vitest';
import type { OrganizationRows } from '../../src/core/terms/rows.ts';
import type { RowsLiteral } from '../scenarios/rows.ts';
import { ask, T, world } from './asked.ts';

describe('6. grants', () => {
  it('hold from `not_before` on and until just before `expires_at`', () => {
    const given = world({ assignments: [['user:alice', 'reader', 'org', { from: T, until: T + 10 }]] });
    expect(ask(given, 'user:alice read', { now: T - 1 })).toBe('not_yet_valid');
    expect(ask(given, 'user:alice read', { now: T })).toBe('granted');
    expect(ask(given, 'user:alice read', { now: T + 9 })).toBe('granted');
    expect(ask(given, 'user:alice read', { now: T + 10 })).toBe('expired');
  });

  it('the default role goes to the registered without a role of their own at `org` at that time', () => {
    const given = world({
      roles: { reader: { privileges: ['read'] }, writer: { privileges: ['write'] } },
      policies: { writes: { privileges: ['write'] } },
      groups: { staff: ['user:grouped'] },
      subjects: { 'user:bob': {} },
      assignments: [
        ['user:own', 'writer', 'org', { from: T, until: T + 10 }],
        ['user:scoped', 'writer', 'doc:1'],
        ['user:policy', 'writes', 'org'],
        ['group:staff', 'writer', 'org'],
      ],
      settings: { default_role: 'reader' },
    });
    for (const name of ['bob', 'scoped', 'policy', 'grouped']) expect(ask(given, `user:${name} read`), name).toBe('granted');
    expect(ask(given, 'user:own read', { now: T - 1 })).toBe('granted');
    expect(ask(given, 'user:own read', { now: T })).toBe('no_grant');
    expect(ask(given, 'user:own read', { now: T + 10 })).toBe('granted');
    expect(ask(given, 'user:eve read')).toBe('no_grant');
  });

  it('a policy counts only if ACTIVE, and with types only on one of them', () => {
    for (const state of ['ACTIVE', 'INACTIVE', 'DRAFT'] as const) {
      const given = world({ policies: { reads: { privileges: ['read'], state } }, assignments: [['user:alice', 'reads', 'org']] });
      expect(ask(given, 'user:alice read'), state).toBe(state === 'ACTIVE' ? 'granted' : 'no_grant');
    }
    const typed = world({ policies: { reads: { privileges: ['read'], types: ['doc'] } }, assignments: [['user:alice', 'reads', 'org']] });
    expect(ask(typed, 'user:alice read doc:1')).toBe('granted');
    expect(ask(typed, 'user:alice read page:1')).toBe('no_grant');
    expect(ask(typed, 'user:alice read')).toBe('no_grant');
  });

  it('a role bundles its inline privileges, its policies and all of what it inherits', () => {
    const given = world({
      privileges: { read: {}, write: {}, share: {}, drop: {} },
      policies: { writes: { privileges: ['write'] }, noDrop: { privileges: ['drop'], effect: 'deny' } },
      roles: {
        base: { privileges: ['read'], policies: ['noDrop'] },
        mid: { inherits: ['base'], policies: ['writes'] },
        top: { inherits: ['mid'], privileges: ['share', 'drop'] },
      },
      assignments: [['user:alice', 'top', 'org']],
    });
    for (const name of ['read', 'write', 'share']) expect(ask(given, `user:alice ${name}`), name).toBe('granted');
    expect(ask(given, 'user:alice drop')).toBe('denied_by_policy');
  });

  it('`all_privileges` allows everything, inherited too', () => {
    const given = world({ roles: { root: { all: true }, heir: { inherits: ['root'] } }, assignments: [['user:alice', 'heir', 'org']] });
    expect(ask(given, 'user:alice write doc:1')).toBe('granted');
  });

  it('an allow holds what is implied, round a cycle of three; a deny only what it names', () => {
    const privileges = { a: { implies: ['b'] }, b: { implies: ['c'] }, c: { implies: ['a'] } };
    const policies = { noA: { privileges: ['a'], effect: 'deny' as const } };
    const given = world({
      privileges,
      policies,
      roles: { reader: { privileges: ['b'] } },
      assignments: [
        ['user:alice', 'reader', 'org'],
        ['user:bob', 'reader', 'org'],
        ['user:bob', 'noA', 'org'],
      ],
    });
    for (const name of ['a', 'b', 'c']) expect(ask(given, `user:alice ${name}`), name).toBe('granted');
    expect(ask(given, 'user:bob a')).toBe('denied_by_policy');
    for (const name of ['b', 'c']) expect(ask(given, `user:bob ${name}`), name).toBe('granted');
  });

  it('a name stands for its entries of every level, in what belongs to a project for those of the project level', () => {
    const given = world({
      privileges: { tag: [{ levels: 'org', implies: ['write'] }, { levels: 'project' }], write: {} },
      roles: { general: { privileges: ['tag'] }, local: { privileges: ['tag'], project: 'p' } },
      resources: { 'project:p': {} },
      assignments: [
        ['user:general', 'general', 'org'],
        ['user:inside', 'general', 'project:p'],
        ['user:local', 'local', 'project:p'],
      ],
    });
    for (const question of ['tag', 'write']) expect(ask(given, `user:general ${question}`), question).toBe('granted');
    expect(ask(given, 'user:inside tag project:p')).toBe('granted');
    expect(ask(given, 'user:inside write project:p')).toBe('granted');
    expect(ask(given, 'user:local tag project:p')).toBe('granted');
    expect(ask(given, 'user:local write project:p')).toBe('no_grant');
    expect(ask(given, 'user:local tag')).toBe('no_grant');
    expect(ask(given, 'user:local write')).toBe('no_grant');
  });

  it('of a name with two entries a grant at `org` holds the organization-level one alone, but for `all_privileges` and `implies_all`; a deny names both', () => {
    const given = world({
      privileges: { tag: [{ levels: 'org' }, { levels: 'project' }], manage: { levels: 'org', impliesAll: true } },
      policies: { noTag: { privileges: ['tag'], effect: 'deny' } },
      roles: { tagger: { privileges: ['tag'] }, manager: { privileges: ['manage'] }, owner: { all: true } },
      resources: { 'project:p': {} },
      assignments: [
        ['user:org', 'tagger', 'org'],
        ['user:project', 'tagger', 'project:p'],
        ['user:manager', 'manager', 'org'],
        ['user:owner', 'owner', 'org'],
        ['user:denied', 'tagger', 'project:p'],
        ['user:denied', 'noTag', 'org'],
      ],
    });
    expect(ask(given, 'user:org tag')).toBe('granted');
    expect(ask(given, 'user:org tag project:p')).toBe('no_grant');
    expect(ask(given, 'user:project tag')).toBe('no_grant');
    for (const subject of ['project', 'manager', 'owner']) expect(ask(given, `user:${subject} tag project:p`), subject).toBe('granted');
    expect(ask(given, 'user:denied tag project:p')).toBe('denied_by_policy');
  });

  it('`implies_all: project`, held through a grant at `org`, holds everything in projects', () => {
    const given = world({
      privileges: { all: { levels: 'org', impliesAll: true }, lead: { implies: ['all'] }, read: {} },
      policies: { noAll: { privileges: ['all'], effect: 'deny' } },
      roles: { lead: { privileges: ['lead'] } },
      resources: { 'project:p': {}, 'doc:d': { parents: ['project:p'] } },
      assignments: [
        ['user:alice', 'lead', 'org'],
        ['user:bob', 'lead', 'project:p'],
        ['user:cyd', 'lead', 'org'],
        ['user:cyd', 'noAll', 'org'],
      ],
    });
    expect(ask(given, 'user:alice read doc:d')).toBe('granted');
    expect(ask(given, 'user:alice read doc:elsewhere')).toBe('no_grant');
    expect(ask(given, 'user:bob read doc:d')).toBe('no_grant');
    expect(ask(given, 'user:cyd read doc:d')).toBe('granted');
    expect(ask(given, 'user:cyd all')).toBe('denied_by_policy');
  });
});

describe('6. restricted', () => {
  const place = {
    resources: {
      'project:p': { restricted: true },
      'folder:shut': { parents: ['project:p'], restricted: true },
      'folder:open': { parents: ['project:p'] },
      'doc:one': { parents: ['folder:shut'] },
      'doc:two': { parents: ['folder:shut', 'folder:open'] },
      'doc:own': { parents: ['folder:shut'], restricted: true, owners: ['user:alice'] },
      'page:1': {},
    },
  } satisfies RowsLiteral;
  const at = (scope: string): OrganizationRows => world({ ...place, assignments: [['user:alice', 'reader', scope]] });

  it('an allow counts on the scope itself, and below it over a path that enters nothing restricted', () => {
    expect(ask(at('folder:shut'), 'user:alice read folder:shut')).toBe('granted');
    expect(ask(at('folder:shut'), 'user:alice read doc:one')).toBe('granted');
    expect(ask(at('project:p'), 'user:alice read doc:one')).toBe('restricted');
    expect(ask(at('project:p'), 'user:alice read doc:two')).toBe('granted');
    expect(ask(at('doc:own'), 'user:alice read doc:own')).toBe('granted');
    expect(ask(at('folder:shut'), 'user:alice read doc:own')).toBe('restricted');
  });

  it('`org` lies right above the resources without parents only', () => {
    expect(ask(at('org'), 'user:alice read page:1')).toBe('granted');
    expect(ask(at('org'), 'user:alice read project:p')).toBe('restricted');
    expect(ask(at('org'), 'user:alice read folder:open')).toBe('restricted');
    expect(ask(at('org'), 'user:alice read')).toBe('granted');
  });

  it('a grant to owners always counts', () => {
    expect(ask(world({ ...place, assignments: [['group:owner', 'reader', 'org']] }), 'user:alice read doc:own')).toBe('granted');
  });

  it('`reaches_restricted` is the flag of the assigned role alone, the default role included', () => {
    const roles = {
      reader: { privileges: ['read'] },
      reaching: { inherits: ['reader'], reachesRestricted: true },
      heir: { inherits: ['reaching'] },
    };
    const of = (role: string): OrganizationRows => world({ ...place, roles, assignments: [['user:alice', role, 'org']] });
    expect(ask(of('reaching'), 'user:alice read doc:one')).toBe('granted');
    expect(ask(of('heir'), 'user:alice read doc:one')).toBe('restricted');
    const byDefault = (role: string): OrganizationRows =>
      world({ ...place, roles, subjects: { 'user:bob': {} }, assignments: [], settings: { default_role: role } });
    expect(ask(byDefault('reaching'), 'user:bob read doc:one')).toBe('granted');
    expect(ask(byDefault('heir'), 'user:bob read doc:one')).toBe('restricted');
  });

  it('a policy assigned directly never reaches the restricted', () => {
    const given = world({
      ...place,
      policies: { reads: { privileges: ['read'] } },
      roles: { reaching: { policies: ['reads'], reachesRestricted: true } },
      assignments: [['user:alice', 'reads', 'org']],
    });
    expect(ask(given, 'user:alice read doc:one')).toBe('restricted');
  });
});
