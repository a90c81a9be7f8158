/** What is wrong with given data, and where. A compiler or parser collects all of them; it never stops at the first. */
export interface Problem {
  /** stable, machine-readable: `unknown_privilege`, `cycle`, `duplicate_name` … */
  readonly code: string;
  /** for people: lower case, no final period, input in backticks */
  readonly message: string;
  /** where in a document (`roles[3].policies[0]`) or in the rows (`roles/rol_x/privileges`) */
  readonly path: string;
}

/** Sorts by place, then code, so that equal data give equal reports. */
export function sortProblems(problems: Problem[]): Problem[] {
  return problems.sort((a, b) => compareText(a.path, b.path) || compareText(a.code, b.code) || compareText(a.message, b.message));
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * A refusal with a stable code. The only error that input may cause; `status` is the HTTP status that every face gives it.
 * `details` is JSON and never holds a secret.
 */
export class BitgateError extends Error {
  override readonly name = 'BitgateError';
  readonly code: string;
  readonly status: ErrorStatus;
  readonly details: Readonly<Record<string, unknown>> | undefined;

  constructor(code: string, status: ErrorStatus, message: string, details?: Readonly<Record<string, unknown>>) {
    super(message);
    this.code = code;
    this.status = status;
    this.details = details;
  }
}

export type ErrorStatus = 400 | 401 | 403 | 404 | 405 | 409 | 410 | 412 | 413 | 415 | 422 | 429 | 503;
