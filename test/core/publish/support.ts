/** What tests of the compiler's driver share: readers with small pages, and what a revision holds whatever its number. */
import { Catalog } from '../../../src/core/snapshot/catalog.ts';
import { CODECS } from '../../../src/core/snapshot/codec.ts';
import { Manifest, type ManifestModel } from '../../../src/core/snapshot/manifest.ts';
import type { CatalogModel, KeyEntry, PrincipalEntry, ResourceEntry } from '../../../src/core/snapshot/model.ts';
import { kindOf } from '../../../src/core/snapshot/sections.ts';
import type { OrganizationRows } from '../../../src/core/terms/rows.ts';
import type { RowReader } from '../../../src/pap/ports.ts';
import { MemoryReader } from '../../support/memory-reader.ts';
import { MemoryPieces, memoryCompiler } from '../../support/memory-snapshot.ts';
import { apiKey, assignment, catalogRows, group, policy, principalRows, privilege, resourceRows, role } from '../compile/rows.ts';

/** light, so that small worlds have many leaves */
export const LEAF_WEIGHT = 90;

/** The same reader, with no more than `most` keys a page: so small worlds are paged through too. */
export function smallPages(reader: RowReader, most: number): RowReader {
  return {
    revision: () => reader.revision(),
    catalog: () => reader.catalog(),
    principalPage: (after, limit) => reader.principalPage(after, Math.min(limit, most)),
    resourcePage: (after, limit) => reader.resourcePage(after, Math.min(limit, most)),
    keyPage: (after, limit) => reader.keyPage(after, Math.min(limit, most)),
    changedSince: (after, maxTouched, part) => reader.changedSince(after, maxTouched, part),
  };
}

/** A stored manifest without the number of its revision: hashes of everything else. */
export function contentOf(pieces: MemoryPieces, manifest: string): Omit<ManifestModel, 'revision'> {
  const { revision: _, ...content } = new Manifest(pieces.bytes.get(manifest)!).model();
  return content;
}

/** What these rows come to when nothing else happens. */
export async function fromScratch(rows: OrganizationRows): Promise<Omit<ManifestModel, 'revision'>> {
  const pieces = new MemoryPieces();
  const compiled = await memoryCompiler(new MemoryReader(rows), pieces, LEAF_WEIGHT).compile(null, true);
  return contentOf(pieces, compiled!.manifest);
}

export interface Contents {
  readonly catalog: CatalogModel;
  readonly principals: readonly PrincipalEntry[];
  readonly resources: readonly ResourceEntry[];
  readonly keys: readonly KeyEntry[];
}

/** Everything that a revision holds, as values. */
export async function contents(rows: OrganizationRows): Promise<Contents> {
  const pieces = new MemoryPieces();
  const compiled = await memoryCompiler(new MemoryReader(rows), pieces, LEAF_WEIGHT).compile(null, true);
  const { leaves, catalog } = new Manifest(pieces.bytes.get(compiled!.manifest)!).model();
  return {
    catalog: new Catalog(pieces.bytes.get(catalog.hash)!).model(),
    principals: leaves.principals.flatMap(({ hash }) => CODECS.principals.decode(pieces.bytes.get(hash)!)),
    resources: leaves.resources.flatMap(({ hash }) => CODECS.resources.decode(pieces.bytes.get(hash)!)),
    keys: leaves.keys.flatMap(({ hash }) => CODECS.keys.decode(pieces.bytes.get(hash)!)),
  };
}

export function manifestsIn(pieces: MemoryPieces): number {
  return [...pieces.bytes.values()].filter((bytes) => kindOf(bytes) === 'manifest').length;
}

/** `user:a` reads everywhere, `user:b` is in a group that may not write. */
export function smallRows(): OrganizationRows {
  return {
    ...catalogRows({
      privileges: [privilege('read'), privilege('write')],
      policies: [policy('pol_no', { effect: 'deny', privileges: '["write"]' })],
      roles: [role('rol_reader', { privileges: '["read"]' }), role('rol_writer', { privileges: '["write"]' })],
      groups: [group('grp_new')],
    }),
    ...principalRows({
      subjects: ['user:a', 'user:b', 'user:c', 'api_key:k'].map((subject) => ({ subject, status: 'active', properties: '{}' })),
      memberships: [{ group_id: 'grp_new', member: 'user:b' }],
      assignments: [
        assignment('a1', { principal: 'user:a', role: 'rol_reader' }),
        assignment('a2', { principal: 'group:grp_new', policy: 'pol_no' }),
        assignment('a3', { principal: 'user:b', role: 'rol_writer', scope: 'doc:1' }),
      ],
      api_keys: [apiKey('k')],
    }),
    ...resourceRows({
      resources: ['doc:1', 'folder:1'].map((resource) => ({ resource, access: 'inherit', properties: '{}' })),
      resource_parents: [{ resource: 'doc:1', parent: 'folder:1' }],
      resource_owners: [{ resource: 'doc:1', owner: 'user:c', kind: '' }],
    }),
  };
}
