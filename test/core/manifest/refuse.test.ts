import { describe, expect, it } from 'vitest';
import { CASES, chain, P } from './refused.ts';
import { organization, placesOf, problemsOf, refusal, resolved } from './support.ts';

describe('a manifest is refused, with code and place, for', () => {
  it.each(CASES)('%s', (_, document, expected) => {
    expect(placesOf({ bitgate: 1, ...document }, organization())).toEqual(expected);
  });

  it('another version, no version, and anything but an object', () => {
    expect(placesOf({ bitgate: 2 })).toEqual(['invalid_value bitgate']);
    expect(placesOf({})).toEqual(['missing_key bitgate']);
    expect(placesOf([])).toEqual(['wrong_type ']);
    expect(placesOf(null)).toEqual(['wrong_type ']);
  });

  it('no chain of 32 groups, nor of 32 ancestors', () => {
    const groups = chain(32, (i) => ({ name: `g${i}`, members: i === 31 ? [] : [`group:g${i + 1}`] }));
    const resources = chain(32, (i) => ({ type: 'd', id: `${i}`, parents: [`d:${i + 1}`] }));
    expect(resolved({ bitgate: 1, groups, resources }).groups).toHaveLength(32);
  });

  it('too many privileges', () => {
    const privileges = chain(65_536, (i) => ({ name: `p${i}` }));
    expect(placesOf({ bitgate: 1, catalog: { privileges } })).toEqual(['too_many catalog.privileges']);
    expect(placesOf({ bitgate: 1, catalog: { privileges: privileges.slice(1) } }, organization())).toEqual(['too_many catalog.privileges']);
  });
});

describe('a refusal', () => {
  it('names everything that is wrong at once, sorted by place', () => {
    const document = {
      bitgate: 1,
      rolls: 1,
      policies: [{ name: 'P', privileges: ['nope'], condition: 'a +' }],
      roles: [
        { name: 'A', policies: ['P', 'Q'], inherits: ['A'] },
        { name: 'a', extra: true },
      ],
      assignments: [{ subject: 'user:x', role: 'B', scope: 'org', expires_at: 'never' }],
    };
    expect(placesOf(document)).toEqual([
      'invalid_time assignments[0].expires_at',
      'unknown_role assignments[0].role',
      'invalid_condition policies[0].condition',
      'unknown_privilege policies[0].privileges[0]',
      'cycle roles[0].inherits[0]',
      'unknown_policy roles[0].policies[1]',
      'unknown_key roles[1].extra',
      'duplicate_name roles[1].name',
      'unknown_key rolls',
    ]);
  });

  it('gives a cycle with its path', () => {
    const roles = [
      { name: 'A', inherits: ['B'] },
      { name: 'B', inherits: ['C'] },
      { name: 'C', inherits: ['A'] },
    ];
    expect(problemsOf({ bitgate: 1, roles })[0]?.message).toBe('roles inherit in a cycle: `A` → `B` → `C` → `A`');
    const groups = [
      { name: 'a', members: ['group:b'] },
      { name: 'b', members: ['group:a'] },
    ];
    expect(problemsOf({ bitgate: 1, groups })[0]?.message).toBe('groups hold each other in a cycle: `a` → `b` → `a`');
  });

  it('gives the position within a condition', () => {
    const [problem] = problemsOf({ bitgate: 1, policies: [{ ...P, condition: 'true &&\n  )' }] });
    expect(problem?.position).toMatchObject({ line: 2, column: 3, offset: 10 });
  });

  it('asks whether a name in another letter case was meant', () => {
    const document = {
      bitgate: 1,
      roles: [{ name: 'Data Scientist' }],
      assignments: [{ subject: 'u:1', role: 'data scientist', scope: 'org' }],
    };
    expect(problemsOf(document)[0]?.message).toBe('there is no role `data scientist`: is `Data Scientist` meant');
  });

  it('stays readable however much is wrong', () => {
    const policies = chain(3_000, (i) => ({ name: `P${i}`, privileges: ['nope'] }));
    const error = refusal(() => resolved({ bitgate: 1, policies }));
    expect(error.details?.count).toBe(3_000);
    expect(error.details?.problems).toHaveLength(1_000);
  });

  it('comes in time for a chain of 100,000 and for everything in one cycle', () => {
    const resources = chain(100_000, (i) => ({ type: 'd', id: `${i}`, parents: [`d:${(i + 1) % 100_000}`] }));
    expect(placesOf({ bitgate: 1, resources })).toEqual(['cycle resources[99999].parents[0]']);
  });
});
