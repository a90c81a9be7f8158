/** What D1 gives for one question decides it as all rows do, and is of the revision that it says. (Whole worlds: test/properties/question-rows.test.ts.) */
import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import type { CheckRequest } from '../../../src/core/terms/request.ts';
import type { RowChanges } from '../../../src/pap/ports.ts';
import { d1ReadQuestion } from '../../../src/storage/d1/question-rows.ts';
import { MOST_ROWS, QUESTION_SQL, questionJson } from '../../../src/storage/d1/question-sql.ts';
import { d1RowWriter } from '../../../src/storage/d1/row-writer.ts';
import { askerFor, oracle } from '../../oracle/oracle.ts';
import { randomFrom } from '../../properties/random.ts';
import { randomWorld, requestOf, type World } from '../../properties/world.ts';
import { tablesOf } from '../../support/table-rows.ts';
import { AUDIT } from './believable.ts';
import { freshOrganization, revisionOf, run, select } from './by-hand.ts';

const SEED = Number(process.env.BITGATE_SEED ?? 20_261_131);
const WORLDS = 12;
const QUESTIONS = 40;

const read = d1ReadQuestion(env.DB);

async function store({ rows }: World): Promise<string> {
  const org = await freshOrganization();
  const tables = Object.entries(tablesOf(rows)).map(([table, insert]) => [table, { insert, update: [], delete: [] }]);
  await d1RowWriter(env.DB, org).apply(await revisionOf(org), Object.fromEntries(tables) as RowChanges, AUDIT, 1); // keyed by their tables
  return org;
}

/** What statements make for themselves, and what they are given. */
const LISTS: ReadonlySet<string> = new Set([
  ...['inside', 'above', 'owned', 'principals', 'taken', 'reached', 'bundled', 'listed', 'named'],
  ...['json_each', 'n', 'CONSTANT'],
]);

const asked = (id: string, resource?: CheckRequest['resource']): CheckRequest => ({
  subject: { type: 'user', id },
  action: { name: 'read' },
  ...(resource === undefined ? {} : { resource }),
});

describe('the rows of one question', () => {
  it(`decide it as all rows do, in ${WORLDS} worlds (seed ${SEED})`, async () => {
    const tally = { questions: 0, allows: 0 };
    for (let n = 0; n < WORLDS; n++) {
      const random = randomFrom(SEED + n);
      const world = randomWorld(random);
      const org = await store(world);
      const revision = await revisionOf(org);
      const naive = askerFor(world.rows, world.now, world.options);
      if (world.actions.length === 0) continue;
      for (let i = 0; i < QUESTIONS; i++) {
        const [subject, resource] = [random.pick(world.subjects), world.resources[random.below(world.resources.length)]];
        const request = requestOf(world, subject, random.pick(world.actions), resource);
        const expected = naive.about(subject, resource).decide(request.action, request.context);
        const found = await read(org, request, world.options);
        expect(found?.revision).toBe(revision);
        expect(oracle(found!.rows, request, world.now, world.options), `${org}: ${JSON.stringify(request)}`).toEqual(expected);
        tally.questions++;
        tally.allows += Number(expected.decision);
      }
    }
    console.log(`${JSON.stringify(tally)}, seed ${SEED}`);
    expect(tally.questions).toBeGreaterThan(300);
    expect(tally.allows).toBeGreaterThan(tally.questions / 5);
  }, 120_000);

  it('are of this organization alone, and of one never heard of there are none', async () => {
    const [one, other] = [await freshOrganization(), await freshOrganization()];
    for (const org of [one, other]) {
      await run("INSERT INTO subjects (org, subject) VALUES (?1, 'user:a')", org);
      await run("INSERT INTO privileges (org, name) VALUES (?1, 'read')", org);
      await run("INSERT INTO groups (org, id, name) VALUES (?1, 'g', 'g')", org);
    }
    await run("INSERT INTO group_members (org, group_id, member) VALUES (?1, 'g', 'user:a')", other);
    const found = await read(one, asked('a'), {});
    expect(found?.rows.subjects).toHaveLength(1);
    expect(found?.rows.memberships).toEqual([]);
    expect((await read(other, asked('a'), {}))?.rows.memberships).toHaveLength(1);
    expect(await read('nobody', asked('a'), {})).toMatchObject({ revision: 0, rows: { privileges: [], subjects: [] } });
  });

  it('hold no hash of a key', async () => {
    const org = await freshOrganization();
    await run("INSERT INTO subjects (org, subject) VALUES (?1, 'api_key:k')", org);
    await run("INSERT INTO api_keys (org, id, hash, status) VALUES (?1, 'k', ?2, 'disabled')", org, 'a'.repeat(64));
    const found = await read(org, { ...asked(''), subject: { type: 'api_key', id: 'k' } }, {});
    expect(found?.rows.api_keys).toMatchObject([{ id: 'k', hash: '', status: 'disabled' }]);
    expect((await read(org, asked('k'), {}))?.rows.api_keys).toEqual([]);
  });

  it('are not read when they are too many', async () => {
    const org = await freshOrganization();
    await run("INSERT INTO roles (org, id, name) VALUES (?1, 'r', 'r')", org);
    const assign = `WITH RECURSIVE n (i) AS (SELECT ?2 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?3)
      INSERT INTO assignments (org, principal, role, scope) SELECT ?1, 'user:a', 'r', 'doc:' || CAST(i AS INTEGER) FROM n`;
    await run(assign, org, 0, MOST_ROWS - 1);
    expect((await read(org, asked('a', { type: 'doc', id: '7' }), {}))?.rows.assignments).toHaveLength(1);
    await run(assign, org, MOST_ROWS - 1, MOST_ROWS);
    expect(await read(org, asked('a'), {})).toBeNull();
    expect(await read(org, asked('b'), {})).not.toBeNull();
  });

  it('are found by keys: no statement walks a table', async () => {
    const question = questionJson(asked('a', { type: 'doc', id: '1' }), { groups: ['g'] });
    for (const sql of QUESTION_SQL) {
      const plan = await select<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`, 'acme', question);
      const walked = plan.flatMap(({ detail }) => /^SCAN (\w+)/.exec(detail)?.[1] ?? []).filter((name) => !LISTS.has(name));
      expect(walked, sql).toEqual([]);
      expect(plan.map(({ detail }) => detail).join()).toMatch(/SEARCH \w+ USING .*\(org=\?/);
    }
  });

  it('of a lattice or a cycle of parents are found, each once', async () => {
    const org = await freshOrganization();
    await run("INSERT INTO privileges (org, name) VALUES (?1, 'read')", org);
    await run(`INSERT INTO roles (org, id, name, privileges) VALUES (?1, 'r', 'r', '["read"]')`, org);
    const LAYERS = 30;
    for (let layer = 0; layer <= LAYERS; layer++) {
      for (const side of ['a', 'b']) await run('INSERT INTO resources (org, resource) VALUES (?1, ?2)', org, `doc:${layer}${side}`);
      if (layer === 0) continue;
      for (const side of ['a', 'b']) {
        for (const parent of ['a', 'b']) {
          await run(
            'INSERT INTO resource_parents (org, resource, parent) VALUES (?1, ?2, ?3)',
            ...[org, `doc:${layer - 1}${side}`, `doc:${layer}${parent}`],
          );
        }
      }
    }
    await run("INSERT INTO assignments (org, principal, role, scope) VALUES (?1, 'user:a', 'r', 'doc:30a')", org);
    const request = asked('a', { type: 'doc', id: '0a' });
    const found = await read(org, request, {});
    expect(found?.rows.resource_parents).toHaveLength(4 * LAYERS - 2);
    expect(oracle(found!.rows, request, 1)).toEqual({ decision: true, reason: 'granted' });
    expect(oracle(found!.rows, asked('a', { type: 'doc', id: '1b' }), 1).decision).toBe(true);
    await run("INSERT INTO resource_parents (org, resource, parent) VALUES (?1, 'doc:30a', 'doc:0a')", org);
    const circle = await read(org, request, {});
    expect(oracle(circle!.rows, { ...request, subject: { type: 'user', id: 'b' } }, 1)).toEqual({ decision: false, reason: 'no_grant' });
  });
});
