/** `POST /check` beside Cerbos' check over HTTP, the same questions of world M, every answer compared. */

import type { BenchOptions, BenchResult, Figure } from '../bench.ts';
import { MapOfSets } from '../core/map-of-sets.ts';
import { populate, type Question, SHAPES } from '../core/population.ts';
import { httpFigures, httpOptions, httpTable, runHttpBench } from '../http.ts';
import { noOpWorker, startRawWorker } from '../raw-worker.ts';
import type { Exchange, Target } from '../target.ts';
import { startWorldServer } from '../world-server.ts';
import { startCerbos } from './cerbos-server.ts';
import { Holdings, resourceOf, userOf } from './holdings.ts';
import { installPeers, peerFile } from './install.ts';

const BINARY = '@cerbos/cerbos-linux-x64/cerbos-linux-x64';
const WORLD = 'M';
const QUESTIONS = 2_000;
const SEED = 5;
const CONSTANT = '{"decision":true,"reason":"granted","revision":1}';
/** Cerbos refuses a principal without a role. */
const NO_ROLE = 'nobody';

function asked(key: string, question: Question, decision: boolean): Exchange {
  return {
    method: 'POST',
    path: '/check',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ subject: userOf(question), action: question.action, resource: resourceOf(question) }),
    expect: `"decision":${decision}`,
  };
}

/** The roles that count for this resource come with the question. */
function askedOfCerbos(holdings: Holdings, question: Question, decision: boolean): Exchange {
  const held = holdings.rolesByScope(userOf(question));
  const roles = holdings.scopes(resourceOf(question)).flatMap((scope) => [...(held.get(scope) ?? [])]);
  const principal = { id: question.subject, roles: [NO_ROLE, ...new Set(roles)] };
  const resource = { kind: question.resourceType, id: question.resource };
  return {
    method: 'POST',
    path: '/api/check/resources',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ requestId: 'r', principal, resources: [{ resource, actions: [question.action] }] }),
    expect: `"actions":{"${question.action}":"EFFECT_${decision ? 'ALLOW' : 'DENY'}"}`,
  };
}

/** @throws Error when the peers can't be installed, or where Cerbos has no binary for this system */
export async function benchCerbos(options: BenchOptions): Promise<BenchResult> {
  await installPeers();
  const binary = peerFile(BINARY);
  if (binary === null) throw new Error('there is no binary of cerbos for this system: it was not measured');
  const world = populate(SHAPES.find(({ name }) => name === WORLD)!);
  const [map, holdings] = [new MapOfSets(world.rows), new Holdings(world.rows)];
  const questions = world.questions(QUESTIONS, SEED).map((question) => ({ question, decision: map.check(question) }));
  const { server, keys } = await startWorldServer([world]);
  const key = keys.get(WORLD)!;
  const ours = questions.map(({ question, decision }) => asked(key, question, decision));
  const theirs = questions.map(({ question, decision }) => askedOfCerbos(holdings, question, decision));
  const targets: Target[] = [
    {
      name: 'no-op Worker',
      start: () => startRawWorker(noOpWorker(CONSTANT)),
      exchanges: ours.map((each) => ({ ...each, expect: CONSTANT })),
    },
    { name: 'Cerbos', start: () => startCerbos(binary, 'dataset', holdings), exchanges: theirs },
    { name: 'POST /check, M', start: async () => server, exchanges: ours, comparedWith: 'Cerbos' },
  ];
  const http = httpOptions(options);
  const rows = await runHttpBench(targets, http);
  const figures: Figure[] = httpFigures(rows, { 'POST /check, M': 'peers.cerbos' }, http.rounds);
  const note = `(world M, ${QUESTIONS} questions; Cerbos 0.55.0 keeps no assignments: each request brings the roles that count for its resource, and no key is checked)`;
  return { text: `${httpTable(rows, http)}\n${note}`, figures };
}
