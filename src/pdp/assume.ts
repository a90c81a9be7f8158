/** Assignments that a question assumes: names → what the evaluator takes, as the session's revision knows them. Every wrong name is told. */
import type { Catalog } from '../core/snapshot/catalog.ts';
import { BitgateError, type Problem, sortProblems } from '../core/terms/problem.ts';
import { GROUP_OWNER_PREFIX, GROUP_TYPE, isReservedGroup, ORG_SCOPE, PROJECT_TYPE } from '../core/terms/ref.ts';
import type { AssumedAssignment } from '../core/terms/request.ts';
import type { Session } from './session.ts';

/** References and times are well-formed; exactly one of `role` and `policy` is there. */
export interface WantedAssumption {
  /** a subject, `group:<name or id>` or a reserved group */
  readonly subject: string;
  /** name or id, of a project's own `<project>/<name>` */
  readonly role?: string | undefined;
  readonly policy?: string | undefined;
  /** `org` or a resource */
  readonly scope: string;
  /** ms since 1970, null is no bound */
  readonly notBefore: number | null;
  readonly expiresAt: number | null;
}

const GROUP_PREFIX = `${GROUP_TYPE}:`;
const KEY_PREFIX = 'api_key:';

type Add = (field: string, code: string, message: string) => void;

/** @throws BitgateError `invalid_assumption` (422) with all problems */
export async function resolveAssumed(session: Session, wanted: readonly WantedAssumption[], now: number): Promise<AssumedAssignment[]> {
  const problems: Problem[] = [];
  const assumed: AssumedAssignment[] = [];
  for (const [i, each] of wanted.entries()) {
    const add: Add = (field, code, message) => void problems.push({ path: `assume[${i}].${field}`, code, message });
    assumed.push(await resolve(session, each, now, add));
  }
  const first = sortProblems(problems)[0];
  if (first === undefined) return assumed;
  throw new BitgateError('invalid_assumption', 422, `what is assumed can't be: \`${first.path}\`: ${first.message}`, { problems });
}

async function resolve(session: Session, wanted: WantedAssumption, now: number, add: Add): Promise<AssumedAssignment> {
  const { catalog } = session.snapshot;
  const { scope, notBefore, expiresAt } = wanted;
  const principal = await resolvePrincipal(session, wanted.subject, add);
  const [field, text] = wanted.role === undefined ? (['policy', wanted.policy ?? ''] as const) : (['role', wanted.role] as const);
  const target = resolveTarget(catalog, field, text, add);
  if (notBefore !== null && expiresAt !== null && notBefore >= expiresAt)
    add('expires_at', 'empty_window', 'must be later than `not_before`');
  if (target < 0) return { principal, target: '', scope, notBefore, expiresAt };
  const { id, project } = catalog.targetName(target);
  if (project !== '' && !(await liesWithin(session, scope, `${PROJECT_TYPE}:${project}`, now)))
    add('scope', 'outside_project', 'what belongs to a project can be assigned there and at registered resources below it only');
  return { principal, target: id, scope, notBefore, expiresAt };
}

/** @returns `group:<name>` as `group:<id>`, anybody else as they are */
async function resolvePrincipal(session: Session, text: string, add: Add): Promise<string> {
  if (text.startsWith(KEY_PREFIX)) {
    if ((await session.key(text.slice(KEY_PREFIX.length))) === undefined)
      add('subject', 'unknown_api_key', `there is no API key ${quote(text)}`);
    return text;
  }
  if (!text.startsWith(GROUP_PREFIX)) return text;
  if (isReservedGroup(text)) {
    if (text === GROUP_OWNER_PREFIX) add('subject', 'reserved_group', 'the kind of owner is missing');
    return text;
  }
  const { groups } = session.snapshot.catalog;
  const name = text.slice(GROUP_PREFIX.length);
  const named = Array.from({ length: groups.count }, (_, i) => i).filter((i) => session.snapshot.catalog.groupName(i) === name);
  const group = only(groups.indexOf(name), named, (i) => groups.get(i), 'group', 'subject', text, add);
  return group < 0 ? '' : GROUP_PREFIX + groups.get(group);
}

/** @returns its index as `Catalog.target` gives it, -1 if there is no such thing */
function resolveTarget(catalog: Catalog, kind: 'role' | 'policy', text: string, add: Add): number {
  const [start, end] = kind === 'role' ? [0, catalog.roleCount] : [catalog.roleCount, catalog.roleCount + catalog.policies.count];
  const named: number[] = [];
  for (let target = start; target < end; target++) {
    if (catalog.targetName(target).reference === text) named.push(target);
  }
  const byId = catalog.target(text);
  return only(byId >= start && byId < end ? byId : -1, named, (target) => catalog.targetName(target).id, kind, kind, text, add);
}

/** What has it as its id, or is alone in being called so. */
function only(
  byId: number,
  named: readonly number[],
  idOf: (index: number) => string,
  kind: string,
  field: string,
  text: string,
  add: Add,
): number {
  if (byId >= 0) return byId;
  if (named.length === 0) add(field, `unknown_${kind}`, `there is no ${kind} ${quote(text)}`);
  else if (named.length > 1) {
    const ids = named.map((index) => `\`${idOf(index)}\``).join(' or ');
    add(field, 'ambiguous_name', `${quote(text)} has more than one meaning: write ${ids}`);
  }
  return named.length === 1 ? named[0]! : -1;
}

/** The scope is the project, or registered below it: what lies above a thing is told with any question about it. */
async function liesWithin(session: Session, scope: string, project: string, now: number): Promise<boolean> {
  if (scope === project || scope === ORG_SCOPE) return scope === project;
  const colon = scope.indexOf(':');
  const resource = { type: scope.slice(0, colon), id: scope.slice(colon + 1) };
  const { scopes } = await session.explain({ subject: resource, action: { name: '' }, resource }, now, undefined, { nearMisses: 0 });
  return scopes.some((each) => each.scope === project);
}

function quote(text: string): string {
  return `\`${text.length > 80 ? `${text.slice(0, 80)}…` : text}\``;
}
