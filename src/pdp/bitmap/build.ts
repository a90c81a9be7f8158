/**
 * Builds the bitmap document of one subject at one revision for one span of time. A function of these and of what was asked for: asked again, equal.
 * Nothing is decided here: every state is an answer of the evaluator.
 */
import { compareCodePoints } from '../../core/sets/compare.ts';
import { LIMITS } from '../../core/terms/limits.ts';
import { BitgateError } from '../../core/terms/problem.ts';
import { utf8Length } from '../../core/terms/ref.ts';
import type { Entity } from '../../core/terms/request.ts';
import { BITMAP_VERSION, type BitmapDocument, type BitmapUnlisted, STATE } from './document.ts';
import { allNames, askedNames, neededNames, typesOf } from './names.ts';
import { DocumentRows, type PlacedRow, placesOf } from './places.ts';
import { entityOf, type Reading } from './reading.ts';
import { type Listed, resourcesFor } from './resources.ts';
import { type Proven, RowReader, type Span } from './rows.ts';
import { type Held, heldBy } from './scopes.ts';
import { type Surroundings, SurroundingsReader } from './surroundings.ts';

/** Rows beside those of places: without a resource, and the roots. */
const ROWS_BESIDE = 3;

export interface BitmapQuestion {
  readonly subject: Entity;
  /** absent: all that the subject might hold */
  readonly privileges?: readonly string[] | undefined;
  /** `type:id` that should be listed first */
  readonly resources?: readonly string[] | undefined;
  /** by the subject's own token, which must not end before the span: see `within` */
  readonly proven?: Proven | undefined;
}

/** All that was decided; from it documents of any length are made. */
interface Decided {
  readonly question: BitmapQuestion;
  readonly names: readonly string[];
  readonly org: Uint8Array;
  readonly placed: readonly PlacedRow[];
  /** absent: not all that is known is listed */
  readonly roots?: readonly [Uint8Array, Uint8Array];
}

/**
 * @throws BitgateError `bitmap_too_large` (422) when not even the names fit; `stale` (503) when a leaf can't be loaded
 */
export async function buildBitmap(reading: Reading, question: BitmapQuestion, span: Span): Promise<BitmapDocument> {
  const { catalog, manifest } = reading.snapshot;
  const { registered, scopes } = await heldBy(reading, question.subject, question.proven);
  const names = question.privileges === undefined ? allNames(catalog) : askedNames(catalog, question.privileges);
  const rows = new RowReader(reading, question, registered, names, span);
  const head = { version: BITMAP_VERSION, organization: manifest.organization, revision: manifest.revision } as const;
  if (await rows.suspended()) return { ...head, suspended: true, names: [], other_names: 'deny', rows: [''], org: 0, places: [] };
  const decided = await decideRows(reading, rows, names, question, scopes);
  for (let whole = true, kept = decided.placed.length; ; whole = false) {
    const document = { ...head, ...documentOf(reading, decided, kept, whole) };
    const bytes = utf8Length(JSON.stringify(document));
    if (bytes <= LIMITS.bitmapBytes) return document;
    if (kept === 0) throw tooLarge();
    if (!whole || decided.roots === undefined) kept = Math.min(kept - 1, Math.floor((kept * LIMITS.bitmapBytes) / bytes));
  }
}

async function decideRows(
  reading: Reading,
  rows: RowReader,
  names: readonly string[],
  question: BitmapQuestion,
  scopes: Held['scopes'],
): Promise<Decided> {
  const { listed, whole } = await resourcesFor(reading, question.resources ?? [], [...scopes.keys()].sort(compareCodePoints));
  const places = await surroundedBy(reading, listed, scopes);
  const room = Math.floor(LIMITS.bitmapStates / Math.max(1, names.length));
  // What is left out must not be taken for unregistered.
  const all = whole && places.length === listed.length;
  const fits = all && ROWS_BESIDE + distinct(places) <= room;
  const org = await rows.row({});
  const placed = await placeRows(rows, fits ? places : affordable(places, question.resources ?? [], room - 1), fits);
  if (!fits) return { question, names, org, placed };
  const roots = [await rows.row({ below: { project: false } }), await rows.row({ below: { project: true } })] as const;
  return { question, names, org, placed, roots };
}

type Place = Listed & Surroundings;

async function surroundedBy(reading: Reading, listed: readonly Listed[], scopes: Held['scopes']): Promise<Place[]> {
  const places: Place[] = [];
  const surroundings = new SurroundingsReader(reading, scopes);
  for (const each of listed) {
    if (reading.spent) break;
    places.push({ ...each, ...(await surroundings.of(each.key)) });
    if (reading.due) await reading.pause();
  }
  return places;
}

function distinct(places: readonly Place[]): number {
  return new Set(places.map(({ row }) => row)).size + new Set(places.map(({ below }) => below)).size;
}

/** Those whose rows can be decided when there is room for so many: of what was named, then of what most places share. */
function affordable(places: readonly Place[], named: readonly string[], room: number): readonly Place[] {
  const wanted = new Set(named);
  const uses = new Map<string, number>();
  for (const { key, row } of places) uses.set(row, (uses.get(row) ?? 0) + (wanted.has(key) ? places.length : 1));
  const most = [...uses].sort(([, a], [, b]) => b - a).slice(0, Math.max(0, room));
  const rows = new Set(most.map(([row]) => row));
  return places.filter(({ row }) => rows.has(row));
}

async function placeRows(rows: RowReader, places: readonly Place[], withBelow: boolean): Promise<PlacedRow[]> {
  const [own, under] = [new Map<string, Uint8Array>(), new Map<string, Uint8Array>()];
  const placed: PlacedRow[] = [];
  for (const { key, registered, project, ...texts } of places) {
    const resource = entityOf(key);
    const row = own.get(texts.row) ?? (await rows.row({ resource }));
    own.set(texts.row, row);
    if (!withBelow) placed.push({ key, registered, row });
    else {
      const below = under.get(texts.below) ?? (await rows.row({ resource, below: { project: false } }));
      under.set(texts.below, below);
      placed.push({ key, registered, row, below, project });
    }
  }
  return placed;
}

/** @param kept how many of the places @param whole all of them, and what is said of everything else */
function documentOf(reading: Reading, { question, names, org, placed, roots }: Decided, kept: number, whole: boolean) {
  const complete = whole ? roots : undefined;
  const shown = placed.slice(0, kept).map(({ key, registered, row, below, project }) => {
    return complete === undefined ? { key, registered, row } : { key, registered, row, below, project };
  });
  const all = [org, ...(complete ?? []), ...shown.flatMap(({ row, below }) => (below === undefined ? [row] : [row, below]))];
  const columns =
    question.privileges === undefined
      ? neededNames(names, (i) => all.some((row) => row[i] === STATE.allow || row[i] === STATE.ask))
      : names.map((_, i) => i);
  const rows = new DocumentRows(columns);
  const document: Omit<BitmapDocument, 'version' | 'organization' | 'revision'> = {
    names: columns.map((i) => names[i]!),
    other_names: question.privileges === undefined ? 'deny' : 'ask',
    rows: rows.texts,
    org: rows.of(org),
    places: placesOf(shown, rows),
  };
  if (complete === undefined) return document;
  return { ...document, unlisted: unlistedOf(reading, document.names, [rows.of(complete[0]), rows.of(complete[1])]) };
}

function unlistedOf({ snapshot: { catalog } }: Reading, names: readonly string[], roots: readonly [number, number]): BitmapUnlisted {
  const types: [string, [string[] | null, string[] | null]][] = [];
  for (const name of names) {
    const [org, project] = [typesOf(catalog, name, false), typesOf(catalog, name, true)];
    if (org !== null || project !== null) types.push([name, [org, project]]);
  }
  return { roots, closed: [...catalog.closedTypes].sort(), types: Object.fromEntries(types) };
}

function tooLarge(): BitgateError {
  return new BitgateError(
    'bitmap_too_large',
    422,
    `the bitmap does not fit into ${LIMITS.bitmapBytes} bytes: name the \`privileges\` that are needed`,
    {
      limit_bytes: LIMITS.bitmapBytes,
    },
  );
}
