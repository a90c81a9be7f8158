/** Every sentence of src/core/RULE.md, with the answer worked out by hand from the text. */
import { describe, expect, it } from 'vitest';
import type { Reason } from '../../src/core/terms/decision.ts';
import type { CheckOptions, CheckRequest } from '../../src/core/terms/request.ts';
import type { OrganizationRows } from '../../src/core/terms/rows.ts';
import type { RowsLiteral } from '../scenarios/rows.ts';
import { rows } from '../scenarios/rows.ts';
import { requestOfCase } from '../scenarios/scenario.ts';
import { oracle } from './oracle.ts';

const T = 1_800_000_000_000;

/** Alice and nobody else reads, by the role `reader` on the organization, unless the literal says otherwise. */
function world(literal: RowsLiteral = {}): OrganizationRows {
  return rows({
    privileges: { read: {}, write: {} },
    roles: { reader: { privileges: ['read'] } },
    assignments: [['user:alice', 'reader', 'org']],
    ...literal,
  });
}

type More = { options?: CheckOptions; now?: number } & Pick<CheckRequest, 'context'>;

/** The reason given to `subject action resource`; `granted` is the only one that allows. */
function ask(given: OrganizationRows, question: string, more: More = {}): Reason {
  const [subject = '', action = '', resource] = question.split(' ');
  const request = requestOfCase([
    subject,
    action,
    resource,
    'deny',
    'no_grant',
    more.context === undefined ? {} : { context: more.context },
  ]);
  return reasonOf(given, request, more);
}

function reasonOf(given: OrganizationRows, request: CheckRequest, more: More = {}): Reason {
  const answer = oracle(given, request, more.now ?? T, more.options);
  expect(answer.decision).toBe(answer.reason === 'granted');
  return answer.reason;
}

describe('1. the subject', () => {
  it('of type `group` is never registered and holds nothing', () => {
    const given = world({
      groups: { staff: ['user:bob'] },
      assignments: [
        ['group:staff', 'reader', 'org'],
        ['group:everyone', 'reader', 'org'],
      ],
      settings: { default_role: 'reader' },
    });
    given.subjects.push({ subject: 'group:grp_staff', status: 'suspended', properties: '{}' });
    expect(ask(given, 'user:bob read')).toBe('granted');
    expect(ask(given, 'group:grp_staff read')).toBe('no_grant');
    expect(ask(given, 'group:everyone read')).toBe('no_grant');
  });

  it('is suspended if its row says so, whatever else holds', () => {
    const given = world({ subjects: { 'user:alice': { suspended: true } }, settings: { closed_types: ['doc'] } });
    expect(ask(given, 'user:alice read')).toBe('subject_suspended');
    expect(ask(given, 'user:alice nothing doc:1')).toBe('subject_suspended');
  });

  it('is suspended if it is a key that is disabled, or from the moment that it expires', () => {
    const given = world({ keys: { off: 'disabled', end: T }, assignments: [['group:anyone', 'reader', 'org']] });
    expect(ask(given, 'api_key:off read')).toBe('subject_suspended');
    expect(ask(given, 'api_key:end read', { now: T - 1 })).toBe('granted');
    expect(ask(given, 'api_key:end read', { now: T })).toBe('subject_suspended');
    expect(ask(given, 'user:end read', { now: T })).toBe('granted');
  });
});

describe('2. the resource and what is above it', () => {
  const claimed = (properties: Record<string, string | string[]>, id = 'new'): CheckRequest => ({
    subject: { type: 'user', id: 'alice' },
    action: { name: 'read' },
    resource: { type: 'doc', id, properties },
  });
  const given = world({
    privileges: { read: {}, deploy: { levels: 'project' } },
    roles: { reader: { privileges: ['read', 'deploy'] } },
    resources: { 'project:p': {}, 'folder:f': { parents: ['project:p'] }, 'doc:old': {}, 'doc:deep': { parents: ['folder:f'] } },
    assignments: [['user:alice', 'reader', 'project:p']],
  });

  it('registered: only the stored parents count', () => {
    expect(ask(given, 'user:alice read doc:deep')).toBe('granted');
    expect(reasonOf(given, claimed({ parents: ['project:p'], project: 'p' }, 'old'))).toBe('no_grant');
  });

  it('unregistered: its parents are those claimed, and what is above them', () => {
    expect(reasonOf(given, claimed({ parents: ['folder:f'] }))).toBe('granted');
    expect(reasonOf(given, claimed({ project: 'p' }))).toBe('granted');
    expect(reasonOf(given, claimed({ parents: ['folder:unheard'] }))).toBe('no_grant');
    expect(reasonOf(given, claimed({ parents: 'project:p' }))).toBe('no_grant');
    expect(reasonOf(given, claimed({ parents: ['p', ':p', 'project:', 'doc:new'] }))).toBe('no_grant');
  });

  it('unregistered: an ignored claim leaves it a root, right below the organization', () => {
    expect(reasonOf(world(), claimed({ parents: ['doc:new', 'x'] }))).toBe('granted');
  });

  it('the level is project for a project and for all below it, also below one that nobody registered', () => {
    expect(ask(given, 'user:alice deploy project:p')).toBe('granted');
    expect(ask(given, 'user:alice deploy doc:deep')).toBe('granted');
    expect(ask(given, 'user:alice deploy doc:old')).toBe('unknown_privilege');
    expect(ask(given, 'user:alice deploy')).toBe('unknown_privilege');
    expect(reasonOf(given, { ...claimed({ project: 'ghost' }), action: { name: 'deploy' } })).toBe('no_grant');
  });

  it('the scopes are the resource, its ancestors and the organization; without a resource the organization alone', () => {
    expect(ask(given, 'user:alice read doc:old')).toBe('no_grant');
    expect(ask(given, 'user:alice read')).toBe('no_grant');
    expect(ask(world(), 'user:alice read doc:anything')).toBe('granted');
    expect(ask(world({ assignments: [['user:alice', 'reader', 'doc:unregistered']] }), 'user:alice read doc:unregistered')).toBe('granted');
  });
});

describe('3. the privilege', () => {
  const given = world({
    privileges: {
      view: { types: ['page'] },
      'doc:view': { levels: 'org' },
      go: [{ levels: 'org' }, { levels: 'project', types: ['doc'] }],
    },
    roles: { reader: { privileges: ['view', 'doc:view', 'go'] } },
    resources: { 'project:p': {}, 'doc:in': { parents: ['project:p'] }, 'page:in': { parents: ['project:p'] } },
  });

  it('is the first name with an entry of this level that allows the type', () => {
    expect(ask(given, 'user:alice view page:1')).toBe('granted');
    expect(ask(given, 'user:alice view doc:1')).toBe('granted');
    expect(ask(given, 'user:alice view doc:in')).toBe('unknown_privilege');
    expect(ask(given, 'user:alice view file:1')).toBe('unknown_privilege');
    expect(ask(given, 'user:alice go page:1')).toBe('granted');
    expect(ask(given, 'user:alice go page:in')).toBe('unknown_privilege');
    // known, but held at `org` only, where its twin of the organization level is meant
    expect(ask(given, 'user:alice go doc:in')).toBe('no_grant');
  });

  it('the bare name comes before the one with the type', () => {
    const both = world({ privileges: { view: {}, 'doc:view': {} }, roles: { reader: { privileges: ['doc:view'] } } });
    expect(ask(both, 'user:alice view doc:1')).toBe('no_grant');
    expect(ask(both, 'user:alice doc:view doc:1')).toBe('granted');
  });

  it('without a resource types are not checked, and there is no name with a type', () => {
    expect(ask(given, 'user:alice view')).toBe('granted');
    expect(ask(world({ privileges: { 'doc:view': {} }, roles: { reader: {} } }), 'user:alice view')).toBe('unknown_privilege');
  });
});

describe('4. an unregistered resource of a closed type', () => {
  it('is denied, after the privilege is known', () => {
    const given = world({ resources: { 'doc:in': {} }, settings: { closed_types: ['doc'] } });
    expect(ask(given, 'user:alice read doc:in')).toBe('granted');
    expect(ask(given, 'user:alice read doc:out')).toBe('unregistered_resource');
    expect(ask(given, 'user:alice nothing doc:out')).toBe('unknown_privilege');
    expect(ask(given, 'user:alice read page:out')).toBe('granted');
  });
});

describe('5. principals', () => {
  it('are the subject and its groups, through groups, with those of the request', () => {
    const given = world({
      groups: { top: ['group:mid'], mid: ['group:low'], low: ['user:bob'] },
      assignments: [['group:top', 'reader', 'org']],
    });
    expect(ask(given, 'user:bob read')).toBe('granted');
    expect(ask(given, 'user:eve read')).toBe('no_grant');
    expect(ask(given, 'user:eve read', { options: { groups: ['grp_mid'] } })).toBe('granted');
    expect(ask(given, 'user:eve read', { options: { groups: ['group:grp_mid', 'mid'] } })).toBe('no_grant');
  });

  it('`everyone` is the registered, `anyone` is all; a claim of the request gives neither', () => {
    const given = world({
      subjects: { 'user:bob': {} },
      roles: { reader: { privileges: ['read'] }, writer: { privileges: ['write'] } },
      assignments: [
        ['group:everyone', 'reader', 'org'],
        ['group:anyone', 'writer', 'org'],
      ],
    });
    expect(ask(given, 'user:bob read')).toBe('granted');
    expect(ask(given, 'user:eve read', { options: { groups: ['everyone'] } })).toBe('no_grant');
    expect(ask(given, 'user:eve write')).toBe('granted');
    expect(ask(given, 'group:any write')).toBe('granted');
  });

  it('owners are those of the resource in question, directly or through a group, and by kind', () => {
    const given = world({
      privileges: { read: {}, write: {} },
      roles: { reader: { privileges: ['read'] }, writer: { privileges: ['write'] } },
      groups: { outer: ['group:inner'], inner: ['user:bob'] },
      resources: {
        'folder:f': { owners: ['user:alice'] },
        'doc:d': { parents: ['folder:f'], owners: [['group:outer', 'LEGAL'], 'user:cyd'] },
      },
      assignments: [
        ['group:owner', 'reader', 'org'],
        ['group:owner:LEGAL', 'writer', 'org'],
      ],
    });
    expect(ask(given, 'user:bob read doc:d')).toBe('granted');
    expect(ask(given, 'user:bob write doc:d')).toBe('granted');
    expect(ask(given, 'user:cyd read doc:d')).toBe('granted');
    expect(ask(given, 'user:cyd write doc:d')).toBe('no_grant');
    expect(ask(given, 'user:alice read folder:f')).toBe('granted');
    expect(ask(given, 'user:alice read doc:d')).toBe('no_grant');
    expect(ask(given, 'user:bob read')).toBe('no_grant');
    expect(ask(given, 'group:grp_outer read doc:d')).toBe('no_grant');
    expect(ask(given, 'user:eve read doc:d', { options: { groups: ['grp_inner'] } })).toBe('granted');
    expect(ask(given, 'user:eve read doc:d', { options: { groups: ['owner'] } })).toBe('no_grant');
  });
});

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

describe('7. the decision', () => {
  const denying = (condition: string | undefined, more: RowsLiteral = {}): OrganizationRows =>
    world({
      policies: { noRead: { privileges: ['read'], effect: 'deny', ...(condition === undefined ? {} : { condition }) } },
      assignments: [
        ['user:alice', 'reader', 'org'],
        ['user:alice', 'noRead', 'org'],
      ],
      ...more,
    });

  it('7.1 a deny wins if its condition is absent, true or an error', () => {
    expect(ask(denying(undefined), 'user:alice read')).toBe('denied_by_policy');
    expect(ask(denying('true'), 'user:alice read')).toBe('denied_by_policy');
    expect(ask(denying('context.missing'), 'user:alice read')).toBe('denied_by_policy');
    expect(ask(denying('this does not parse'), 'user:alice read')).toBe('denied_by_policy');
    expect(ask(denying('false'), 'user:alice read')).toBe('granted');
    expect(ask(denying('"true"'), 'user:alice read')).toBe('granted');
  });

  it('7.1 restriction does not matter to denies, their window does', () => {
    const given = denying(undefined, {
      roles: { reader: { privileges: ['read'], reachesRestricted: true } },
      resources: { 'doc:shut': { restricted: true } },
    });
    expect(ask(given, 'user:alice read doc:shut')).toBe('denied_by_policy');
    const over: RowsLiteral = {
      assignments: [
        ['user:alice', 'reader', 'org'],
        ['user:alice', 'noRead', 'org', { until: T }],
      ],
    };
    expect(ask(denying(undefined, over), 'user:alice read')).toBe('granted');
    expect(ask(denying(undefined, over), 'user:alice read', { now: T - 1 })).toBe('denied_by_policy');
  });

  it('7.2 an allow needs a condition that is exactly true', () => {
    const given = (condition: string): OrganizationRows =>
      world({ policies: { reads: { privileges: ['read'], condition } }, assignments: [['user:alice', 'reads', 'org']] });
    expect(ask(given('true'), 'user:alice read')).toBe('granted');
    expect(ask(given('1'), 'user:alice read')).toBe('condition_false');
    expect(ask(given('"true"'), 'user:alice read')).toBe('condition_false');
    expect(ask(given('context'), 'user:alice read')).toBe('condition_false');
    expect(ask(given('context.missing'), 'user:alice read')).toBe('condition_error');
    expect(ask(given('nobody'), 'user:alice read')).toBe('condition_error');
  });

  it('7.3 each candidate fails at the first test, and the best of them gives the reason', () => {
    const all: NonNullable<RowsLiteral['assignments']> = [
      ['user:alice', 'broken', 'doc:shut'],
      ['user:alice', 'never', 'doc:shut'],
      ['user:alice', 'reader', 'org'],
      ['user:alice', 'broken', 'doc:shut', { from: T + 1 }],
      ['user:alice', 'broken', 'doc:shut', { until: T }],
    ];
    const reasons: Reason[] = ['condition_error', 'condition_false', 'restricted', 'not_yet_valid', 'expired', 'no_grant'];
    reasons.forEach((reason, at) => {
      const given = world({
        policies: { never: { privileges: ['read'], condition: 'false' }, broken: { privileges: ['read'], condition: 'context.missing' } },
        resources: { 'doc:shut': { restricted: true } },
        assignments: all.slice(at).reverse(),
      });
      expect(ask(given, 'user:alice read doc:shut')).toBe(reason);
    });
  });
});

describe('8. conditions', () => {
  const given = (condition: string, more: RowsLiteral = {}): OrganizationRows =>
    world({
      policies: { reads: { privileges: ['read'], condition } },
      subjects: { 'user:alice': { properties: { level: 3 } } },
      resources: { 'doc:1': { properties: { owner: 'alice' } } },
      assignments: [['group:anyone', 'reads', 'org']],
      ...more,
    });
  const alice = { type: 'user', id: 'alice', properties: { level: 9, mood: 'good' } };
  const read = { name: 'read' };

  it('see the stored properties of a registered subject, and the asserted ones over them', () => {
    expect(reasonOf(given('subject.properties.level == 3.0'), { subject: alice, action: read })).toBe('granted');
    expect(reasonOf(given('has(subject.properties.mood)'), { subject: alice, action: read })).toBe('condition_false');
    const asserted = { options: { assert: true } };
    expect(
      reasonOf(given('subject.properties.level == 9.0 && has(subject.properties.mood)'), { subject: alice, action: read }, asserted),
    ).toBe('granted');
    expect(reasonOf(given('subject.properties.level == 3.0'), { subject: { type: 'user', id: 'alice' }, action: read }, asserted)).toBe(
      'granted',
    );
  });

  it('see the properties of the request of an unregistered subject', () => {
    expect(reasonOf(given('subject.properties.level == 9.0'), { subject: { ...alice, id: 'eve' }, action: read })).toBe('granted');
  });

  it('see the stored properties of a resource, and of the request those that are not stored', () => {
    const resource = { type: 'doc', id: '1', properties: { owner: 'eve', page: 1 } };
    const condition = 'resource.properties.owner == "alice" && resource.properties.page == 1.0';
    expect(reasonOf(given(condition), { subject: alice, action: read, resource })).toBe('granted');
    expect(
      reasonOf(given('resource.properties.owner == "eve"'), { subject: alice, action: read, resource: { ...resource, id: '2' } }),
    ).toBe('granted');
  });

  it('see an empty resource where there is none', () => {
    expect(ask(given('resource.type == "" && resource.id == "" && size(resource.properties) == 0'), 'user:alice read')).toBe('granted');
  });

  it('see the type and id of both, the action, the context and the time', () => {
    const condition =
      'subject.type == "user" && subject.id == "alice" && resource.type == "doc" && resource.id == "a:b" && action.name == "read" && ' +
      'action.properties.why == "audit" && context.deep.list[1] == "x" && context.deep.list[0] == 1.0 && now == timestamp("2027-01-15T08:00:00Z")';
    const request = {
      subject: alice,
      action: { name: 'read', properties: { why: 'audit' } },
      resource: { type: 'doc', id: 'a:b' },
      context: { deep: { list: [1, 'x', null, true] } },
    };
    expect(reasonOf(given(condition), request)).toBe('granted');
  });

  it('see empty maps where the request has no context and no properties of the action', () => {
    expect(ask(given('size(context) == 0 && size(action.properties) == 0'), 'user:alice read')).toBe('granted');
  });
});
