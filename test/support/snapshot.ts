/** Snapshots for tests, made with the encoders from entries as plain values. */
import { updateTree } from '../../src/core/compile/tree.ts';
import { CODECS } from '../../src/core/snapshot/codec.ts';
import { encodeCatalog } from '../../src/core/snapshot/encode-catalog.ts';
import { encodeManifest } from '../../src/core/snapshot/manifest.ts';
import type { CatalogModel, KeyEntry, PrincipalEntry, ResourceEntry } from '../../src/core/snapshot/model.ts';
import type { Pointer } from '../../src/pdp/ports.ts';

export interface SnapshotParts {
  readonly organization: string;
  readonly revision: number;
  readonly catalog?: Partial<CatalogModel>;
  /** entries of each kind, in key order */
  readonly principals?: readonly PrincipalEntry[];
  readonly resources?: readonly ResourceEntry[];
  readonly keys?: readonly KeyEntry[];
  /** weight above which leaves are cut */
  readonly leafLimit?: number;
}

export interface BuiltSnapshot {
  readonly pointer: Pointer;
  /** bytes of every piece by hash, the manifest among them */
  readonly blobs: ReadonlyMap<string, Uint8Array>;
  readonly catalogHash: string;
  /** hashes of the principal leaves, in key order */
  readonly principalLeaves: readonly string[];
}

/** `role` allows `read`; nothing else is there. */
export const SMALL_CATALOG: CatalogModel = {
  privileges: [{ name: 'read', org: true, project: true, types: [], impliesAll: false }],
  roles: [
    {
      id: 'rol_reader',
      project: '',
      name: 'Reader',
      all: false,
      reachesRestricted: false,
      allow: [0],
      deny: [],
      special: [],
      inline: [0],
      policies: [],
      inherits: [],
    },
  ],
  policies: [],
  groups: [],
  conditions: [],
  settings: '{}',
  routes: '[]',
};

/** A registered subject that holds `rol_reader` at `org`, or nothing. */
export function subject(key: string, reads: boolean): PrincipalEntry {
  return {
    key,
    registered: true,
    suspended: false,
    suspendedFrom: null,
    grants: reads ? [{ target: 'rol_reader', scope: 'org', notBefore: null, expiresAt: null }] : [],
    groups: [],
    properties: '',
  };
}

export function apiKey(key: string, disabled = false): KeyEntry {
  return { key, hash: 'ab'.repeat(32), previousHash: null, previousUntil: null, disabled, expiresAt: null, project: '', forwardAuth: '' };
}

export async function sha256(bytes: ArrayBuffer | Uint8Array): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', bytes);
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

export async function buildSnapshot(parts: SnapshotParts): Promise<BuiltSnapshot> {
  const blobs = new Map<string, Uint8Array>();
  const put = async (bytes: Uint8Array): Promise<string> => {
    const hash = await sha256(bytes);
    blobs.set(hash, bytes);
    return hash;
  };
  const load = (): Promise<Uint8Array> => Promise.reject(new Error('a new tree loads nothing'));
  const io = { put, load };
  const changes = <E extends { readonly key: string }>(entries: readonly E[] = []) => entries.map((entry) => ({ key: entry.key, entry }));
  const catalog = encodeCatalog({ ...SMALL_CATALOG, ...parts.catalog });
  const catalogHash = await put(catalog);
  const leaves = {
    principals: await updateTree(CODECS.principals, [], changes(parts.principals), io, parts.leafLimit),
    resources: await updateTree(CODECS.resources, [], changes(parts.resources), io, parts.leafLimit),
    keys: await updateTree(CODECS.keys, [], changes(parts.keys), io, parts.leafLimit),
  };
  const manifest = await put(
    encodeManifest({
      organization: parts.organization,
      revision: parts.revision,
      catalog: { hash: catalogHash, bytes: catalog.byteLength },
      reserved: [],
      leaves,
    }),
  );
  return {
    pointer: { revision: parts.revision, manifest, behindSince: null },
    blobs,
    catalogHash,
    principalLeaves: leaves.principals.map((record) => record.hash),
  };
}
