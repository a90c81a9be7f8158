/** What is published of an organization, and the rows it was made of: for comparing the one with what the other should give. */
import { env } from 'cloudflare:workers';
import { Catalog } from '../../src/core/snapshot/catalog.ts';
import { Manifest } from '../../src/core/snapshot/manifest.ts';
import type { OrganizationRows, StoredRows, TableName } from '../../src/core/terms/rows.ts';
import { d1RowWriter } from '../../src/storage/d1/row-writer.ts';
import type { Publisher } from '../../src/storage/publisher/publisher.ts';

/** Every row, as the oracle reads them. */
export async function rowsOf(org: string): Promise<OrganizationRows> {
  const { tables } = await d1RowWriter(env.DB, org).load();
  const isGroup = ({ member }: { member: string }): boolean => member.startsWith('group:');
  const copy = structuredClone(tables) as { [T in TableName]: StoredRows[T][] }; // nobody else's
  return { ...copy, group_nesting: copy.group_members.filter(isGroup), memberships: copy.group_members.filter((row) => !isGroup(row)) };
}

/** The manifest and the catalog that the Publisher points to. */
async function published(org: string): Promise<{ manifest: Manifest; catalog: Catalog }> {
  const stub = env.PUBLISHER.get(env.PUBLISHER.idFromName(org)) as DurableObjectStub<Publisher>;
  const blob = async (hash: string): Promise<Uint8Array> => new Uint8Array((await stub.blob(hash)) ?? new ArrayBuffer(0));
  const pointer = await stub.pointer();
  const manifest = new Manifest(await blob(pointer?.manifest ?? ''));
  return { manifest, catalog: new Catalog(await blob(manifest.catalogHash)) };
}

/** Names of all pieces but the manifest, which holds the revision. */
export async function pieceHashes(org: string): Promise<string[]> {
  return (await published(org)).manifest.pieces();
}

/** A role's row as it is stored: which bits are set among those of the catalog, what each bit is, and whatever else the role decides by. */
export async function roleBits(
  org: string,
  name: string,
): Promise<{ readonly bytes: number[]; readonly privileges: string[]; readonly rest: object }> {
  const model = (await published(org)).catalog.model();
  const role = model.roles.find((each) => each.name === name);
  if (role === undefined) throw new Error(`no role \`${name}\` is published`);
  const bytes = new Uint8Array((model.privileges.length + 7) >> 3);
  for (const bit of role.allow) bytes[bit >> 3]! |= 1 << (bit & 7);
  const { all, reachesRestricted, deny, special } = role;
  return { bytes: [...bytes], privileges: model.privileges.map((each) => each.name), rest: { all, reachesRestricted, deny, special } };
}

/** Of each role, by name, all that it decides with: the rows, and the policies under a condition or for some types. */
export async function roleRows(org: string): Promise<Map<string, string>> {
  const model = (await published(org)).catalog.model();
  return new Map(
    model.roles.map(({ name, all, reachesRestricted, allow, deny, special }) => [
      name,
      JSON.stringify([all, reachesRestricted, allow, deny, special.map((i) => model.policies[i])]),
    ]),
  );
}
