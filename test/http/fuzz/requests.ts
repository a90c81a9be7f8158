/** A request with one fault in it; all the rest of it is right, as far as the description's examples go. */
import type { Described } from '../../../src/http/docs/read-document.ts';
import type { Random } from '../../properties/random.ts';
import type { Fault } from './fields.ts';
import { ODD_BYTES, ODD_HEADERS, ODD_JSON, ODD_TEXT } from './odd.ts';
import { type Json, withPlace, writeEdited } from './places.ts';

/** What the requests may speak of. */
export interface World {
  readonly organization: string;
  /** another one, with things of its own */
  readonly other: string;
  /** ids and names that only the other organization has */
  readonly otherIds: readonly string[];
  readonly tokens: readonly string[];
  /** what an address names when it shall be right */
  part(operation: Described, name: string): string;
}

export interface Sent {
  readonly method: string;
  /** from the path on */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array | undefined;
}

/** of the writes that can be tried only: what others leave is checked as well */
const DRY = 0.95;

export function requestWith({ operation, field, kind }: Fault, world: World, random: Random, id: string): Sent {
  const { pick, chance } = random;
  const headers: Record<string, string> = {
    authorization: `Bearer ${pick(world.tokens)}`,
    'content-type': operation.body?.types[0] ?? 'application/json',
    'x-request-id': id,
  };
  const query = baseQuery(operation, world, field.in !== 'query' || field.name !== 'dry_run' ? chance(DRY) : false);
  let path = pathOf(operation, (name) => encodeURIComponent(world.part(operation, name)));
  // examples are JSON
  const example = (operation.body?.example ?? null) as Json;
  let body: string | Uint8Array | undefined = operation.body === null ? undefined : JSON.stringify(example);
  let { method } = operation;

  if (field.in === 'method') method = kind;
  else if (field.in === 'header') headers[field.name] = pick(ODD_HEADERS[field.name] ?? ['']);
  else if (field.in === 'path')
    path = pathOf(operation, (name) =>
      name === field.name ? oddPart(kind, world, random) : encodeURIComponent(world.part(operation, name)),
    );
  else if (field.in === 'query') oddQuery(query, field.name, kind, world, random);
  else if (field.in === 'body') body = ODD_BYTES[kind]?.(body as string) ?? pick(ODD_JSON[kind] ?? []);
  else if (field.in === 'member') {
    const { place } = field;
    body = writeEdited(withPlace(example, place), place, (written, inObject, key) =>
      oddMember(written, inObject, key, kind, world, random),
    );
  }
  const asked = query.map(([name, value]) => `${name}=${value}`).join('&');
  const reading = method === 'GET' || method === 'HEAD';
  return { method, url: `${path}${asked === '' ? '' : `?${asked}`}`, headers, body: reading ? undefined : body };
}

function pathOf({ path }: Described, part: (name: string) => string): string {
  return path.replace(/\{([^}]+)\}/g, (_whole, name: string) => part(name));
}

/** Names with values as they stand in the address. */
type Query = [name: string, value: string][];

function baseQuery({ parameters }: Described, world: World, dry: boolean): Query {
  const query: Query = [];
  for (const { name, place, example } of parameters) {
    if (place !== 'query') continue;
    if (name === 'dry_run' && dry) query.push([name, 'true']);
    else if (name === 'org') query.push([name, world.organization]);
    else if (example !== undefined) query.push([name, encodeURIComponent(String(example))]);
  }
  return query;
}

function oddPart(kind: string, world: World, { pick }: Random): string {
  if (kind === 'missing') return '';
  if (kind === 'twice') return 'a/a';
  if (kind === 'unknown_key') return pick(['a%2fb', 'a;b', 'a/', 'a//b', './a', 'a%5cb']);
  if (kind === 'other_organization') return encodeURIComponent(pick([world.other, ...world.otherIds]));
  return pick(ODD_TEXT[kind] ?? []).replaceAll(/[#?]/g, '');
}

function oddQuery(query: Query, name: string, kind: string, world: World, { pick }: Random): void {
  const at = query.findIndex(([each]) => each === name);
  const present: [string, string] = query[at] ?? [name, 'a'];
  if (at >= 0) query.splice(at, 1);
  if (kind === 'missing') return;
  if (kind === 'twice') query.push(present, present);
  else if (kind === 'unknown_key') query.push(present, [pick([`${name}x`, '', '__proto__', '%ff', 'constructor']), '1']);
  else if (kind === 'other_organization') query.push([name, encodeURIComponent(pick([world.other, ...world.otherIds]))]);
  else query.push([name, pick(ODD_TEXT[kind] ?? [])]);
}

function oddMember(written: string, inObject: boolean, key: string, kind: string, world: World, { pick }: Random): string {
  if (kind === 'missing') return '';
  if (kind === 'twice') return `${written},${written}`;
  if (kind === 'unknown_key') {
    return inObject
      ? `${written},${JSON.stringify(pick(['__proto__', 'constructor', 'x', '', key.toUpperCase()]))}:1`
      : `${written},{"x":1}`;
  }
  const value = kind === 'other_organization' ? JSON.stringify(pick([world.other, ...world.otherIds])) : pick(ODD_JSON[kind] ?? []);
  return inObject ? `${JSON.stringify(key)}:${value}` : value;
}
