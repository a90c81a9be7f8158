/**
 * What a principal holds at a scope, whatever will be asked there: not one decision, but all that could be made at it and below it.
 * Conditions, types of what lies below and windows are left open, so each answer is one of three.
 */
import {
  GROUP_EVERYONE,
  GROUP_OWNER,
  GROUP_OWNER_PREFIX,
  GROUP_TYPE,
  isReservedGroup,
  NOBODY,
  ORG_SCOPE,
  parseRef,
} from '../../core/terms/ref.ts';
import type { CheckOptions, CheckRequest, Clauses, Entity, OpenQuestion } from '../../core/terms/request.ts';

export const NEVER = 0;
/** under a condition, for some types, or in a window */
export const SOMETIMES = 1;
export const ALWAYS = 2;
export type Held = typeof NEVER | typeof SOMETIMES | typeof ALWAYS;

/** One way to ask at a scope: at it, or about something below it. */
interface Facet {
  readonly below: OpenQuestion['below'];
  /** about what lies behind a restriction: only a role that reaches restricted things counts there */
  readonly restricted: boolean;
}

const facet = (project: boolean, restricted: boolean): Facet => ({ below: { project, restricted }, restricted });

/** In the order in which what is held is told. */
export const FACETS: readonly Facet[] = [
  { below: undefined, restricted: false },
  facet(false, false),
  facet(true, false),
  facet(false, true),
  facet(true, true),
];

/** From and until when, ms since 1970, both included. */
export interface Span {
  readonly from: number;
  readonly until: number;
}

/** Who is asked about, in the evaluator's terms. */
export interface Asker {
  readonly subject: Entity;
  readonly groups: readonly string[] | undefined;
  readonly stranger: OpenQuestion['stranger'];
}

/**
 * @param principal a subject stands for itself; `group:<id>` for somebody unregistered who is in that group (and those above it) alone;
 *   `group:everyone` for a registered subject that holds nothing itself, so it has the default role; `group:owner…` for somebody
 *   unregistered who owns what is asked about in that kind; `group:anyone` for anybody else
 */
export function askerOf(principal: string): Asker {
  const stranger = (registered: boolean, owns: string | null): OpenQuestion['stranger'] => ({ registered, owns });
  if (!principal.startsWith(`${GROUP_TYPE}:`)) return { subject: parseRef(principal), groups: undefined, stranger: undefined };
  if (!isReservedGroup(principal)) {
    return { subject: NOBODY, groups: [principal.slice(GROUP_TYPE.length + 1)], stranger: stranger(false, null) };
  }
  if (principal === GROUP_OWNER) return { subject: NOBODY, groups: undefined, stranger: stranger(false, '') };
  const owns = principal.startsWith(GROUP_OWNER_PREFIX) ? principal.slice(GROUP_OWNER_PREFIX.length) : null;
  return { subject: NOBODY, groups: undefined, stranger: stranger(principal === GROUP_EVERYONE, owns) };
}

/** A question about one privilege at one scope, as one of the facets puts it. */
export function questionAt(privilege: string, scope: string, { subject }: Asker): CheckRequest {
  return { subject, action: { name: privilege }, resource: scope === ORG_SCOPE ? undefined : parseRef(scope) };
}

/** Options that leave open what a request would say. @param clauses takes what the answer hangs on, see `OpenQuestion` */
export function openly(
  { groups, stranger }: Asker,
  { until }: Span,
  below: OpenQuestion['below'],
  counting: OpenQuestion['counting'],
  clauses?: Clauses,
): CheckOptions {
  return { groups, open: { counting, until, below, stranger, clauses } };
}
