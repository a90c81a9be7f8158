/** Random entries and catalogs, valid as the compiler makes them, named so that whatever confuses two texts shows itself. */
import fc from 'fast-check';
import { compareCodePoints } from '../../../src/core/sets/compare.ts';
import type {
  CatalogModel,
  GrantModel,
  GroupModel,
  KeyEntry,
  PolicyModel,
  PrincipalEntry,
  PrivilegeModel,
  ResourceEntry,
  RoleModel,
} from '../../../src/core/snapshot/model.ts';

/** Separators, prefixes, NUL, two normal forms of one letter, Latin-1, the last of the basic plane beside the first beyond it. */
const CONFUSABLE = [
  'a',
  'a:',
  'a:b',
  'a,b',
  'a|b',
  'a/b',
  'a#b',
  'a\0',
  'a\0b',
  '\0',
  'ab',
  'A',
  ' a',
  '"',
  'é',
  'Ã©',
  'e\u0301',
  '\uffff',
  '\u{10000}',
];
const LONG = ['x'.repeat(5_000), `${'x'.repeat(4_999)}y`, '\u{1f600}'.repeat(2_100), `${'é'.repeat(4_097)}a`];

/** Well-formed text. */
export const text = fc.oneof(
  { arbitrary: fc.constantFrom(...CONFUSABLE), weight: 6 },
  { arbitrary: fc.string({ unit: 'binary', maxLength: 6 }), weight: 3 },
  { arbitrary: fc.constantFrom(...LONG), weight: 1 },
);

export const ref = fc.tuple(fc.constantFrom('user', 'us', 'doc', 'group', 'a/b,c', 'é'), text).map(([type, id]) => `${type}:${id}`);

const time = fc.option(
  fc.oneof(fc.integer(), fc.maxSafeInteger(), fc.constantFrom(0, -1, 2 ** 31, 2 ** 32, 2 ** 53 - 1)).map((ms) => ms + 0),
  {
    nil: null,
  },
);
const scope = fc.oneof(fc.constant('org'), ref);
const properties = fc.oneof(
  fc.constant(''),
  fc.dictionary(text, text, { minKeys: 1, maxKeys: 2 }).map((object) => JSON.stringify(object)),
);

function sortedSet(items: fc.Arbitrary<string>, maxLength: number): fc.Arbitrary<string[]> {
  return fc.uniqueArray(items, { maxLength }).map((texts) => texts.sort(compareCodePoints));
}

function inKeyOrder<Entry extends { readonly key: string }>(entry: fc.Arbitrary<Entry>, maxLength = 8): fc.Arbitrary<Entry[]> {
  return fc
    .uniqueArray(entry, { maxLength, selector: ({ key }) => key })
    .map((entries) => entries.sort((a, b) => compareCodePoints(a.key, b.key)));
}

const grant: fc.Arbitrary<GrantModel> = fc.record({ target: text, scope, notBefore: time, expiresAt: time });
const principal: fc.Arbitrary<PrincipalEntry> = fc.record({
  key: ref,
  registered: fc.boolean(),
  suspended: fc.boolean(),
  suspendedFrom: time,
  grants: fc
    .uniqueArray(grant, { maxLength: 6, selector: (one) => JSON.stringify(one) })
    .map((grants) => grants.sort((a, b) => compareCodePoints(a.scope, b.scope) || compareCodePoints(a.target, b.target))),
  groups: sortedSet(text, 4),
  properties,
});
export const principals = inKeyOrder(principal);

const resource: fc.Arbitrary<ResourceEntry> = fc.record({
  key: ref,
  restricted: fc.boolean(),
  parents: sortedSet(ref, 4),
  owners: fc.array(fc.record({ principal: ref, kind: text }), { maxLength: 4 }),
  properties,
});
export const resources = inKeyOrder(resource);

const hash = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(''));
const previous = fc.oneof(fc.constant({ previousHash: null, previousUntil: null }), fc.record({ previousHash: hash, previousUntil: time }));
const apiKey: fc.Arbitrary<KeyEntry> = fc
  .tuple(
    fc.record({
      key: text,
      hash,
      disabled: fc.boolean(),
      expiresAt: time,
      project: text,
      forwardAuth: fc.constantFrom('', 'nginx', 'forwarded', 'envoy'),
    }),
    previous,
  )
  .map(([key, before]) => ({ ...key, ...before }));
export const keys = inKeyOrder(apiKey);

function indices(count: number): fc.Arbitrary<number[]> {
  if (count === 0) return fc.constant([]);
  return fc.uniqueArray(fc.nat(count - 1), { maxLength: Math.min(count, 40) }).map((items) => items.sort((a, b) => a - b));
}

function byId<Item extends { readonly id: string }>(count: number, make: (id: string) => fc.Arbitrary<Item>): fc.Arbitrary<Item[]> {
  return fc.uniqueArray(text, { minLength: count, maxLength: count }).chain((ids) => fc.tuple(...ids.sort(compareCodePoints).map(make)));
}

interface Counts {
  readonly bits: number;
  readonly conditions: number;
  readonly policies: number;
  readonly roles: number;
  readonly groups: number;
}

const project = fc.constantFrom('', 'p', 'a,b');
const types = sortedSet(text, 3);

function policies(counts: Counts): fc.Arbitrary<PolicyModel[]> {
  return byId(counts.policies, (id) =>
    fc.record({
      id: fc.constant(id),
      project,
      name: text,
      effect: fc.constantFrom('allow', 'deny'),
      active: fc.boolean(),
      bits: indices(counts.bits),
      named: indices(counts.bits),
      types,
      condition: fc.integer({ min: -1, max: counts.conditions - 1 }),
    }),
  );
}

function roles(counts: Counts): fc.Arbitrary<RoleModel[]> {
  return byId(counts.roles, (id) =>
    fc.record({
      id: fc.constant(id),
      project,
      name: text,
      all: fc.boolean(),
      reachesRestricted: fc.boolean(),
      allow: indices(counts.bits),
      deny: indices(counts.bits),
      inline: indices(counts.bits),
      special: indices(counts.policies),
      policies: indices(counts.policies),
      inherits: indices(counts.roles),
    }),
  );
}

function groups(counts: Counts): fc.Arbitrary<GroupModel[]> {
  return byId(counts.groups, (id) => fc.record({ id: fc.constant(id), name: text, above: indices(counts.groups) }));
}

/** Names, some of them with one entry at each level. */
function privileges(names: readonly string[]): fc.Arbitrary<PrivilegeModel[]> {
  const flags = fc.record({ twice: fc.boolean(), org: fc.boolean(), project: fc.boolean(), impliesAll: fc.boolean(), types });
  return fc.tuple(...names.map(() => flags)).map((all) =>
    all.flatMap(({ twice, ...one }, i): PrivilegeModel[] => {
      const entry = { name: names[i]!, ...one };
      return twice
        ? [
            { ...entry, org: true, project: false },
            { ...entry, org: false, project: true },
          ]
        : [entry];
    }),
  );
}

export const catalog: fc.Arbitrary<CatalogModel> = fc
  .tuple(
    sortedSet(
      fc.oneof(
        text,
        fc.integer({ min: 0, max: 99 }).map((n) => `p${n}`),
      ),
      70,
    ).chain(privileges),
    sortedSet(text, 3),
    fc.record({ policies: fc.nat(5), roles: fc.nat(5), groups: fc.nat(4) }),
  )
  .chain(([entries, conditions, sizes]) => {
    const counts = { ...sizes, bits: entries.length, conditions: conditions.length };
    return fc.record({
      privileges: fc.constant(entries),
      roles: roles(counts),
      policies: policies(counts),
      groups: groups(counts),
      conditions: fc.constant(conditions),
      settings: fc.constantFrom('{}', '{"closed_types":["é"],"default_role":"a"}'),
      routes: fc.constantFrom('[]', '[{"path":"/é"}]'),
    });
  });
