/** Rows and places of a document as they are written: each distinct one once. */
import type { BitmapPlace } from './document.ts';
import { packRow } from './rows.ts';

export interface PlacedRow {
  readonly key: string;
  readonly registered: boolean;
  readonly row: Uint8Array;
  readonly below?: Uint8Array | undefined;
  readonly project?: boolean | undefined;
}

export class DocumentRows {
  /** grows */
  readonly texts: string[] = [];
  readonly #columns: readonly number[];
  readonly #byText = new Map<string, number>();
  readonly #byStates = new Map<Uint8Array, number>();

  constructor(columns: readonly number[]) {
    this.#columns = columns;
  }

  /** The index of a row: equal ones have one. */
  of(states: Uint8Array): number {
    let index = this.#byStates.get(states);
    if (index !== undefined) return index;
    const text = packRow(states, this.#columns);
    index = this.#byText.get(text) ?? this.texts.push(text) - 1;
    this.#byText.set(text, index);
    this.#byStates.set(states, index);
    return index;
  }
}

export function placesOf(placed: readonly PlacedRow[], rows: DocumentRows): BitmapPlace[] {
  const places = new Map<string, { readonly place: Omit<BitmapPlace, 'resources'>; readonly ids: Map<string, string[]> }>();
  for (const { key, registered, row, below, project } of placed) {
    const place = {
      row: rows.of(row),
      ...(below === undefined ? {} : { below: rows.of(below) }),
      ...(project ? { project } : {}),
      ...(registered ? {} : { unregistered: true as const }),
    };
    const name = JSON.stringify(place);
    let alike = places.get(name);
    if (alike === undefined) {
      alike = { place, ids: new Map() };
      places.set(name, alike);
    }
    addId(alike.ids, key);
  }
  return [...places.values()].map(({ place, ids }) => ({ ...place, resources: Object.fromEntries(ids) }));
}

function addId(ids: Map<string, string[]>, key: string): void {
  const colon = key.indexOf(':');
  const type = key.slice(0, colon);
  const known = ids.get(type);
  if (known === undefined) ids.set(type, [key.slice(colon + 1)]);
  else known.push(key.slice(colon + 1));
}
