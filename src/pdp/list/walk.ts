/** Looks at candidates in ascending order: registered subjects, registered resources, names of privileges. */
import { compareCodePoints } from '../../core/sets/compare.ts';
import type { Directory } from '../../core/snapshot/manifest.ts';
import type { LeafRef } from '../../core/snapshot/snapshot.ts';
import { GROUP_TYPE } from '../../core/terms/ref.ts';
import type { Scan } from '../scan.ts';

/** Both answer false to stop the walk. */
export interface Visitor {
  /** a candidate */
  visit(key: string): boolean | Promise<boolean>;
  /** there is no further candidate up to here */
  pass(key: string): boolean;
}

/** `end`: there are no more. `spent`: there may be, but this request has done its share. */
export type Walked = 'end' | 'stopped' | 'spent';

/** leaves that are loaded at once: an invocation has 6 connections */
const AHEAD = 6;
const GROUPS = `${GROUP_TYPE}:`;

/** @param after exclusive; null: from the first */
export async function walkLeaves(
  scan: Scan,
  kind: 'principals' | 'resources',
  type: string | undefined,
  after: string | null,
  visitor: Visitor,
): Promise<Walked> {
  const directory = scan.snapshot.manifest.directories[kind];
  const prefix = type === undefined ? '' : `${type}:`;
  const last = type === undefined ? directory.count - 1 : directory.find(`${type};`);
  const first = Math.max(0, directory.find(after ?? prefix));
  for (let leaf = first; leaf <= last; leaf++) {
    if (kind === 'principals' && holdsGroupsAlone(directory, leaf)) continue;
    if (leaf > first && scan.spent) return 'spent';
    const ref: LeafRef = { kind, leaf };
    // Most pages end where they begin: only then it is worth to look ahead.
    const ahead = leaf === first ? 1 : Math.min(AHEAD, last - leaf + 1);
    await scan.bring(Array.from({ length: ahead }, (_, i): LeafRef => ({ kind, leaf: leaf + i })));
    const walked = await look(scan, candidates(scan, ref, prefix, after), visitor, ref);
    scan.drop(ref);
    if (walked !== 'end') return walked;
  }
  return 'end';
}

/** Groups are no subjects, and there may be many leaves of them. */
function holdsGroupsAlone(directory: Directory, leaf: number): boolean {
  return directory.firstKey(leaf).startsWith(GROUPS) && leaf + 1 < directory.count && directory.firstKey(leaf + 1).startsWith(GROUPS);
}

/** What lies in a leaf that is at hand, and at last how far it reaches. */
function* candidates({ snapshot }: Scan, ref: LeafRef, prefix: string, after: string | null): Generator<string, string> {
  const leaf = (ref.kind === 'principals' ? snapshot.principals : snapshot.resources)[ref.leaf]!.leaf;
  const { keys } = leaf;
  for (let entry = 0; entry < keys.count; entry++) {
    if ('registered' in leaf && !leaf.registered(entry)) continue;
    const key = keys.get(entry);
    if (key.startsWith(prefix) && (after === null || compareCodePoints(key, after) > 0)) yield key;
  }
  return keys.get(keys.count - 1);
}

/** @param after exclusive; null: from the first */
export function walkNames(scan: Scan, after: string | null, visitor: Visitor): Promise<Walked> {
  return look(scan, names(scan, after), visitor, null);
}

function* names({ snapshot }: Scan, after: string | null): Generator<string, null> {
  const { privileges } = snapshot.catalog;
  let before: string | null = after;
  for (let i = 0; i < privileges.count; i++) {
    const name = privileges.get(i);
    // A name may have two entries.
    if (before !== null && compareCodePoints(name, before) <= 0) continue;
    before = name;
    yield name;
  }
  return null;
}

/** @param current the leaf that is looked through: it stays at hand */
async function look(scan: Scan, keys: Generator<string, string | null>, visitor: Visitor, current: LeafRef | null): Promise<Walked> {
  for (;;) {
    const { value, done } = keys.next();
    if (done) return value === null || visitor.pass(value) ? 'end' : 'stopped';
    const visited = visitor.visit(value);
    // Awaited only where leaves have to be fetched: a promise for each candidate costs as much as its decision.
    const loaded = visited instanceof Promise;
    if (!(loaded ? await visited : visited)) return 'stopped';
    scan.trim(current);
    const due = scan.due;
    if (due) await scan.pause();
    if ((loaded || due) && scan.spent) return 'spent';
  }
}
