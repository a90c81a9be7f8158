/** States as the audit keeps them: whole, unless they are so large that a line could not hold what was before and what is after. */
import { utf8Length } from '../../core/terms/ref.ts';

/** two of them and the rest of the line fit into a row of the database */
const MAX_BYTES = 900_000;
/** What is tried in turn: how many items a list, and how many characters a text may have. */
const CUTS: readonly { readonly items: number; readonly characters: number }[] = [
  { items: 1_000, characters: 10_000 },
  { items: 100, characters: 1_000 },
  { items: 10, characters: 100 },
];

/** JSON. Where something was cut it says how much; the log of changes has every row. */
export function auditText(state: object): string {
  const whole = JSON.stringify(state);
  if (fits(whole)) return whole;
  let text = '{}';
  for (const { items, characters } of CUTS) {
    text = JSON.stringify(state, (_key, value: unknown) => cut(value, items, characters));
    if (fits(text)) return text;
  }
  return text;
}

function fits(json: string): boolean {
  return json.length <= MAX_BYTES && utf8Length(json) <= MAX_BYTES;
}

function cut(value: unknown, items: number, characters: number): unknown {
  if (Array.isArray(value) && value.length > items) return [...value.slice(0, items), `… ${value.length - items} more`];
  if (typeof value !== 'string' || value.length <= characters) return value;
  return `${value.slice(0, characters).toWellFormed()} … ${value.length - characters} more characters`;
}
