/** SEC-09: numbers at the edges of 16 and 32 bits. Nothing is cut off: it is held whole, or refused. */
import { describe, expect, it } from 'vitest';
import { Catalog } from '../../../src/core/snapshot/catalog.ts';
import { CODECS } from '../../../src/core/snapshot/codec.ts';
import { encodeCatalog } from '../../../src/core/snapshot/encode-catalog.ts';
import type { CatalogModel, GrantModel, PrincipalEntry } from '../../../src/core/snapshot/model.ts';
import { PrincipalLeaf } from '../../../src/core/snapshot/principal-leaf.ts';
import { Rows, RowWriter } from '../../../src/core/snapshot/rows.ts';
import { SectionReader, writeSections } from '../../../src/core/snapshot/sections.ts';
import { randomFrom } from '../../properties/random.ts';
import { SAMPLE_CATALOG } from './samples.ts';

const EDGES = [65_535, 65_536, 65_537];

/** `prefix` and numbers that sort as they count. */
const names = (prefix: string, count: number): string[] => Array.from({ length: count }, (_, i) => prefix + String(i).padStart(6, '0'));

function grant(target: string, scope: string): GrantModel {
  return { target, scope, notBefore: null, expiresAt: null };
}

function subject(key: string, given: Partial<PrincipalEntry>): PrincipalEntry {
  return { key, registered: true, suspended: false, suspendedFrom: null, grants: [], groups: [], properties: '', ...given };
}

const EMPTY: CatalogModel = { privileges: [], roles: [], policies: [], groups: [], conditions: [], settings: '{}', routes: '[]' };

describe('SEC-09 a principal leaf', () => {
  it.each(EDGES)('holds %i scopes', (count) => {
    const entry = subject('user:a', { grants: names('doc:', count).map((scope) => grant('r', scope)) });
    const leaf = new PrincipalLeaf(CODECS.principals.encode([entry]));
    expect(leaf.entry(0)).toEqual(entry);
    expect(leaf.grantScopes instanceof Uint32Array).toBe(count > 65_535);
    const last = leaf.scopes.indexOf(`doc:${String(count - 1).padStart(6, '0')}`);
    expect(leaf.grantScopes[count - 1]).toBe(last);
    expect(last).toBe(count - 1);
  });

  it.each(EDGES)('holds %i targets', (count) => {
    const entry = subject('user:a', { grants: names('rol_', count).map((target) => grant(target, 'org')) });
    expect(CODECS.principals.decode(CODECS.principals.encode([entry]))).toEqual([entry]);
  });

  it.each(EDGES)('holds %i groups', (count) => {
    const entry = subject('user:a', { groups: names('grp_', count) });
    expect(CODECS.principals.decode(CODECS.principals.encode([entry]))).toEqual([entry]);
  });

  it.each(EDGES)('holds a subject behind %i others, with window, end and properties', (count) => {
    const window = { target: 'r', scope: 'org', notBefore: 2 ** 31, expiresAt: 2 ** 32 };
    const last = subject('user:z', { suspendedFrom: 2 ** 53 - 1, grants: [window], groups: ['g'], properties: '{"a":1}' });
    const leaf = new PrincipalLeaf(
      CODECS.principals.encode([...names('user:', count).map((key) => subject(key, { grants: [grant('r', 'org')] })), last]),
    );
    expect(leaf.entry(leaf.keys.indexOf('user:z'))).toEqual(last);
    expect(leaf.windowAt(count, 2 ** 31 - 1)).toBe(-1);
    expect(leaf.windowAt(count, 2 ** 31)).toBe(0);
    expect(leaf.windowAt(count, 2 ** 32)).toBe(1);
    expect(leaf.suspendedAt(count, 2 ** 53 - 1)).toBe(true);
  });
});

describe('SEC-09 a resource leaf', () => {
  it.each(EDGES)('holds %i parents and owners', (count) => {
    const owners = names('user:', count).map((principal) => ({ principal, kind: '' }));
    const entry = { key: 'doc:a', restricted: false, parents: names('doc:', count), owners, properties: '' };
    expect(CODECS.resources.decode(CODECS.resources.encode([entry]))).toEqual([entry]);
  });
});

describe('SEC-09 a catalog', () => {
  const privileges = (count: number): CatalogModel['privileges'] =>
    names('p', count).map((name, i) => ({ name, org: true, project: true, types: i === count - 1 ? ['doc'] : [], impliesAll: false }));
  const role = { ...SAMPLE_CATALOG.roles[0]!, special: [], policies: [], inline: [], deny: [] };

  it.each([2 ** 5 - 1, 2 ** 5, 2 ** 5 + 1, 2 ** 16 - 1])('tells each of %i bits from its neighbours, in lists and in bitsets', (count) => {
    const edges = [0, 30, 31, 32, 33, count - 2, count - 1].filter((bit) => bit < count);
    const many = Array.from({ length: count - 1 }, (_, bit) => bit);
    const roles = [
      { ...role, id: 'rol_list', allow: [count - 1] },
      { ...role, id: 'rol_set', allow: many },
    ];
    const catalog = new Catalog(encodeCatalog({ ...EMPTY, privileges: privileges(count), roles }));
    for (const bit of edges) {
      expect(catalog.roleAllows(0, bit, false, true), `list, ${bit}`).toBe(bit === count - 1);
      expect(catalog.roleAllows(1, bit, false, true), `set, ${bit}`).toBe(bit < count - 1);
    }
    expect(catalog.privilegeBit(`p${String(count - 1).padStart(6, '0')}`, true, 'doc')).toBe(count - 1);
    expect(catalog.privilegeBit(`p${String(count - 1).padStart(6, '0')}`, true, 'other')).toBe(-1);
  });

  it('holds 65,535 roles, policies and groups', () => {
    const ids = (prefix: string): string[] => names(prefix, 65_535);
    const policy = { ...SAMPLE_CATALOG.policies[1]!, active: true, bits: [0], named: [0], types: [], condition: -1 };
    const policies = ids('pol_').map((id) => ({ ...policy, id }));
    const roles = ids('rol_').map((id) => ({ ...role, id, allow: [], special: [65_534], inherits: [65_534] }));
    const groups = ids('grp_').map((id) => ({ id, name: id, above: [65_534] }));
    const catalog = new Catalog(encodeCatalog({ ...EMPTY, privileges: privileges(1), policies, roles, groups }));
    expect(catalog.target('rol_065534')).toBe(65_534);
    expect(catalog.target('pol_000000')).toBe(65_535);
    expect(catalog.target('pol_065534')).toBe(65_535 + 65_534);
    expect(catalog.target('pol_065535')).toBe(-1);
    expect([...catalog.rows.list(catalog.roleSpecial(65_534))]).toEqual([65_534]);
    expect([...catalog.rows.list(catalog.groupsAbove[0]!)]).toEqual([65_534]);
    expect(catalog.deniesNothing(65_535 + 65_534)).toBe(false);
  });

  it('holds more than 65,536 projects', () => {
    const projects = names('', 130_001);
    const roles = names('rol_', 65_535).map((id, i) => ({ ...role, id, allow: [], project: projects[i]! }));
    const policy = { ...SAMPLE_CATALOG.policies[1]!, types: [], bits: [], named: [] };
    const policies = names('pol_', 65_535).map((id, i) => ({ ...policy, id, project: projects[Math.min(65_535 + i, 130_000)]! }));
    const model = new Catalog(encodeCatalog({ ...EMPTY, roles, policies })).model();
    expect(model.roles.every((one, i) => one.project === projects[i])).toBe(true);
    expect(model.policies[1]!.project).toBe('065536');
    expect(model.policies[64_000]!.project).toBe('129535');
  });

  it('refuses more of anything than 16 bits can name', () => {
    const over = (what: string): RegExp => new RegExp(`65536 ${what} don't fit`);
    expect(() => encodeCatalog({ ...EMPTY, privileges: privileges(65_536) })).toThrow(over('privileges'));
    const types = names('t', 65_536);
    const policy = { ...SAMPLE_CATALOG.policies[1]!, bits: [], named: [], types: [] };
    // 16 bits would make type 65,536 type 0: a deny for it would hold on another type instead
    expect(() => encodeCatalog({ ...EMPTY, policies: [{ ...policy, types }] })).toThrow(over('types'));
    const fits = new Catalog(
      encodeCatalog({
        ...EMPTY,
        policies: [
          { ...policy, types: types.slice(1) },
          { ...policy, id: 'pol_c', types: ['t065535'] },
        ],
      }),
    );
    expect(fits.policyTypeHolds(1, 't065535')).toBe(true);
    expect(fits.policyTypeHolds(1, 't000001')).toBe(false);
    const groups = names('grp_', 65_536).map((id) => ({ id, name: '', above: [] }));
    expect(() => encodeCatalog({ ...EMPTY, groups })).toThrow(over('groups'));
    expect(() => encodeCatalog({ ...EMPTY, roles: names('r', 65_536).map((id) => ({ ...role, id, allow: [] })) })).toThrow(over('roles'));
    expect(() => encodeCatalog({ ...EMPTY, policies: names('p', 65_536).map((id) => ({ ...policy, id })) })).toThrow(over('policies'));
    expect(() => encodeCatalog({ ...EMPTY, conditions: names('c', 65_536) })).toThrow(over('conditions'));
  });
});

describe('SEC-01 rows that are stored once', () => {
  it('are one iff they are equal sets: all pairs of 40,000 random sets', () => {
    const random = randomFrom(1);
    const universe = 130;
    const writer = new RowWriter(universe);
    const references = new Map<number, string>();
    const byItems = new Map<string, number>();
    for (let n = 0; n < 40_000; n++) {
      // digits run together: 1, 11 and 111 must not be taken for one another
      const numbers = random.chance(0.5) ? [1, 2, 11, 12, 21, 22, 111, 112, 121] : Array.from({ length: universe }, (_, i) => i);
      const items = random.some(numbers, random.pick([0.02, 0.1, 0.5, 0.95]));
      const reference = writer.bits(items);
      const shown = items.map((item) => `<${item}>`).join('');
      expect(references.get(reference) ?? shown).toBe(shown);
      expect(byItems.get(shown) ?? reference).toBe(reference);
      references.set(reference, shown);
      byItems.set(shown, reference);
    }
    const rows = new Rows('catalog', new SectionReader('catalog', writeSections('catalog', writer.sections()), 3), universe);
    for (const [reference, shown] of references)
      expect(
        rows
          .items(reference)
          .map((item) => `<${item}>`)
          .join(''),
      ).toBe(shown);
  });
});
