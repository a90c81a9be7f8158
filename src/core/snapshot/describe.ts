/** Any piece as text for people: the same bytes always give the same text, so golden tests read it too. Nothing reads it back. */
import { describeCatalog } from './describe-catalog.ts';
import { bytesText, shown, time } from './describe-text.ts';
import { KeyLeaf } from './key-leaf.ts';
import { type Directory, LEAF_KINDS, Manifest } from './manifest.ts';
import type { GrantModel, KeyEntry, PrincipalEntry, ResourceEntry } from './model.ts';
import { PrincipalLeaf } from './principal-leaf.ts';
import { ResourceLeaf } from './resource-leaf.ts';
import { kindOf, type PieceKind } from './sections.ts';

/** of a hash: enough to tell it from any other, too little to look for what it is the hash of */
const HASH_DIGITS = 16;

const DESCRIBE: { readonly [K in PieceKind]: (bytes: Uint8Array) => string[] } = {
  catalog: describeCatalog,
  principals: describePrincipals,
  resources: describeResources,
  keys: describeKeys,
  manifest: describeManifest,
};

/**
 * Readable text of any piece; its first bytes say which kind it is. Lines end with a line feed.
 * @throws CorruptPiece when it is none, or is damaged
 */
export function describePiece(bytes: Uint8Array): string {
  const kind = kindOf(bytes);
  return [`${kind}, ${bytesText(bytes.byteLength)}`, ...DESCRIBE[kind](bytes), ''].join('\n');
}

function describePrincipals(bytes: Uint8Array): string[] {
  const leaf = new PrincipalLeaf(bytes);
  return Array.from({ length: leaf.keys.count }, (_, i) => principalLines(leaf.entry(i))).flat();
}

function principalLines(entry: PrincipalEntry): string[] {
  const notes = [
    entry.registered ? 'registered' : 'no subject row',
    ...(entry.suspended ? ['suspended'] : []),
    ...(entry.suspendedFrom === null ? [] : [`suspended from ${time(entry.suspendedFrom)}`]),
  ];
  return [
    '',
    `${shown(entry.key)}: ${notes.join(', ')}`,
    ...entry.groups.map((group) => `  in ${shown(group)}`),
    ...entry.grants.map(grantLine),
    ...propertyLines(entry.properties),
  ];
}

function grantLine({ target, scope, notBefore, expiresAt }: GrantModel): string {
  const from = notBefore === null ? '' : ` from ${time(notBefore)}`;
  const until = expiresAt === null ? '' : ` until ${time(expiresAt)}`;
  return `  holds ${shown(target)} at ${shown(scope)}${from}${until}`;
}

function propertyLines(properties: string): string[] {
  return properties === '' ? [] : [`  properties ${properties}`];
}

function describeResources(bytes: Uint8Array): string[] {
  const leaf = new ResourceLeaf(bytes);
  return Array.from({ length: leaf.keys.count }, (_, i) => resourceLines(leaf.entry(i))).flat();
}

function resourceLines(entry: ResourceEntry): string[] {
  return [
    '',
    `${shown(entry.key)}: ${entry.restricted ? 'restricted' : 'inherits access'}`,
    ...entry.parents.map((parent) => `  below ${shown(parent)}`),
    ...entry.owners.map(({ principal, kind }) => `  owned by ${shown(principal)}${kind === '' ? '' : ` as ${shown(kind)}`}`),
    ...propertyLines(entry.properties),
  ];
}

function describeKeys(bytes: Uint8Array): string[] {
  const leaf = new KeyLeaf(bytes);
  return Array.from({ length: leaf.keys.count }, (_, i) => keyLines(leaf.entry(i))).flat();
}

function keyLines(entry: KeyEntry): string[] {
  const { previousHash, previousUntil } = entry;
  return [
    '',
    `${shown(entry.key)}: ${entry.disabled ? 'disabled' : 'active'}${entry.expiresAt === null ? '' : `, ends ${time(entry.expiresAt)}`}`,
    `  hash ${entry.hash.slice(0, HASH_DIGITS)}…`,
    ...(previousHash === null
      ? []
      : [`  previous hash ${previousHash.slice(0, HASH_DIGITS)}…${previousUntil === null ? '' : ` until ${time(previousUntil)}`}`]),
    ...(entry.project === '' ? [] : [`  project ${shown(entry.project)}`]),
    ...(entry.forwardAuth === '' ? [] : [`  forward auth ${entry.forwardAuth}`]),
  ];
}

function describeManifest(bytes: Uint8Array): string[] {
  const manifest = new Manifest(bytes);
  return [
    `organization ${shown(manifest.organization)}`,
    `revision ${manifest.revision}`,
    `catalog ${manifest.catalogHash}, ${bytesText(manifest.catalogBytes)}`,
    ...manifest.reserved.map((group) => `reserved group ${shown(group)}`),
    ...LEAF_KINDS.flatMap((kind) => directoryLines(manifest.directories[kind])),
  ];
}

function directoryLines(directory: Directory): string[] {
  return [
    '',
    `${directory.kind}: ${directory.count} ${directory.count === 1 ? 'leaf' : 'leaves'}`,
    ...directory
      .records()
      .map(
        ({ firstKey, hash, bytes, weight, top }) => `  from ${shown(firstKey)}: ${hash}, ${bytesText(bytes)}, weight ${weight}, top ${top}`,
      ),
  ];
}
