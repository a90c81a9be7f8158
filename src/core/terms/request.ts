/** What is asked. Shapes only: faces parse into these, the evaluator and the oracle read them. */
import type { JsonObject } from './json.ts';

/** A subject or a resource: `type` holds no colon and neither part is empty; ids are opaque and compared whole, byte for byte. */
export interface Entity {
  readonly type: string;
  readonly id: string;
  readonly properties?: JsonObject | undefined;
}

export interface Action {
  readonly name: string;
  readonly properties?: JsonObject | undefined;
}

export interface CheckRequest {
  readonly subject: Entity;
  readonly action: Action;
  /** absent: the question is about the organization itself */
  readonly resource?: Entity | undefined;
  readonly context?: JsonObject | undefined;
}

/** What the caller may add to a request, and what is known of the subject from elsewhere. */
export interface CheckOptions {
  /** the calling key holds `bitgate:assert`: the request's properties count over stored ones of a registered subject */
  readonly assert?: boolean | undefined;
  /** ids of groups proven by a verified token's claims, for this request alone */
  readonly groups?: readonly string[] | undefined;
  /** roles that a verified token's claims give the subject, for this request alone */
  readonly roles?: readonly TokenRole[] | undefined;
  /** assignments that are decided with as if they were rows (what-if). Open questions don't look at them */
  readonly assume?: readonly AssumedAssignment[] | undefined;
  /** not one request: all that could be asked. Never set by what a caller sends */
  readonly open?: OpenQuestion | undefined;
}

/** A role given by a claim mapping: held by the subject itself, without bounds in time. Unlike an assignment it registers nobody. */
export interface TokenRole {
  /** id of a role */
  readonly role: string;
  /** `org` or a resource */
  readonly scope: string;
}

/** An assignment that isn't there, for "what if": ids, as in a row. */
export interface AssumedAssignment {
  /** `type:id`, `group:<id>` or a reserved group */
  readonly principal: string;
  /** id of a role or of a policy */
  readonly target: string;
  /** `org` or a resource */
  readonly scope: string;
  /** ms since 1970, null is no bound: held while `notBefore ≤ t < expiresAt` */
  readonly notBefore: number | null;
  readonly expiresAt: number | null;
}

/**
 * Asks for what no single request can tell: what is held whatever is asked (`least`), and what might be held (`most`), from `now` on until
 * `until`. Conditions are left open: of `least` an allow under one doesn't hold and a deny does, of `most` the reverse; so are windows that cover
 * a part of the time, and an end of the subject itself in that time.
 */
export interface OpenQuestion {
  readonly counting: 'least' | 'most';
  /** ms since 1970, included */
  readonly until: number;
  /**
   * about something below `resource` (absent: below `org`), unregistered, owned by nobody. Without `type` it is of whatever type: types of policies are
   * left open, and privileges are named whole. With `itself`: about `resource` itself, unregistered, right below `org`
   */
  readonly below?:
    | { readonly project: boolean; readonly restricted: boolean; readonly type?: string | undefined; readonly itself?: boolean | undefined }
    | undefined;
  /**
   * what the request does tell: conditions that look at nothing else are decided, not left open. Absent: nothing. An action that is told is named as in
   * any request; else, but for `below`, privileges are named whole
   */
  readonly told?: ReadonlySet<'subject' | 'resource' | 'action' | 'context' | 'now'> | undefined;
  /** by somebody in `options.groups` alone, whoever `subject` is, who owns what is asked about in this kind (`''`: without one) */
  readonly stranger?: { readonly registered: boolean; readonly owns: string | null } | undefined;
  /** takes what is left open: then neither such an allow nor such a deny counts */
  readonly clauses?: Clauses | undefined;
}

/** What the answer hangs on, when it hangs on anything. */
export interface Clauses {
  readonly allows: Clause[];
  readonly denies: Clause[];
}

export interface Clause {
  /** condition and types */
  readonly under: string;
  /** of the default role: when it is displaced; `''` for any other grant */
  readonly unless: string;
  /** the grant's window, ms; infinite where there is no bound */
  readonly from: number;
  readonly until: number;
}
