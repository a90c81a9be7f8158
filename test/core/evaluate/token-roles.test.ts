/** What a token proves of its subject, and what is nobody's: small worlds, through the compiled evaluator and the naive one. */
import { describe, expect, it } from 'vitest';
import { NOBODY } from '../../../src/core/terms/ref.ts';
import type { CheckOptions, CheckRequest, Entity } from '../../../src/core/terms/request.ts';
import type { OrganizationRows } from '../../../src/core/terms/rows.ts';
import { Unpublishable } from '../../../src/pap/publish/ports.ts';
import { oracle } from '../../oracle/oracle.ts';
import { entityOf } from '../../properties/world.ts';
import { type RowsLiteral, rows } from '../../scenarios/rows.ts';
import { MemoryReader } from '../../support/memory-reader.ts';
import { ask, askWhy, MemoryPieces, memoryCompiler, openSnapshot, snapshotOf } from '../../support/memory-snapshot.ts';
import { explained, NOW, told } from './explained.ts';

const READER: CheckOptions = { roles: [{ role: 'rol_reader', scope: 'org' }] };
const ROLES = { reader: { privileges: ['read'] } };

async function decided(literal: RowsLiteral, asked: Partial<CheckRequest>, options: CheckOptions): Promise<string> {
  const world = rows({ privileges: { read: {}, write: {} }, ...literal });
  const request = { subject: entityOf('user:ann'), action: { name: 'read' }, ...asked };
  const { snapshot, pieces } = await snapshotOf(world);
  const decision = ask(snapshot, pieces, request, NOW, options);
  expect(decision).toEqual(oracle(world, request, NOW, options));
  return decision.reason;
}

const of = (subject: Entity | string): { subject: Entity } => ({ subject: typeof subject === 'string' ? entityOf(subject) : subject });

describe('a role by token', () => {
  it('is held by a registered subject and by one that is not, at its scope alone', async () => {
    expect(await decided({ roles: ROLES, subjects: { 'user:ann': {} } }, {}, READER)).toBe('granted');
    expect(await decided({ roles: ROLES }, {}, READER)).toBe('granted');
    const there: CheckOptions = { roles: [{ role: 'rol_reader', scope: 'doc:a' }] };
    expect(await decided({ roles: ROLES }, { resource: entityOf('doc:a') }, there)).toBe('granted');
    expect(await decided({ roles: ROLES }, { resource: entityOf('doc:b') }, there)).toBe('no_grant');
    expect(await decided({ roles: ROLES }, {}, there)).toBe('no_grant');
  });

  it('registers nobody: neither `everyone` nor the default role comes with it', async () => {
    const literal: RowsLiteral = {
      roles: { ...ROLES, member: { privileges: ['write'] } },
      settings: { default_role: 'member' },
      assignments: [['group:everyone', 'member', 'org']],
    };
    const there: CheckOptions = { roles: [{ role: 'rol_reader', scope: 'doc:a' }] };
    expect(await decided(literal, { action: { name: 'write' } }, there)).toBe('no_grant');
    expect(await decided({ ...literal, subjects: { 'user:ann': {} } }, { action: { name: 'write' } }, there)).toBe('granted');
  });

  it('displaces the default role at `org`, and nowhere else; a role that there is not displaces nothing', async () => {
    const literal: RowsLiteral = {
      roles: { ...ROLES, member: { privileges: ['write'] } },
      settings: { default_role: 'member' },
      subjects: { 'user:ann': {} },
    };
    const write = { action: { name: 'write' } };
    expect(await decided(literal, write, {})).toBe('granted');
    expect(await decided(literal, write, READER)).toBe('no_grant');
    expect(await decided(literal, write, { roles: [{ role: 'rol_reader', scope: 'doc:a' }] })).toBe('granted');
    expect(await decided(literal, write, { roles: [{ role: 'rol_none', scope: 'org' }] })).toBe('granted');
    const before = { default_role: true, outcome: 'applies' };
    expect((await explained(literal, { action: 'write' })).grants).toMatchObject([before]);
    expect((await explained(literal, { action: 'write', options: READER })).grants).toEqual([]);
  });

  it('brings the denies of what it bundles, inherited ones too', async () => {
    const literal: RowsLiteral = {
      policies: { no: { privileges: ['read'], effect: 'deny' } },
      roles: { ...ROLES, base: { policies: ['no'] }, child: { inherits: ['base'] } },
      assignments: [['user:ann', 'reader', 'org']],
    };
    expect(await decided(literal, {}, { roles: [{ role: 'rol_child', scope: 'org' }] })).toBe('denied_by_policy');
  });

  it('enters what is restricted only if it reaches it, or lies on it', async () => {
    const literal: RowsLiteral = {
      roles: { ...ROLES, guard: { privileges: ['read'], reachesRestricted: true } },
      resources: { 'doc:a': { restricted: true } },
    };
    const asked = { resource: entityOf('doc:a') };
    expect(await decided(literal, asked, READER)).toBe('restricted');
    expect(await decided(literal, asked, { roles: [{ role: 'rol_guard', scope: 'org' }] })).toBe('granted');
    expect(await decided(literal, asked, { roles: [{ role: 'rol_reader', scope: 'doc:a' }] })).toBe('granted');
  });

  it('of a project counts where it is given, as its row does', async () => {
    const literal: RowsLiteral = {
      roles: { lead: { privileges: ['read'], project: 'p' } },
      resources: { 'project:p': {}, 'project:q': {} },
    };
    for (const scope of ['project:p', 'project:q', 'org']) {
      const roles = [{ role: 'rol_lead', scope }];
      for (const resource of [entityOf('project:p'), entityOf('project:q'), undefined]) {
        const byToken = await decided(literal, { resource }, { roles });
        expect(byToken, `${scope} ${resource?.id}`).toBe(
          await decided({ ...literal, assignments: [['user:ann', 'lead', scope]] }, { resource }, {}),
        );
      }
    }
  });

  it('helps no suspended subject, and no subject of type `group`', async () => {
    const options: CheckOptions = { ...READER, groups: ['grp_staff'] };
    const literal: RowsLiteral = { roles: ROLES, groups: { staff: [] }, assignments: [['group:staff', 'reader', 'org']] };
    expect(await decided({ ...literal, subjects: { 'user:ann': { suspended: true } } }, {}, options)).toBe('subject_suspended');
    expect(await decided(literal, of('group:grp_staff'), options)).toBe('no_grant');
  });

  it('is shown with `as: token`, and what is offered beside it is what is missing still', async () => {
    const literal: RowsLiteral = { roles: ROLES, policies: { writing: { privileges: ['write'] } } };
    const { grants, decision } = await explained(literal, { options: READER });
    expect([decision, grants.map(told), grants[0]?.as]).toEqual([true, ['allow applies: user:ann has reader at org'], 'token']);
    const { near_misses } = await explained(literal, { action: 'write', options: READER });
    expect(near_misses.map(({ assignment }) => assignment.policy)).toEqual(['writing']);
  });

  it('is left to what is denied with it: what is offered is tried with the token', async () => {
    const literal: RowsLiteral = {
      policies: { no: { privileges: ['read'], effect: 'deny' } },
      roles: { ...ROLES, banned: { policies: ['no'] } },
    };
    const { blocked_by, near_misses } = await explained(literal, { options: { roles: [{ role: 'rol_banned', scope: 'org' }] } });
    expect([blocked_by, near_misses]).toEqual(['denied_by_policy', []]);
  });

  it('stands beside what is assumed', async () => {
    const literal: RowsLiteral = { roles: { ...ROLES, writer: { privileges: ['write'] } } };
    const assume = [{ principal: 'user:ann', target: 'rol_writer', scope: 'org', notBefore: null, expiresAt: null }];
    const { snapshot, pieces } = await snapshotOf(rows({ privileges: { read: {}, write: {} }, ...literal }));
    for (const name of ['read', 'write']) {
      expect(ask(snapshot, pieces, { ...of('user:ann'), action: { name } }, NOW, { ...READER, assume }).reason).toBe('granted');
    }
  });
});

describe('groups by token', () => {
  const literal: RowsLiteral = {
    roles: { ...ROLES, member: { privileges: ['write'] } },
    groups: { staff: [], all: ['group:staff'] },
    resources: { 'doc:a': { owners: ['group:staff'] } },
    settings: { default_role: 'member' },
    assignments: [
      ['group:all', 'reader', 'org'],
      ['group:everyone', 'member', 'org'],
      ['group:owner', 'member', 'org'],
    ],
  };
  const options: CheckOptions = { groups: ['grp_staff', 'grp_none'] };

  it('are groups of a subject that is not registered, which they do not register', async () => {
    expect(await decided(literal, {}, options)).toBe('granted');
    expect(await decided(literal, { action: { name: 'write' } }, options)).toBe('no_grant');
    expect(await decided(literal, { action: { name: 'write' }, resource: entityOf('doc:a') }, options)).toBe('granted');
  });

  it('are nothing to a suspended subject, to a subject of type `group`, and to nobody', async () => {
    expect(await decided({ ...literal, subjects: { 'user:ann': { suspended: true } } }, {}, options)).toBe('subject_suspended');
    for (const subject of ['group:grp_staff', 'group:everyone', NOBODY])
      expect(await decided(literal, of(subject), options)).toBe('no_grant');
  });
});

describe('nobody', () => {
  const literal: RowsLiteral = {
    policies: { named: { privileges: ['write'], condition: "subject.type == '' && subject.id == '' && size(subject.properties) == 0" } },
    roles: ROLES,
    assignments: [
      ['group:anyone', 'reader', 'doc:open'],
      ['group:anyone', 'named', 'org'],
      ['group:everyone', 'reader', 'org'],
    ],
    settings: { default_role: 'reader' },
  };

  it('has what anyone has, and conditions see an empty type and id', async () => {
    expect(await decided(literal, { subject: NOBODY, resource: entityOf('doc:open') }, {})).toBe('granted');
    expect(await decided(literal, { subject: NOBODY, resource: entityOf('doc:shut') }, {})).toBe('no_grant');
    expect(await decided(literal, { subject: NOBODY, action: { name: 'write' } }, {})).toBe('granted');
  });

  it('is offered no assignment', async () => {
    const { blocked_by, near_misses, principals } = await explainedNobody(literal);
    expect([blocked_by, near_misses, principals.map(({ principal }) => principal)]).toEqual(['no_subject', [], ['group:anyone']]);
  });

  it('is not made somebody by rows that were typed by hand', async () => {
    const base = rows({ privileges: { read: {}, write: {} }, ...literal, resources: { 'doc:mine': {} } });
    for (const status of ['active', 'suspended'] as const) {
      const typed: OrganizationRows = {
        ...base,
        subjects: [...base.subjects, { subject: ':', status, properties: '{"age": 9}' }],
        resource_owners: [{ resource: 'doc:mine', owner: ':', kind: '' }],
        assignments: [...base.assignments, { ...base.assignments[2]!, id: 'asg_typed', principal: ':' }],
      };
      const pieces = new MemoryPieces();
      const compiled = (await memoryCompiler(new MemoryReader(typed), pieces).compile(null, true))!;
      expect(compiled.problems.flatMap(({ problems }) => problems.map(({ code }) => code)).sort()).toEqual([
        'malformed_owner',
        'malformed_principal',
        'malformed_subject',
      ]);
      const snapshot = openSnapshot(pieces, compiled.manifest);
      for (const name of ['read', 'write']) {
        for (const resource of [undefined, 'doc:open', 'doc:shut', 'doc:mine'].map((key) => key && entityOf(key))) {
          const request = { subject: NOBODY, action: { name }, ...(resource ? { resource } : {}) };
          const expected = oracle(base, request, NOW);
          expect(ask(snapshot, pieces, request, NOW)).toEqual(expected);
          expect(oracle(typed, request, NOW)).toEqual(expected);
        }
      }
    }
  });

  it('has no membership: one that was typed by hand stops the publish', async () => {
    const base = rows({ privileges: { read: {} }, roles: ROLES, groups: { staff: [] }, assignments: [['group:staff', 'reader', 'org']] });
    const subjects = [{ subject: ':', status: 'active' as const, properties: '{}' }];
    const typed: OrganizationRows = { ...base, subjects, memberships: [{ group_id: 'grp_staff', member: ':' }] };
    await expect(memoryCompiler(new MemoryReader(typed), new MemoryPieces()).compile(null, true)).rejects.toThrow(Unpublishable);
    expect(oracle(typed, { subject: NOBODY, action: { name: 'read' } }, NOW).reason).toBe('no_grant');
  });
});

async function explainedNobody(literal: RowsLiteral) {
  const opened = await snapshotOf(rows({ privileges: { read: {}, write: {} }, ...literal }));
  return askWhy(opened, { subject: NOBODY, action: { name: 'read' } }, NOW);
}
