/** Collects what is wrong with the rows: all of it, each with its place. Whether a publish may go on is decided here and nowhere else. */
import { type Problem, sortProblems } from '../terms/problem.ts';

export class Report {
  private readonly skipped: Problem[] = [];
  private readonly stopping: Problem[] = [];

  /** Something that could only have allowed is left out; the rest is right. */
  problem(code: string, path: string, message: string): void {
    this.skipped.push({ code, message, path });
  }

  /** Something that could carry a deny is not known; without it nothing may be published. */
  fatal(code: string, path: string, message: string): void {
    this.stopping.push({ code, message, path });
  }

  /** Sorted by place, so that equal rows in any order give equal reports. */
  get problems(): Problem[] {
    return sortProblems([...this.skipped]);
  }

  get fatals(): Problem[] {
    return sortProblems([...this.stopping]);
  }
}

/** At most 80 characters of what somebody wrote, in backticks. */
export function quote(text: unknown): string {
  const whole = typeof text === 'string' ? text : String(text);
  return `\`${whole.length > 80 ? `${whole.slice(0, 79)}…` : whole}\``;
}
