/** Issuers of end users' tokens: complete, without secrets, and no two that could speak for one subject. */
import type { JsonObject } from '../../../core/terms/json.ts';
import { type Problems, quote } from '../problems.ts';
import type { IssuerItem } from '../settings-schema.ts';
import { checkTypes } from './types.ts';

const PATH = 'settings.issuers';
/** members of a JWK that only the signer may know (RFC 7518 §6.2.2, §6.3.2, §6.4; RFC 8037 §2) */
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];
const RESERVED_TYPES = ['group', 'api_key'];

export function checkIssuers(issuers: readonly IssuerItem[], problems: Problems): void {
  for (const [i, item] of issuers.entries()) {
    const path = `${PATH}[${i}]`;
    checkTypes([item.subject_type], `${path}.subject_type`, problems);
    if (RESERVED_TYPES.includes(item.subject_type)) {
      problems.add('reserved_type', `${path}.subject_type`, `a token cannot stand for a subject of type ${quote(item.subject_type)}`);
    }
    if ((item.jwks_uri === undefined) === (item.jwks === undefined)) {
      problems.add('keys_or_uri', path, 'an issuer names exactly one of `jwks_uri` and `jwks`');
    }
    if (item.jwks_uri !== undefined && !/^https:\/\/[^\s/]/.test(item.jwks_uri)) {
      problems.add('invalid_value', `${path}.jwks_uri`, 'keys are fetched over https only');
    }
    for (const [j, key] of (item.jwks?.keys ?? []).entries()) checkKey(key, `${path}.jwks.keys[${j}]`, problems);
    const others = issuers.slice(0, i);
    if (others.some((other) => other.issuer === item.issuer)) {
      problems.add('duplicate_id', `${path}.issuer`, `the issuer ${quote(item.issuer)} is there twice`);
    } else if (others.some((other) => other.subject_type === item.subject_type && overlap(other.subject_prefix, item.subject_prefix))) {
      problems.add(
        'overlapping_issuers',
        path,
        'another issuer could give the same subjects: give each a `subject_type` or `subject_prefix` of its own',
      );
    }
  }
}

/** True when one begins with the other: then some id begins with both. */
function overlap(a = '', b = ''): boolean {
  return a.startsWith(b) || b.startsWith(a);
}

function checkKey(key: JsonObject, path: string, problems: Problems): void {
  const secret = PRIVATE_MEMBERS.filter((member) => Object.hasOwn(key, member));
  if (secret.length > 0)
    problems.add('private_key', path, `a public key must not have ${secret.map((member) => `\`${member}\``).join(', ')}`);
}
