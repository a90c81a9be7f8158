/**
 * A compile under way, as plain JSON: it can be put away between any two steps, and taken up again by whoever has the pieces that it names.
 * What it holds of a key shows every change up to `seen`, and maybe later ones: so once all that was touched after `seen` is read again in one
 * transaction, the whole is that transaction's revision.
 */
import type { Catalog } from '../../core/snapshot/catalog.ts';
import type { LeafKind, LeafRecord, Manifest } from '../../core/snapshot/manifest.ts';
import { FORMAT_VERSION } from '../../core/snapshot/sections.ts';
import type { LeafPlace } from '../ports.ts';
import type { PlacedProblems } from './ports.ts';

/** So many keys with rows that were left out are read again when the catalog changed; while there are more, everything is. */
export const MAX_SKIPPED = 1_000;

/** The published revision that an incremental compile starts from. */
export interface Before {
  readonly manifest: Manifest;
  readonly catalog: Catalog;
  /**
   * Which keys have rows that were left out; true: some have, and it isn't known which. Whether such a row may be left out depends on the catalog (its
   * role may deny by now), so they are read again when that changed, or everything is.
   */
  readonly skipped: boolean | readonly LeafPlace[];
}

/** A problem, or (`fatal`) a reason not to publish, if it is still there at the end: its rows may name what is newer than the catalog. */
export interface DraftProblems extends PlacedProblems {
  readonly fatal?: true | undefined;
}

export interface Draft {
  /** format of the pieces: those of another one are of no use */
  readonly format: string;
  readonly full: boolean;
  /** how often it began anew */
  attempts: number;
  /** how often it read again what was touched meanwhile, without coming to the end */
  rounds: number;
  /** how often it began anew since too much was touched meanwhile */
  restarts: number;
  /** the revision that it ends at, once writers proved faster; absent: the newest */
  cut?: number | undefined;
  seen: number;
  catalog: { readonly hash: string; readonly bytes: number };
  leaves: Record<LeafKind, readonly LeafRecord[]>;
  /** what is paged through next, and the last key before it; null: all pages were read */
  next: { readonly kind: LeafKind; readonly after: string } | null;
  reserved: readonly string[];
  problems: readonly DraftProblems[];
  /** leaf keys that were read again, as `<area>:<key>`; null: all of them */
  read: readonly string[] | null;
  /** keys read so far */
  keys: number;
}

/** What a draft starts from: what is published, or nothing. */
export function draftFrom(before: Manifest): Draft {
  const { revision, catalog, leaves, reserved } = before.model();
  const nothing = { attempts: 1, rounds: 0, restarts: 0, next: null, problems: [], read: [], keys: 0 };
  return { ...nothing, format: FORMAT_VERSION, full: false, seen: revision, catalog, leaves: { ...leaves }, reserved };
}

/** @param seen the revision before anything was read */
export function emptyDraft(seen: number, attempts: number, catalog: Draft['catalog'], problems: Draft['problems']): Draft {
  const leaves = { principals: [], resources: [], keys: [] };
  const nothing = { leaves, rounds: 0, restarts: 0, cut: undefined, reserved: [], read: null, keys: 0 };
  return { ...nothing, format: FORMAT_VERSION, full: true, attempts, seen, catalog, problems, next: { kind: 'principals', after: '' } };
}

/** Leaf keys with rows that were left out. */
export function skippedPlaces(problems: readonly PlacedProblems[]): LeafPlace[] {
  return problems.flatMap(({ area, key }) => (area === 'catalog' ? [] : [{ area, key }]));
}

/** How far a draft has come: keys read, some of them twice, and leaves that it has so far. */
export function progressOf({ full, keys, leaves }: Draft): {
  readonly full: boolean;
  readonly keys_read: number;
  readonly leaves_written: number;
} {
  return { full, keys_read: keys, leaves_written: leaves.principals.length + leaves.resources.length + leaves.keys.length };
}

/** Keys with rows that were left out of what is published; null: it isn't known which, or there are too many. */
export function skippedOf({ skipped }: Before): readonly LeafPlace[] | null {
  if (skipped === false) return [];
  return skipped === true || skipped.length > MAX_SKIPPED ? null : skipped;
}
