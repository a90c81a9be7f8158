/** Identity providers of several names, each with a key of its own; their tokens are for the audience `bitgate`. */
import { issuing } from './users.ts';

export interface TestIssuer {
  /** as `settings.issuers` writes it */
  readonly settings: object;
  /** @param claims over those of an ordinary token of `sub` */
  sign(sub: string, claims?: Record<string, unknown>): Promise<string>;
}

/** @param name what stands in `iss`; its tokens stand for `<type>:<sub>` */
export async function makeIssuer(name: string, type = 'user'): Promise<TestIssuer> {
  const issuer = await issuing('bitgate', { issuer: name, subject_type: type });
  return { settings: issuer.settings, sign: (sub, claims = {}) => issuer.sign({ iss: name, sub, ...claims }) };
}
