/** The issuers of an organization, from its catalog's settings. Those may be typed by hand: an issuer that is not whole is no issuer. */
import type { Catalog } from '../../core/snapshot/catalog.ts';
import { isAlgorithm, isKeysUri, keyFits, MOST_ISSUERS, prefixesMeet, RESERVED_SUBJECT_TYPES } from '../../core/terms/issuer.ts';
import { isMembers, type Members } from './compact.ts';
import { KeySet } from './key-set.ts';
import { Mappings } from './mappings.ts';

export interface Issuer {
  readonly issuer: string;
  readonly audience: string;
  readonly algorithms: readonly string[];
  /** inline, or where they are fetched */
  readonly keys: KeySet | string;
  readonly subjectType: string;
  readonly subjectPrefix: string;
  /** the claim that names the subject */
  readonly subjectClaim: string;
  readonly mappings: Mappings;
}

export interface Issuers {
  readonly byName: ReadonlyMap<string, Issuer>;
  /** of these settings alone; keeping it keeps nothing else */
  readonly mark: symbol;
}

const known = new WeakMap<Catalog, Issuers>();

/** Read once of each catalog; never throws. */
export function issuersOf(catalog: Catalog): Issuers {
  let issuers = known.get(catalog);
  if (issuers === undefined) {
    issuers = readIssuers(catalog);
    known.set(catalog, issuers);
  }
  return issuers;
}

function readIssuers(catalog: Catalog): Issuers {
  const settings: unknown = JSON.parse(catalog.settings); // that they are an object is proved when a catalog is opened
  const { issuers, claim_mappings } = isMembers(settings) ? settings : {};
  const mappings = new Mappings(claim_mappings, catalog);
  const all = (Array.isArray(issuers) ? issuers.slice(0, MOST_ISSUERS) : []).flatMap((item) => readIssuer(item, mappings));
  return { byName: new Map(all.filter((each) => isAlone(each, all)).map((each) => [each.issuer, each])), mark: Symbol('issuers') };
}

/** Nobody else speaks under its name, or for its subjects. */
function isAlone(issuer: Issuer, all: readonly Issuer[]): boolean {
  return all.every(
    (other) =>
      other === issuer ||
      (other.issuer !== issuer.issuer &&
        (other.subjectType !== issuer.subjectType || !prefixesMeet(other.subjectPrefix, issuer.subjectPrefix))),
  );
}

function readIssuer(item: unknown, mappings: Mappings): Issuer[] {
  if (!isMembers(item)) return [];
  const { issuer, audience, algorithms, subject_type, subject_prefix = '', subject_claim = 'sub' } = item;
  if (!isText(issuer) || !isText(audience) || !isText(subject_type) || !isText(subject_claim) || typeof subject_prefix !== 'string')
    return [];
  if (subject_type.includes(':') || RESERVED_SUBJECT_TYPES.includes(subject_type)) return [];
  if (!Array.isArray(algorithms) || algorithms.length === 0 || !algorithms.every(isAlgorithm)) return [];
  const keys = keysOf(item, algorithms);
  if (keys === null) return [];
  const subject = { subjectType: subject_type, subjectPrefix: subject_prefix, subjectClaim: subject_claim };
  return [{ issuer, audience, algorithms, keys, ...subject, mappings }];
}

function keysOf({ jwks, jwks_uri: uri }: Members, algorithms: readonly string[]): KeySet | string | null {
  if (jwks === undefined) return typeof uri === 'string' && isKeysUri(uri) ? uri : null;
  const keys = uri === undefined ? KeySet.read(jwks) : null;
  return keys?.has((jwk) => algorithms.some((algorithm) => keyFits(jwk, algorithm))) ? keys : null;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
