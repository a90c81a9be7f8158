/** Administration while D1 or the Publisher break, at the n-th operation, for every n: 503 and nothing half-written, or all of it with its line of audit. */
import { env } from 'cloudflare:workers';
import { beforeAll, describe, expect, it } from 'vitest';
import { makeAcme } from '../http/acme.ts';
import { type Answer, call, codeOf } from '../http/client.ts';
import type { Breaking, Fault, Place } from './breaking.ts';
import { breakWorker } from './worker.ts';

interface Write {
  readonly name: string;
  /** the `n`-th one is of other things than those before */
  ask(n: string): readonly [method: string, path: string, body?: object];
  /** what is to be there before */
  prepare?(n: string): readonly [method: string, path: string, body?: object];
  /** what a client is told that asks again for what was written and never confirmed */
  readonly again: readonly string[];
}

const ACME = '/admin/orgs/acme';

const WRITES: readonly Write[] = [
  {
    name: 'an assignment',
    ask: (n) => ['POST', `${ACME}/assignments`, { subject: `user:u${n}`, role: 'Viewer', scope: 'org' }],
    again: ['200'],
  },
  { name: 'a role', ask: (n) => ['POST', `${ACME}/roles`, { name: `Role ${n}`, privileges: ['view'] }], again: ['409 role_exists'] },
  {
    name: 'a role put in its place',
    prepare: (n) => ['POST', `${ACME}/roles`, { name: `Put ${n}`, privileges: ['view'] }],
    ask: (n) => ['PUT', `${ACME}/roles/Put ${n}`, { name: `Put ${n}`, privileges: ['view', 'edit'] }],
    again: ['200'],
  },
  {
    name: 'the end of a group with members',
    prepare: (n) => ['POST', `${ACME}/groups`, { name: `g${n}`, members: ['user:a', 'user:b'] }],
    ask: (n) => ['DELETE', `${ACME}/groups/g${n}`],
    again: ['404 not_found', '404 unknown_group'],
  },
  {
    name: 'a group with members',
    ask: (n) => ['POST', `${ACME}/groups`, { name: `new${n}`, members: ['user:a'] }],
    again: ['409 group_exists'],
  },
  {
    name: 'settings',
    prepare: (n) => ['PATCH', `${ACME}/settings`, { closed_types: [`before${n}`] }],
    ask: (n) => ['PATCH', `${ACME}/settings`, { closed_types: [`type${n}`] }],
    again: ['200'],
  },
  {
    name: 'a key',
    ask: (n) => ['POST', `${ACME}/api-keys`, { name: `key ${n}`, roles: [{ role: 'bitgate:checker', scope: 'org' }] }],
    again: ['201'],
  },
  {
    name: 'an organization',
    ask: (n) => ['POST', '/admin/orgs', { id: `org-${n}`, owner: 'user:ada' }],
    again: ['409 organization_exists'],
  },
];

/** What was written since a change of the log and a line of the audit: their numbers, table by table. */
async function writtenSince({ changes, audit }: Mark): Promise<Readonly<Record<string, number>>> {
  const [log, lines] = await env.DB.batch<{ what: string; n: number }>([
    env.DB.prepare("SELECT tbl || ' ' || op AS what, count(*) AS n FROM changes WHERE seq > ?1 GROUP BY what ORDER BY what").bind(changes),
    env.DB.prepare("SELECT 'audit' AS what, count(*) AS n FROM audit WHERE rowid > ?1 HAVING n > 0").bind(audit),
  ]);
  return Object.fromEntries([...log!.results, ...lines!.results].map(({ what, n }) => [what, n]));
}

interface Mark {
  readonly changes: number;
  readonly audit: number;
}

async function mark(): Promise<Mark> {
  const sql = 'SELECT coalesce((SELECT max(seq) FROM changes), 0) AS changes, coalesce((SELECT max(rowid) FROM audit), 0) AS audit';
  return (await env.DB.prepare(sql).first<Mark>())!;
}

async function succeed(asked: readonly [string, string, object?]): Promise<Answer> {
  const answer = await call(...asked);
  if (answer.status >= 300) throw new Error(`${asked.join(' ')}: ${answer.status} ${answer.text}`);
  return answer;
}

let breaking: Breaking;

beforeAll(async () => {
  breaking = await breakWorker();
  await makeAcme();
});

/** Asks with a fault at the n-th operation of a place. */
async function askBroken(asked: ReturnType<Write['ask']>, place: Place, fault: Fault, n: number): Promise<Answer> {
  breaking.arm(fault, n, null, place);
  const answer = await call(...asked);
  breaking.disarm();
  return answer;
}

const CODES: Partial<Record<Place, readonly string[]>> = {
  D1: ['503 database_unavailable'],
  publisher: ['503 publisher_unavailable', '503 stale'],
};

describe.each(WRITES)('$name', ({ name, ask, prepare, again }) => {
  it.each([
    ['D1', 'refused'],
    ['D1', 'lost'],
    ['publisher', 'refused'],
  ] as const)(
    'SEC-15 whose n-th operation of %s is %s: 503, or done; whole or not at all, with one line of audit',
    async (place, fault) => {
      const label = (n: number): string => `${place.toLowerCase()}-${fault}-${n}`;
      if (prepare) await succeed(prepare(label(0)));
      const start = await mark();
      await succeed(ask(label(0)));
      const whole = await writtenSince(start);
      expect(whole).toMatchObject({ audit: 1 });
      let lost = 0;
      let n = 1;
      for (; ; n++) {
        if (prepare) await succeed(prepare(label(n)));
        const before = await mark();
        const answer = await askBroken(ask(label(n)), place, fault, n);
        const where = `${label(n)}, ${breaking.broke}: ${codeOf(answer)}`;
        const written = await writtenSince(before);
        if (answer.status >= 300) expect(CODES[place], where).toContain(codeOf(answer));
        else expect(written, where).toEqual(whole);
        expect([{}, whole], where).toContainEqual(written);
        if (breaking.broke === null) break;
        const isLost = answer.status >= 300 && Object.keys(written).length > 0;
        if (isLost) lost++;
        const retried = await call(...ask(label(n)));
        if (isLost) expect(again, where).toContain(codeOf(retried));
        else if (answer.status >= 300) expect(retried.status, `${where}, asked again: ${retried.text}`).toBeLessThan(300);
      }
      console.info(`${name}: each of ${n - 1} operations of ${place} ${fault}, ${lost} times it was written and not confirmed`);
      if (place === 'D1' && fault === 'lost') expect(lost).toBeGreaterThan(0);
      else expect(lost).toBe(0);
    },
    120_000,
  );
});

describe('while D1 is down', () => {
  it('everything that is administered is 503, written and read, and nothing is written', async () => {
    const before = await mark();
    breaking.down.add('D1');
    const paths = ['', '/roles', '/groups', '/assignments', '/audit', '/changes', '/manifest', '/members', '/revisions', '/settings'];
    const read = await Promise.all(paths.map((path) => call('GET', `${ACME}${path}`)));
    const asked = await Promise.all(WRITES.map(({ ask }) => call(...ask('down'))));
    breaking.down.clear();
    expect(read.map(codeOf)).toEqual(paths.map(() => '503 database_unavailable'));
    expect(asked.map(codeOf)).toEqual(WRITES.map(() => '503 database_unavailable'));
    expect(read.every(({ headers }) => headers.get('retry-after') === '1')).toBe(true);
    expect(await writtenSince(before)).toEqual({});
  });
});

describe('while the Publisher is down', () => {
  it('every write is 503 `publisher_unavailable`, and nothing is written; what is stored can be read', async () => {
    const before = await mark();
    breaking.down.add('publisher');
    const asked = await Promise.all(WRITES.map(({ ask }) => call(...ask('away'))));
    const read = await Promise.all(['', '/roles', '/audit', '/changes'].map((path) => call('GET', `${ACME}${path}`)));
    breaking.down.clear();
    expect(asked.map(codeOf)).toEqual(WRITES.map(() => '503 publisher_unavailable'));
    expect(await writtenSince(before)).toEqual({});
    expect(read.map(codeOf)).toEqual(['200', '200', '200', '200']);
  });
});
