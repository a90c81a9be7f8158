/** What somebody wants assigned, in names → the row's columns. Every wrong field is told. */
import { BitgateError, type Problem, sortProblems } from '../../core/terms/problem.ts';
import { isReservedGroup, ORG_SCOPE, parseRef } from '../../core/terms/ref.ts';
import type { AssignmentRow } from '../../core/terms/rows.ts';
import type { Level } from '../bundles/level.ts';
import type { Found, Lookup } from '../control-ports.ts';
import { parseTime } from '../manifest/times.ts';
import { ORG_LEVEL, scopeProblem } from './level.ts';

/** As on the wire: exactly one of `role` and `policy`, by id or unique name, a project's own as `<project>/<name>`. */
export interface WantedAssignment {
  /** a subject, `group:<id or name>` or a reserved group */
  readonly subject: string;
  readonly role?: string | undefined;
  readonly policy?: string | undefined;
  /** `org` or `type:id` */
  readonly scope: string;
  /** RFC 3339 with zone */
  readonly not_before?: string | null | undefined;
  readonly expires_at?: string | null | undefined;
}

/** The row but for its id, and the target's reference. */
export interface Resolved {
  readonly row: Omit<AssignmentRow, 'id'>;
  readonly target: string;
}

const GROUP_PREFIX = 'group:';
const KEY_PREFIX = 'api_key:';

/** @throws BitgateError `invalid_assignment` (422) with all problems */
export async function resolveAssignment(wanted: WantedAssignment, lookup: Lookup, level: Level = ORG_LEVEL): Promise<Resolved> {
  const problems: Problem[] = [];
  const resolved = await resolveInto(problems, wanted, lookup, level);
  throwIfAny('invalid_assignment', 'the assignment', problems);
  return resolved;
}

/** What is wrong is put into `problems`; what is returned then means nothing. */
export async function resolveInto(
  problems: Problem[],
  wanted: WantedAssignment,
  lookup: Lookup,
  level: Level = ORG_LEVEL,
): Promise<Resolved> {
  const add = (path: string, code: string, message: string): void => void problems.push({ path, code, message });
  const principal = await resolvePrincipal(wanted.subject, lookup, add);
  const target = await resolveTarget(wanted, lookup, add, level);
  await resolveScope(wanted.scope, lookup, level, problems);
  const notBefore = resolveTime(wanted.not_before, 'not_before', add);
  const expiresAt = resolveTime(wanted.expires_at, 'expires_at', add);
  if (notBefore !== null && expiresAt !== null && notBefore >= expiresAt)
    add('expires_at', 'empty_window', 'must be later than `not_before`');
  if (problems.length === 0 && target !== null && target.project !== '') await checkWithin(target, wanted.scope, lookup, add);
  const id = target?.id ?? '';
  const [role, policy] = wanted.role === undefined ? [null, id] : [id, null];
  return {
    row: { principal, role, policy, scope: wanted.scope, not_before: notBefore, expires_at: expiresAt },
    target: target === null ? '' : referenceTo(target),
  };
}

type Add = (path: string, code: string, message: string) => void;

/** @param what is refused: `the assignment` … */
export function throwIfAny(code: string, what: string, problems: Problem[]): void {
  const first = sortProblems(problems)[0];
  if (first === undefined) return;
  throw new BitgateError(code, 422, `${what} is refused: \`${first.path}\`: ${first.message}`, { problems });
}

/** @returns a subject as it is, `group:<name>` as `group:<id>` */
export async function resolvePrincipal(text: string, lookup: Lookup, add: Add): Promise<string> {
  if (!checkReference(text, 'subject', add)) return '';
  if (text.startsWith(GROUP_PREFIX)) {
    if (isReservedGroup(text)) {
      if (text === 'group:owner:') add('subject', 'reserved_group', 'the kind of owner is missing');
      return text;
    }
    const group = only(await lookup.named('groups', text.slice(GROUP_PREFIX.length)), 'group', text, 'subject', add);
    return group === null ? '' : `${GROUP_PREFIX}${group.id}`;
  }
  if (text.startsWith(KEY_PREFIX) && !(await lookup.apiKey(text.slice(KEY_PREFIX.length)))) {
    add('subject', 'unknown_api_key', `there is no API key ${quote(text)}`);
  }
  return text;
}

/** A scope that is one, and that lies at the level or below it. */
export async function resolveScope(scope: string, lookup: Lookup, level: Level, problems: Problem[]): Promise<void> {
  const add: Add = (path, code, message) => void problems.push({ path, code, message });
  if (scope !== ORG_SCOPE && !checkReference(scope, 'scope', add)) return;
  const problem = await scopeProblem(lookup, level, scope);
  if (problem !== null) problems.push(problem);
}

/** In a project its own roles and policies come first: they need no `<project>/` there. */
export async function resolveTarget(
  wanted: Pick<WantedAssignment, 'role' | 'policy'>,
  lookup: Lookup,
  add: Add,
  { project }: Level = ORG_LEVEL,
): Promise<Found | null> {
  if ((wanted.role === undefined) === (wanted.policy === undefined)) {
    add('', 'role_or_policy', 'an assignment names exactly one of `role` and `policy`');
    return null;
  }
  const [table, kind] = wanted.role !== undefined ? (['roles', 'role'] as const) : (['policies', 'policy'] as const);
  const text = wanted.role ?? wanted.policy ?? '';
  const own = project === '' ? [] : (await lookup.named(table, `${project}/${text}`)).filter((found) => found.project === project);
  return only(own.length > 0 ? own : await lookup.named(table, text), kind, text, kind, add);
}

function only(found: readonly Found[], kind: string, text: string, path: string, add: Add): Found | null {
  const [first] = found;
  if (first !== undefined && (found.length === 1 || found.some(({ id }) => id === text)))
    return found.find(({ id }) => id === text) ?? first;
  if (first === undefined) add(path, `unknown_${kind}`, `there is no ${kind} ${quote(text)}`);
  else add(path, 'ambiguous_name', `${quote(text)} has more than one meaning: write ${found.map(({ id }) => `\`${id}\``).join(' or ')}`);
  return null;
}

/** What belongs to a project holds at that project and at registered resources below it only. */
async function checkWithin({ project }: Found, scope: string, lookup: Lookup, add: Add): Promise<void> {
  if (scope !== ORG_SCOPE && (await lookup.liesWithin(scope, `project:${project}`))) return;
  add(
    'scope',
    'outside_project',
    `what belongs to the project ${quote(project)} can be assigned there and at registered resources below it only`,
  );
}

/** True for what may be a scope: `org` or `type:id`. */
export function isScope(text: string): boolean {
  return text === ORG_SCOPE || checkReference(text, '', () => undefined);
}

function checkReference(text: string, path: string, add: Add): boolean {
  try {
    parseRef(text);
    return true;
  } catch (error) {
    if (!(error instanceof BitgateError)) throw error;
    add(path, error.code, error.message);
    return false;
  }
}

export function resolveTime(text: string | null | undefined, path: string, add: Add): number | null {
  if (text === undefined || text === null) return null;
  const time = parseTime(text);
  if (time === null) add(path, 'invalid_time', `${quote(text)} is no time: expected ISO 8601 with a zone, as \`2027-01-31T00:00:00Z\``);
  return time;
}

export function referenceTo({ project, name }: Found): string {
  return project === '' ? name : `${project}/${name}`;
}

function quote(text: string): string {
  return `\`${text.length > 80 ? `${text.slice(0, 80)}…` : text}\``;
}
