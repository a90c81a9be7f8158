/** Conditions that cost much, asked many times in one request: others get in, and there is an end. */
import { describe, expect, it } from 'vitest';
import { workDone } from '../../src/core/condition/work.ts';
import type { CheckRequest } from '../../src/core/terms/request.ts';
import { MAX_WORK } from '../../src/pdp/effort.ts';
import { listPage } from '../../src/pdp/list/list.ts';
import { LIST_START, type ListFrom } from '../../src/pdp/list/question.ts';
import type { Session } from '../../src/pdp/pdp.ts';
import type { Scan } from '../../src/pdp/scan.ts';
import { SCOPES_START } from '../../src/pdp/scopes/question.ts';
import { scopesPage } from '../../src/pdp/scopes/scopes.ts';
import { type RowsLiteral, rows } from '../scenarios/rows.ts';
import { MemoryReader } from '../support/memory-reader.ts';
import { memorySession } from '../support/memory-session.ts';
import { MemoryPieces, memoryCompiler } from '../support/memory-snapshot.ts';

const NOW = Date.UTC(2027, 0, 1);
/** never true, and some millions of units of work with this context */
const HEAVY = 'context.x.exists(a, context.x.exists(b, a + b == -1))';
const context = { x: Array.from({ length: 700 }, (_, i) => i) };

async function sessionOf(literal: RowsLiteral): Promise<Session> {
  const pieces = new MemoryPieces();
  const compiled = await memoryCompiler(new MemoryReader(rows(literal)), pieces).compile(null, true);
  if (compiled === null) throw new Error('a full compile always gives a revision');
  return memorySession(pieces, compiled.manifest, compiled.revision);
}

const subjects = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`user:u${i}`, {}]));
const heavy: RowsLiteral = {
  privileges: { read: {} },
  policies: { heavy: { privileges: ['read'], condition: HEAVY } },
  roles: { reader: { privileges: ['read'] } },
  subjects,
  assignments: [
    ['group:everyone', 'heavy', 'org'],
    ['user:u7', 'reader', 'org'],
    ['user:u9', 'reader', 'org'],
  ],
};

/** The same scan each time, with the greatest work between two pauses. */
function watched(session: Session): { readonly scans: Pick<Session, 'scan'>; readonly longest: () => number } {
  let [since, longest] = [workDone(), 0];
  const scan = (): Scan => {
    const made = session.scan();
    const { pause } = made;
    since = workDone();
    made.pause = () => {
      longest = Math.max(longest, workDone() - since);
      since = workDone();
      return pause.call(made);
    };
    return made;
  };
  return { scans: { scan }, longest: () => Math.max(longest, workDone() - since) };
}

describe('conditions that cost much', { timeout: 120_000 }, () => {
  it('end a page of a list early, with pauses in between, and all pages together are the list', async () => {
    const { scans, longest } = watched(await sessionOf(heavy));
    const items: string[] = [];
    let pages = 0;
    for (let from: ListFrom | null = LIST_START; from !== null; pages++) {
      const before = workDone();
      const page = await listPage(scans, { of: 'subjects', action: { name: 'read' }, context }, from, 1_000, NOW);
      expect(workDone() - before).toBeLessThan(MAX_WORK + 40_000_000);
      items.push(...page.items);
      from = page.next;
    }
    expect(items).toEqual(['user:u7', 'user:u9']);
    expect(pages).toBeGreaterThan(1);
    expect(longest()).toBeLessThan(30_000_000);
  });

  it('are too much work for one request in the end: nothing is decided after that', async () => {
    const session = await sessionOf(heavy);
    const request: CheckRequest = { subject: { type: 'user', id: 'u1' }, action: { name: 'read' }, context };
    const before = workDone();
    const asking = async (): Promise<void> => {
      for (let i = 0; i < 1_000; i++) expect((await session.decide(request, NOW)).decision).toBe(false);
    };
    await expect(asking()).rejects.toMatchObject({ code: 'too_much_work', status: 413 });
    expect(workDone() - before).toBeLessThan(MAX_WORK + 40_000_000);
    await expect(session.explain(request, NOW)).rejects.toMatchObject({ code: 'too_much_work' });
  });

  it('are asked once in a decision, however many grants are under them', async () => {
    const groups = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`g${i}`, ['user:u1']]));
    const assignments = Object.keys(groups).map((group): [string, string, string] => [`group:${group}`, 'heavy', 'org']);
    const session = await sessionOf({ ...heavy, roles: {}, groups, assignments });
    const request: CheckRequest = { subject: { type: 'user', id: 'u1' }, action: { name: 'read' }, context };
    await session.decide(request, NOW);
    const before = workDone();
    await session.decide(request, NOW);
    expect(workDone() - before).toBeLessThan(25_000_000);
  });

  it('are tried for near misses within bounds', async () => {
    const policies = Object.fromEntries(
      Array.from({ length: 40 }, (_, i) => [`p${i}`, { privileges: ['read'], condition: `${HEAVY} && context.n == ${i}` }]),
    );
    const session = await sessionOf({ privileges: { read: {} }, policies, subjects });
    const before = workDone();
    await session.explain({ subject: { type: 'user', id: 'u1' }, action: { name: 'read' }, context }, NOW);
    expect(workDone() - before).toBeLessThan(60_000_000);
  });
});

describe('scopes', { timeout: 30_000 }, () => {
  it('pause among thousands of unregistered things that something is granted on', async () => {
    const assignments = Array.from({ length: 5_000 }, (_, i): [string, string, string] => ['user:u1', 'writer', `doc:d${i}`]);
    const roles = { writer: { privileges: ['write'] } };
    const session = await sessionOf({ privileges: { read: {}, write: {} }, roles, assignments });
    let pauses = 0;
    const scan = session.scan();
    const { pause } = scan;
    scan.pause = () => {
      pauses++;
      return pause.call(scan);
    };
    const question = { of: 'scopes', subject: { type: 'user', id: 'u1' }, action: { name: 'read' }, type: 'doc' } as const;
    const page = await scopesPage({ scan: () => scan }, question, SCOPES_START, 1_000, NOW);
    expect(page).toMatchObject({ scopes: [], rows: [], next: null });
    expect(pauses).toBeGreaterThanOrEqual(5);
  });
});
