/**
 * References: `type:id` for subjects and resources, `group:<id>` for groups, `org` for the organization as a scope.
 * Invariant: a type holds no colon, so `type + ':' + id` splits at its first colon into what it was made of.
 */
import { LIMITS } from './limits.ts';
import { BitgateError } from './problem.ts';

export const ORG_SCOPE = 'org';
export const GROUP_TYPE = 'group';
export const PROJECT_TYPE = 'project';
export const GROUP_EVERYONE = 'group:everyone';
export const GROUP_ANYONE = 'group:anyone';
export const GROUP_OWNER = 'group:owner';
export const GROUP_OWNER_PREFIX = 'group:owner:';

/** True for `group:everyone`, `group:anyone`, `group:owner` and `group:owner:<kind>`: groups without rows. */
export function isReservedGroup(principal: string): boolean {
  return (
    principal === GROUP_EVERYONE || principal === GROUP_ANYONE || principal === GROUP_OWNER || principal.startsWith(GROUP_OWNER_PREFIX)
  );
}

export interface Ref {
  readonly type: string;
  readonly id: string;
}

/** Lone surrogates have no UTF-8 form, so two different ids would become one when stored (I-JSON, RFC 7493 §2.1). */
export function isWellFormed(text: string): boolean {
  return !/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/.test(text);
}

/** Bytes of `text` in UTF-8; `text` must be well-formed. */
export function utf8Length(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit >= 0x80) bytes += unit >= 0x800 ? (unit >= 0xd800 && unit <= 0xdfff ? 1 : 2) : 1;
  }
  return bytes;
}

/**
 * Splits `type:id` at the first colon.
 * @throws BitgateError `invalid_reference` (400) when a part is empty, too long, or not well-formed Unicode
 */
export function parseRef(text: string): Ref {
  const colon = text.indexOf(':');
  if (colon <= 0 || colon === text.length - 1) {
    throw new BitgateError('invalid_reference', 400, `\`${text.slice(0, 80)}\` is not a reference: expected \`type:id\``);
  }
  checkRefText(text);
  return { type: text.slice(0, colon), id: text.slice(colon + 1) };
}

/**
 * The one text form of a subject or resource.
 * @throws BitgateError `invalid_reference` (400) when the parts could not be told apart again
 */
export function formatRef(type: string, id: string): string {
  if (type === '' || id === '' || type.includes(':')) {
    throw new BitgateError('invalid_reference', 400, 'a type must not be empty nor hold a colon, an id must not be empty');
  }
  const text = `${type}:${id}`;
  checkRefText(text);
  return text;
}

/** Is it short enough for an id or a name? Megabytes are refused without looking through them; else `text` must be well-formed. */
export function isShort(text: string): boolean {
  return text.length <= LIMITS.idUtf8Bytes && utf8Length(text) <= LIMITS.idUtf8Bytes;
}

function checkRefText(text: string): void {
  if (!isShort(text)) {
    throw new BitgateError('invalid_reference', 400, `a reference must not be longer than ${LIMITS.idUtf8Bytes} bytes`);
  }
  if (!isWellFormed(text)) throw new BitgateError('invalid_reference', 400, 'a reference must not hold a lone surrogate');
}

/** Who asks without having said who. No reference is like it, so nothing is stored about it, and of all principals only `group:anyone` is its. */
export const NOBODY: { readonly type: string; readonly id: string } = { type: '', id: '' };

/** Can anything be the own of a subject of this type? Of `NOBODY`, and of the type `group`, which is never a group, all principals but `group:anyone` are not. */
export function isSomebody(type: string): boolean {
  return type !== GROUP_TYPE && type !== NOBODY.type;
}
