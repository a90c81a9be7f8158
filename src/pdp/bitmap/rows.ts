/** Rows of a bitmap: each state is what the evaluator answers to two open questions, what is held whatever is asked, and what might be held. */
import { BitgateError } from '../../core/terms/problem.ts';
import type { CheckOptions, Entity, OpenQuestion } from '../../core/terms/request.ts';
import { STATE, type State } from './document.ts';
import type { Reading } from './reading.ts';

/** seconds since 1970, both included */
export interface Span {
  readonly iat: number;
  readonly exp: number;
}

/** The part of a span in which a token is valid that ends at `expiresAt` (ms, excluded): what it proves holds no longer. */
export function within({ iat, exp }: Span, expiresAt: number): Span {
  return { iat, exp: Math.min(exp, Math.ceil(expiresAt / 1_000) - 1) };
}

/** What a row is of: a resource, or whatever is unregistered below it (below `org` without one), at project level at least if that is said. */
export interface RowOf {
  readonly resource?: Entity | undefined;
  readonly below?: { readonly project: boolean } | undefined;
}

/** What a token proves of the subject. */
export type Proven = Pick<CheckOptions, 'groups' | 'roles'>;

interface Asked {
  readonly subject: Entity;
  readonly proven?: Proven | undefined;
}

type Told = NonNullable<OpenQuestion['told']>;

const STATES_PER_BYTE = 4;

export class RowReader {
  readonly #reading: Reading;
  readonly #subject: Entity;
  readonly #proven: Proven;
  readonly #names: readonly string[];
  readonly #from: number;
  readonly #until: number;
  readonly #told: Told;
  readonly #toldOfNothing: Told;

  /** @param registered then its stored properties are all that counts; else a request may say of it what it likes */
  constructor(reading: Reading, { subject, proven }: Asked, registered: boolean, names: readonly string[], { iat, exp }: Span) {
    this.#reading = reading;
    this.#subject = { type: subject.type, id: subject.id };
    this.#proven = { groups: proven?.groups, roles: proven?.roles };
    this.#names = names;
    this.#from = iat * 1_000;
    this.#until = exp * 1_000;
    this.#told = new Set(registered ? ['subject'] : []);
    // Without a resource there is nothing that a request could say of one.
    this.#toldOfNothing = new Set(registered ? ['subject', 'resource'] : ['resource']);
  }

  /** Is everything denied, all the time? */
  async suspended(): Promise<boolean> {
    const { reason } = await this.#ask('', {}, this.#options('most', {}));
    return reason === 'subject_suspended';
  }

  /** The states of all names. @throws BitgateError `stale` (503) when a leaf can't be loaded */
  async row(of: RowOf): Promise<Uint8Array> {
    const most = this.#options('most', of);
    const least = this.#options('least', of);
    const states = new Uint8Array(this.#names.length);
    for (let i = 0; i < states.length; i++) {
      const state = this.#state(this.#names[i]!, of, most, least);
      states[i] = state instanceof Promise ? await state : state;
      if (this.#reading.due) await this.#reading.pause();
      if (this.#reading.overworked) throw tooMuchWork();
    }
    return states;
  }

  #state(name: string, of: RowOf, most: CheckOptions, least: CheckOptions): State | Promise<State> {
    const possible = this.#ask(name, of, most);
    if (possible instanceof Promise) return this.#stateLoading(name, of, most, least);
    if (!possible.decision) return possible.reason === 'unknown_privilege' ? STATE.none : STATE.deny;
    const certain = this.#ask(name, of, least);
    if (certain instanceof Promise) return this.#stateLoading(name, of, most, least);
    return certain.decision ? STATE.allow : STATE.ask;
  }

  async #stateLoading(name: string, of: RowOf, most: CheckOptions, least: CheckOptions): Promise<State> {
    const possible = await this.#ask(name, of, most);
    if (!possible.decision) return possible.reason === 'unknown_privilege' ? STATE.none : STATE.deny;
    return (await this.#ask(name, of, least)).decision ? STATE.allow : STATE.ask;
  }

  #ask(name: string, { resource }: RowOf, options: CheckOptions) {
    return this.#reading.decide({ subject: this.#subject, action: { name }, resource }, this.#from, options);
  }

  #options(counting: OpenQuestion['counting'], { resource, below }: RowOf): CheckOptions {
    const told = resource === undefined && below === undefined ? this.#toldOfNothing : this.#told;
    const open = { counting, until: this.#until, told };
    return { ...this.#proven, open: below === undefined ? open : { ...open, below: { project: below.project, restricted: false } } };
  }
}

function tooMuchWork(): BitgateError {
  return new BitgateError('bitmap_too_large', 422, 'its conditions cost more than one request may: name the privileges that are needed');
}

/** 2 bits each, the first in the lowest bits; base64url. @param columns which of the states */
export function packRow(states: Uint8Array, columns: readonly number[]): string {
  const bytes = new Uint8Array(Math.ceil(columns.length / STATES_PER_BYTE));
  columns.forEach((column, i) => {
    bytes[Math.floor(i / STATES_PER_BYTE)]! |= states[column]! << (2 * (i % STATES_PER_BYTE));
  });
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}
