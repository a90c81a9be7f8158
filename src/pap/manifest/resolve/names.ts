/** Names and ids of what a document defines: which are allowed, which are taken, and which id a name stands for. */
import { compareCodePoints } from '../../../core/sets/compare.ts';
import { derivedId } from '../../../core/terms/ids.ts';
import { LIMITS } from '../../../core/terms/limits.ts';
import { foldName, type Named } from '../name-index.ts';
import { type Problems, quote } from '../problems.ts';
import { RESERVED_PREFIX } from '../tables.ts';
import type { Resolution } from './context.ts';

export type Kind = 'rol' | 'pol' | 'grp';

const KIND_NAMES: Readonly<Record<Kind, string>> = { rol: 'role', pol: 'policy', grp: 'group' };
const ID_LIKE = /^(rol|pol|grp)_/;
const RESERVED_GROUPS = /^(everyone|anyone|owner|owner:.*)$/s;

/** A thing that a document defines, with its place. */
export interface Definition<Item> {
  readonly path: string;
  /** `''` for the organization */
  readonly project: string;
  readonly item: Item;
}

/** Length and characters that every name must keep to. Lone surrogates are told for the whole document at once. */
export function checkNameText(name: string, path: string, problems: Problems): boolean {
  if (name === '') problems.add('invalid_name', path, 'a name must not be empty');
  else if (name.length > LIMITS.nameChars && [...name].length > LIMITS.nameChars) {
    problems.add('name_too_long', path, `a name must not be longer than ${LIMITS.nameChars} characters`);
  } else if (hasControlCharacter(name)) problems.add('invalid_name', path, 'a name must not hold control characters');
  else return true;
  return false;
}

function hasControlCharacter(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x20 || unit === 0x7f) return true;
  }
  return false;
}

/**
 * Judges the names and ids of all definitions of one kind and gives each its id: the one it names, else that of the present row with the
 * same level and name, else a derived one that is free.
 * @param present rows that a document may replace
 * @param kept rows that it may not
 */
export function identify<Item extends { readonly name: string; readonly id?: string | undefined }>(
  kind: Kind,
  definitions: readonly Definition<Item>[],
  present: readonly Named[],
  kept: readonly Named[],
  resolution: Resolution,
): readonly string[] {
  checkNames(kind, definitions, kept, resolution);
  const used = new Set(kept.map((row) => row.id));
  const ids = givenIds(kind, definitions, used, resolution.problems);
  // A name that changed its letter case alone is still the name of the same thing; exact ones choose first.
  for (const same of [(name: string): string => name, foldName]) takePresentIds(definitions, present, same, ids, used);
  deriveIds(kind, definitions, ids, new Set([...used, ...present.map((row) => row.id)]));
  return ids;
}

function checkNames<Item extends { readonly name: string }>(
  kind: Kind,
  definitions: readonly Definition<Item>[],
  kept: readonly Named[],
  { problems, system }: Resolution,
): void {
  const systemNames = new Set(kept.map((row) => foldName(row.name)));
  const seen = new Map<string, string>();
  for (const { path, project, item } of definitions) {
    const place = `${path}.name`;
    if (!checkNameText(item.name, place, problems)) continue;
    const folded = foldName(item.name);
    if (checkReservedName(kind, item.name, place, problems, system) && systemNames.has(folded)) {
      problems.add('system_name', place, systemNameMessage(kind, item.name));
    }
    const key = levelKey(project, folded);
    const first = seen.get(key);
    if (first === undefined) seen.set(key, path);
    else problems.add('duplicate_name', place, `${quote(item.name)} is already the name of \`${first}\`, whatever the letter case`);
  }
}

/** Names that would be mistaken for something else, whatever the letter case. */
export function checkReservedName(kind: Kind, name: string, place: string, problems: Problems, system = false): boolean {
  const folded = foldName(name);
  const reserved = kind === 'grp' ? RESERVED_GROUPS.test(folded) : !system && folded.startsWith(RESERVED_PREFIX);
  if (!reserved && !ID_LIKE.test(folded)) return true;
  problems.add('reserved_name', place, `${quote(name)} is reserved${reserved ? '' : ': it would be mistaken for an id'}`);
  return false;
}

export function systemNameMessage(kind: Kind, name: string): string {
  return `${quote(name)} is the name of a system ${KIND_NAMES[kind]}, which cannot be changed nor shadowed`;
}

/** `''` where none is given, or a wrong one. */
function givenIds(
  kind: Kind,
  definitions: readonly Definition<{ readonly id?: string | undefined }>[],
  used: Set<string>,
  problems: Problems,
): string[] {
  const form = new RegExp(`^${kind}_[a-z0-9]+$`);
  return definitions.map(({ path, item: { id } }) => {
    if (id === undefined) return '';
    if (!form.test(id) || id.length > LIMITS.nameChars) {
      problems.add(
        'invalid_id',
        `${path}.id`,
        `${quote(id)} is no id of a ${KIND_NAMES[kind]}: expected \`${kind}_\`, small letters and digits`,
      );
    } else if (used.has(id)) {
      problems.add('duplicate_id', `${path}.id`, `${quote(id)} is the id of another ${KIND_NAMES[kind]}`);
    } else {
      used.add(id);
      return id;
    }
    return '';
  });
}

function takePresentIds(
  definitions: readonly Definition<{ readonly name: string }>[],
  present: readonly Named[],
  same: (name: string) => string,
  ids: string[],
  used: Set<string>,
): void {
  const known = new Map(present.map((row) => [levelKey(row.project, same(row.name)), row.id]));
  for (const [index, { project, item }] of definitions.entries()) {
    const id = known.get(levelKey(project, same(item.name)));
    if (ids[index] !== '' || id === undefined || used.has(id)) continue;
    used.add(id);
    ids[index] = id;
  }
}

/** In the order of level and name, so that equal documents give equal ids whatever the order within them. */
function deriveIds(kind: Kind, definitions: readonly Definition<{ readonly name: string }>[], ids: string[], used: Set<string>): void {
  const open = definitions.map((definition, index) => ({ ...definition, index })).filter(({ index }) => ids[index] === '');
  open.sort((a, b) => compareCodePoints(a.project, b.project) || compareCodePoints(a.item.name, b.item.name));
  for (const { project, item, index } of open) {
    const id = freeId(kind, project, item.name, used);
    used.add(id);
    ids[index] = id;
  }
}

export function freeId(kind: Kind, project: string, name: string, used: ReadonlySet<string>): string {
  let id = '';
  for (let attempt = 0; id === '' || used.has(id); attempt++) id = derivedId(kind, project, name, attempt);
  return id;
}

function levelKey(project: string, name: string): string {
  return JSON.stringify([project, name]);
}
