/** Scopes of random worlds, applied as a filter to every registered row and to rows of all sorts that are not, against the naive oracle. */

import { describe, expect, it } from 'vitest';
import {
  applyScopes,
  type Lookup,
  type Outcome,
  type Outcomes,
  type Row,
  type ScopeFilter,
  type ScopesPage,
  scopeFilter,
} from '../../src/client/scopes.ts';
import type { Variables } from '../../src/core/naive/variables.ts';
import type { JsonObject } from '../../src/core/terms/json.ts';
import type { Session } from '../../src/pdp/pdp.ts';
import { SCOPES_START, type ScopesQuestion } from '../../src/pdp/scopes/question.ts';
import { scopesPage } from '../../src/pdp/scopes/scopes.ts';
import { outcomeOf } from '../oracle/condition.ts';
import { askerFor } from '../oracle/oracle.ts';
import { MemoryReader } from '../support/memory-reader.ts';
import { memorySession } from '../support/memory-session.ts';
import { MemoryPieces, memoryCompiler } from '../support/memory-snapshot.ts';
import { type Random, randomFrom } from './random.ts';
import { IDS, RESOURCE_TYPES, randomProperties } from './vocabulary.ts';
import { actionOf, randomWorld, type World } from './world.ts';

const SEED = Number(process.env.BITGATE_SEED ?? 20_261_122);
const WORLDS = Number(process.env.BITGATE_SCOPES_WORLDS ?? 20);
const LENGTHS = [1, 2, 7];
const LONGEST = 100;
const LEAF_WEIGHTS = [1, 90, 400, undefined];
const ROWS = 12;

const ROW_CONDITIONS = [
  'resource.properties.status == "live"',
  'resource.properties.level >= 2.0',
  'subject.properties.level > resource.properties.level',
  'resource.type == "doc" || resource.id.startsWith("a")',
  'resource.properties.missing == 1.0',
];

/** A world with more of what scopes are about: conditions that look at rows, and grants on rows that are not registered. */
function worldOfRows(random: Random): World {
  const world = randomWorld(random);
  const { rows } = world;
  const askOften = random.chance(0.5);
  for (const policy of rows.policies) if (askOften && random.chance(0.5)) policy.condition = random.pick(ROW_CONDITIONS);
  const projects = new Set([...rows.roles, ...rows.policies].filter(({ project }) => project !== '').map(({ id }) => id));
  const movable = rows.assignments.filter(({ role, policy }) => !projects.has(role ?? policy ?? ''));
  random.sample(movable, 8).forEach((row, i) => {
    rows.assignments.push({ ...row, id: `row_${i}`, scope: `${random.pick([...RESOURCE_TYPES, 'row'])}:granted ${i}` });
  });
  return world;
}

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
    parent_types: pages[0]!.parent_types,
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

/** Below something of a type that was not named. */
function liesElsewhere({ type, parent_types }: ScopesQuestion, { id, parents = [], project }: Row): boolean {
  const scopes = [...parents, ...(project === undefined ? [] : [`project:${project}`])].filter((scope) => /^[^:]+:./s.test(scope));
  return (
    parent_types !== undefined &&
    scopes.some((scope) => scope !== `${type}:${id}` && !parent_types.includes(scope.slice(0, scope.indexOf(':'))))
  );
}

/** The variables of a check of an unregistered row. */
function variablesOf(
  { rows, options, now }: World,
  { subject, action, context = {} }: ScopesQuestion,
  resource: Variables['resource'],
): Variables {
  const { type, id, properties: given = {} } = subject;
  const stored = type === 'group' ? undefined : rows.subjects.find((row) => row.subject === `${type}:${id}`);
  const own = stored === undefined ? given : { ...JSON.parse(stored.properties), ...(options.assert ? given : {}) };
  return {
    subject: { type, id, properties: own },
    resource,
    action: { name: action.name, properties: action.properties ?? {} },
    context,
    now: new Date(now),
  };
}

/** The filter as an application reads it that knows what each condition says of the row in question. */
function settled(filter: ScopeFilter, variables: Variables): ScopeFilter {
  const outcome = ({ allow, deny, open }: Outcome): Outcome => ({
    allow: allow === 'open' ? (open?.allow_when.some((cel) => outcomeOf(cel, variables) === 'true') ? 'yes' : 'no') : allow,
    deny: deny === 'open' ? (open?.deny_when.some((cel) => outcomeOf(cel, variables) !== 'false') ? 'yes' : 'no') : deny,
  });
  const both = ({ org, project }: Outcomes): Outcomes => ({ ...(org && { org: outcome(org) }), project: outcome(project) });
  const lookup = (all: Lookup): Lookup => ({
    get: (key) => {
      const found = all.get(key);
      return found && both(found);
    },
  });
  return { ...filter, default: both(filter.default), scopes: lookup(filter.scopes), rows: lookup(filter.rows) };
}

const tally = {
  questions: 0,
  registered: 0,
  allowed: 0,
  unregistered: 0,
  unregisteredAllowed: 0,
  asked: 0,
  read: 0,
  mixed: 0,
  elsewhere: 0,
  listed: 0,
};

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
    const where = `unregistered ${JSON.stringify(asked.row)} of ${JSON.stringify(one)}`;
    const read = applyScopes(
      settled(filter, variablesOf(world, question, { type, id: asked.row.id, properties: asked.properties })),
      asked.row,
    );
    if (read !== 'ask') expect(read, `${where}, its conditions read`).toBe(expected);
    if (verdict !== 'ask') expect(verdict, where).toBe(expected);
    else if (liesElsewhere(question, asked.row)) tally.elsewhere++;
    else if (somethingOpen(filter, asked.row)) {
      tally.asked++;
      if (read !== 'ask') tally.read++;
    } else {
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
      const world = worldOfRows(random);
      const pieces = new MemoryPieces();
      const compiler = memoryCompiler(new MemoryReader(world.rows), pieces, LEAF_WEIGHTS[n % LEAF_WEIGHTS.length]);
      const compiled = (await compiler.compile(null, true))!;
      const session = await memorySession(pieces, compiled.manifest, compiled.revision);
      for (const subject of world.subjects) {
        for (const name of world.actions) {
          for (const type of [...RESOURCE_TYPES, 'project', 'row']) {
            const parent_types = random.chance(0.2) ? random.sample([...RESOURCE_TYPES, 'project'], 2) : undefined;
            const question: ScopesQuestion = {
              of: 'scopes',
              subject,
              action: actionOf(world, name),
              type,
              parent_types,
              context: world.context,
            };
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
        `${tally.unregistered} others, ${share(tally.unregisteredAllowed, tally.unregistered)} allowed, asked for conditions ${share(tally.asked, tally.unregistered)} (with the conditions read ${share(tally.asked - tally.read, tally.unregistered)}), ` +
        `for levels ${share(tally.mixed, tally.unregistered)}, for other types of parents ${share(tally.elsewhere, tally.unregistered)}`,
    );
    expect(tally.mixed / tally.unregistered).toBeLessThan(0.01);
    expect(tally.asked / tally.unregistered).toBeLessThan(0.3);
  }, 600_000);
});
