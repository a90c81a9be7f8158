/** Many references to subjects and groups → principals, each with what is wrong with it; one question to the database for all. */
import { BitgateError, type Problem } from '../../core/terms/problem.ts';
import { GROUP_OWNER_PREFIX, isReservedGroup, parseRef } from '../../core/terms/ref.ts';
import type { Known, MemberLookup } from '../members/ports.ts';

export interface ResolvedPrincipal {
  /** as it was sent */
  readonly subject: string;
  /** a subject as it is, `group:<name>` as `group:<id>` */
  readonly principal: string;
  readonly problem?: Pick<Problem, 'code' | 'message'> | undefined;
}

const GROUP_PREFIX = 'group:';
const KEY_PREFIX = 'api_key:';

/** @param mustExist subjects that aren't registered are a problem */
export async function resolvePrincipals(
  members: MemberLookup,
  references: readonly string[],
  mustExist: boolean,
): Promise<ResolvedPrincipal[]> {
  const malformed = new Map(references.map((reference) => [reference, malformedBecause(reference)]));
  const known = await members.known(references.filter((reference) => malformed.get(reference) === null));
  const groups = new Map(known.groups.flatMap(({ id, name }) => [[name, id] as const]));
  for (const { id } of known.groups) groups.set(id, id);
  return references.map((subject) => {
    const message = malformed.get(subject) ?? null;
    if (message !== null) return { subject, principal: '', problem: { code: 'invalid_reference', message } };
    return { subject, ...principalOf(subject, known, groups, mustExist) };
  });
}

function principalOf(
  subject: string,
  known: Known,
  groups: ReadonlyMap<string, string>,
  mustExist: boolean,
): Omit<ResolvedPrincipal, 'subject'> {
  if (isReservedGroup(subject)) return { principal: subject };
  if (subject.startsWith(GROUP_PREFIX)) {
    const id = groups.get(subject.slice(GROUP_PREFIX.length));
    return id === undefined
      ? missing('unknown_group', `there is no group \`${subject.slice(0, 80)}\``)
      : { principal: `${GROUP_PREFIX}${id}` };
  }
  if (subject.startsWith(KEY_PREFIX) && !known.apiKeys.has(subject.slice(KEY_PREFIX.length)))
    return missing('unknown_api_key', `there is no API key \`${subject.slice(0, 80)}\``);
  if (mustExist && !known.subjects.has(subject)) return missing('unknown_subject', `\`${subject.slice(0, 80)}\` is not registered`);
  return { principal: subject };
}

function missing(code: string, message: string): Omit<ResolvedPrincipal, 'subject'> {
  return { principal: '', problem: { code, message } };
}

/** Null: it is a reference. */
function malformedBecause(reference: string): string | null {
  if (reference === GROUP_OWNER_PREFIX) return 'the kind of owner is missing';
  try {
    parseRef(reference);
    return null;
  } catch (error) {
    if (!(error instanceof BitgateError)) throw error;
    return error.message;
  }
}
