/** Loads the demonstration organization through the admin API. Whatever a crash left half done, the next start completes. */
import type { AdminCall, Reply } from './admin-client.ts';

export const DEMO_ORG = 'demo';

const PRESET = 'datahub';
const KEY_NAME = 'demo';
const KEY_ROLE = 'bitgate:checker';

/**
 * @param known the key of an earlier start: then the demo is there, and stays as its users left it
 * @returns the key that may check
 * @throws Error with the API's own answer when a step is refused
 */
export async function loadDemo(call: AdminCall, manifest: unknown, known: string | null): Promise<string> {
  const created = await call('POST', '/admin/orgs', { id: DEMO_ORG, preset: PRESET });
  if (created.status === 409 && known) return known;
  if (created.status !== 409) expectStatus('creating the organization', created, 201);
  expectStatus('loading the manifest', await call('PUT', `/admin/orgs/${DEMO_ORG}/manifest`, manifest), 200);
  const key = await call('POST', `/admin/orgs/${DEMO_ORG}/api-keys`, { name: KEY_NAME, roles: [{ role: KEY_ROLE, scope: 'org' }] });
  expectStatus('creating the key', key, 201);
  expectStatus('publishing', await call('POST', `/admin/orgs/${DEMO_ORG}/recompile`), 200);
  return tokenOf(key);
}

function expectStatus(step: string, reply: Reply, status: number): void {
  if (reply.status === status) return;
  throw new Error(`the demo was not loaded: ${step} was answered ${reply.status} ${JSON.stringify(reply.body)}`);
}

function tokenOf(reply: Reply): string {
  const { body } = reply;
  if (typeof body === 'object' && body !== null && 'secret' in body && typeof body.secret === 'string') return body.secret;
  throw new Error('the demo was not loaded: the new key came without a `secret`');
}
