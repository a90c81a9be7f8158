/** One small piece of every kind, with something in every section, and how each is opened and read to its end. */
import { Catalog } from '../../../src/core/snapshot/catalog.ts';
import { CODECS } from '../../../src/core/snapshot/codec.ts';
import { encodeCatalog } from '../../../src/core/snapshot/encode-catalog.ts';
import { encodeManifest, Manifest } from '../../../src/core/snapshot/manifest.ts';
import type { CatalogModel, PrivilegeModel } from '../../../src/core/snapshot/model.ts';
import type { PieceKind } from '../../../src/core/snapshot/sections.ts';

function privilege(name: string, given: Partial<PrivilegeModel> = {}): PrivilegeModel {
  return { name, org: true, project: true, types: [], impliesAll: false, ...given };
}

/** 36 privileges: two words of a bitset, the second one not full */
export const SAMPLE_CATALOG: CatalogModel = {
  privileges: [
    privilege('admin', { impliesAll: true }),
    privilege('read', { project: false }),
    privilege('read', { org: false, types: ['doc'] }),
    ...Array.from({ length: 33 }, (_, i) => privilege(`w${String(i).padStart(2, '0')}`)),
  ],
  roles: [
    {
      id: 'rol_a',
      project: '',
      name: 'Reader',
      all: false,
      reachesRestricted: true,
      allow: [1, 2, 3, 4, 5, 6],
      deny: [7],
      special: [0],
      inline: [1],
      policies: [0, 1],
      inherits: [],
    },
    {
      id: 'rol_b',
      project: 'p',
      name: 'é',
      all: true,
      reachesRestricted: false,
      allow: [],
      deny: [],
      special: [],
      inline: [],
      policies: [],
      inherits: [0],
    },
  ],
  policies: [
    { id: 'pol_a', project: '', name: 'May', effect: 'allow', active: true, bits: [0, 1], named: [0], types: ['doc', 'é'], condition: 0 },
    { id: 'pol_b', project: 'p', name: 'May not', effect: 'deny', active: false, bits: [7], named: [7], types: [], condition: -1 },
  ],
  groups: [
    { id: 'grp_a', name: 'A', above: [1] },
    { id: 'grp_b', name: 'B', above: [] },
  ],
  conditions: ['context.x == 1'],
  settings: '{"closed_types":["doc"],"default_role":"rol_b"}',
  routes: '[]',
};

const PRINCIPALS = CODECS.principals.encode([
  {
    key: 'group:grp_a',
    registered: false,
    suspended: false,
    suspendedFrom: null,
    grants: [
      { target: 'pol_b', scope: 'doc:é', notBefore: 5, expiresAt: null },
      { target: 'rol_a', scope: 'org', notBefore: null, expiresAt: null },
    ],
    groups: [],
    properties: '',
  },
  { key: 'user:a', registered: true, suspended: true, suspendedFrom: 9, grants: [], groups: ['grp_a', 'grp_b'], properties: '{"x":1}' },
]);

const RESOURCES = CODECS.resources.encode([
  { key: 'doc:1', restricted: true, parents: ['doc:2', 'project:p'], owners: [{ principal: 'user:a', kind: 'T' }], properties: '{"x":1}' },
  { key: 'doc:2', restricted: false, parents: [], owners: [], properties: '' },
]);

const KEYS = CODECS.keys.encode([
  {
    key: 'k',
    hash: '1f'.repeat(32),
    previousHash: 'e0'.repeat(32),
    previousUntil: 7,
    disabled: true,
    expiresAt: 8,
    project: 'p',
    forwardAuth: 'envoy',
  },
]);

const record = (firstKey: string, digit: string) => ({ firstKey, hash: digit.repeat(64), bytes: 100, weight: 50, top: 7 });
const MANIFEST = encodeManifest({
  organization: 'acme',
  revision: 12,
  catalog: { hash: 'c'.repeat(64), bytes: 1_000 },
  reserved: ['group:everyone', 'group:owner:T'],
  leaves: { principals: [record('group:grp_a', '1'), record('user:a', '2')], resources: [record('doc:1', '3')], keys: [record('k', '4')] },
});

export const SAMPLES: Readonly<Record<PieceKind, Uint8Array>> = {
  catalog: encodeCatalog(SAMPLE_CATALOG),
  principals: PRINCIPALS,
  resources: RESOURCES,
  keys: KEYS,
  manifest: MANIFEST,
};

/** Opens a piece and reads all of it. */
export const READ: { readonly [K in PieceKind]: (bytes: Uint8Array) => unknown } = {
  catalog: (bytes) => new Catalog(bytes).model(),
  principals: (bytes) => CODECS.principals.decode(bytes),
  resources: (bytes) => CODECS.resources.decode(bytes),
  keys: (bytes) => CODECS.keys.decode(bytes),
  manifest: (bytes) => new Manifest(bytes).model(),
};
