/** What of each operation can be wrong, read from the description: its fields, and every one of them with every kind of wrong. */
import type { Document } from '../../../src/http/docs/document.ts';
import { type Described, followed, operationsOf, type Schema } from '../../../src/http/docs/read-document.ts';
import { ODD_BYTES, ODD_HEADERS, ODD_JSON, ODD_METHODS, ODD_TEXT } from './odd.ts';
import { type Json, type Place, placesOf } from './places.ts';

/** One field of one operation, and what is wrong with it. */
export interface Fault {
  readonly operation: Described;
  readonly field:
    | { readonly in: 'path' | 'query' | 'header'; readonly name: string }
    | { readonly in: 'member'; readonly place: Place }
    | { readonly in: 'body' | 'method' };
  readonly kind: string;
}

/** Beside the odd values: done to a field, whatever its value is. */
const EDITS = ['missing', 'twice', 'unknown_key', 'other_organization'];

/** Every field of every operation with every kind of wrong, once. */
export function allFaults(document: Document): readonly Fault[] {
  return operationsOf(document).flatMap((operation) => {
    const faults: Fault[] = ODD_METHODS.filter((method) => method !== operation.method).map((kind) => ({
      operation,
      field: { in: 'method' },
      kind,
    }));
    for (const { name, place } of operation.parameters) {
      if (place === 'header') continue;
      const kinds = [...Object.keys(ODD_TEXT), ...EDITS];
      // the description has parameters of these places alone
      for (const kind of kinds) faults.push({ operation, field: { in: place as 'path' | 'query', name }, kind });
    }
    for (const name of Object.keys(ODD_HEADERS)) faults.push({ operation, field: { in: 'header', name }, kind: name });
    if (operation.body === null) return faults;
    for (const kind of [...Object.keys(ODD_BYTES), ...Object.keys(ODD_JSON)]) faults.push({ operation, field: { in: 'body' }, kind });
    // an example is JSON
    for (const place of memberPlaces(document, operation.body.schema, operation.body.example as Json)) {
      for (const kind of [...Object.keys(ODD_JSON), ...EDITS]) faults.push({ operation, field: { in: 'member', place }, kind });
    }
    return faults;
  });
}

/** deeper ones are covered by kinds that replace a whole member */
const DEPTH = 6;

/** Of the example, and of what the schema names beside it. */
function memberPlaces(document: Document, schema: Schema, example: Json): readonly Place[] {
  const places = new Map([...placesOf(example), ...schemaPlaces(document, schema, DEPTH)].map((place) => [JSON.stringify(place), place]));
  return [...places.values()];
}

function schemaPlaces(document: Document, given: Schema, depth: number): Place[] {
  if (depth === 0) return [];
  const schema = followed(document, given);
  const under = (key: string, inner: Schema): Place[] => [
    [key],
    ...schemaPlaces(document, inner, depth - 1).map((place) => [key, ...place]),
  ];
  return [
    ...(schema.anyOf ?? schema.oneOf ?? schema.allOf ?? []).flatMap((part) => schemaPlaces(document, part, depth)),
    ...Object.entries(schema.properties ?? {}).flatMap(([key, member]) => under(key, member)),
    ...(schema.items === undefined ? [] : under('0', schema.items)),
  ];
}

/** One fault of each field, then another of each, and so on: every field has its turn before any has its second. */
export function inTurns(faults: readonly Fault[], shuffle: (faults: readonly Fault[]) => Fault[]): readonly Fault[] {
  const byField = new Map<string, Fault[]>();
  for (const fault of shuffle(faults)) {
    const key = `${fault.operation.id} ${JSON.stringify(fault.field)}`;
    byField.set(key, [...(byField.get(key) ?? []), fault]);
  }
  const turns: Fault[] = [];
  for (let turn = 0; turns.length < faults.length; turn++) {
    for (const each of byField.values()) {
      const fault = each[turn];
      if (fault !== undefined) turns.push(fault);
    }
  }
  return turns;
}
