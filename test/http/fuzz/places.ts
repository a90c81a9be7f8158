/** Places in a JSON value, and its text with one of them edited. */

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type Place = readonly string[];

/** Every place of a value but the whole, as a path of keys. */
export function placesOf(value: Json, at: Place = []): Place[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, each]: [string, Json]) => [[...at, key], ...placesOf(each, [...at, key])]);
}

/** @param written the member as it would be, with its key */
export type Edit = (written: string, inObject: boolean, key: string) => string;

/** The value as JSON text; the edit gives what stands at the place instead, nothing for the empty text. */
export function writeEdited(value: Json, place: Place, edit: Edit): string {
  const [next, ...rest] = place;
  if (typeof value !== 'object' || value === null || next === undefined) return JSON.stringify(value);
  const list = Array.isArray(value);
  const parts = Object.entries(value).map(([key, each]: [string, Json]) => {
    const own = (text: string): string => (list ? text : `${JSON.stringify(key)}:${text}`);
    if (key !== next) return own(JSON.stringify(each));
    return rest.length > 0 ? own(writeEdited(each, rest, edit)) : edit(own(JSON.stringify(each)), !list, key);
  });
  const text = parts.filter((part) => part !== '').join(',');
  return list ? `[${text}]` : `{${text}}`;
}

/** The value with something at the place: what is missing on the way is made. */
export function withPlace(value: Json, [key, ...rest]: Place): Json {
  if (key === undefined) return value;
  const inner = (member: Json | undefined): Json => withPlace(member ?? null, rest);
  if (/^\d+$/.test(key) && !isObject(value)) {
    const list = Array.isArray(value) ? [...value] : [];
    list[Number(key)] = inner(list[Number(key)]);
    return list;
  }
  const members = isObject(value) ? value : {};
  return { ...members, [key]: inner(Object.hasOwn(members, key) ? members[key] : undefined) };
}

function isObject(value: Json): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
