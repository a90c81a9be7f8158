/** An organization compiled in memory: the real compiler and the real bytes, with every leaf at hand. */
import { compileCatalog } from '../../../src/core/compile/catalog.ts';
import { knownIds, principalEntries, resourceEntries } from '../../../src/core/compile/entries.ts';
import { TreeBuilder, type TreeIo } from '../../../src/core/compile/tree.ts';
import { compareCodePoints } from '../../../src/core/sets/compare.ts';
import { Catalog } from '../../../src/core/snapshot/catalog.ts';
import { CODECS } from '../../../src/core/snapshot/codec.ts';
import { encodeCatalog } from '../../../src/core/snapshot/encode-catalog.ts';
import { encodeManifest, Manifest } from '../../../src/core/snapshot/manifest.ts';
import { PrincipalLeaf } from '../../../src/core/snapshot/principal-leaf.ts';
import { ResourceLeaf } from '../../../src/core/snapshot/resource-leaf.ts';
import { ResidentPrincipals, ResidentResources, Snapshot } from '../../../src/core/snapshot/snapshot.ts';
import type { OrganizationRows } from '../../../src/core/terms/rows.ts';
import { sha256Hex } from '../../../src/storage/sha256.ts';

export interface CompiledInMemory {
  readonly snapshot: Snapshot;
  /** hash of the manifest piece */
  readonly manifest: string;
  /** pieces by hash */
  readonly stored: ReadonlyMap<string, Uint8Array>;
  readonly bytes: { readonly catalog: number; readonly principals: number; readonly resources: number; readonly manifest: number };
  readonly leaves: { readonly principals: number; readonly resources: number };
}

export async function compileInMemory(rows: OrganizationRows): Promise<CompiledInMemory> {
  const stored = new Map<string, Uint8Array>();
  const io: TreeIo = {
    load: async (record) => stored.get(record.hash)!,
    put: async (bytes) => {
      const hash = await sha256Hex(bytes);
      stored.set(hash, bytes);
      return hash;
    },
  };
  const { model, problems, fatal } = compileCatalog(rows);
  if (problems.length + fatal.length > 0)
    throw new Error(`the benchmark's rows can't be read: ${JSON.stringify([...fatal, ...problems].slice(0, 3))}`);
  const catalogBytes = encodeCatalog(model);
  const known = knownIds(model);
  const principalKeys = distinct([...rows.subjects.map((row) => row.subject), ...rows.assignments.map((row) => row.principal)]);
  const principals = new TreeBuilder(CODECS.principals, io);
  await principals.entries(principalEntries(principalKeys, rows, known).entries.filter((entry) => entry !== null));
  const resources = new TreeBuilder(CODECS.resources, io);
  await resources.entries(
    resourceEntries(distinct(rows.resources.map((row) => row.resource)), rows).entries.filter((entry) => entry !== null),
  );
  const leaves = { principals: await principals.finish(), resources: await resources.finish(), keys: [] };
  const catalog = { hash: await io.put(catalogBytes), bytes: catalogBytes.byteLength };
  const manifestBytes = encodeManifest({ organization: 'bench', revision: 1, catalog, reserved: [], leaves });
  const manifest = await io.put(manifestBytes);
  const snapshot = new Snapshot(new Manifest(manifestBytes), new Catalog(catalogBytes));
  leaves.principals.forEach((record, i) => {
    snapshot.principals[i] = new ResidentPrincipals(new PrincipalLeaf(stored.get(record.hash)!));
  });
  leaves.resources.forEach((record, i) => {
    snapshot.resources[i] = new ResidentResources(new ResourceLeaf(stored.get(record.hash)!));
  });
  const sum = (records: readonly { readonly bytes: number }[]): number => records.reduce((total, record) => total + record.bytes, 0);
  return {
    snapshot,
    manifest,
    stored,
    bytes: {
      catalog: catalogBytes.byteLength,
      principals: sum(leaves.principals),
      resources: sum(leaves.resources),
      manifest: manifestBytes.byteLength,
    },
    leaves: { principals: leaves.principals.length, resources: leaves.resources.length },
  };
}

function distinct(keys: readonly string[]): string[] {
  return [...new Set(keys)].sort(compareCodePoints);
}
