/** The claims of a bitmap document, looked at before anything is read out of them: what was signed may still be of another version. */
import type { BITMAP_VERSION, BitmapClaims, BitmapDocument } from '../pdp/bitmap/document.ts';
import { BitmapError } from './bitmap-error.ts';

const VERSION: typeof BITMAP_VERSION = 1;

type Json = Readonly<Record<string, unknown>>;

/** @throws BitmapError `unknown_version`, `invalid_bitmap` */
export function readClaims(payload: unknown): BitmapClaims {
  if (!isObject(payload) || !isObject(payload.bitgate)) throw invalid('it has no `bitgate`');
  const { bitgate } = payload;
  if (bitgate.version !== VERSION) throw new BitmapError('unknown_version', `version ${String(bitgate.version)} is not known here`);
  const { iss, sub, aud, iat, exp } = payload;
  if (typeof iss !== 'string' || typeof sub !== 'string' || !(aud === undefined || typeof aud === 'string'))
    throw invalid('`iss`, `sub` or `aud`');
  if (!isTime(iat) || !isTime(exp)) throw invalid('`iat` or `exp`');
  return { iss, sub, iat, exp, bitgate: documentOf(bitgate), ...(aud === undefined ? {} : { aud }) };
}

function documentOf(document: Json): BitmapDocument {
  const good =
    typeof document.organization === 'string' &&
    isTime(document.revision) &&
    (document.suspended === undefined || document.suspended === true) &&
    isTexts(document.names) &&
    (document.other_names === 'deny' || document.other_names === 'ask') &&
    isTexts(document.rows) &&
    isRow(document.org, document.rows.length) &&
    isArrayOf(document.places, (place) => isPlace(place, rowsOf(document))) &&
    (document.unlisted === undefined || isUnlisted(document.unlisted, rowsOf(document)));
  if (!good) throw invalid('it is not what its version says');
  // every member was looked at above
  return document as unknown as BitmapDocument;
}

function rowsOf({ rows }: Json): number {
  return Array.isArray(rows) ? rows.length : 0;
}

function isPlace(place: unknown, rows: number): boolean {
  return (
    isObject(place) &&
    isRow(place.row, rows) &&
    (place.below === undefined || isRow(place.below, rows)) &&
    (place.project === undefined || place.project === true) &&
    (place.unregistered === undefined || place.unregistered === true) &&
    isObject(place.resources) &&
    Object.values(place.resources).every(isTexts)
  );
}

function isUnlisted(unlisted: unknown, rows: number): boolean {
  return (
    isObject(unlisted) &&
    isArrayOf(unlisted.roots, (root) => isRow(root, rows)) &&
    unlisted.roots.length === 2 &&
    isTexts(unlisted.closed) &&
    isObject(unlisted.types) &&
    Object.values(unlisted.types).every((types) => isArrayOf(types, (each) => each === null || isTexts(each)) && types.length === 2)
  );
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isArrayOf(value: unknown, is: (item: unknown) => boolean): value is readonly unknown[] {
  return Array.isArray(value) && value.every(is);
}

function isTexts(value: unknown): value is readonly string[] {
  return isArrayOf(value, (item) => typeof item === 'string');
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isRow(value: unknown, rows: number): value is number {
  return isTime(value) && value < rows;
}

function invalid(what: string): BitmapError {
  return new BitmapError('invalid_bitmap', what);
}
