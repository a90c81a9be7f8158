/**
 * The bitmap document: what one subject may do, for answers without a question to bitgate. It is the payload of a JWS; `src/client/bitmap.ts` reads it.
 *
 * Invariant: what it says of a check holds at its revision, at every time from `iat` to `exp`, whatever properties and context the check has (but
 * for properties of the subject, where a caller asserts them). Where that can't be said it says ask.
 *
 * A **row** has 2 bits for each of `names`, in their order, the first in the lowest bits of the first byte: 0 denied, 1 allowed, 2 ask, 3 there is no
 * such privilege here. Of an action `a` on a resource of type `t` the state is that of the name `a`; if there is no such privilege, that of `t:a`;
 * without that one, denied.
 */

export const BITMAP_VERSION = 1;
/** as JWS say it in `typ`; of the media type `application/bitgate-bitmap+jwt` */
export const BITMAP_TYPE = 'bitgate-bitmap+jwt';

export const STATE = { deny: 0, allow: 1, ask: 2, none: 3 } as const;
export type State = (typeof STATE)[keyof typeof STATE];

export interface BitmapClaims {
  /** where it was asked, and of which organization: `https://pdp.example/orgs/acme` */
  readonly iss: string;
  /** the subject, `type:id` */
  readonly sub: string;
  readonly aud?: string;
  /** seconds since 1970, both included: when it holds */
  readonly iat: number;
  readonly exp: number;
  readonly bitgate: BitmapDocument;
}

export interface BitmapDocument {
  readonly version: typeof BITMAP_VERSION;
  readonly organization: string;
  readonly revision: number;
  /** everything is denied; then the rest says nothing */
  readonly suspended?: true;
  /** with each are all of its form `<type>:<name>` that are privileges, and not denied wherever a row says anything */
  readonly names: readonly string[];
  /** of a name that isn't there: `deny`, wherever a row says anything; `ask`, since it was not asked for */
  readonly other_names: 'deny' | 'ask';
  /** base64url, without padding */
  readonly rows: readonly string[];
  /** row of a check without a resource */
  readonly org: number;
  readonly places: readonly BitmapPlace[];
  /** of resources that stand at no place; absent: ask */
  readonly unlisted?: BitmapUnlisted;
}

/** Resources that are alike. */
export interface BitmapPlace {
  readonly row: number;
  /** row of unregistered resources whose one parent is one of these; absent: ask */
  readonly below?: number;
  /** such are at project level */
  readonly project?: true;
  /** they are not registered: the row is of checks that claim no parents, with parents ask */
  readonly unregistered?: true;
  /** ids by type */
  readonly resources: Readonly<Record<string, readonly string[]>>;
}

/**
 * A resource that stands at no place is not registered, and nothing is granted on it. It is at project level if its type is `project`, or one of its
 * claimed parents is at that level (at its place, or for its type). Then its rows are: of each claimed parent `below` of its place, if that is of the
 * same level (else ask), or the level's root if it has none; without parents the level's root. All rows must say the same, else ask.
 */
export interface BitmapUnlisted {
  /** rows at organization level and at project level */
  readonly roots: readonly [number, number];
  /** types of which everything unregistered is denied */
  readonly closed: readonly string[];
  /** for which resource types a name is a privilege, at organization and at project level; null, and a name that isn't there: for any */
  readonly types: Readonly<Record<string, readonly [readonly string[] | null, readonly string[] | null]>>;
}
