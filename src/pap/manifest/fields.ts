/** Columns of two rows, compared by what they mean: a JSON column typed by hand may be spaced and ordered as it likes. */

import { canonicalJson } from '../../core/sets/canonical-json.ts';
import { compareCodePoints } from '../../core/sets/compare.ts';
import type { Json } from '../../core/terms/json.ts';
import { JSON_COLUMNS } from './tables.ts';
import { canonicalSet } from './text-set.ts';
import { formatTime } from './times.ts';

/** Of a set what came and went, of anything else the values before and after. */
export type FieldChange =
  | { readonly added: readonly string[]; readonly removed: readonly string[] }
  | { readonly before: Json; readonly after: Json };

const TIMES = ['not_before', 'expires_at'];

export function sameRow(a: object, b: object): boolean {
  return differingColumns(a, b).length === 0;
}

export function changedFields(before: object, after: object): Readonly<Record<string, FieldChange>> {
  const fields: Record<string, FieldChange> = {};
  for (const [column, a, b] of differingColumns(before, after)) {
    const [old, now] = [textSet(column, a), textSet(column, b)];
    fields[column] =
      old === null || now === null
        ? { before: readable(column, a), after: readable(column, b) }
        : { added: without(now, old), removed: without(old, now) };
  }
  return fields;
}

function differingColumns(before: object, after: object): [string, unknown, unknown][] {
  const old = new Map<string, unknown>(Object.entries(before));
  return Object.entries(after)
    .map(([column, value]): [string, unknown, unknown] => [column, old.get(column), value])
    .filter(([column, a, b]) => a !== b && meaning(column, a) !== meaning(column, b));
}

function meaning(column: string, value: unknown): unknown {
  const parsed = parsedColumn(column, value);
  if (parsed === undefined) return value;
  const texts = textSet(column, value);
  return texts === null ? canonicalJson(parsed) : canonicalSet(texts);
}

/** Undefined for a column of another kind, and for a text that is no JSON. */
function parsedColumn(column: string, value: unknown): Json | undefined {
  if (JSON_COLUMNS[column] === undefined || typeof value !== 'string') return undefined;
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
}

function textSet(column: string, value: unknown): string[] | null {
  const parsed = JSON_COLUMNS[column] === 'set' ? parsedColumn(column, value) : undefined;
  return Array.isArray(parsed) && parsed.every((each): each is string => typeof each === 'string') ? parsed : null;
}

function without(texts: readonly string[], others: readonly string[]): string[] {
  const known = new Set(others);
  return [...new Set(texts.filter((text) => !known.has(text)))].sort(compareCodePoints);
}

function readable(column: string, value: unknown): Json {
  const parsed = parsedColumn(column, value);
  if (parsed !== undefined) return parsed;
  if (typeof value === 'number') return TIMES.includes(column) ? formatTime(value) : value;
  return typeof value === 'string' ? value : null;
}
