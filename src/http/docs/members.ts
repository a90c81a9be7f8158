/** A schema as rows of a table: every member by its path, with its type in words. */
import type { Document } from './document.ts';
import { followed, type Schema } from './read-document.ts';

export interface Member {
  /** `roles[].scope`; empty: the whole */
  readonly name: string;
  readonly type: string;
  readonly required: boolean;
  readonly description: string;
}

/** deeper ones are named as what they are, without their own members */
const DEPTH = 6;

/** The members in the order of the schema; of something without members the whole. */
export function membersOf(document: Document, schema: Schema): readonly Member[] {
  const rows: Member[] = [];
  visit(document, schema, '', true, rows, 0);
  return rows;
}

function visit(document: Document, given: Schema, name: string, required: boolean, rows: Member[], depth: number): void {
  const schema = followed(document, given);
  const inner = insides(document, schema);
  const named = inner.some(({ properties }) => properties !== undefined);
  if (name !== '' || !named) {
    rows.push({ name, type: typeOf(document, schema), required, description: given.description ?? schema.description ?? '' });
  }
  if (depth === DEPTH) return;
  const seen = new Set<string>();
  for (const each of inner) {
    for (const [key, member] of Object.entries(each.properties ?? {})) {
      if (seen.has(key)) continue;
      seen.add(key);
      visit(document, member, name === '' ? key : `${name}.${key}`, each.required?.includes(key) ?? false, rows, depth + 1);
    }
    if (each.items !== undefined) visitItems(document, each.items, `${name}[]`, rows, depth + 1);
  }
}

/** Items without members of their own are told by the type of the list. */
function visitItems(document: Document, items: Schema, name: string, rows: Member[], depth: number): void {
  const inner = insides(document, followed(document, items));
  if (inner.some(({ properties, items: nested }) => properties !== undefined || nested !== undefined)) {
    visit(document, items, name, true, rows, depth);
  }
}

/** The alternatives of a schema, or the schema alone. */
function insides(document: Document, schema: Schema): readonly Schema[] {
  const parts = schema.anyOf ?? schema.oneOf ?? schema.allOf;
  return parts === undefined ? [schema] : parts.flatMap((part) => insides(document, followed(document, part)));
}

function typeOf(document: Document, given: Schema): string {
  const schema = followed(document, given);
  const parts = schema.anyOf ?? schema.oneOf ?? schema.allOf;
  if (parts !== undefined) return [...new Set(parts.map((part) => typeOf(document, part)))].join(' or ');
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(', ');
  if (schema.items !== undefined) return `list of ${typeOf(document, schema.items)}`;
  const type = typeof schema.type === 'string' ? schema.type : (schema.type?.join(' or ') ?? 'anything');
  return `${type}${boundsOf(schema)}`;
}

function boundsOf({ format, minimum, maximum, maxLength, pattern }: Schema): string {
  const said = [
    format,
    minimum === undefined || minimum <= Number.MIN_SAFE_INTEGER ? undefined : `from ${minimum}`,
    maximum === undefined || maximum >= Number.MAX_SAFE_INTEGER ? undefined : `to ${maximum}`,
    maxLength === undefined ? undefined : `up to ${maxLength} characters`,
    pattern === undefined ? undefined : `like ${pattern}`,
  ].filter((each) => each !== undefined);
  return said.length === 0 ? '' : ` (${said.join(', ')})`;
}
