/** The end user whom a credential stands for, in an organization that is open: by a JWT of one of its issuers, or by one of its own API keys. */
import { invalidCredentials, tokenOf } from '../../authn/authorization.ts';
import { confirmed } from '../../authn/callers.ts';
import type { TokenProof } from '../../authn/proof.ts';
import { looksLikeJwt } from '../../authn/tokens.ts';
import type { CheckOptions, Entity } from '../../core/terms/request.ts';
import type { Session } from '../../pdp/pdp.ts';
import type { RequestLife } from '../../pdp/ports.ts';
import { callerOf, type GateServices, rightsOf } from './gate.ts';

export interface User {
  readonly subject: Entity;
  /** for decisions about `subject`, and about nobody else */
  readonly options: CheckOptions | undefined;
}

/**
 * @param session of the organization; of the present: a key or an issuer that it doesn't know yet is none
 * @param credential the value of an `authorization` header, or a bare token
 * @returns at once what a token is remembered to say
 * @throws BitgateError `invalid_credentials` (401), also for the root token; `keys_unavailable` (503)
 */
export function proveUser(services: GateServices, session: Session, credential: string, life: RequestLife): User | Promise<User> {
  // The value of a header holds a space, a token none.
  const header = credential.includes(' ') ? credential : `Bearer ${credential}`;
  const token = tokenOf(header);
  if (!looksLikeJwt(token)) return userOfKey(services, session, header, life);
  const { manifest, catalog } = session.snapshot;
  const proof = services.tokens.proof(token, manifest.organization, catalog);
  return proof instanceof Promise ? proof.then(userOf) : userOf(proof);
}

function userOf(proof: TokenProof): User {
  return { subject: proof.subject, options: rightsOf(proof) };
}

async function userOfKey(services: GateServices, session: Session, header: string, life: RequestLife): Promise<User> {
  const claim = await services.callers.claim(header);
  if (claim.root || 'jwt' in claim || claim.organization !== session.snapshot.manifest.organization) throw invalidCredentials();
  const now = services.now();
  if (!confirmed(claim, await session.key(claim.keyId), now)) throw invalidCredentials();
  services.callers.remember(header, claim);
  services.keyUses.note(claim, now, life);
  return { subject: callerOf(claim), options: undefined };
}
