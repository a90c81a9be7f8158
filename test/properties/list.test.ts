/** SEC-07: lists of random worlds against the filter by the naive oracle, for pages of every length; and who `everyone` and `anyone` are. */
import { describe, expect, it } from 'vitest';
import type { CheckRequest, Entity } from '../../src/core/terms/request.ts';
import { listPage } from '../../src/pdp/list/list.ts';
import { LIST_START, type ListQuestion } from '../../src/pdp/list/question.ts';
import { reachOf } from '../../src/pdp/list/reach.ts';
import type { Session } from '../../src/pdp/pdp.ts';
import { askerFor } from '../oracle/oracle.ts';
import { MemoryReader } from '../support/memory-reader.ts';
import { memorySession } from '../support/memory-session.ts';
import { MemoryPieces, memoryCompiler } from '../support/memory-snapshot.ts';
import { randomFrom } from './random.ts';
import { randomProperties } from './vocabulary.ts';
import { randomWorld, type World } from './world.ts';

const SEED = Number(process.env.BITGATE_SEED ?? 20_261_122);
const WORLDS = Number(process.env.BITGATE_LIST_WORLDS ?? 40);
const LENGTHS = [1, 2, 7, 100, 10_000];
const LEAF_WEIGHTS = [1, 90, 400, undefined];

const byCodePoint = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

function entityOf(key: string): Entity {
  const colon = key.indexOf(':');
  return { type: key.slice(0, colon), id: key.slice(colon + 1) };
}

/** The whole list, page by page; each page must know the total. */
async function listAll(
  session: Session,
  question: ListQuestion,
  length: number,
  world: World,
): Promise<{ items: string[]; total: number }> {
  const items: string[] = [];
  let total = -1;
  for (let from = LIST_START; ; ) {
    const page = await listPage(session, question, from, length, world.now, world.options);
    if (total >= 0) expect(page.total).toBe(total);
    expect(page.total).not.toBeNull();
    total = page.total ?? -1;
    items.push(...page.items);
    if (page.next === null) return { items, total };
    expect(page.items.length, 'a page with a next one is full').toBe(length);
    from = page.next;
  }
}

/** Everything that could be a member, by the rows. */
function candidatesOf({ rows }: World, of: ListQuestion['of']): string[] {
  if (of === 'actions') return [...new Set(rows.privileges.map((row) => row.name))];
  if (of === 'resources') return rows.resources.map((row) => row.resource);
  return [...new Set([...rows.subjects.map((row) => row.subject), ...rows.api_keys.map((row) => `api_key:${row.id}`)])];
}

function checkOf(question: ListQuestion, key: string): CheckRequest {
  if (question.of === 'subjects')
    return { subject: entityOf(key), action: question.action, resource: question.resource, context: question.context };
  if (question.of === 'resources')
    return { subject: question.subject, action: question.action, resource: entityOf(key), context: question.context };
  return { subject: question.subject, action: { name: key }, resource: question.resource, context: question.context };
}

/** Questions of all three kinds about what a world is asked about. */
function* questionsOf(world: World, random: ReturnType<typeof randomFrom>): Generator<ListQuestion> {
  const { context, actionProperties: properties } = world;
  for (let n = 0; n < 8; n++) {
    const action = { name: random.pick(world.actions), properties };
    const resource = world.resources[random.below(world.resources.length)];
    const subject = random.pick(world.subjects);
    const type = random.chance(0.5) ? undefined : random.pick(['user', 'doc', 'api_key', 'project', 'group', 'nothing', 'dataset']);
    yield { of: 'subjects', type, action, resource, context };
    yield { of: 'resources', type, subject, action, context };
    yield { of: 'actions', subject, resource, context };
  }
}

describe('lists of random worlds', () => {
  it(`SEC-07 are the filter of all candidates by the naive check, in order, with an exact total (seed ${SEED})`, async () => {
    let lists = 0;
    let members = 0;
    for (let n = 0; n < WORLDS; n++) {
      const random = randomFrom(SEED + n);
      const world = randomWorld(random);
      const pieces = new MemoryPieces();
      const compiled = (await memoryCompiler(new MemoryReader(world.rows), pieces, LEAF_WEIGHTS[n % LEAF_WEIGHTS.length]).compile(
        null,
        true,
      ))!;
      const own = askerFor(world.rows, world.now, world.options);
      // What a token proves is nobody's but its subject's.
      const others = askerFor(world.rows, world.now, { assert: world.options.assert });
      for (const question of questionsOf(world, random)) {
        const type = question.of === 'actions' ? undefined : question.type;
        const expected = candidatesOf(world, question.of)
          .filter((key) => type === undefined || key.startsWith(`${type}:`))
          .filter((key) => {
            const { subject, action, resource, context } = checkOf(question, key);
            return (question.of === 'subjects' ? others : own).about(subject, resource).decide(action, context).decision;
          })
          .sort(byCodePoint);
        const session = await memorySession(pieces, compiled.manifest, compiled.revision);
        for (const length of LENGTHS) {
          const where = `world ${SEED + n}, pages of ${length}: ${JSON.stringify(question)}`;
          const { items, total } = await listAll(session, question, length, world);
          expect(items, where).toEqual(expected);
          expect(total, where).toBe(expected.length);
        }
        const counted = await listPage(session, question, LIST_START, 0, world.now, world.options);
        expect(counted).toEqual({ items: [], total: expected.length, next: null });
        lists++;
        members += expected.length;
      }
    }
    console.log(`${lists} lists of ${WORLDS} worlds, ${members} members, seed ${SEED}`);
    expect(members / lists).toBeGreaterThan(1);
  }, 300_000);
});

/** What a condition may look at: the subject and other things. */
const asksWho = (world: World): boolean => world.rows.policies.some(({ condition }) => condition?.includes('subject'));

describe('whoever there may be', () => {
  it(`SEC-05 is told as \`everyone\` and \`anyone\`, never wrongly, and for certain where no condition asks who it is (seed ${SEED})`, async () => {
    const told = { yes: 0, no: 0, conditional: 0 };
    for (let n = 0; n < WORLDS; n++) {
      const random = randomFrom(SEED + n);
      const world = randomWorld(random);
      const pieces = new MemoryPieces();
      const compiled = (await memoryCompiler(new MemoryReader(world.rows), pieces).compile(null, true))!;
      const session = await memorySession(pieces, compiled.manifest, compiled.revision);
      const strangers = [0, 1, 2].map((i) => ({ type: 'user', id: `new-${i}`, properties: i === 0 ? {} : randomProperties(random) }));
      const registered = strangers.map(({ type, id, properties }) => ({
        subject: `${type}:${id}`,
        status: 'active' as const,
        properties: JSON.stringify(properties),
      }));
      const after = { ...world.rows, subjects: [...world.rows.subjects, ...registered] };
      const naive = { everyone: askerFor(after, world.now), anyone: askerFor(world.rows, world.now) };
      for (let q = 0; q < 40; q++) {
        const question = {
          action: { name: random.pick(world.actions), properties: world.actionProperties },
          resource: world.resources[random.below(world.resources.length)],
          context: world.context,
        };
        for (const who of ['everyone', 'anyone'] as const) {
          const reach = await reachOf(session, question, who === 'everyone', world.now);
          const decisions = strangers.map(
            (stranger) => naive[who].about(stranger, question.resource).decide(question.action, question.context).decision,
          );
          told[reach]++;
          const where = `world ${SEED + n}, ${who}: ${JSON.stringify(question)} is ${reach}, ${JSON.stringify(decisions)}`;
          if (reach === 'conditional') expect(asksWho(world), where).toBe(true);
          else expect(decisions, where).toEqual(decisions.map(() => reach === 'yes'));
        }
      }
    }
    console.log(`${JSON.stringify(told)}, seed ${SEED}`);
    expect(Math.min(told.yes, told.no, told.conditional)).toBeGreaterThan(20);
  }, 120_000);
});
