/**
 * A million assignments through the import API into the real Worker in raw workerd, checks going on meanwhile; then one is revoked. While it grows a check may
 * only allow what the whole allows in the end; at the end every answer is the Map of Sets'.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OrganizationRows } from '../../../src/core/terms/rows.ts';
import { table } from '../../lib/table.ts';
import type { BenchOptions, BenchResult, Figure } from '../bench.ts';
import { MapOfSets } from '../core/map-of-sets.ts';
import { type Population, populate, type Question, SHAPES, type Shape } from '../core/population.ts';
import { pinned, residentKib } from '../cpu.ts';
import { noOpWorker, startRawWorker } from '../raw-worker.ts';
import { count, shown } from '../statistics.ts';
import type { Server } from '../target.ts';
import { organizationOf, ROOT_TOKEN, startWorldServer } from '../world-server.ts';
import { writeLines } from './lines.ts';
import type { Writes } from './worker.ts';

const L: Shape = SHAPES.at(-1)!;
/** a twentieth, to try it out */
const QUICK: Shape = { ...L, name: 'a twentieth of L', subjects: 5_000, assignments: 50_000, datasets: 5_000, groups: 100 };
const QUESTIONS = 10_000;
const BATCH = 1_000;
const PAUSE_MS = 20;
const KIB = 1_024;
const MIB = KIB * KIB;

interface Site {
  readonly server: Server;
  readonly origin: string;
  readonly organization: string;
  readonly key: string;
}

interface Asked {
  readonly decisions: readonly boolean[];
  readonly revision: number;
}

async function ask({ origin, key }: Site, questions: readonly Question[], minRevision: number): Promise<Asked | null> {
  const checks = questions.map(({ subject, action, resourceType, resource }) => ({
    subject: `user:${subject}`,
    action,
    resource: `${resourceType}:${resource}`,
  }));
  const response = await fetch(`${origin}/check/batch`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ checks, min_revision: minRevision }),
  });
  const text = await response.text();
  // what isn't published yet is no wrong answer
  if (response.status === 503 && minRevision > 0) return null;
  if (response.status !== 200) throw new Error(`a batch was answered ${response.status} ${text.slice(0, 300)}`);
  const answer: { revision: number; results: readonly { decision: boolean }[] } = JSON.parse(text);
  return { decisions: answer.results.map(({ decision }) => decision), revision: answer.revision };
}

/** Asks until `until` has come: what is allowed must be allowed in the end. @returns how many checks */
async function checkMeanwhile(site: Site, world: Population, map: MapOfSets, until: Promise<unknown>): Promise<number> {
  let over = false;
  const ended = (): void => {
    over = true;
  };
  until.then(ended, ended);
  let checks = 0;
  for (let seed = 1; !over; seed++) {
    const questions = world.questions(10, seed);
    const asked = await ask(site, questions, 0);
    asked?.decisions.forEach((allowed, i) => {
      if (allowed && !map.check(questions[i]!)) throw new Error(`allowed what nobody granted: ${JSON.stringify(questions[i])}`);
    });
    checks += questions.length;
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  return checks;
}

function importLines({ origin, organization }: Site, file: string): Promise<void> {
  const script = join(import.meta.dirname, '../../import.ts');
  const [program, ...args] = pinned(1, [process.execPath, script, file, '--org', organization, '--url', origin]);
  const child = spawn(program, args, { env: { ...process.env, BITGATE_TOKEN: ROOT_TOKEN }, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said = `${said}${chunk}`.slice(-2_000);
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`the import ended with ${code}: ${said}`))));
  });
}

async function admin({ origin, organization }: Site, method: string, path: string): Promise<{ revision: number }> {
  const headers = { authorization: `Bearer ${ROOT_TOKEN}` };
  const response = await fetch(`${origin}/admin/orgs/${organization}${path}`, { method, headers });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path} was answered ${response.status} ${text}`);
  return JSON.parse(text);
}

/** Until all questions are answered at a revision or a later one, each as the Map of Sets says. */
async function proveAll(site: Site, world: Population, map: MapOfSets, revision: number): Promise<void> {
  const questions = world.questions(QUESTIONS, 12_345);
  for (let from = 0; from < questions.length; ) {
    const some = questions.slice(from, from + BATCH);
    const asked = await ask(site, some, revision);
    if (asked === null) {
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      continue;
    }
    asked.decisions.forEach((allowed, i) => {
      if (allowed !== map.check(some[i]!)) throw new Error(`${allowed} to ${JSON.stringify(some[i])}`);
    });
    from += BATCH;
  }
}

/** An assignment that alone allows something, and that question. */
function loneGrant(
  world: Population,
  map: MapOfSets,
): { readonly rows: OrganizationRows; readonly question: Question; readonly index: number } {
  for (const question of world.questions(1_000, 4)) {
    if (!map.check(question)) continue;
    const user = `user:${question.subject}`;
    const own = world.rows.assignments.flatMap((row, index) => (row.principal === user ? [index] : []));
    for (const index of own) {
      const rows = { ...world.rows, assignments: world.rows.assignments.filter((_, i) => i !== index) };
      if (
        !new MapOfSets({
          ...rows,
          assignments: rows.assignments.filter(({ principal }) => principal === user || principal.startsWith('group:')),
        }).check(question)
      )
        return { rows, question, index };
    }
  }
  throw new Error('no grant stands alone');
}

interface Revoked {
  /** from the request until a check denies */
  readonly ms: number;
  readonly blobs: number;
  readonly bytes: number;
}

async function writesOf({ origin }: Site): Promise<Writes> {
  const response = await fetch(`${origin}/bench/writes`);
  return JSON.parse(await response.text());
}

async function revoke(site: Site, world: Population, map: MapOfSets): Promise<Revoked> {
  const { question, index } = loneGrant(world, map);
  const { principal, role, scope } = world.rows.assignments[index]!;
  const name = world.rows.roles.find(({ id }) => id === role)!.name;
  const before = await writesOf(site);
  const start = performance.now();
  const { revision } = await admin(site, 'DELETE', `/assignments?${new URLSearchParams({ subject: principal, role: name, scope })}`);
  let asked: Asked | null = null;
  while (asked === null) asked = await ask(site, [question], revision);
  const ms = performance.now() - start;
  if (asked.decisions[0] !== false) throw new Error(`still allowed after it was revoked: ${JSON.stringify(question)}`);
  const after = await writesOf(site);
  return { ms, blobs: after.blobs - before.blobs, bytes: after.bytes - before.bytes };
}

/** A million assignments: imported, published, checked, one revoked. */
export async function benchMillion(options: BenchOptions): Promise<BenchResult> {
  const world = populate(options.quick ? QUICK : L);
  const map = new MapOfSets(world.rows);
  const folder = mkdtempSync(join(tmpdir(), 'bitgate-million-'));
  const file = join(folder, 'lines.ndjson');
  const empty: Population = { ...world, rows: { ...world.rows, ...NOTHING } };
  const { server, keys } = await startWorldServer([empty], { entry: join(import.meta.dirname, 'worker.ts') });
  const site: Site = {
    server,
    origin: `http://127.0.0.1:${server.port}`,
    organization: organizationOf(world),
    key: keys.get(world.shape.name)!,
  };
  try {
    const lines = await writeLines(world.rows, file);
    await ask(site, world.questions(10, 1), 0);
    const before = residentKib(server.pid);
    const noOp = await noOpKib();
    const start = performance.now();
    const importing = importLines(site, file);
    const [checks] = await Promise.all([checkMeanwhile(site, world, map, importing), importing]);
    const imported = (performance.now() - start) / 1_000;
    const { revision } = await admin(site, 'GET', '');
    await proveAll(site, world, map, revision);
    const published = (performance.now() - start) / 1_000;
    const written = await writesOf(site);
    const revoked = await revoke(site, world, map);
    const after = residentKib(server.pid);
    const mib = (kib: number | null | undefined): number | null => (kib === null || kib === undefined ? null : kib / KIB);
    const megabytes = statSync(file).size / MIB;
    const rows: readonly (readonly [id: string, what: string, value: number | null, unit: string])[] = [
      ['lines', 'lines of the file', lines, 'lines'],
      ['size', 'the file', megabytes, 'MiB'],
      ['imported', 'imported', imported, 's'],
      ['rate', 'lines a second', lines / imported, '/s'],
      ['published', 'every answer the whole’s', published, 's'],
      ['checks', 'checks meanwhile, none wrong', checks, 'checks'],
      ['blobs', 'blobs written', written.blobs, 'blobs'],
      ['written', 'written to KV', written.bytes / MIB, 'MiB'],
      ['revoked', 'one revoked → denied', revoked.ms, 'ms'],
      ['revoked.blobs', 'its blobs', revoked.blobs, 'blobs'],
      ['revoked.written', 'its bytes', revoked.bytes / KIB, 'KiB'],
      ['memory.before', 'memory of workerd before', mib(before?.now), 'MiB'],
      ['memory.peak', 'at most', mib(after?.peak), 'MiB'],
      ['memory.after', 'after', mib(after?.now), 'MiB'],
      ['memory.no-op', 'of workerd with a no-op Worker', mib(noOp), 'MiB'],
    ];
    const figures = rows.map(([id, what, value, unit]): Figure => ({ id: `million.${id}`, what, value, unit, rounds: 1 }));
    const note = `(${count(world.shape.assignments)} assignments by \`scripts/import.ts\` into raw workerd, which holds D1 and KV too: its memory is theirs as well; ${count(QUESTIONS)} answers compared at the end)`;
    return {
      text: `${table(
        ['million', 'figure', 'unit'],
        rows.map(([, what, value, unit]) => [what, shown(value), unit]),
      )}\n${note}`,
      figures,
    };
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

const NOTHING = {
  roles: [],
  groups: [],
  group_nesting: [],
  memberships: [],
  subjects: [],
  resources: [],
  resource_parents: [],
  assignments: [],
};

async function noOpKib(): Promise<number | null> {
  const server = await startRawWorker(noOpWorker('{}'));
  try {
    await fetch(`http://127.0.0.1:${server.port}/`).then((response) => response.arrayBuffer());
    return residentKib(server.pid)?.now ?? null;
  } finally {
    await server.stop();
  }
}
