/**
 * Malformed requests made of the description of the API, from a seed: every field of every operation, with every kind of wrong. None is a 5xx,
 * each refusal has the one shape of errors, and what is refused, or only tried, writes nothing: not to D1, not to KV.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import type { Document } from '../../src/http/docs/document.ts';
import { randomFrom } from '../properties/random.ts';
import { operationOf, proveAnswer } from '../support/operations.ts';
import { call } from './client.ts';
import { allFaults, type Fault, inTurns } from './fuzz/fields.ts';
import { requestWith, type Sent, type World } from './fuzz/requests.ts';
import { auditCount, kvTraces, makeWorld, send, traces, writersAfter } from './fuzz/world.ts';

const SEED = 20_261;
const REQUESTS = 10_000;
const CHUNK = 100;
/** of these one in so many names something that isn't there */
const MEANINGLESS_EVERY = 3;
/** The Publisher gives KV the pointer once a second at most, the last one by an alarm. */
const POINTER_MS = 1_500;

const random = randomFrom(SEED);

interface Answered {
  readonly id: string;
  readonly sent: Sent;
  readonly status: number;
  readonly code: string;
}

/** What is well-formed, says the schema, and is refused for what it means. */
function refusedForItsMeaning({ sent: { method, url, body }, status }: Answered): boolean {
  if (![403, 404, 409, 412, 422].includes(status)) return false;
  const operation = operationOf(method, url);
  if (operation === undefined) return false;
  const query = Object.fromEntries(new URL(url, 'https://bitgate.test').searchParams);
  if (operation.query !== undefined && !operation.query.safeParse(query).success) return false;
  return operation.body === undefined || operation.body.safeParse(jsonOf(body)).success;
}

function jsonOf(body: Sent['body']): unknown {
  try {
    return typeof body === 'string' ? JSON.parse(body) : undefined;
  } catch {
    return undefined;
  }
}

async function ask(sent: Sent, id: string, fault: Fault): Promise<Answered> {
  const response = await send(sent.url, {
    method: sent.method,
    headers: new Headers(sent.headers),
    ...(sent.body === undefined ? {} : { body: sent.body }),
  });
  const text = new TextDecoder().decode(await response.arrayBuffer());
  const { status, headers } = response;
  const shown = JSON.stringify({
    seed: SEED,
    id,
    operation: fault.operation.id,
    field: fault.field,
    kind: fault.kind,
    ...sent,
    body: `${sent.body}`.slice(0, 2_000),
    status,
    text: text.slice(0, 500),
  });
  const body = jsonOf(text) as { error?: { code?: string } } | undefined;
  const code = body?.error?.code ?? '';
  // The one 503 that a caller may ask for: a revision that isn't there.
  const wanted = status === 503 && code === 'stale' && /min_revision/.test(`${sent.url}${sent.body}`);
  if (status >= 500 && !wanted) throw new Error(shown);
  if (status === 401) expect(headers.get('www-authenticate'), shown).toContain('Bearer');
  try {
    proveAnswer(sent.method, sent.url, { status, headers, text, body });
  } catch (error) {
    throw new Error(shown, { cause: error });
  }
  return { id, sent, status, code };
}

/** Whether it may have written. */
function accepted({ sent: { method, url }, status }: Answered): boolean {
  return status < 300 && method !== 'GET' && method !== 'HEAD' && !/[?&]dry_run=true(?:&|$)/.test(url) && url.startsWith('/admin');
}

/** Those whose organization was deleted by a request after all, or the key that most requests come with, begin anew. */
async function standing(world: World, renewed: () => Promise<World>): Promise<World> {
  const [token = null] = world.tokens;
  return (await call('GET', `/admin/orgs/${world.organization}`, undefined, { token })).status === 200 ? world : await renewed();
}

describe('F41, SEC-48 malformed requests', () => {
  let world: World;
  let faults: readonly Fault[];
  let meaningless: readonly Fault[];
  let made = 0;
  const makeNext = (): Promise<World> => makeWorld(`fuzz-${++made}`, `other-${made}`);

  beforeAll(async () => {
    world = await makeNext();
    const document: Document = (await call('GET', '/openapi.json')).body;
    const all = allFaults(document);
    faults = inTurns(all, (each) => random.sample(each, each.length));
    // a check that names nothing is answered, and denied
    meaningless = all.filter(({ kind, operation }) => kind === 'meaningless' && operation.path.startsWith('/admin'));
  });

  it('are never a 5xx, are refused in one shape, and write nothing', async () => {
    const counts = new Map<string, number>();
    const fields = new Set(faults.map(({ operation, field }) => `${operation.id} ${JSON.stringify(field)}`));
    const tried = new Set<string>();
    let wrote = 0;
    let wellFormed = 0;
    let next = 0;
    let quietFrom = Date.now() + POINTER_MS;
    let quietChunks = 0;
    for (let done = 0; done < REQUESTS; ) {
      const quiet = Date.now() > quietFrom;
      const before = { rows: await traces(), kv: await kvTraces(), audit: await auditCount() };
      const answers: Answered[] = [];
      for (const end = done + CHUNK; done < end; done++) {
        const fault = (done % MEANINGLESS_EVERY === 0 && random.pick(meaningless)) || faults[next++ % faults.length];
        if (fault === undefined) throw new Error('no operation is described');
        tried.add(`${fault.operation.id} ${JSON.stringify(fault.field)}`);
        const id = `fuzz-${done}`;
        answers.push(await ask(requestWith(fault, world, random, id), id, fault));
      }
      for (const answered of answers) {
        const what = `${answered.status} ${answered.code}`;
        counts.set(what, (counts.get(what) ?? 0) + 1);
        if (refusedForItsMeaning(answered)) wellFormed++;
      }
      const writers = answers.filter(accepted);
      if (writers.length === 0) {
        expect(await traces()).toBe(before.rows);
        if (quiet) {
          expect(await kvTraces()).toBe(before.kv);
          quietChunks++;
        }
        continue;
      }
      const unnamed = writers.some(({ id, sent }) => sent.headers['x-request-id'] !== id);
      const names = new Set(writers.map(({ id }) => id));
      if (!unnamed) expect((await writersAfter(before.audit)).filter((id) => !names.has(id))).toEqual([]);
      wrote += writers.length;
      world = await standing(world, makeNext);
      quietFrom = Date.now() + POINTER_MS;
    }
    const table = [...counts].sort((a, b) => b[1] - a[1]).map(([what, n]) => `${n} × ${what}`);
    console.log(
      `fuzz: seed ${SEED}, ${REQUESTS} requests over ${tried.size} fields; ${wellFormed} well-formed and meaningless, ${wrote} accepted after all; ${table.join(', ')}`,
    );
    expect([...fields].filter((field) => !tried.has(field))).toEqual([]);
    expect(quietChunks).toBeGreaterThan(0);
    expect(wellFormed).toBeGreaterThanOrEqual(REQUESTS / 5);
    // Otherwise the requests weren't malformed, or all of them in the same way.
    expect(wrote).toBeLessThan(REQUESTS / 20);
    expect(counts.size).toBeGreaterThan(15);
  }, 600_000);
});
