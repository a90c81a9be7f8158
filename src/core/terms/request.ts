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
}
