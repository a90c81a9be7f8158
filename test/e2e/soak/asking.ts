/** The ways of asking, mixed: each gives the answer as what it said of each question, and the revision that it rests on. */
import type { CheckRequest } from '../../../src/core/terms/request.ts';
import type { Random } from '../../properties/random.ts';
import type { Answered, Said } from './judge.ts';
import { question } from './world.ts';

const BATCH = 10;

/** An answer other than 200: its status and what it said. */
export class Refused extends Error {
  readonly status: number;

  constructor(status: number, text: string) {
    super(`${status}: ${text}`);
    this.status = status;
  }
}

export class Client {
  readonly #address: string;
  readonly #token: string;

  constructor(address: string, token: string) {
    this.#address = address;
    this.#token = token;
  }

  /** @throws Refused for anything but 2xx */
  async send(method: string, path: string, body?: object): Promise<{ readonly body: Record<string, unknown>; readonly revision: number }> {
    const headers = { authorization: `Bearer ${this.#token}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) };
    const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
    const response = await fetch(`${this.#address}${path}`, init);
    const text = await response.text();
    if (!response.ok) throw new Refused(response.status, text);
    return { body: Object(JSON.parse(text)), revision: Number(response.headers.get('x-bitgate-revision')) };
  }
}

/** @param minRevision what some of the questions insist on */
export function ask(client: Client, random: Random, minRevision: number): Promise<Answered> {
  const dice = random.next();
  const asked = question(random);
  if (dice < 0.4) return post(client, asked, random.chance(0.1) ? { min_revision: minRevision } : {});
  if (dice < 0.65) return get(client, asked);
  if (dice < 0.8) return evaluation(client, asked);
  if (dice < 0.98)
    return batch(
      client,
      Array.from({ length: BATCH }, () => question(random)),
    );
  return list(client, asked);
}

const refOf = ({ type, id }: { readonly type: string; readonly id: string }): string => `${type}:${id}`;

function wire({ subject, action, resource, context }: CheckRequest): object {
  return { subject: refOf(subject), action: action.name, resource: resource && refOf(resource), context };
}

function said(asked: CheckRequest, { decision, reason }: Record<string, unknown>): Said {
  return { question: asked, decision: decision === true, reason: String(reason) };
}

async function post(client: Client, asked: CheckRequest, more: object): Promise<Answered> {
  const { body, revision } = await client.send('POST', '/check', { ...wire(asked), ...more });
  return { revision, said: [said(asked, body)] };
}

async function get(client: Client, { context: _none, ...asked }: CheckRequest): Promise<Answered> {
  const query = new URLSearchParams({ subject: refOf(asked.subject), action: asked.action.name, resource: refOf(asked.resource!) });
  const { body, revision } = await client.send('GET', `/check?${query}`);
  return { revision, said: [said(asked, body)] };
}

async function evaluation(client: Client, asked: CheckRequest): Promise<Answered> {
  const { body, revision } = await client.send('POST', '/access/v1/evaluation', asked);
  return { revision, said: [{ question: asked, decision: body.decision === true }] };
}

async function batch(client: Client, asked: readonly CheckRequest[]): Promise<Answered> {
  const { body, revision } = await client.send('POST', '/check/batch', { checks: asked.map(wire) });
  const results = Array.isArray(body.results) ? body.results : [];
  return { revision, said: asked.map((each, i) => said(each, Object(results[i]))) };
}

async function list(client: Client, asked: CheckRequest): Promise<Answered> {
  const { subject: _whoever, ...rest } = asked;
  const { action, resource, context } = Object(wire(asked));
  const { body, revision } = await client.send('POST', '/list/subjects', { action, resource, context, limit: 1_000 });
  const items = Array.isArray(body.items) ? body.items.map(String) : [];
  return { revision, said: [], list: { question: { ...rest, subject: { type: 'user', id: 'whoever' } }, items } };
}
