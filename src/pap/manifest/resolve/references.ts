/** What a text of a document refers to: privileges, policies, roles, principals, resources. What is wrong is told, then null given. */
import { LIMITS } from '../../../core/terms/limits.ts';
import { BitgateError } from '../../../core/terms/problem.ts';
import { GROUP_OWNER_PREFIX, isReservedGroup, parseRef } from '../../../core/terms/ref.ts';
import type { Named, NameIndex } from '../name-index.ts';
import { quote } from '../problems.ts';
import { isKeySubject, KEY_SUBJECT_PREFIX } from '../tables.ts';
import type { Resolution } from './context.ts';

const GROUP_PREFIX = 'group:';

/** Tells every name that is not in the catalog, or not at the level where it is used. */
export function checkPrivileges(
  names: readonly string[],
  path: string,
  project: string,
  { privileges, problems }: Pick<Resolution, 'privileges' | 'problems'>,
): void {
  for (const [i, name] of names.entries()) {
    const levels = privileges.get(name);
    if (levels === undefined) {
      problems.add('unknown_privilege', `${path}[${i}]`, `the catalog has no privilege ${quote(name)}`);
    } else if (project !== '' && !levels.project) {
      const message = `${quote(name)} is a privilege of the organization only: nothing of a project can grant it`;
      problems.add('wrong_level', `${path}[${i}]`, message);
    }
  }
}

/** @param project where the text stands: its own names come first; `''` for the organization */
export function findNamed<T extends Named>(
  index: NameIndex<T>,
  kind: 'policy' | 'role' | 'group',
  text: string,
  project: string,
  path: string,
  { problems, projects }: Pick<Resolution, 'problems' | 'projects'>,
): T | null {
  const found = index.find(text, project);
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  if (found.length > 1) {
    const meanings = found.map((each) => `\`${each.id}\``).join(' or ');
    problems.add('ambiguous_name', path, `${quote(text)} has more than one meaning: write ${meanings}`);
    return null;
  }
  if (kind !== 'group' && text.indexOf('/') > 0 && !beginsWithProject(text, projects)) {
    problems.add('unknown_project', path, `${quote(text)} begins with no project, nor is it the name of a ${kind}`);
    return null;
  }
  const similar = index.similar(text);
  const hint = similar === undefined ? '' : `: is \`${index.referenceTo(similar, project)}\` meant`;
  problems.add(`unknown_${kind}`, path, `there is no ${kind} ${quote(text)}${hint}`);
  return null;
}

/** A project's id may hold slashes as well, so each may be the one that ends it. */
function beginsWithProject(text: string, projects: ReadonlySet<string>): boolean {
  const start = text.slice(0, LIMITS.idUtf8Bytes + 1);
  for (let slash = start.indexOf('/', 1); slash !== -1; slash = start.indexOf('/', slash + 1)) {
    if (projects.has(start.slice(0, slash))) return true;
  }
  return false;
}

/**
 * A subject as it is, `group:<name>` as `group:<id>`. The subject is registered with everything else that is named.
 * @param reserved whether `group:everyone` and its like may stand here
 */
export function findPrincipal(text: string, path: string, reserved: boolean, resolution: Resolution): string | null {
  if (text.startsWith(GROUP_PREFIX)) {
    if (isReservedGroup(text)) {
      if (reserved && text !== GROUP_OWNER_PREFIX) return text;
      const message = reserved ? 'the kind of owner is missing' : `${quote(text)} is a reserved group: it can only hold assignments`;
      resolution.problems.add('reserved_group', path, message);
      return null;
    }
    const group = findNamed(resolution.groups, 'group', text.slice(GROUP_PREFIX.length), '', path, resolution);
    return group === null ? null : `${GROUP_PREFIX}${group.id}`;
  }
  if (!checkReference(text, path, resolution)) return null;
  if (isKeySubject(text) && !isPresentKey(text, resolution)) {
    resolution.problems.add('unknown_api_key', path, `there is no API key ${quote(text)}: a manifest can name keys, not make them`);
    return null;
  }
  resolution.named.add(text);
  return text;
}

function isPresentKey(subject: string, { kept }: Resolution): boolean {
  const id = subject.slice(KEY_SUBJECT_PREFIX.length);
  return kept.api_keys.some((row) => row.id === id) || kept.subjects.some((row) => row.subject === subject);
}

/** True for `type:id`. */
export function checkReference(text: string, path: string, { problems }: Resolution): boolean {
  try {
    parseRef(text);
    return true;
  } catch (error) {
    if (!(error instanceof BitgateError)) throw error;
    problems.add(error.code, path, error.message);
    return false;
  }
}
