/** An invitation as it is stored, beside the model. */

export interface InvitationRow {
  readonly id: string;
  readonly scope: string;
  /** JSON array of ids of roles */
  readonly roles: string;
  readonly email: string | null;
  /** whom it is for; null: whoever holds the link */
  readonly subject: string | null;
  /** SHA-256 of the token in force, 64 hex digits */
  readonly hash: string;
  /** JSON array: hashes of the tokens before it */
  readonly retired: string;
  /** pending and past its end is expired */
  readonly state: 'pending' | 'accepted' | 'declined' | 'revoked';
  readonly max_uses: number;
  /** JSON array of subjects */
  readonly accepted_by: string;
  /** who sent it last: `root` or a subject */
  readonly inviter: string;
  /** ms since 1970 */
  readonly created_at: number;
  readonly expires_at: number;
}

export type InvitationState = InvitationRow['state'] | 'expired';

export function stateOf({ state, expires_at }: Pick<InvitationRow, 'state' | 'expires_at'>, now: number): InvitationState {
  return state === 'pending' && expires_at <= now ? 'expired' : state;
}

/** Texts of a JSON column that only bitgate writes. */
export function textsIn(json: string): readonly string[] {
  const value: unknown = JSON.parse(json);
  return Array.isArray(value) ? value.filter((each): each is string => typeof each === 'string') : [];
}
