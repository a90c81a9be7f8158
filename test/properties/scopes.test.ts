/** Scopes of random worlds, applied as a filter to every registered row and to rows of all sorts that are not, against the naive oracle. */
import { describe, expect, it } from 'vitest';
import { applyScopes, type Outcomes, type Row, type ScopeFilter, type ScopesPage, scopeFilter } from '../../src/client/scopes.ts';
import type { JsonObject } from '../../src/core/terms/json.ts';
import type { Session } from '../../src/pdp/pdp.ts';
import { SCOPES_START, type ScopesQuestion } from '../../src/pdp/scopes/question.ts';
import { scopesPage } from '../../src/pdp/scopes/scopes.ts';
import { askerFor } from '../oracle/oracle.ts';
import { MemoryReader } from '../support/memory-reader.ts';
import { memorySession } from '../support/memory-session.ts';
import { MemoryPieces, memoryCompiler } from '../support/memory-snapshot.ts';
import { type Random, randomFrom } from './random.ts';
import { IDS, RESOURCE_TYPES, randomProperties } from './vocabulary.ts';
import { actionOf, randomWorld, type World } from './world.ts';

const SEED = Number(process.env.BITGATE_SEED ?? 20_261_122);
const WORLDS = Number(process.env.BITGATE_SCOPES_WORLDS ?? 60);
const LENGTHS = [1, 2, 7];
const LONGEST = 100;
const LEAF_WEIGHTS = [1, 90, 400, undefined];
const ROWS = 12;

/** Every page, and the same in one. */
async function pagesOf(session: Session, question: ScopesQuestion, length: number, world: World): Promise<ScopesPage[]> {
  const pages: ScopesPage[] = [];
  for (let from = SCOPES_START; ; ) {
    const { next, ...page } = await scopesPage(session, question, from, length, world.now, world.options);
    const { allow, deny } = page.exceptions;
    expect(page.scopes.length + page.rows.length + allow.length + deny.length).toBeLessThanOrEqual(length);
    pages.push(page);
    if (next === null) return pages;
    from = next;
  }
}

function whole(pages: readonly ScopesPage[]): ScopesPage {
  return {
    type: pages[0]!.type,
    default: pages[0]!.default,
    scopes: pages.flatMap((page) => page.scopes),
    rows: pages.flatMap((page) => page.rows),
    exceptions: { allow: pages.flatMap((page) => page.exceptions.allow), deny: pages.flatMap((page) => page.exceptions.deny) },
  };
}

interface Asked {
  readonly row: Row;
  readonly properties: JsonObject;
}

/** A row of the type that is not registered: with parents that are, that are not, several, projects, itself, and things that are none. */
function randomRow(random: Random, { rows }: World, type: string): Asked | undefined {
  const own = rows.assignments.map(({ scope }) => scope).filter((scope) => scope.startsWith(`${type}:`));
  const key = own.length > 0 && random.chance(0.3) ? random.pick(own) : `${type}:${random.pick(IDS)}`;
  if (rows.resources.some(({ resource }) => resource === key)) return undefined;
  const known = rows.resources.map(({ resource }) => resource);
  const unknown = [
    `doc:${random.pick(IDS)}`,
    `project:${random.pick(IDS)}`,
    ...rows.assignments.map(({ scope }) => scope),
    key,
    'nothing',
    ':',
    'doc:',
  ];
  const parents = [...random.sample(known, random.pick([0, 1, 1, 1, 2, 3])), ...random.sample(unknown, random.pick([0, 0, 0, 1, 2]))];
  const project = random.chance(0.25) ? random.pick(IDS) : undefined;
  const properties = { ...randomProperties(random), parents, ...(project === undefined ? {} : { project }) };
  return { row: { id: key.slice(type.length + 1), parents, project }, properties };
}

/** Is anything open of what the row's parents and the row itself give? */
function somethingOpen(filter: ScopeFilter, { id, parents = [], project }: Row): boolean {
  const scopes = [...parents, ...(project === undefined ? [] : [`project:${project}`])];
  const all: Outcomes[] = [
    filter.default,
    ...[...scopes.map((scope) => filter.scopes.get(scope)), filter.rows.get(id)].filter((each) => each !== undefined),
  ];
  return all.some(({ org, project: there }) => org?.open !== undefined || there.open !== undefined);
}

const tally = { questions: 0, registered: 0, allowed: 0, unregistered: 0, unregisteredAllowed: 0, asked: 0, mixed: 0, listed: 0 };

async function compare(session: Session, world: World, random: Random, question: ScopesQuestion, pagesToo: boolean): Promise<void> {
  const { type, subject, action, context } = question;
  const pages = await pagesOf(session, question, LONGEST, world);
  const one = whole(pages);
  if (pagesToo)
    for (const length of LENGTHS) expect(whole(await pagesOf(session, question, length, world)), `pages of ${length}`).toEqual(one);
  const filter = scopeFilter(pages);
  const naive = askerFor(world.rows, world.now, world.options);
  const decide = (id: string, properties?: JsonObject): string =>
    naive.about(subject, { type, id, ...(properties && { properties }) }).decide(action, context).decision ? 'allow' : 'deny';
  tally.questions++;
  tally.listed += one.scopes.length + one.rows.length;
  for (const { resource } of world.rows.resources.filter((each) => each.resource.startsWith(`${type}:`))) {
    const id = resource.slice(type.length + 1);
    const parents = world.rows.resource_parents.filter((each) => each.resource === resource).map(({ parent }) => parent);
    const expected = decide(id);
    expect(applyScopes(filter, { id, parents }), `registered ${resource}`).toBe(expected);
    tally.registered++;
    if (expected === 'allow') tally.allowed++;
  }
  for (let n = 0; n < ROWS; n++) {
    const asked = randomRow(random, world, type);
    if (asked === undefined) continue;
    const verdict = applyScopes(filter, asked.row);
    const expected = decide(asked.row.id, asked.properties);
    tally.unregistered++;
    if (expected === 'allow') tally.unregisteredAllowed++;
    if (verdict !== 'ask') expect(verdict, `unregistered ${JSON.stringify(asked.row)} of ${JSON.stringify(one)}`).toBe(expected);
    else if (somethingOpen(filter, asked.row)) tally.asked++;
    else {
      tally.mixed++;
      expect(
        asked.row.parents!.length,
        'it asks because of levels alone when there are several parents, or a grant on the row',
      ).toBeGreaterThan(0);
    }
  }
}

describe('scopes of random worlds', () => {
  it(`are a filter that says of every row what a check says, or asks; whatever the length of a page (seed ${SEED})`, async () => {
    for (let n = 0; n < WORLDS; n++) {
      const random = randomFrom(SEED + n);
      const world = randomWorld(random);
      const pieces = new MemoryPieces();
      const compiler = memoryCompiler(new MemoryReader(world.rows), pieces, LEAF_WEIGHTS[n % LEAF_WEIGHTS.length]);
      const compiled = (await compiler.compile(null, true))!;
      const session = await memorySession(pieces, compiled.manifest, compiled.revision);
      for (const subject of world.subjects) {
        for (const name of world.actions) {
          for (const type of [...RESOURCE_TYPES, 'project', 'row']) {
            const question = { of: 'scopes', subject, action: actionOf(world, name), type, context: world.context } as const;
            try {
              await compare(session, world, random, question, random.chance(0.1));
            } catch (error) {
              throw new Error(`world ${SEED + n}: ${JSON.stringify(question)}: ${error instanceof Error ? error.message : error}`);
            }
          }
        }
      }
    }
    const share = (part: number, of: number): string => `${((100 * part) / of).toFixed(2)} %`;
    console.log(
      `${tally.questions} questions, ${tally.listed} scopes and rows listed; ${tally.registered} registered rows, ${share(tally.allowed, tally.registered)} allowed; ` +
        `${tally.unregistered} others, ${share(tally.unregisteredAllowed, tally.unregistered)} allowed, asked for conditions ${share(tally.asked, tally.unregistered)}, ` +
        `for levels ${share(tally.mixed, tally.unregistered)}`,
    );
    expect(tally.mixed / tally.unregistered).toBeLessThan(0.01);
    expect(tally.asked / tally.unregistered).toBeLessThan(0.3);
  }, 600_000);
});
