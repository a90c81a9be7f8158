/**
 * What a preset gives an organization to change as it likes: privileges of the catalog, policies, assignments. Each is known by what it is called and
 * by a hash of what it says, so that it can be told later whether somebody has edited or deleted it.
 */
import { canonicalJson } from '../../core/sets/canonical-json.ts';
import { hash32 } from '../../core/sets/hash.ts';
import type { JsonObject } from '../../core/terms/json.ts';
import { foldName } from '../manifest/name-index.ts';
import type { AssignmentItem, ManifestDocument, PolicyItem, PrivilegeItem } from '../manifest/schema.ts';

export const PART_KINDS = ['privilege', 'policy', 'assignment'] as const;
export type PartKind = (typeof PART_KINDS)[number];

export interface PresetPart {
  readonly kind: PartKind;
  /** unique in its kind */
  readonly key: string;
  /** of what it said when the preset gave it */
  readonly hash: string;
}

export type Item = PrivilegeItem | PolicyItem | AssignmentItem;

/** A part with what it says now. */
export interface Found extends PresetPart {
  /** for people */
  readonly name: string;
  readonly item: Item;
}

/** @param document as it is exported: what is said the same way is the same text */
export function partsOf({ catalog, policies = [], assignments = [] }: ManifestDocument): Found[] {
  return [
    ...(catalog?.privileges ?? []).map((item) => found('privilege', [item.name, ...(item.levels ?? [])], item.name, item)),
    ...policies.map((item) => found('policy', [foldName(item.name)], item.name, item)),
    ...assignments.map((item) => {
      const held = item.role ?? item.policy ?? '';
      const key = [item.subject, item.role === undefined ? 'policy' : 'role', foldName(held), item.scope];
      return found('assignment', key, `${item.subject}: ${held} at ${item.scope}`, item);
    }),
  ];
}

function found(kind: PartKind, key: readonly string[], name: string, item: Item): Found {
  return { kind, key: JSON.stringify(key), name, item, hash: hashOf(item) };
}

/** 64 bits: whoever finds another text of the same hash would only see an edit of their own overwritten. */
function hashOf(item: Item): string {
  const text = canonicalJson(JSON.parse(JSON.stringify(item)) as JsonObject); // without keys that are undefined
  return [text, `${text}\u0001`].map((each) => (hash32(each) >>> 0).toString(16).padStart(8, '0')).join('');
}

export function partId({ kind, key }: Pick<PresetPart, 'kind' | 'key'>): string {
  return `${kind} ${key}`;
}
