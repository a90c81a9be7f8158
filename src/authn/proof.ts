/** What a verified token says, in the organization whose issuer signed it. It counts for the request that brings the token, and is never written down. */
import type { Entity, TokenRole } from '../core/terms/request.ts';

export interface TokenProof {
  readonly subject: Entity;
  /** ids of groups, by the organization's claim mappings */
  readonly groups: readonly string[];
  readonly roles: readonly TokenRole[];
  /** ms since 1970 */
  readonly expiresAt: number;
  /** address that the issuer says it has verified; null: none */
  readonly email: string | null;
}
