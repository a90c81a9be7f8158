/** Holds every answer of the soak against the naive evaluator, on the rows of the revision that the answer names. */
import type { CheckRequest } from '../../../src/core/terms/request.ts';
import type { OrganizationRows } from '../../../src/core/terms/rows.ts';
import { type Asker, askerFor } from '../../oracle/oracle.ts';

/** What an answer said, of one question. */
export interface Said {
  readonly question: CheckRequest;
  readonly decision: boolean;
  /** absent where the face doesn't tell it */
  readonly reason?: string | undefined;
}

export interface Answered {
  readonly revision: number;
  readonly said: readonly Said[];
  /** a whole list of subjects: who may do this */
  readonly list?: { readonly question: CheckRequest; readonly items: readonly string[] };
}

/** revisions that answers may still name: knowledge is 10 s old at most, and there are some two revisions a second */
const KEPT = 60;
const LISTED = 5;

export class Judge {
  readonly #known = new Map<number, { readonly rows: OrganizationRows; readonly asker: Asker }>();
  #waiting: Answered[] = [];
  /** checks that were compared */
  checks = 0;
  lists = 0;
  allows = 0;
  wrong = 0;
  /** the first wrong ones, in words */
  readonly examples: string[] = [];
  readonly revisions = new Set<number>();

  /** The rows at a revision are these; answers that waited for it are judged. */
  learn(revision: number, rows: OrganizationRows): void {
    this.#known.set(revision, { rows, asker: askerFor(rows, Date.now()) });
    const [oldest] = this.#known.keys();
    if (this.#known.size > KEPT && oldest !== undefined) this.#known.delete(oldest);
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const answered of waiting) this.judge(answered);
  }

  /** An answer may name a revision before its rows are known here: then it waits. */
  judge(answered: Answered): void {
    const known = this.#known.get(answered.revision);
    if (known === undefined) {
      this.#waiting.push(answered);
      return;
    }
    this.revisions.add(answered.revision);
    for (const said of answered.said) this.#compare(known.asker, said, answered.revision);
    if (answered.list !== undefined) this.#compareList(known, answered.list, answered.revision);
  }

  /** What named a revision that there never was is wrong. */
  end(): void {
    for (const { revision, said } of this.#waiting) this.#note(`revision ${revision} is none: ${JSON.stringify(said)}`);
    this.#waiting = [];
  }

  #compare(asker: Asker, { question, decision, reason }: Said, revision: number): void {
    const { subject, resource, action, context } = question;
    const right = asker.about(subject, resource).decide(action, context);
    this.checks++;
    if (decision) this.allows++;
    if (right.decision !== decision || (reason !== undefined && right.reason !== reason))
      this.#note(`at ${revision} ${JSON.stringify(question)}: ${decision} ${reason}, and right is ${right.decision} ${right.reason}`);
  }

  #compareList(
    { rows, asker }: { rows: OrganizationRows; asker: Asker },
    { question, items }: NonNullable<Answered['list']>,
    revision: number,
  ) {
    const { resource, action, context } = question;
    const right = rows.subjects
      .map(({ subject }) => subject)
      .filter((subject) => {
        const at = subject.indexOf(':');
        return asker.about({ type: subject.slice(0, at), id: subject.slice(at + 1) }, resource).decide(action, context).decision;
      });
    this.lists++;
    if (right.sort().join() !== [...items].sort().join())
      this.#note(`at ${revision} the list of ${JSON.stringify(question)}: ${items.join()}, and right is ${right.join()}`);
  }

  #note(example: string): void {
    this.wrong++;
    if (this.examples.length < LISTED) this.examples.push(example);
  }
}
