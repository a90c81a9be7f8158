/** Speaks to the Worker as a caller does: through its `fetch`, with real D1, KV and Durable Objects behind it. */
import { exports } from 'cloudflare:workers';
import { proveAnswer } from '../support/operations.ts';

export const ROOT = 'test-root-token-of-at-least-32-characters';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** parsed, or null when it is no JSON */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of many shapes
  readonly body: any;
}

export interface Call {
  /** null: no credentials */
  readonly token?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
  readonly host?: string;
}

/**
 * Every answer is held against what the description of its operation says.
 * @param body text as it is, anything else as JSON
 */
export async function call(
  method: string,
  path: string,
  body?: unknown,
  { token = ROOT, headers = {}, host = 'bitgate.test' }: Call = {},
): Promise<Answer> {
  const all = new Headers();
  if (token !== null) all.set('authorization', `Bearer ${token}`);
  if (body !== undefined) all.set('content-type', 'application/json');
  for (const [name, value] of Object.entries(headers)) all.set(name, value);
  const content = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
  const response = await exports.default.fetch(`https://${host}${path}`, {
    method,
    headers: all,
    ...(content === undefined ? {} : { body: content }),
  });
  // Not `text()`: workerd warns of types that it doesn't know as text, YAML among them.
  const text = new TextDecoder().decode(await response.arrayBuffer());
  const answer: Answer = { status: response.status, headers: response.headers, text, body: parsed(text) };
  proveAnswer(method, path, answer);
  return answer;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** A new organization made by root. */
export async function makeOrganization(id: string, options: { readonly preset?: string; readonly owner?: string } = {}): Promise<void> {
  const answer = await call('POST', '/admin/orgs', { id, ...options });
  if (answer.status !== 201) throw new Error(`organization ${id}: ${answer.status} ${answer.text}`);
}

/** A new key with roles, made by root. @returns its token and id */
export async function makeKey(
  organization: string,
  roles: readonly (string | { readonly role: string; readonly scope: string })[] = ['bitgate:checker'],
  more: object = {},
): Promise<{ readonly token: string; readonly id: string }> {
  const wanted = roles.map((role) => (typeof role === 'string' ? { role, scope: 'org' } : role));
  const answer = await call('POST', `/admin/orgs/${organization}/api-keys`, { name: 'test', roles: wanted, ...more });
  if (answer.status !== 201) throw new Error(`key of ${organization}: ${answer.status} ${answer.text}`);
  return { token: answer.body.secret, id: answer.body.id };
}

/** Makes the organization equal to the document. */
export async function putManifest(organization: string, document: object): Promise<Answer> {
  const answer = await call('PUT', `/admin/orgs/${organization}/manifest`, document);
  if (answer.status !== 200) throw new Error(`manifest of ${organization}: ${answer.status} ${answer.text}`);
  return answer;
}

/** `409 role_exists`: the status, and the code of an error. */
export function codeOf({ status, body }: Answer): string {
  return [status, body?.error?.code ?? []].flat().join(' ');
}

/** `inherits[0] cycle`: place and code of each problem of a refusal. */
export function problemsOf({ body }: Answer): string[] {
  return body.error.details.problems.map(({ code, path }: { code: string; path: string }) => `${path} ${code}`);
}

export function namesOf({ body }: Answer): string[] {
  return body.items.map(({ name }: { name: string }) => name);
}

/** Names of a whole list, page by page. */
export async function walk(path: string): Promise<string[]> {
  const names: string[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const page: Answer = await call('GET', cursor === '' ? path : `${path}&cursor=${cursor}`);
    if (page.status !== 200) throw new Error(`${path}: ${page.status} ${page.text}`);
    names.push(...namesOf(page));
    cursor = page.body.next_cursor;
  }
  return names;
}
