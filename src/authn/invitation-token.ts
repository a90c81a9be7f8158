/**
 * Tokens of invitations: `bgi_<org>_<id>_<secret>`. They name their organization, so that the address where one is accepted need not. Like those
 * of API keys they split in one way only; what begins with `bgi_` is no key's.
 */
import { randomText } from './token.ts';

const TOKEN = /^bgi_([a-z0-9-]{1,63})_([a-z0-9]{1,64})_([A-Za-z0-9_-]{16,256})$/;
const ID_CHARS = 16;
/** 5 bits each: 260 bits */
const SECRET_CHARS = 52;

/** What a token says of itself; nothing of it is proved yet. */
export interface InvitationTokenParts {
  readonly organization: string;
  readonly id: string;
}

/** Null for anything that is not a token of an invitation. */
export function splitInvitationToken(token: string): InvitationTokenParts | null {
  const parts = TOKEN.exec(token);
  if (parts === null) return null;
  const [, organization = '', id = ''] = parts;
  return { organization, id };
}

export function newInvitationId(fill: (bytes: Uint8Array) => void): string {
  return randomText(ID_CHARS, fill);
}

/** A whole new token: shown once, stored as its hash. */
export function newInvitationToken(organization: string, id: string, fill: (bytes: Uint8Array) => void): string {
  return `bgi_${organization}_${id}_${randomText(SECRET_CHARS, fill)}`;
}
