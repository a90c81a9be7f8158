/** An organization with keys, and what the tests of their life ask of it. */
import { env } from 'cloudflare:workers';
import { expect } from 'vitest';
import { type Answer, call } from './client.ts';

export const ORG = 'keys';
export const HOUR_MS = 3_600_000;
export const owner = { subject: 'user:owner', role: 'bitgate:owner', scope: 'org' };
export const inMs = (ms: number): string => new Date(Date.now() + ms).toISOString();

export interface By {
  readonly org?: string;
  readonly token?: string;
}
export const at = (method: string, path: string, body: unknown, { org = ORG, token }: By = {}): Promise<Answer> =>
  call(method, `/admin/orgs/${org}/api-keys/${path}`, body, token === undefined ? {} : { token });
export const get = (id: string, by?: By): Promise<Answer> => at('GET', id, undefined, by);
export const patch = (id: string, body: unknown, by?: By): Promise<Answer> => at('PATCH', id, body, by);
export const rotate = (id: string, body: unknown = {}, by?: By): Promise<Answer> => at('POST', `${id}/rotate`, body, by);
export const remove = (id: string, by?: By): Promise<Answer> => at('DELETE', id, undefined, by);

/** At once, at the edge: what the token opens there. */
export const opens = async (token: string): Promise<number> =>
  (await call('POST', '/check', { subject: 'user:a', action: 'bitgate:read' }, { token })).status;
export const code = (answer: Answer): [number, string | undefined] => [answer.status, answer.body.error?.code];
export const revision = async (org = ORG): Promise<number> => (await call('GET', `/admin/orgs/${org}`)).body.revision;
export const hashes = async (id: string): Promise<string[]> => {
  const row = await env.DB.prepare('SELECT hash, previous_hash FROM api_keys WHERE id = ?1')
    .bind(id)
    .first<{ hash: string; previous_hash: string | null }>();
  return [row?.hash, row?.previous_hash].filter((hash) => typeof hash === 'string');
};

/** Refused, and nothing written. */
export async function refused(attempt: () => Promise<Answer>, status: number, error: string, org = ORG): Promise<void> {
  const before = await revision(org);
  expect(code(await attempt())).toEqual([status, error]);
  expect(await revision(org)).toBe(before);
}

export const manifest = {
  bitgate: 1,
  catalog: { privileges: [{ name: 'read' }, { name: 'edit' }] },
  groups: [{ name: 'Editors', members: [] }],
  roles: [
    { name: 'Reader', privileges: ['read'] },
    { name: 'Editor', privileges: ['edit'] },
    { name: 'Keys', privileges: ['bitgate:manage_keys', 'bitgate:check', 'bitgate:list', 'read'] },
  ],
  assignments: [owner, { subject: 'group:Editors', role: 'Editor', scope: 'org' }],
};
