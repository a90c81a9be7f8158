/**
 * Which resources a bitmap lists, the most wanted first: those that were named, those that something is granted on, projects, what the subject may own,
 * all others. If every registered one is among them, and every other one that differs from those that nobody knows, the list is whole.
 */
import { parentsOf } from '../../core/evaluate/chain.ts';
import { compareCodePoints } from '../../core/sets/compare.ts';
import type { Directory } from '../../core/snapshot/manifest.ts';
import type { ResidentResources } from '../../core/snapshot/snapshot.ts';
import { PROJECT_TYPE } from '../../core/terms/ref.ts';
import { bringLeaf, type Reading } from './reading.ts';

/** some 64 KiB each: what one request may read to list resources */
const MAX_LEAVES = 32;
/** more never fit into a document */
const MAX_RESOURCES = 5_000;

const PROJECTS = `${PROJECT_TYPE}:`;

export interface Listed {
  readonly key: string;
  readonly registered: boolean;
}

export interface Resources {
  readonly listed: readonly Listed[];
  readonly whole: boolean;
}

/** @param named may be registered or not @param scopes that the subject's principals hold grants at */
export async function resourcesFor(reading: Reading, named: readonly string[], scopes: readonly string[]): Promise<Resources> {
  const directory = reading.snapshot.manifest.directories.resources;
  return directory.count <= MAX_LEAVES ? everything(reading, directory, named, scopes) : some(reading, directory, named, scopes);
}

async function everything(reading: Reading, directory: Directory, named: readonly string[], scopes: readonly string[]): Promise<Resources> {
  const registered: string[] = [];
  const owned: string[] = [];
  const parents = new Set<string>();
  for (let leaf = 0; leaf < directory.count; leaf++) {
    await reading.bring([{ kind: 'resources', leaf }]);
    const resident = reading.snapshot.resources[leaf];
    if (resident !== undefined) readLeaf(resident, registered, owned, parents);
  }
  const known = new Set(registered);
  // A parent that is not registered: what is above it, and so below it, may be itself.
  const loose = [...parents].filter((key) => !known.has(key)).sort(compareCodePoints);
  const special = new Set([...scopes, ...loose]);
  const keys = new Set([...named, ...special, ...registered.filter((key) => key.startsWith(PROJECTS)), ...owned, ...registered]);
  // What was named and is neither is like everything that nobody knows.
  const wanted = [...keys].filter((key) => known.has(key) || special.has(key));
  const whole = wanted.length <= MAX_RESOURCES;
  const listed = whole ? wanted : [...keys].slice(0, MAX_RESOURCES);
  return { listed: listed.map((key) => ({ key, registered: known.has(key) })), whole };
}

function readLeaf(resident: ResidentResources, registered: string[], owned: string[], parents: Set<string>): void {
  const { leaf } = resident;
  for (let entry = 0; entry < leaf.keys.count; entry++) {
    const key = leaf.keys.get(entry);
    registered.push(key);
    if (leaf.ownerStarts[entry] !== leaf.ownerStarts[entry + 1]) owned.push(key);
    for (const parent of parentsOf(resident, entry)) parents.add(parent);
  }
}

/** Of more resources than one request reads. */
async function some(reading: Reading, directory: Directory, named: readonly string[], scopes: readonly string[]): Promise<Resources> {
  const listed: Listed[] = [];
  const leaves = new Set<number>();
  for (const key of new Set([...named, ...scopes])) {
    const leaf = directory.find(key);
    if (leaf >= 0 && !leaves.has(leaf) && leaves.size >= MAX_LEAVES) continue;
    leaves.add(await bringLeaf(reading, 'resources', key));
    listed.push({ key, registered: isRegistered(reading, leaf, key) });
  }
  const first = Math.max(0, directory.find(PROJECTS));
  for (let leaf = first; leaf < directory.count && listed.length < MAX_RESOURCES; leaf++) {
    const { firstKey } = directory.record(leaf);
    const after = compareCodePoints(firstKey, PROJECTS) > 0 && !firstKey.startsWith(PROJECTS);
    if (after || (!leaves.has(leaf) && leaves.size >= MAX_LEAVES)) break;
    leaves.add(leaf);
    await reading.bring([{ kind: 'resources', leaf }]);
    addProjects(reading.snapshot.resources[leaf], listed);
  }
  return { listed: [...new Map(listed.map((each) => [each.key, each])).values()].slice(0, MAX_RESOURCES), whole: false };
}

function isRegistered(reading: Reading, leaf: number, key: string): boolean {
  return leaf >= 0 && (reading.snapshot.resources[leaf]?.leaf.keys.indexOf(key) ?? -1) >= 0;
}

function addProjects(resident: ResidentResources | undefined, listed: Listed[]): void {
  const keys = resident?.leaf.keys;
  for (let entry = 0; entry < (keys?.count ?? 0); entry++) {
    const key = keys?.get(entry) ?? '';
    if (key.startsWith(PROJECTS)) listed.push({ key, registered: true });
  }
}
