/** Asks as an AuthZEN client does, and holds that equal requests have equal bodies (§10). */
import { type Answer, type Call, call } from '../client.ts';

const ACCESS = '/access/v1/';

/** @param what `evaluation`, `search/subject` … */
export async function ask(what: string, body: unknown, how: Call = {}, prefix = ''): Promise<Answer> {
  const path = `${prefix}${ACCESS}${what}`;
  const first = await call('POST', path, body, how);
  const again = await call('POST', path, body, how);
  if (first.status !== again.status || first.text !== again.text)
    throw new Error(`two answers to one request: ${first.text} ${again.text}`);
  return first;
}

/** `200 {"decision":true}`: status and body, as text. */
export async function told(what: string, body: unknown, how: Call = {}): Promise<string> {
  const { status, text } = await ask(what, body, how);
  return `${status} ${text}`;
}

export const TRUE = '200 {"decision":true}';
export const FALSE = '200 {"decision":false}';

/** The answer to evaluations that decides so, in this order. */
export function decided(...decisions: readonly boolean[]): string {
  return `200 {"evaluations":[${decisions.map((decision) => `{"decision":${decision}}`).join(',')}]}`;
}
