/** What is offered against a deny: the smallest assignments, in their order, and where none can help. */
import { describe, expect, it } from 'vitest';
import type { RowsLiteral } from '../../scenarios/rows.ts';
import { explained } from './explained.ts';

const owner = { owner: { all: true, reachesRestricted: true } };

const offered = async (literal: RowsLiteral, asked: Parameters<typeof explained>[1] = {}): Promise<string[]> => {
  const { near_misses, blocked_by } = await explained({ ...literal, roles: { ...literal.roles, ...owner } }, asked);
  if (blocked_by !== null) return [blocked_by];
  return near_misses.map(({ assignment: { role, policy, scope }, privileges }) => `${role ?? policy} at ${scope}, ${privileges}`);
};

describe('near misses', () => {
  it('are ordered by how much they give, at the narrowest scope, owners last', async () => {
    expect(
      await offered(
        {
          policies: { reading: { privileges: ['read'] }, writing: { privileges: ['write'] } },
          roles: { both: { privileges: ['read', 'write'] }, read: { policies: ['reading'] } },
          resources: { 'doc:a': { parents: ['project:p'], restricted: true }, 'project:p': {} },
        },
        { limits: { nearMisses: 4 } },
      ),
    ).toEqual(['read at doc:a, 1', 'reading at doc:a, 1', 'both at doc:a, 2', 'owner at doc:a, 2']);
  });

  it('are at most three, or as many as are wanted', async () => {
    const roles = Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`r${i}`, { privileges: ['read'] }]));
    expect(await offered({ roles })).toHaveLength(3);
    expect(await offered({ roles }, { limits: { nearMisses: 2 } })).toHaveLength(2);
  });

  it('leave out what a condition or a type would keep from holding, and what is off', async () => {
    const conditional = (condition: string) => ({ privileges: ['read'], condition });
    expect(
      await offered(
        {
          policies: {
            yes: conditional('context.x == 1'),
            no: conditional('context.x == 2'),
            wrong: conditional('context.none == 1'),
            sheets: { privileges: ['read'], types: ['sheet'] },
            off: { privileges: ['read'], state: 'DRAFT' },
          },
        },
        { context: { x: 1 } },
      ),
    ).toEqual(['yes at doc:a, 1', 'owner at doc:a, 2']);
  });

  it('leave out what would be denied with it', async () => {
    const literal: RowsLiteral = {
      policies: { never: { effect: 'deny', privileges: ['read'] } },
      roles: { trap: { privileges: ['read'], policies: ['never'] } },
    };
    expect(await offered(literal)).toEqual(['owner at doc:a, 2']);
  });

  it('are of a project’s own roles there, and at registered resources below it only', async () => {
    const roles = { own: { privileges: ['read'], project: 'p' }, others: { privileges: ['read'], project: 'q' } };
    const resources = { 'doc:a': { parents: ['project:p'] }, 'project:p': {}, 'project:q': {} };
    expect(await offered({ roles, resources })).toEqual(['p/own at doc:a, 1', 'owner at doc:a, 2']);
    const resource = { type: 'doc', id: 'x', properties: { project: 'p' } };
    expect(await offered({ roles, resources }, { resource })).toEqual(['p/own at project:p, 1', 'owner at doc:x, 2']);
  });

  it('are at the organization where only that reaches: a privilege that implies every project’s', async () => {
    const literal: RowsLiteral = {
      privileges: { read: { levels: 'project' }, run: { levels: 'org', impliesAll: true } },
      roles: { runner: { privileges: ['run'] } },
      resources: { 'doc:a': { parents: ['project:p'] }, 'project:p': {} },
    };
    expect(await offered(literal)).toEqual(['owner at doc:a, 2', 'runner at org, 2']);
  });

  it('overcome a deny of the default role by a role in its place, and no other deny', async () => {
    const never = { never: { effect: 'deny' as const, privileges: ['read'] } };
    const byDefault: RowsLiteral = {
      policies: never,
      roles: { guest: { policies: ['never'] } },
      subjects: { 'user:ann': {} },
      settings: { default_role: 'guest' },
    };
    expect(await offered(byDefault)).toEqual(['owner at org, 2']);
    expect(await offered({ ...byDefault, assignments: [['group:anyone', 'never', 'org']] })).toEqual(['denied_by_policy']);
  });

  it('are roles at the organization when being registered brings a default role that denies, however many policies come first', async () => {
    const many = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`p${i}`, { privileges: ['read'] }]));
    const literal: RowsLiteral = {
      policies: { never: { effect: 'deny', privileges: ['read'] }, ...many },
      roles: { guest: { policies: ['never'] } },
      settings: { default_role: 'guest' },
    };
    expect(await offered(literal, { subject: 'user:new' })).toEqual(['owner at org, 2']);
  });

  it('are none when being registered is what would deny', async () => {
    const literal: RowsLiteral = {
      policies: { never: { effect: 'deny', privileges: ['read'] } },
      assignments: [['group:everyone', 'never', 'org']],
    };
    expect(await offered(literal, { subject: 'user:new' })).toEqual(['denied_by_policy']);
  });

  it('are found beyond many that fail', async () => {
    const roles = Object.fromEntries(Array.from({ length: 120 }, (_, i) => [`r${i}`, { policies: ['no'] }]));
    expect(await offered({ policies: { no: { privileges: ['read'], condition: 'false' } }, roles })).toEqual(['owner at doc:a, 2']);
  });
});
