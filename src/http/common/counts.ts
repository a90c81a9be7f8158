/** What the faces of one isolate count: numbers in lists made beforehand. Labels are of closed sets; no organization, no subject, nothing that is sent. */
import { type Decision, REASONS } from '../../core/terms/decision.ts';
import type { DecidingFace } from './checks/observer.ts';

export const DECIDING_FACES: readonly DecidingFace[] = ['check', 'batch', 'authzen', 'forward-auth', 'rpc'];
export const FACES = ['check', 'list', 'authzen', 'bitmap', 'forward-auth', 'rpc', 'admin', 'ops', 'docs', 'other'] as const;
export type Face = (typeof FACES)[number];

/** upper bounds of the histogram of ages, ms */
export const AGES_MS = [100, 500, 1_000, 2_500, 5_000, 10_000, 60_000, 300_000] as const;
/** 1xx to 5xx, at their hundreds */
export const STATUS_CLASSES = 6;

/** Places in lists, found at once: each decision is counted. */
const REASON_AT = placesOf(REASONS);
const FACE_AT = placesOf(DECIDING_FACES);

function placesOf<Name extends string>(names: readonly Name[]): Readonly<Record<Name, number>> {
  // the keys are those names, all of them
  return Object.fromEntries(names.map((name, at) => [name, at])) as Record<Name, number>;
}

export class Counts {
  /** names this isolate, and nothing else */
  readonly isolate: string;
  /** ms since 1970 */
  readonly startedAt: number;
  /** decisions that an answer was made of, by face and reason: at `face * REASONS.length + reason` */
  readonly decisions = new Float64Array(DECIDING_FACES.length * REASONS.length);
  /** answers by face and hundreds of the status: at `face * STATUS_CLASSES + hundreds` */
  readonly requests = new Float64Array(FACES.length * STATUS_CLASSES);
  /** refusals by code */
  readonly errors = new Map<string, number>();
  /** answers with decisions, by age: at the first bound that isn't below it, beyond all bounds at the end */
  readonly ages = new Float64Array(AGES_MS.length + 1);
  ageSumMs = 0;

  constructor(isolate: string, startedAt: number) {
    this.isolate = isolate;
    this.startedAt = startedAt;
  }

  decided(face: DecidingFace, { reason }: Decision): void {
    const at = FACE_AT[face] * REASONS.length + REASON_AT[reason];
    this.decisions[at] = this.decisions[at]! + 1;
  }

  /** @param ageMs of what an answer rests on */
  aged(ageMs: number): void {
    let at = 0;
    while (at < AGES_MS.length && ageMs > AGES_MS[at]!) at++;
    this.ages[at] = this.ages[at]! + 1;
    this.ageSumMs += ageMs;
  }

  answered(face: Face, status: number): void {
    const at = FACES.indexOf(face) * STATUS_CLASSES + Math.floor(status / 100);
    this.requests[at] = this.requests[at]! + 1;
  }

  /** @param code of an error, one of those that the code knows */
  failed(code: string): void {
    this.errors.set(code, (this.errors.get(code) ?? 0) + 1);
  }
}
