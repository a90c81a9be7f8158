/**
 * Who was let in, as a document that an upstream can verify with `/.well-known/jwks.json`: short-lived, and for the one host that was asked (SEC-44).
 * It says who, not what is allowed, so that one may serve several requests.
 */
import type { Entity } from '../../core/terms/request.ts';
import { identifierOf } from '../common/identifier.ts';
import type { Signer } from '../common/signing.ts';

/** media type, without `application/` */
export const IDENTITY_TYPE = 'bitgate-identity+jwt';
const VALID_S = 60;
const REUSED_MS = 30_000;
/** some 700 bytes each */
const REMEMBERED = 2_000;

interface Remembered {
  readonly token: string;
  /** ms */
  readonly until: number;
}

export interface Identified {
  readonly url: string;
  readonly organization: string;
  readonly subject: Entity;
  /** host of the original request */
  readonly audience: string;
}

export class Identities {
  readonly #signer: Signer;
  readonly #known = new Map<string, Remembered>();

  constructor(signer: Signer) {
    this.#signer = signer;
  }

  /** At once what is remembered. Null: there is no key to sign with. */
  of(identified: Identified, now: number): string | null | Promise<string> {
    if (!this.#signer.configured) return null;
    const { url, organization, subject, audience } = identified;
    // None but the last holds a space.
    const key = `${url.slice(0, url.indexOf('/', url.indexOf('://') + 3))} ${organization} ${audience} ${subject.type}:${subject.id}`;
    const known = this.#known.get(key);
    return known !== undefined && now < known.until ? known.token : this.#sign(key, identified, now);
  }

  async #sign(key: string, { url, organization, subject, audience }: Identified, now: number): Promise<string> {
    const iat = Math.floor(now / 1_000);
    const claims = { iss: identifierOf(url, organization), sub: `${subject.type}:${subject.id}`, aud: audience, iat, exp: iat + VALID_S };
    const token = await this.#signer.sign(IDENTITY_TYPE, claims);
    this.#known.delete(key);
    if (this.#known.size >= REMEMBERED) {
      const oldest = this.#known.keys().next();
      if (!oldest.done) this.#known.delete(oldest.value);
    }
    this.#known.set(key, { token, until: now + REUSED_MS });
    return token;
  }
}
