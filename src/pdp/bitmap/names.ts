/** Which privileges a bitmap has columns for. */
import { compareCodePoints } from '../../core/sets/compare.ts';
import type { Catalog } from '../../core/snapshot/catalog.ts';

/** An action `a` on a resource of type `t` may mean the privilege `t:a`; a type holds no colon. @returns `''` for none */
export function shortOf(name: string): string {
  return name.slice(name.indexOf(':') + 1 || name.length);
}

/** Every name of the catalog once, ascending. */
export function allNames(catalog: Catalog): string[] {
  const names = new Set<string>();
  for (let bit = 0; bit < catalog.privileges.count; bit++) names.add(catalog.privileges.get(bit));
  return [...names];
}

/** What was asked for, known or not, and all that it may mean of any resource type. */
export function askedNames(catalog: Catalog, asked: readonly string[]): string[] {
  const byShort = new Map<string, string[]>();
  for (const name of allNames(catalog)) {
    const short = shortOf(name);
    if (short === '') continue;
    const longer = byShort.get(short);
    if (longer === undefined) byShort.set(short, [name]);
    else longer.push(name);
  }
  const names = new Set(asked);
  // What is added on the way is walked too.
  for (const name of names) for (const longer of byShort.get(name) ?? []) names.add(longer);
  return [...names].sort(compareCodePoints);
}

/**
 * Which of all names a document needs: a name that is denied wherever a row says anything can go, unless a longer one stays. Without the short one
 * the longer would be taken for what the action means.
 * @param matters by index of `names`: some row says something else than denied or unknown
 */
export function neededNames(names: readonly string[], matters: (index: number) => boolean): number[] {
  const index = new Map(names.map((name, i) => [name, i]));
  const needed = new Set<number>();
  names.forEach((_, i) => {
    if (matters(i)) needed.add(i);
  });
  for (const i of needed) {
    const short = index.get(shortOf(names[i]!));
    if (short !== undefined) needed.add(short);
  }
  return [...needed].sort((a, b) => a - b);
}

/** No type is called so. */
const NO_TYPE = '';

/** For which types a name is a privilege at a level; null: any, or none at all. */
export function typesOf(catalog: Catalog, name: string, project: boolean): string[] | null {
  if (catalog.privilegeBit(name, project, undefined) < 0 || catalog.privilegeBit(name, project, NO_TYPE) >= 0) return null;
  const types: string[] = [];
  for (let i = 0; i < catalog.types.count; i++) {
    const type = catalog.types.get(i);
    if (catalog.privilegeBit(name, project, type) >= 0) types.push(type);
  }
  return types;
}
