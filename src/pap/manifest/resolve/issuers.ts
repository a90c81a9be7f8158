/** Issuers of end users' tokens: complete, without secrets, and no two that could speak for one subject. */
import { isKeysUri, keyFits, prefixesMeet, RESERVED_SUBJECT_TYPES, secretMembers } from '../../../core/terms/issuer.ts';
import type { JsonObject } from '../../../core/terms/json.ts';
import { type Problems, quote } from '../problems.ts';
import type { IssuerItem } from '../settings-schema.ts';
import { checkTypes } from './types.ts';

const PATH = 'settings.issuers';

export function checkIssuers(issuers: readonly IssuerItem[], problems: Problems): void {
  for (const [i, item] of issuers.entries()) {
    const path = `${PATH}[${i}]`;
    checkTypes([item.subject_type], `${path}.subject_type`, problems);
    if (RESERVED_SUBJECT_TYPES.includes(item.subject_type)) {
      problems.add('reserved_type', `${path}.subject_type`, `a token cannot stand for a subject of type ${quote(item.subject_type)}`);
    }
    checkSource(item, path, problems);
    checkOthers(item, issuers.slice(0, i), path, problems);
  }
}

/** Where the keys come from: there is exactly one place, and it can have keys that verify. */
function checkSource({ jwks_uri: uri, jwks, algorithms }: IssuerItem, path: string, problems: Problems): void {
  if ((uri === undefined) === (jwks === undefined)) {
    problems.add('keys_or_uri', path, 'an issuer names exactly one of `jwks_uri` and `jwks`');
    return;
  }
  if (uri !== undefined && !isKeysUri(uri)) {
    const expected = 'an https address with the name of a host, that is no IP address nor `localhost`, without user and fragment';
    problems.add('invalid_value', `${path}.jwks_uri`, `${quote(uri)} is no address of keys: expected ${expected}`);
  }
  const keys = jwks?.keys ?? [];
  if (jwks !== undefined && keys.length === 0) problems.add('invalid_value', `${path}.jwks.keys`, 'must not be empty');
  for (const [j, key] of keys.entries()) checkKey(key, keys.slice(0, j), algorithms, `${path}.jwks.keys[${j}]`, problems);
}

function checkKey(key: JsonObject, others: readonly JsonObject[], algorithms: readonly string[], path: string, problems: Problems): void {
  const secret = secretMembers(key);
  if (secret.length > 0) {
    problems.add('private_key', path, `a public key must not have ${secret.map((member) => `\`${member}\``).join(', ')}`);
  } else if (!algorithms.some((algorithm) => keyFits(key, algorithm))) {
    const all = algorithms.map((algorithm) => `\`${algorithm}\``).join(', ');
    problems.add(
      'invalid_key',
      path,
      `the key verifies for none of ${all}: \`kty\`, \`crv\`, \`alg\`, \`use\` and \`key_ops\` must suit, and RSA keys have 2048 bits or more`,
    );
  }
  if (key.kid !== undefined && typeof key.kid !== 'string') problems.add('wrong_type', `${path}.kid`, 'expected a string');
  else if (others.some(({ kid }) => kid === key.kid)) {
    problems.add('duplicate_id', path, 'the key has no `kid` of its own: a token could not choose it');
  }
}

/** No two issuers may speak under one name, or for one subject. */
function checkOthers(item: IssuerItem, others: readonly IssuerItem[], path: string, problems: Problems): void {
  if (others.some((other) => other.issuer === item.issuer)) {
    problems.add('duplicate_id', `${path}.issuer`, `the issuer ${quote(item.issuer)} is there twice`);
  } else if (others.some((other) => other.subject_type === item.subject_type && prefixesMeet(other.subject_prefix, item.subject_prefix))) {
    problems.add(
      'overlapping_issuers',
      path,
      'another issuer could give the same subjects: give each a `subject_type` or `subject_prefix` of its own',
    );
  }
}
