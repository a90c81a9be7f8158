/** What one request may ask of the database, counted at the binding. */
import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { Budget } from '../../../src/pap/import/budget.ts';
import { importLines } from '../../../src/pap/import/run.ts';
import { countedDatabase } from '../../../src/storage/d1/counted.ts';
import { makeOrganization } from '../../http/client.ts';
import { controlTools, ROOT_WRITER } from '../control-tools.ts';

const LINES = 30_000;

async function* body(): AsyncGenerator<Uint8Array> {
  const text = new TextEncoder();
  for (let i = 0; i < LINES; i++)
    yield text.encode(`{"kind":"assignment","subject":"user:u${i}","role":"bitgate:checker","scope":"org"}\n`);
}

/** Statements that reach the database, those of a batch one by one. */
function atTheBinding(db: D1Database): { readonly db: D1Database; sent(): number } {
  let sent = 0;
  const statement = (inner: D1PreparedStatement): D1PreparedStatement =>
    new Proxy(inner, {
      get(target, name) {
        if (name === 'inner') return target;
        if (name === 'bind') return (...values: unknown[]) => statement(target.bind(...values));
        const member: unknown = Reflect.get(target, name);
        if (typeof member !== 'function') return member;
        return (...values: unknown[]) => {
          sent++;
          return member.apply(target, values);
        };
      },
    });
  const counting = {
    prepare: (sql: string) => statement(db.prepare(sql)),
    batch: (statements: D1PreparedStatement[]) => {
      sent += statements.length;
      return db.batch(statements.map((each) => (each as unknown as { readonly inner: D1PreparedStatement }).inner)); // made above
    },
  };
  return { db: counting as unknown as D1Database, sent: () => sent }; // nothing here asks in another way
}

describe('an import', () => {
  it('asks the database some twenty times for a chunk of 5,000 lines, and stops before 900, so that another request goes on', async () => {
    await makeOrganization('queries');
    const binding = atTheBinding(env.DB);
    const counted = countedDatabase(binding.db);
    const tools = controlTools('queries', counted.db, counted.queries);
    // As if the request had asked so often before.
    const before = 700;
    let id: string | null = null;
    const stops: number[] = [];
    for (let ended = false; !ended; ) {
      const start = binding.sent();
      const budget = new Budget(
        () => before + counted.queries() - start,
        () => 0,
      );
      const imported = await importLines(tools, ROOT_WRITER, body(), { id, fromLine: 1, more: false }, budget);
      expect(counted.queries()).toBeGreaterThanOrEqual(binding.sent());
      expect(before + binding.sent() - start).toBeLessThanOrEqual(900);
      ({ ended } = imported);
      id = imported.row?.id ?? null;
      stops.push(imported.nextLine);
    }
    console.log(`an import of ${LINES} lines: ${binding.sent()} statements, requests ended at lines ${stops.join(', ')}`);
    expect(stops.length).toBeGreaterThan(1);
    expect(stops.at(-1)).toBe(LINES + 1);
    expect(binding.sent()).toBeLessThan((LINES / 5_000) * 25 + stops.length * 10);
  }, 60_000);

  it('stops when its time is over', async () => {
    await makeOrganization('time');
    let now = 0;
    const budget = new Budget(
      () => 0,
      () => (now += 6_000),
    );
    const imported = await importLines(controlTools('time'), ROOT_WRITER, body(), { id: null, fromLine: 1, more: false }, budget);
    expect([imported.ended, imported.row?.state, imported.nextLine]).toEqual([false, 'running', 15_001]);
  }, 60_000);
});
