/**
 * `dataset:{id}`: what a route makes a resource of. Invariant: different values of its parameters make different resources. No value holds a `/`, so
 * parameters are told apart by one between them (SEC-01).
 */
import { LIMITS } from './limits.ts';
import { isShort, isWellFormed, type Ref } from './ref.ts';

export interface Template {
  readonly type: string;
  /** of the id: text, name, text, name, …, text */
  readonly parts: readonly string[];
}

const PARAMETER = /\{([A-Za-z_][A-Za-z0-9_]*)\}/;

/** Undefined when it is none. */
export function readTemplate(text: string): Template | undefined {
  const colon = text.indexOf(':');
  const type = text.slice(0, Math.max(colon, 0));
  const parts = text.slice(colon + 1).split(PARAMETER);
  const texts = parts.filter((_, i) => i % 2 === 0);
  const sound =
    isText(type) &&
    type.length <= LIMITS.nameChars &&
    texts.every((each) => each === '' || isText(each)) &&
    texts.slice(1, -1).every((between) => between.includes('/'));
  return sound && (parts.length > 1 || parts[0] !== '') ? { type, parts } : undefined;
}

function isText(text: string): boolean {
  return text !== '' && isShort(text) && isWellFormed(text) && !/[{}\p{Cc}]/u.test(text);
}

export function namesIn({ parts }: Template): string[] {
  return parts.filter((_, i) => i % 2 === 1);
}

/** Undefined when it is longer than a reference may be. */
export function fill({ type, parts }: Template, values: ReadonlyMap<string, string>): Ref | undefined {
  const id = parts.map((part, i) => (i % 2 === 0 ? part : (values.get(part) ?? ''))).join('');
  const text = `${type}:${id}`;
  return id !== '' && isShort(text) && isWellFormed(text) ? { type, id } : undefined;
}
