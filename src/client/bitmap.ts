/**
 * Answers checks from a bitmap document, without a question to bitgate: allow, deny, or ask. Never wrong for its revision, while it lasts; what it
 * can't say is `ask`: then one asks `/check`. It knows nothing of a check's properties and context, and its answers hold whatever they are.
 */
import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey, jwtVerify } from 'jose';
import type { BITMAP_TYPE, BitmapClaims, BitmapDocument, State } from '../pdp/bitmap/document.ts';
import { readClaims } from './bitmap-claims.ts';
import { BitmapError } from './bitmap-error.ts';

export { BitmapError } from './bitmap-error.ts';

export type BitmapAnswer = 'allow' | 'deny' | 'ask';

export interface BitmapOptions {
  /** the keys of `/.well-known/jwks.json`, or what finds them (`createRemoteJWKSet` of jose) */
  readonly keys: JSONWebKeySet | JWTVerifyGetKey;
  /** the document must be of this origin and organization: `https://pdp.example/orgs/acme`. Absent: of any */
  readonly issuer?: string | undefined;
  /** the document must be for this audience. Absent: it must be for none in particular */
  readonly audience?: string | undefined;
  /** ms since 1970; absent: `Date.now` */
  readonly now?: (() => number) | undefined;
  /**
   * How far, in seconds, this clock may lie behind the one that dated the document (a clock that is behind makes a document last longer); at least 0,
   * default 30. Beyond it opening is refused.
   */
  readonly clockToleranceS?: number | undefined;
}

const TYPE: typeof BITMAP_TYPE = 'bitgate-bitmap+jwt';
const DEFAULT_TOLERANCE_S = 30;
const PROJECT = 'project';

/** of `STATE` */
const ALLOW = 1;
const DENY = 0;
const ASK = 2;
const NONE = 3;

/**
 * @param token as `GET /bitmap` answered it
 * @throws BitmapError by rejection: `invalid_bitmap` (garbled, forged, of another kind, issuer or audience), `unknown_version`, `expired`,
 *   `not_yet_valid`, `keys_unavailable` (they can't be had, so nothing was verified)
 */
export async function openBitmap(token: string, options: BitmapOptions): Promise<Bitmap> {
  const { keys, issuer, audience, now = Date.now, clockToleranceS = DEFAULT_TOLERANCE_S } = options;
  const time = now();
  const expected = {
    algorithms: ['EdDSA'],
    typ: TYPE,
    currentDate: new Date(time),
    requiredClaims: ['iss', 'sub', 'iat', 'exp'],
    ...(issuer === undefined ? {} : { issuer }),
    ...(audience === undefined ? {} : { audience }),
  };
  let payload: unknown;
  try {
    ({ payload } = await jwtVerify(token, typeof keys === 'function' ? keys : createLocalJWKSet(keys), expected));
  } catch (error) {
    throw refusalOf(error);
  }
  const claims = readClaims(payload);
  // A document for somebody else must not be taken because nobody said who this is.
  if (audience === undefined && claims.aud !== undefined)
    throw new BitmapError('invalid_bitmap', 'it is for an audience, and none is expected');
  const bitmap = new Bitmap(claims, now, clockToleranceS * 1_000);
  if (bitmap.isEarly(time)) throw new BitmapError('not_yet_valid', 'it is of a later time: the clock here is behind');
  return bitmap;
}

/** jose's codes of what went wrong with keys before anything could be verified */
const NO_KEYS: ReadonlySet<string> = new Set(['ERR_JWKS_TIMEOUT', 'ERR_JWKS_INVALID', 'ERR_JOSE_GENERIC']);

function refusalOf(cause: unknown): BitmapError {
  if (cause instanceof errors.JWTExpired) return new BitmapError('expired', 'it is over: get a new one');
  const found = cause instanceof errors.JOSEError && !NO_KEYS.has(cause.code);
  const why = cause instanceof Error ? cause.message : 'it can not be verified';
  return new BitmapError(found ? 'invalid_bitmap' : 'keys_unavailable', why, { cause });
}

interface Place {
  readonly row: number;
  readonly below: number | undefined;
  readonly project: boolean;
  readonly registered: boolean;
}

type Types = readonly [readonly string[] | null, readonly string[] | null];

/** An open document. */
export class Bitmap {
  readonly organization: string;
  readonly revision: number;
  /** `type:id` */
  readonly subject: string;
  /** ms since 1970; from then on all is `ask` */
  readonly expiresAt: number;
  readonly #from: number;
  readonly #now: () => number;
  readonly #document: BitmapDocument;
  readonly #names: ReadonlyMap<string, number>;
  readonly #rows: readonly Uint8Array[];
  readonly #places = new Map<string, Place>();
  readonly #types: ReadonlyMap<string, Types>;

  constructor({ sub, iat, exp, bitgate }: BitmapClaims, now: () => number, toleranceMs: number) {
    this.subject = sub;
    this.organization = bitgate.organization;
    this.revision = bitgate.revision;
    this.expiresAt = exp * 1_000;
    this.#from = iat * 1_000 - toleranceMs;
    this.#now = now;
    this.#document = bitgate;
    this.#names = new Map(bitgate.names.map((name, i) => [name, i]));
    this.#rows = bitgate.rows.map((row) => bytesOf(row, bitgate.names.length));
    this.#types = new Map(Object.entries(bitgate.unlisted?.types ?? {}));
    for (const { row, below, project = false, unregistered = false, resources } of bitgate.places) {
      const place = { row, below, project, registered: !unregistered };
      for (const [type, ids] of Object.entries(resources)) for (const id of ids) this.#places.set(`${type}:${id}`, place);
    }
  }

  /** `time` (ms) lies before what the document is of, by more than clocks may differ. */
  isEarly(time: number): boolean {
    return time < this.#from;
  }

  /**
   * What `/check` answers to `{subject, action, resource}` at the document's revision, or `ask`.
   * @param resource `type:id`; absent: the organization itself
   * @param parents what the check claims to lie above the resource, `type:id` each; counts for resources that are not registered
   */
  decide(action: string, resource?: string, parents: readonly string[] = []): BitmapAnswer {
    const time = this.#now();
    // Not `time >= …`: a clock that gives no number must not keep a document alive.
    if (!(time < this.expiresAt) || this.isEarly(time)) return 'ask';
    if (this.#document.suspended === true) return 'deny';
    if (resource === undefined) return answerOf(this.#state(action, '', [this.#document.org], undefined));
    const colon = resource.indexOf(':');
    if (colon <= 0 || colon === resource.length - 1) return 'ask';
    return this.#about(action, resource, resource.slice(0, colon), parents);
  }

  #about(action: string, resource: string, type: string, parents: readonly string[]): BitmapAnswer {
    const { unlisted } = this.#document;
    const place = this.#places.get(resource);
    if (place?.registered) return answerOf(this.#state(action, type, [place.row], undefined));
    if (unlisted?.closed.includes(type)) return 'deny';
    const claimed = parents.filter((parent) => parent !== resource && isReference(parent));
    if (place !== undefined) return claimed.length > 0 ? 'ask' : answerOf(this.#state(action, type, [place.row], undefined));
    if (unlisted === undefined) return 'ask';
    const project = type === PROJECT || claimed.some((parent) => this.#isProject(parent));
    const root = unlisted.roots[project ? 1 : 0];
    const rows = claimed.length === 0 ? [root] : claimed.map((parent) => this.#below(parent, project, root));
    return rows.includes(undefined) ? 'ask' : answerOf(this.#state(action, type, rows, project));
  }

  /** Is something below it at project level? */
  #isProject(parent: string): boolean {
    return this.#places.get(parent)?.project ?? parent.startsWith(`${PROJECT}:`);
  }

  /** The row of what is below it; undefined: that level was not asked about there. */
  #below(parent: string, project: boolean, root: number): number | undefined {
    const place = this.#places.get(parent);
    if (place === undefined) return root;
    return place.project === project ? place.below : undefined;
  }

  /** @param level of something unlisted, at project level or not: which types the names are for is to be seen here */
  #state(action: string, type: string, rows: readonly (number | undefined)[], level: boolean | undefined): State {
    const absent = this.#document.other_names === 'ask' ? ASK : NONE;
    const state = this.#named(action, type, rows, level, absent);
    if (state !== NONE || type === '') return state;
    // With a name is all that it may mean.
    return this.#named(`${type}:${action}`, type, rows, level, NONE);
  }

  #named(name: string, type: string, rows: readonly (number | undefined)[], level: boolean | undefined, absent: State): State {
    const column = this.#names.get(name);
    if (column === undefined) return absent;
    const types = level === undefined ? null : this.#types.get(name)?.[level ? 1 : 0];
    if (types && !types.includes(type)) return NONE;
    const [first = ASK, ...others] = rows.map((row) => this.#at(row, column));
    return others.every((other) => other === first) ? first : ASK;
  }

  #at(row: number | undefined, column: number): State {
    const byte = this.#rows[row ?? -1]?.[column >> 2];
    if (byte === undefined) return ASK;
    // `as`: two bits
    return ((byte >> (2 * (column & 3))) & 3) as State;
  }
}

function answerOf(state: State): BitmapAnswer {
  if (state === ALLOW) return 'allow';
  return state === DENY || state === NONE ? 'deny' : 'ask';
}

function isReference(text: string): boolean {
  const colon = text.indexOf(':');
  return colon > 0 && colon < text.length - 1;
}

/** @throws BitmapError `invalid_bitmap` when it is no row of so many states */
function bytesOf(row: string, states: number): Uint8Array {
  let text: string;
  try {
    text = atob(row.replaceAll('-', '+').replaceAll('_', '/'));
  } catch (cause) {
    throw new BitmapError('invalid_bitmap', 'a row is not base64url', { cause });
  }
  if (text.length !== Math.ceil(states / 4)) throw new BitmapError('invalid_bitmap', 'a row is too long or too short');
  return Uint8Array.from(text, (unit) => unit.charCodeAt(0));
}
