/**
 * The rows that are read for one question decide it as all rows do: by the oracle on both, and by the compiled evaluator, for every subject × action ×
 * resource of random worlds. The statements are those of D1, in Node's own SQLite. (test/storage/d1/question-rows.test.ts asks D1.)
 */
import { expect, it } from 'vitest';
import type { OrganizationRows } from '../../src/core/terms/rows.ts';
import { askerFor, oracle } from '../oracle/oracle.ts';
import { scenarios } from '../scenarios/index.ts';
import { requestOfCase, SCENARIO_NOW } from '../scenarios/scenario.ts';
import { ask, snapshotOf } from '../support/memory-snapshot.ts';
import { SqliteRows } from '../support/sqlite-rows.ts';
import { requestOf, worldFromSeed } from './world.ts';

const SEED = Number(process.env.BITGATE_SEED ?? 20_261_130);
const WORLDS = Number(process.env.BITGATE_WORLDS ?? 12);

const count = (rows: OrganizationRows): number => Object.values(rows).reduce((sum, table) => sum + table.length, 0);

it(`the rows of one question decide it as all rows do, in ${WORLDS} worlds (seed ${SEED})`, async () => {
  const db = new SqliteRows();
  const tally = { questions: 0, allows: 0, read: 0, of: 0 };
  for (let n = 0; n < WORLDS; n++) {
    const world = worldFromSeed(SEED + n);
    const org = db.add(world.rows);
    const { snapshot, pieces } = await snapshotOf(world.rows);
    const naive = askerFor(world.rows, world.now, world.options);
    for (const subject of world.subjects) {
      for (const resource of world.resources) {
        for (const action of world.actions) {
          const request = requestOf(world, subject, action, resource);
          const where = `world ${SEED + n}: ${JSON.stringify(request)}`;
          const expected = naive.about(subject, resource).decide(request.action, request.context);
          expect(ask(snapshot, pieces, request, world.now, world.options), where).toEqual(expected);
          const found = db.read(org, request, world.options);
          if (found === null) throw new Error(`${where} has too many rows`);
          expect(oracle(found.rows, request, world.now, world.options), where).toEqual(expected);
          tally.questions++;
          tally.allows += Number(expected.decision);
          tally.read += count(found.rows);
          tally.of += count(world.rows);
        }
      }
    }
  }
  console.log(`${JSON.stringify(tally)}, seed ${SEED}`);
  expect(tally.allows / tally.questions).toBeGreaterThan(0.3);
  expect(tally.read / tally.of, 'not all rows are read for one question').toBeLessThan(0.8);
}, 600_000);

it('the rows of one question decide each case of the scenarios as it says', () => {
  const db = new SqliteRows();
  let asked = 0;
  for (const { name, rows, cases } of scenarios) {
    const org = db.add(rows);
    for (const each of cases) {
      const [, , , decision, reason, more] = each;
      const request = requestOfCase(each);
      const found = db.read(org, request, more?.options ?? {});
      const where = `${name}: ${JSON.stringify(each)}`;
      expect(oracle(found!.rows, request, SCENARIO_NOW, more?.options), where).toEqual({ decision: decision === 'allow', reason });
      asked++;
    }
  }
  expect(asked).toBeGreaterThan(50);
});
