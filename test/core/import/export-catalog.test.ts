/** The order in which an export can be imported from top to bottom. */
import { describe, expect, it } from 'vitest';
import { catalogItems, dependenciesFirst } from '../../../src/pap/import/export-catalog.ts';

const sorted = (needs: Readonly<Record<string, readonly string[]>>): string =>
  dependenciesFirst(Object.keys(needs), (item) => needs[item] ?? []).join('');

describe('dependencies', () => {
  it.each([
    [{ a: [], b: [] }, 'ab'],
    [{ a: ['b'], b: ['c'], c: [] }, 'cba'],
    [{ a: ['c', 'b'], b: [], c: ['d'], d: [] }, 'dcba'],
    [{ a: ['b'], b: ['c'], c: ['a'] }, 'cba'],
    [{ a: ['a'] }, 'a'],
  ])('come first, and each item once: %o', (needs, order) => {
    expect(sorted(needs)).toBe(order);
  });

  it('may be as deep as they like', () => {
    const chain = Array.from({ length: 50_000 }, (_, i) => i);
    expect(dependenciesFirst(chain, (i) => (i + 1 < chain.length ? [i + 1] : []))).toEqual(chain.toReversed());
  });
});

describe('the catalog of an export', () => {
  it('names nothing before its line', () => {
    const items = catalogItems({
      bitgate: 1,
      catalog: { privileges: [{ name: 'a', implies: ['b'] }, { name: 'b' }] },
      groups: [{ name: 'g', members: ['group:h'] }, { name: 'h' }],
      projects: [{ id: 'p', owners: [{ subject: 'group:g' }], roles: [{ name: 'B', inherits: ['C', 'R'] }, { name: 'C' }] }],
      policies: [{ name: 'P', privileges: ['a'] }],
      roles: [
        { name: 'Q', inherits: ['R'] },
        { name: 'R', policies: ['P'] },
      ],
    });
    expect(
      items.map((item) => `${item.kind} ${'name' in item ? item.name : 'member' in item ? item.member : 'id' in item ? item.id : ''}`),
    ).toEqual([
      'privilege b',
      'privilege a',
      'group g',
      'group h',
      'membership group:h',
      'project p',
      'policy P',
      'role R',
      'role Q',
      'role C',
      'role B',
    ]);
  });
});
